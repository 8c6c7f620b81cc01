#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace storysign::vision {

/// A place in the picture, in pixels. Pixel (0, 0) has its centre at x = 0, y = 0: there is no
/// half-pixel shift anywhere.
struct Point {
  double x = 0.0;
  double y = 0.0;
};

/// A landmark in pixels; z in the unit of x.
struct PixelLandmark {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
};

/// A rotated rectangle: centre and size in pixels, rotation in radians, clockwise on the screen (y
/// points down).
struct Roi {
  double cx = 0.0;
  double cy = 0.0;
  double w = 0.0;
  double h = 0.0;
  double rotation = 0.0;
};

/// Directions for direction_angle(), in radians, counter-clockwise with y up.
inline constexpr double kUpwards = 1.5707963267948966;
inline constexpr double kDownwards = -kUpwards;
inline constexpr double kRightwards = 0.0;

[[nodiscard]] inline Point point_of(const PixelLandmark& p) noexcept {
  return {p.x, p.y};
}

/// Folds an angle into [-pi, pi).
[[nodiscard]] double wrap_angle(double radians) noexcept;

/// The rotation of a region in which the vector from -> to points to `direction`.
[[nodiscard]] double direction_angle(Point from, Point to, double direction) noexcept;

/// Shifts the region by `shift_y` of its (unscaled) height along its own y axis, makes it square on
/// its longer side, and scales it, in this order (shared order of all of MediaPipe's graphs).
[[nodiscard]] Roi grow(const Roi& roi, double scale, double shift_y) noexcept;

/// A square centred on `centre`, half as wide as the distance to `scale_point`, in which that point
/// lies in `direction`.
[[nodiscard]] Roi align(Point centre, Point scale_point, double direction) noexcept;

/// The axis-aligned box of the points, with the rotation that lays points[from] -> points[to] to
/// the right. At least one point.
[[nodiscard]] Roi bounding_roi(std::span<const Point> points, std::size_t from,
                               std::size_t to) noexcept;

/// The same over landmarks.
[[nodiscard]] Roi bounding_roi(std::span<const PixelLandmark> points, std::size_t from,
                               std::size_t to) noexcept;

/// The oriented box of a hand's palm joints; `hand` holds 21 landmarks.
[[nodiscard]] Roi palm_roi(std::span<const PixelLandmark> hand) noexcept;

/// From fractions of a region (0..1) to pixels of the picture.
[[nodiscard]] Point unproject(Point unit, const Roi& roi) noexcept;

/// The whole picture, letterboxed into a square.
[[nodiscard]] Roi letterbox(int width, int height) noexcept;

/// Intersection over union of the two regions without their rotations; 0 for empty ones.
[[nodiscard]] double intersection_over_union(const Roi& a, const Roi& b) noexcept;

/// How far a tracked region may be from a fresh one and still be kept.
struct TrackingLimits {
  double rotation_degrees;
  double translation;  ///< Of the fresh region's side, along its own axes.
  double scale;        ///< Change of side, of the fresh region's side.
  double margin;  ///< Added to the fresh region's side before all landmarks must lie within it.
};

/// Whether `own`, the region from the last frame's landmarks, goes on, rather than `fresh`
/// (vision.md 6.4 and 7.3).
[[nodiscard]] bool keeps_tracking(const Roi& own, const Roi& fresh,
                                  std::span<const PixelLandmark> last_landmarks,
                                  const TrackingLimits& limits) noexcept;

}  // namespace storysign::vision
