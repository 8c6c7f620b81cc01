#pragma once

#include "base/clock.hpp"

namespace storysign::adapt {

/// Says how many frames a second one client should send, from what became of those it sent. Sending
/// more than can be answered only costs both sides: goes down at once to what was answered, up a
/// step at a time, and only while the client sends what it is advised. Pure: time is given. One
/// thread at a time.
class FrameRateAdvisor {
 public:
  static constexpr int kMinFps = 10;  ///< The range of requirements.md, "Frame rate".
  static constexpr int kMaxFps = 60;
  static constexpr int kWatchableFps = 20;  ///< A learner sees 20 to 30 a second (the same page).

  /// `max_fps`, kMinFps to kMaxFps, is the advice at first, and never exceeded unless set_range()
  /// says so.
  FrameRateAdvisor(int max_fps, base::SteadyTime now) noexcept;

  /// What the whole process allows: a lower `cap` counts at once, a higher one (up to kMaxFps, also
  /// above max_fps) is approached a step at a time. Drops do not bring the advice below `floor`:
  /// while other means are left, learners keep a rate worth looking at. See PressureController.
  void set_range(int floor, double cap) noexcept;

  /// A frame was answered, and `dropped` others were not since the last answer.
  void on_answer(unsigned dropped, base::SteadyTime now) noexcept;

  /// Frames per second, kMinFps to kMaxFps.
  [[nodiscard]] int advice() const noexcept { return advice_; }
  /// Frames a second that the client sent lately, dropped ones included; 0 until a second has
  /// passed.
  [[nodiscard]] double sent() const noexcept { return sent_; }

 private:
  void decide(double seconds) noexcept;

  // Given.
  int cap_;
  int floor_ = kMinFps;
  // State.
  int advice_;
  base::SteadyTime window_start_;
  unsigned answered_ = 0;
  unsigned dropped_ = 0;
  double sent_ = 0.0;
  int calm_windows_ = 0;  ///< In a row, without a dropped frame.
};

}  // namespace storysign::adapt
