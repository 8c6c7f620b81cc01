#pragma once

#include "config/keys.hpp"
#include "config/settings.hpp"

#include <vector>

namespace storysign::config {

/// What is not the same in two settings, in the order of keys().
struct Difference {
  std::vector<const Key*> live;     ///< A running server can take these.
  std::vector<const Key*> restart;  ///< These it would have to be started again for.

  [[nodiscard]] bool empty() const noexcept { return live.empty() && restart.empty(); }
};

/// Compares what the server acts on; keys that only other commands read, or nothing yet, are passed
/// over. Any thread.
[[nodiscard]] Difference difference(const Settings& before, const Settings& after);

/// `running` with the live values of `wanted`: what is in force after a reload. Any thread.
[[nodiscard]] Settings with_live_values(const Settings& running, const Settings& wanted);

}  // namespace storysign::config
