#include "vision/pacing.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::vision {
namespace {

// A part is at rest if, besides its place, its shape stays well below what would make it run.
constexpr double kRestShare = 0.5;

// Nose, shoulders, elbows, wrists.
constexpr std::array<std::size_t, 7> kPoseSignals = {0, 11, 12, 13, 14, 15, 16};

double length(const Point& p) noexcept {
  return std::hypot(p.x, p.y);
}

void add(Point& sum, const Point& shift, double unit) noexcept {
  sum.x += shift.x / unit;
  sum.y += shift.y / unit;
}

Turn turn(bool due, int age, int min_age) noexcept {
  if (!due) {
    return Turn::kCarry;
  }
  return age >= min_age ? Turn::kRun : Turn::kHeld;
}

int back_off(int misses) noexcept {
  if (misses == 0) {
    return 0;
  }
  const auto last = static_cast<int>(kProbeBackOff.size());
  return kProbeBackOff[static_cast<std::size_t>(std::min(misses, last) - 1)];
}

}  // namespace

Turn HandPacer::follow(const FastFrame& frame, const RigidMotion& motion, double palm,
                       const Roi& roi) noexcept {
  const HandRules& rules = frame.rules->hand;
  ++age_;
  bool due = motion.points < kMinRigidPoints || !(palm > 0.0);
  if (!due) {
    path_ += length(motion.median_shift) / palm;
    residual_ = std::max(residual_, motion.residual / palm);
    add(shift_, motion.median_shift, palm);
    Patch now;
    now.sample(frame.gray, frame.reduction, roi);
    const double change = patch_.change(now);
    const bool rests = length(shift_) < rules.rest_motion &&
                       residual_ < kRestShare * rules.residual &&
                       change < kRestShare * rules.appearance;
    const double far = frame.quick_hands ? rules.quick_motion : rules.motion;
    due = rests ? age_ >= rules.rest_age
                : path_ >= far || residual_ >= rules.residual || change >= rules.appearance ||
                      age_ >= rules.max_age;
  }
  return turn(due, age_, frame.min_age(rules.min_age));
}

Turn HandPacer::seek(const FastFrame& frame, const Roi& roi) noexcept {
  const HandRules& rules = frame.rules->hand;
  ++age_;
  bool due = rules.probe_change <= 0.0 || !sought_ || age_ >= back_off(misses_);
  if (!due) {
    const double moved = length({roi.cx - sought_->cx, roi.cy - sought_->cy});
    due = moved > rules.probe_change * roi.w;
  }
  if (!due) {
    Patch now;
    now.sample(frame.blurred, 2 * frame.reduction, *sought_);
    due = patch_.change(now) > rules.probe_change;
  }
  return turn(due, age_, frame.min_age(rules.min_age));
}

void HandPacer::found(const FastFrame& frame, const Roi& roi) noexcept {
  reset();
  age_ = 0;
  patch_.sample(frame.gray, frame.reduction, roi);
}

void HandPacer::missed(const FastFrame& frame, const Roi& roi) noexcept {
  const int misses = misses_ + 1;
  reset();
  age_ = 0;
  misses_ = misses;
  sought_ = roi;
  patch_.sample(frame.blurred, 2 * frame.reduction, roi);
}

void HandPacer::reset() noexcept {
  age_ = kNever;
  path_ = 0.0;
  residual_ = 0.0;
  shift_ = {};
  misses_ = 0;
  sought_.reset();
}

Turn PosePacer::follow(const FastFrame& frame, std::span<const PointMotion> motions,
                       double shoulder_width) noexcept {
  const PoseRules& rules = frame.rules->pose;
  ++age_;
  double farthest_path = 0.0;
  double farthest = 0.0;
  bool lost = !(shoulder_width > 0.0);
  for (std::size_t i = 0; i < kPoseSignals.size() && !lost; ++i) {
    const PointMotion& point = motions[kPoseSignals[i]];
    if (point.found) {
      const Point shift{point.after.x - point.before.x, point.after.y - point.before.y};
      paths_[i] += length(shift) / shoulder_width;
      add(shifts_[i], shift, shoulder_width);
    }
    farthest_path = std::max(farthest_path, paths_[i]);
    farthest = std::max(farthest, length(shifts_[i]));
  }
  const bool rests = farthest < rules.rest_motion;
  const bool due = lost || (rests ? age_ >= rules.rest_age
                                  : farthest_path >= rules.motion || age_ >= rules.max_age);
  return turn(due, age_, frame.min_age(rules.min_age));
}

void PosePacer::ran() noexcept {
  reset();
  age_ = 0;
}

void PosePacer::reset() noexcept {
  age_ = kNever;
  paths_ = {};
  shifts_ = {};
}

Turn FacePacer::follow(const FastFrame& frame, const RigidMotion& motion,
                       double eye_distance) noexcept {
  const FaceRules& rules = frame.rules->face;
  ++age_;
  bool due = motion.points < kMinRigidPoints || !(eye_distance > 0.0);
  if (!due) {
    path_ += length(motion.median_shift) / eye_distance;
    add(shift_, motion.median_shift, eye_distance);
    const bool rests = length(shift_) < rules.rest_motion;
    due = rests ? age_ >= rules.rest_age : path_ >= rules.motion || age_ >= rules.max_age;
  }
  return turn(due, age_, frame.min_age(rules.min_age));
}

Turn FacePacer::seek(const FastFrame& frame) noexcept {
  ++age_;
  return turn(age_ >= back_off(misses_), age_, frame.min_age(frame.rules->face.min_age));
}

void FacePacer::found() noexcept {
  reset();
  age_ = 0;
}

void FacePacer::missed() noexcept {
  const int misses = misses_ + 1;
  reset();
  age_ = 0;
  misses_ = misses;
}

void FacePacer::reset() noexcept {
  *this = FacePacer();
}

}  // namespace storysign::vision
