#include "vision/body_motion.hpp"

#include <cmath>
#include <cstddef>

namespace storysign::vision {
namespace {

constexpr double kFarthestShift = 1.0;  // Shoulder widths in a frame.

// Wrist, little finger, index finger and thumb of the signer's left; those of the right follow.
constexpr std::array<std::size_t, 4> kLeftHand = {15, 17, 19, 21};

Point moved(const Point& p, const Point& shift) noexcept {
  return {p.x + shift.x, p.y + shift.y};
}

}  // namespace

double shoulder_width(const BodyPose& body) noexcept {
  constexpr std::size_t kLeftShoulder = 11;
  constexpr std::size_t kRightShoulder = 12;
  return std::hypot(
      static_cast<double>(body.landmarks[kLeftShoulder].x) - body.landmarks[kRightShoulder].x,
      static_cast<double>(body.landmarks[kLeftShoulder].y) - body.landmarks[kRightShoulder].y);
}

BodyMotion::BodyMotion(std::span<const PointMotion> points, double shoulder_width) noexcept
    : points_(points) {
  if (shoulder_width > 0.0) {
    common_ = fit_rigid_motion(points, shoulder_width).median_shift;
  }
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Point before = points[i].before;
    const Point shift{points[i].after.x - before.x, points[i].after.y - before.y};
    const bool plausible =
        points[i].found && std::hypot(shift.x, shift.y) < kFarthestShift * shoulder_width;
    places_[i] = plausible ? points[i].after : moved(before, common_);
  }
}

void BodyMotion::follow_hand(Side side, const Point* shift) noexcept {
  if (shift == nullptr) {
    return;
  }
  for (const std::size_t left : kLeftHand) {
    const std::size_t at = side == Side::kLeft ? left : left + 1;
    places_[at] = moved(points_[at].before, *shift);
  }
}

}  // namespace storysign::vision
