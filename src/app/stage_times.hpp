#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace storysign::app {

/// What a frame spends its time on.
enum class Stage : std::uint8_t { kDecode, kVision, kRender, kWrite };
inline constexpr std::size_t kStages = 4;
[[nodiscard]] std::string_view stage_name(Stage stage) noexcept;

/// The times of all frames, by stage. One thread.
class StageTimes {
 public:
  void add(Stage stage, std::chrono::nanoseconds time);

  [[nodiscard]] bool empty(Stage stage) const noexcept;

  /// The time in milliseconds within which `fraction` (0..1) of the frames were done: the smallest
  /// sample that at least that share of the samples does not exceed (nearest rank). 0 without
  /// samples.
  [[nodiscard]] double quantile_ms(Stage stage, double fraction) const;

 private:
  std::array<std::vector<float>, kStages> samples_ms_;
};

/// Measures from its making to its end, and adds that.
class StageTimer {
 public:
  StageTimer(StageTimes& times, Stage stage)
      : times_(times), stage_(stage), start_(base::steady_now()) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  StageTimer(StageTimer&&) = delete;
  StageTimer& operator=(StageTimer&&) = delete;
  ~StageTimer() { times_.add(stage_, base::steady_now() - start_); }

 private:
  StageTimes& times_;
  Stage stage_;
  base::SteadyTime start_;
};

}  // namespace storysign::app
