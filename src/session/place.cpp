#include "session/place.hpp"

#include <utility>

namespace storysign::session {

Place::Place(Governor& governor, bool at_home) : governor_(governor), at_home_(at_home) {
  if (at_home_) governor_.count_at_home(1);
}

Place::~Place() {
  is_capable_ = false;
  count();
  if (at_home_) governor_.count_at_home(-1);
}

void Place::go_home() {
  if (at_home_) return;
  at_home_ = true;
  was_invited_ = false;
  governor_.count_at_home(1);
  count();
}

std::string Place::come_to_server(std::size_t connected, bool has_gate, base::SteadyTime now) {
  if (has_gate) {
    // Without this one, which is connected already but does not count while it is at home.
    adapt::Admission answer = governor_.admit(connected, now);
    if (!answer.admitted()) return std::move(answer.sentence);
  }
  at_home_ = false;
  governor_.count_at_home(-1);
  count();
  return {};
}

void Place::set_capable(bool capable) {
  is_capable_ = capable;
  count();
}

bool Place::take_invitation() {
  if (!is_counted_ || !governor_.take_invitation()) return false;
  was_invited_ = true;
  is_counted_ = false;
  return true;
}

void Place::count() {
  const bool counts = is_capable_ && !at_home_ && !was_invited_;
  if (std::exchange(is_counted_, counts) != counts) governor_.count_willing(counts ? 1 : -1);
}

}  // namespace storysign::session
