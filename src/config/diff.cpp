#include "config/diff.hpp"

namespace storysign::config {

Difference difference(const Settings& before, const Settings& after) {
  Difference out;
  for (const Key& key : keys()) {
    if ((key.readers & kServer) == 0 || key.get(before) == key.get(after)) continue;
    (key.is_live() ? out.live : out.restart).push_back(&key);
  }
  return out;
}

Settings with_live_values(const Settings& running, const Settings& wanted) {
  Settings out = running;
  for (const Key& key : keys()) {
    if (key.is_live()) key.set(out, key.get(wanted));
  }
  return out;
}

}  // namespace storysign::config
