#pragma once

#include "practice/observation.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace storysign::practice {

/// The settings of section gesture_detection.
struct GestureRules {
  bool enabled = true;
  double velocity_threshold = 0.02;       ///< Shoulder widths a second, above which a hand moves.
  std::chrono::milliseconds pause{1000};  ///< Rest after which a gesture is over.
  std::chrono::milliseconds min_gesture{500};  ///< A shorter movement is none.
  std::size_t buffer = 100;                    ///< Frames kept of one gesture.
  std::size_t smoothing_window = 5;            ///< Frames that the speed is taken over.

  friend bool operator==(const GestureRules&, const GestureRules&) = default;
};

/// What the frame given last has changed.
enum class GestureChange : std::uint8_t {
  kNone,
  kStarted,
  kCompleted,  ///< recording() is the gesture.
  kTooShort,   ///< What had started was no gesture, or was lost in a gap.
};

/// Says when a gesture begins and ends, from the speed of the hands' landmarks against the
/// shoulders. A hand's speed is the slope of a straight line through its landmarks' last positions,
/// less twice the error that their scatter gives the slope, less what tremor gives a hand that is
/// held still, or, where hands rest, one in the lap. So the threshold counts from there. Pure; one
/// thread at a time.
class GestureDetector {
 public:
  explicit GestureDetector(const GestureRules& rules);

  /// Takes the next frame. Times, 0 or more, must grow; a frame that is not newer than the one
  /// before is left out, and after a gap longer than the pause all begins anew.
  GestureChange on_observation(const Observation& seen);

  /// Forgets a gesture that is under way.
  void reset();

  /// Of the faster hand, in shoulder widths a second; 0 without hands.
  [[nodiscard]] double speed() const noexcept { return speed_; }
  [[nodiscard]] bool is_detecting() const noexcept { return started_.has_value(); }
  /// From the first to the last movement of the gesture under way; 0 if there is none.
  [[nodiscard]] std::chrono::milliseconds gesture_duration() const noexcept;
  /// Since the last movement of the gesture under way; 0 if there is none.
  [[nodiscard]] std::chrono::milliseconds pause_duration() const noexcept;
  /// Frames kept at the moment.
  [[nodiscard]] std::size_t buffered() const noexcept { return kept_.size(); }
  /// The gesture under way or completed last: from a little before its first movement to a little
  /// after its last one. One with more frames than the buffer has every second one left out, again
  /// and again, so that none of it is cut off.
  [[nodiscard]] const Recording& recording() const noexcept { return recording_; }

 private:
  /// Positions of one hand's landmarks against the shoulders, in shoulder widths.
  struct Sample {
    double seconds = 0.0;
    std::array<std::array<float, 2>, vision::kHandLandmarks> points{};
  };
  struct Side {
    std::deque<Sample> samples;
    double height = 0.0;  ///< Of the palm below the shoulders, the last one.
  };

  void measure_body(const Observation& seen);
  void add(Side& side, const std::optional<vision::Hand>& hand, const Observation& seen) const;
  [[nodiscard]] double speed_of(const Side& side) const;
  void keep(const Observation& seen);
  GestureChange finish();

  // Given.
  GestureRules rules_;
  // State.
  double shoulder_width_ = 0.0;  ///< Of the picture's height; 0: not known yet.
  std::array<double, 2> origin_{};
  double rest_height_;  ///< Below the shoulders, in shoulder widths: from there hands may rest.
  Side left_;
  Side right_;
  double speed_ = 0.0;
  std::optional<std::chrono::microseconds> last_time_;
  std::optional<std::chrono::microseconds> started_;
  std::chrono::microseconds last_movement_{};
  Recording kept_;           ///< Since before the start; only the last few without a gesture.
  std::size_t stride_ = 1;   ///< Every so-manieth frame is kept.
  std::size_t skipped_ = 0;  ///< Frames left out since the last one kept.
  Recording recording_;
};

}  // namespace storysign::practice
