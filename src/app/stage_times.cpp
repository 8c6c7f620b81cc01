#include "app/stage_times.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::app {

std::string_view stage_name(Stage stage) noexcept {
  constexpr std::array<std::string_view, kStages> kNames = {"decode", "vision", "render", "write"};
  return kNames[static_cast<std::size_t>(stage)];
}

void StageTimes::add(Stage stage, std::chrono::nanoseconds time) {
  samples_ms_[static_cast<std::size_t>(stage)].push_back(
      std::chrono::duration<float, std::milli>(time).count());
}

bool StageTimes::empty(Stage stage) const noexcept {
  return samples_ms_[static_cast<std::size_t>(stage)].empty();
}

double StageTimes::quantile_ms(Stage stage, double fraction) const {
  std::vector<float> sorted = samples_ms_[static_cast<std::size_t>(stage)];
  if (sorted.empty()) {
    return 0.0;
  }
  const double rank = std::ceil(fraction * static_cast<double>(sorted.size()));
  const std::size_t index =
      std::min(sorted.size(), static_cast<std::size_t>(std::max(rank, 1.0))) - 1;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(index),
                   sorted.end());
  return static_cast<double>(sorted[index]);
}

}  // namespace storysign::app
