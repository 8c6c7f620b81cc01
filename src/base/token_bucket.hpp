#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <chrono>

namespace storysign::base {

/// A rate limit with a burst: tokens come at a steady rate up to a bound, each use takes some. One
/// thread at a time; time is given, and must not go back.
class TokenBucket {
 public:
  /// `rate` tokens a second, at most `burst` saved up; full at `now`.
  TokenBucket(double rate, double burst, SteadyTime now) noexcept
      : rate_(rate), burst_(burst), tokens_(burst), last_(now) {}

  /// Takes `count` tokens if they are there.
  [[nodiscard]] bool take(double count, SteadyTime now) noexcept {
    refill(now);
    if (tokens_ < count) {
      return false;
    }
    tokens_ -= count;
    return true;
  }

  /// Takes `count` tokens even if that leaves a debt; returns how long until the debt is paid.
  [[nodiscard]] std::chrono::nanoseconds owe(double count, SteadyTime now) noexcept {
    refill(now);
    tokens_ -= count;
    const double seconds = tokens_ < 0.0 ? -tokens_ / rate_ : 0.0;
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(seconds));
  }

 private:
  void refill(SteadyTime now) noexcept {
    const double seconds = std::chrono::duration<double>(now - last_).count();
    tokens_ = std::min(burst_, tokens_ + (std::max(seconds, 0.0) * rate_));
    last_ = now;
  }

  // Given.
  double rate_;
  double burst_;
  // State.
  double tokens_;
  SteadyTime last_;
};

}  // namespace storysign::base
