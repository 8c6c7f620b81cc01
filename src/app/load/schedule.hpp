#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <cstdint>

namespace storysign::app {

/// When one client's frames are due. The clients share one grid of times, each with its own place
/// within an interval, so that together they send as evenly as they can. No frame waits for an
/// answer: what is due is due (an open loop).
class Schedule {
 public:
  /// Frame 0 is due at the first time not before `ready` that is `place` (0 to 1) of an interval
  /// after a multiple of the interval from `origin`. `fps` and `seconds` are above 0.
  Schedule(base::SteadyTime origin, base::SteadyTime ready, double place, double fps,
           double seconds);

  /// When frame k is due; without rounding that adds up.
  [[nodiscard]] base::SteadyTime due(std::uint64_t k) const;

  /// How many frames there are; at least 1.
  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }

 private:
  base::SteadyTime first_;
  double interval_ns_ = 0.0;
  std::uint64_t frames_ = 0;
};

}  // namespace storysign::app
