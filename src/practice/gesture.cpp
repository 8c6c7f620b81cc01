#include "practice/gesture.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kLeftShoulder = 11;
constexpr std::size_t kRightShoulder = 12;
constexpr std::size_t kLeftHip = 23;
constexpr std::size_t kRightHip = 24;
constexpr std::size_t kWrist = 0;
constexpr std::size_t kMiddleKnuckle = 9;
constexpr float kVisible = 0.5F;

// Without a body: wrist to middle knuckle against the shoulders' width, adults' means (ANSUR II,
// 2012: about 0.1 m and, between the points that the network marks, 0.34 m).
constexpr double kPalmsPerShoulderWidth = 3.4;
// Body landmarks tremble too: of each new frame so much counts.
constexpr double kBodyGain = 0.2;
// Where hands rest begins at this part of the way from shoulders to hips, or, where the hips are
// not in view, so far below the shoulders, which is about the same of a sitting adult.
constexpr double kRestPart = 0.85;
constexpr double kRestHeight = 1.2;
// What counts as still there: hands in the lap were moved by networks and breathing at up to 0.35
// shoulder widths a second in recorded signs; hands on the way up pass that height at 1 and more.
constexpr double kRestSpeed = 0.6;
constexpr double kStandardErrors = 2.0;
// What is left of a hand that is held still, by its tremor and the networks' (shoulder widths a
// second): in recorded signs the held and the other hands stayed under it, movements of a sign did
// not.
constexpr double kTremor = 0.15;

// Kept before the first movement and after the last one.
constexpr std::chrono::milliseconds kMargin{250};

double seconds(microseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

GestureDetector::GestureDetector(const GestureRules& rules)
    : rules_(rules), rest_height_(kRestHeight) {
  // One frame of a gesture and one on each side of it.
  rules_.buffer = std::max<std::size_t>(rules_.buffer, 3);
  rules_.smoothing_window = std::clamp<std::size_t>(rules_.smoothing_window, 1, rules_.buffer);
}

GestureChange GestureDetector::on_observation(const Observation& seen) {
  if (last_time_ && seen.time <= *last_time_) return GestureChange::kNone;
  const bool is_gap = last_time_ && seen.time - *last_time_ > rules_.pause;
  const bool is_lost = is_gap && started_;
  if (is_gap) reset();
  last_time_ = seen.time;
  measure_body(seen);
  add(left_, seen.left_hand, seen);
  add(right_, seen.right_hand, seen);
  speed_ = std::max(speed_of(left_), speed_of(right_));
  keep(seen);
  if (!rules_.enabled) return GestureChange::kNone;
  if (speed_ > rules_.velocity_threshold) {
    last_movement_ = seen.time;
    if (started_) return GestureChange::kNone;
    started_ = seen.time;
    return GestureChange::kStarted;
  }
  if (started_ && seen.time - last_movement_ >= rules_.pause) return finish();
  return is_lost ? GestureChange::kTooShort : GestureChange::kNone;
}

void GestureDetector::reset() {
  started_.reset();
  kept_.clear();
  stride_ = 1;
  skipped_ = 0;
  left_.samples.clear();
  right_.samples.clear();
  speed_ = 0.0;
}

milliseconds GestureDetector::gesture_duration() const noexcept {
  return started_ ? duration_cast<milliseconds>(last_movement_ - *started_) : milliseconds{};
}

milliseconds GestureDetector::pause_duration() const noexcept {
  return started_ ? duration_cast<milliseconds>(*last_time_ - last_movement_) : milliseconds{};
}

void GestureDetector::measure_body(const Observation& seen) {
  const auto follow = [&](double& value, double fresh) {
    value = shoulder_width_ > 0.0 ? value + kBodyGain * (fresh - value) : fresh;
  };
  if (!seen.pose) return;
  const vision::Pose& pose = *seen.pose;
  const auto& left = pose[kLeftShoulder];
  const auto& right = pose[kRightShoulder];
  const double width =
      std::hypot((left.x - right.x) * static_cast<double>(seen.aspect), left.y - right.y);
  // A body seen from the side has no shoulder width.
  constexpr double kLeastWidth = 0.02;
  if (!std::isfinite(width) || width < kLeastWidth) return;
  const double hips = (pose[kLeftHip].y + pose[kRightHip].y - left.y - right.y) / 2.0;
  const bool has_hips =
      pose[kLeftHip].visibility > kVisible && pose[kRightHip].visibility > kVisible && hips > 0.0;
  follow(origin_[0], (left.x + right.x) / 2.0 * static_cast<double>(seen.aspect));
  follow(origin_[1], (left.y + right.y) / 2.0);
  follow(rest_height_, has_hips ? kRestPart * hips / width : kRestHeight);
  follow(shoulder_width_, width);
}

void GestureDetector::add(Side& side, const std::optional<vision::Hand>& hand,
                          const Observation& seen) const {
  if (!hand) {
    // What comes back may be somewhere else: that is no movement that was seen.
    side.samples.clear();
    return;
  }
  const auto& points = hand->landmarks;
  double unit = shoulder_width_;
  if (unit <= 0.0) {
    unit = kPalmsPerShoulderWidth * std::hypot((points[kMiddleKnuckle].x - points[kWrist].x) *
                                                   static_cast<double>(seen.aspect),
                                               points[kMiddleKnuckle].y - points[kWrist].y);
  }
  if (!std::isfinite(unit) || unit <= 0.0) return;
  Sample sample;
  sample.seconds = seconds(seen.time);
  double height = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sample.points[i] = {
        static_cast<float>((points[i].x * static_cast<double>(seen.aspect) - origin_[0]) / unit),
        static_cast<float>((points[i].y - origin_[1]) / unit)};
    height += static_cast<double>(sample.points[i][1]) / static_cast<double>(points.size());
  }
  // Without a body nothing is known to be low.
  side.height = shoulder_width_ > 0.0 ? height : 0.0;
  side.samples.push_back(sample);
  while (side.samples.size() > std::max<std::size_t>(rules_.smoothing_window, 2)) {
    side.samples.pop_front();
  }
}

double GestureDetector::speed_of(const Side& side) const {
  const std::size_t count = side.samples.size();
  if (count < 2) return 0.0;
  double mean_time = 0.0;
  for (const Sample& sample : side.samples) {
    mean_time += sample.seconds / static_cast<double>(count);
  }
  double spread = 0.0;
  for (const Sample& sample : side.samples) {
    spread += (sample.seconds - mean_time) * (sample.seconds - mean_time);
  }
  double total = 0.0;
  double residual = 0.0;
  std::array<double, vision::kHandLandmarks> slopes{};
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    std::array<double, 2> slope{};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      double mean = 0.0;
      double product = 0.0;
      for (const Sample& sample : side.samples) {
        mean += static_cast<double>(sample.points[i][axis]) / static_cast<double>(count);
        product += (sample.seconds - mean_time) * static_cast<double>(sample.points[i][axis]);
      }
      slope[axis] = product / spread;
      for (const Sample& sample : side.samples) {
        const double off = static_cast<double>(sample.points[i][axis]) - mean -
                           slope[axis] * (sample.seconds - mean_time);
        residual += off * off;
      }
    }
    slopes[i] = std::hypot(slope[0], slope[1]);
  }
  // The standard error of a least-squares slope; with two frames the line fits, and nothing is
  // known of the scatter.
  const double freedom = 2.0 * static_cast<double>(slopes.size() * (count - 2));
  const double error = freedom > 0.0 ? std::sqrt(residual / freedom / spread) : 0.0;
  for (const double slope : slopes) {
    total += std::max(0.0, slope - kStandardErrors * error) / static_cast<double>(slopes.size());
  }
  if (!std::isfinite(total)) return 0.0;
  const bool may_rest = side.height > rest_height_;
  return std::max(0.0, total - (may_rest ? kRestSpeed : kTremor));
}

void GestureDetector::keep(const Observation& seen) {
  if (!started_) {
    kept_.push_back(seen);
    const auto is_old = [&](const Observation& one) { return seen.time - one.time > kMargin; };
    kept_.erase(kept_.begin(), std::find_if_not(kept_.begin(), kept_.end(), is_old));
    if (kept_.size() > rules_.buffer) kept_.erase(kept_.begin());
    return;
  }
  if (++skipped_ < stride_) return;
  skipped_ = 0;
  if (kept_.size() >= rules_.buffer) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < kept_.size(); i += 2) {
      kept_[left++] = std::move(kept_[i]);
    }
    kept_.resize(left);
    stride_ *= 2;
  }
  kept_.push_back(seen);
}

GestureChange GestureDetector::finish() {
  const bool is_long_enough = gesture_duration() >= rules_.min_gesture;
  if (is_long_enough) {
    recording_ = std::exchange(kept_, {});
    // Subtracted: times are what a client says, and a sum may be none.
    std::erase_if(recording_,
                  [&](const Observation& one) { return one.time - last_movement_ > kMargin; });
  }
  reset();
  return is_long_enough ? GestureChange::kCompleted : GestureChange::kTooShort;
}

}  // namespace storysign::practice
