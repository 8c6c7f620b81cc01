#pragma once

#include "vision/geometry.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace storysign::vision {

/// A point of a part before and after a frame, in pixels of the picture.
struct PointMotion {
  Point before;
  Point after;
  bool found = false;  ///< Else `after` says nothing.
};

/// Turn, scale and shift: x' = a * x - b * y + tx, y' = b * x + a * y + ty.
struct Similarity {
  double a = 1.0;
  double b = 0.0;
  double tx = 0.0;
  double ty = 0.0;

  [[nodiscard]] Point operator()(const Point& p) const noexcept {
    return {a * p.x - b * p.y + tx, b * p.x + a * p.y + ty};
  }
};

/// Takes x and y of every landmark where `motion` does; z stays.
void move_by(const Similarity& motion, std::span<PixelLandmark> landmarks) noexcept;

/// How a rigid part moved.
struct RigidMotion {
  Similarity similarity;
  Point median_shift;  ///< Pixels.
  double residual =
      0.0;  ///< Median distance of a found point from where `similarity` takes it, pixels.
  std::size_t points = 0;  ///< Found ones; below kMinRigidPoints nothing else is meaningful.
};

inline constexpr std::size_t kMinRigidPoints = 6;
inline constexpr std::size_t kMaxRigidPoints = 64;

/// The similarity that most points follow: weighted least squares, three rounds, from the points
/// within 0.35 `size` of the median shift, then with weights 1 / (1 + (e / (0.05 size))^2)
/// (fast-tracking.md 1, "Rules"). `size` is the part's in pixels, above 0; at most kMaxRigidPoints
/// points.
[[nodiscard]] RigidMotion fit_rigid_motion(std::span<const PointMotion> points,
                                           double size) noexcept;

}  // namespace storysign::vision
