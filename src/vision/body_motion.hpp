#pragma once

#include "vision/geometry.hpp"
#include "vision/hand.hpp"
#include "vision/pacing.hpp"
#include "vision/pose.hpp"
#include "vision/similarity.hpp"

#include <array>
#include <span>

namespace storysign::vision {

/// Between the shoulders, in pixels: what a body's errors and motions are measured in.
[[nodiscard]] double shoulder_width(const BodyPose& body) noexcept;

/// Where the landmarks of a body are after a frame that its network did not see.
class BodyMotion {
 public:
  /// `points`: the first kFollowedPoseLandmarks landmarks; outlive this. What is lost, or went
  /// farther than its shoulder width in one frame, goes with the others.
  BodyMotion(std::span<const PointMotion> points, double shoulder_width) noexcept;

  /// A tracked hand knows better where wrist and fingers went; `shift` in pixels, null: it does
  /// not.
  void follow_hand(Side side, const Point* shift) noexcept;

  [[nodiscard]] std::span<const Point> places() const noexcept { return places_; }
  /// Median shift of all, pixels.
  [[nodiscard]] Point common() const noexcept { return common_; }

 private:
  std::span<const PointMotion> points_;
  std::array<Point, kFollowedPoseLandmarks> places_{};
  Point common_;
};

}  // namespace storysign::vision
