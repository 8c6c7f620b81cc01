#include "app/load/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::app {
namespace {

std::chrono::nanoseconds rounded(double ns) {
  return std::chrono::nanoseconds(std::llround(ns));
}

}  // namespace

Schedule::Schedule(base::SteadyTime origin, base::SteadyTime ready, double place, double fps,
                   double seconds)
    : interval_ns_(1e9 / fps),
      frames_(static_cast<std::uint64_t>(std::max(1.0, std::floor(fps * seconds + 1e-6)))) {
  const auto start = origin + rounded(place * interval_ns_);
  const double past = std::chrono::duration<double, std::nano>(ready - start).count();
  const double steps = std::max(0.0, std::ceil(past / interval_ns_));
  first_ = start + rounded(steps * interval_ns_);
  if (first_ < ready) first_ = ready;
}

base::SteadyTime Schedule::due(std::uint64_t k) const {
  return first_ + rounded(static_cast<double>(k) * interval_ns_);
}

}  // namespace storysign::app
