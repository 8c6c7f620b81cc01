#include "adapt/frame_rate.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace storysign::adapt {
namespace {

constexpr std::chrono::seconds kWindow{1};
// A dropped frame now and then is scheduling, not overload: 5 % is what requirements.md allows.
constexpr double kToleratedDrops = 0.05;
// Below what was just answered, so that the queue empties.
constexpr double kBackOff = 0.95;
constexpr int kCalmWindowsBeforeUp = 2;
constexpr double kStepUp = 1.1;
constexpr double kFollows = 0.85;

}  // namespace

FrameRateAdvisor::FrameRateAdvisor(int max_fps, base::SteadyTime now) noexcept
    : cap_(std::clamp(max_fps, kMinFps, kMaxFps)), advice_(cap_), window_start_(now) {}

void FrameRateAdvisor::set_range(int floor, double cap) noexcept {
  cap_ = std::clamp(static_cast<int>(cap), kMinFps, kMaxFps);
  floor_ = std::clamp(floor, kMinFps, cap_);
  advice_ = std::min(advice_, cap_);
}

void FrameRateAdvisor::on_answer(unsigned dropped, base::SteadyTime now) noexcept {
  ++answered_;
  dropped_ += dropped;
  const auto elapsed = now - window_start_;
  if (elapsed < kWindow) {
    return;
  }
  const double span = std::chrono::duration<double>(elapsed).count();
  sent_ = (answered_ + dropped_) / span;
  // After a rest the window says nothing about the rate.
  if (elapsed < 2 * kWindow) {
    decide(span);
  }
  window_start_ = now;
  answered_ = 0;
  dropped_ = 0;
}

void FrameRateAdvisor::decide(double seconds) noexcept {
  const double sent = answered_ + dropped_;
  if (dropped_ > kToleratedDrops * sent) {
    const auto sustained = static_cast<int>(std::lround(kBackOff * answered_ / seconds));
    advice_ = std::clamp(std::min(sustained, advice_ - 1), std::min(floor_, advice_), cap_);
    calm_windows_ = 0;
    return;
  }
  // A client that sends less than it may would not send more.
  const bool follows = sent >= kFollows * advice_ * seconds;
  if (++calm_windows_ >= kCalmWindowsBeforeUp && follows) {
    advice_ = std::min(cap_, std::max(advice_ + 1, static_cast<int>(advice_ * kStepUp)));
  }
}

}  // namespace storysign::adapt
