#include "vision/geometry.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace storysign::vision {
namespace {

constexpr double kPi = std::numbers::pi;

/// The palm joints that frame a hand: wrist, thumb up to its IP joint, and the two lower joints of
/// each finger.
constexpr std::array<std::size_t, 12> kPalmJoints = {0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18};

struct Bounds {
  Point low{std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
  Point high{-std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};

  void add(Point p) noexcept {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  [[nodiscard]] Point middle() const noexcept {
    return {(low.x + high.x) / 2.0, (low.y + high.y) / 2.0};
  }
};

Point rotate(Point p, double cosine, double sine) noexcept {
  return {p.x * cosine - p.y * sine, p.x * sine + p.y * cosine};
}

Roi roi_of(const Bounds& bounds, double rotation) noexcept {
  const Point middle = bounds.middle();
  return {middle.x, middle.y, bounds.high.x - bounds.low.x, bounds.high.y - bounds.low.y, rotation};
}

}  // namespace

double wrap_angle(double radians) noexcept {
  return radians - 2.0 * kPi * std::floor((radians + kPi) / (2.0 * kPi));
}

double direction_angle(Point from, Point to, double direction) noexcept {
  return wrap_angle(direction - std::atan2(-(to.y - from.y), to.x - from.x));
}

Roi grow(const Roi& roi, double scale, double shift_y) noexcept {
  const double side = std::max(roi.w, roi.h) * scale;
  return {roi.cx - roi.h * shift_y * std::sin(roi.rotation),
          roi.cy + roi.h * shift_y * std::cos(roi.rotation), side, side, roi.rotation};
}

Roi align(Point centre, Point scale_point, double direction) noexcept {
  const double side = 2.0 * std::hypot(scale_point.x - centre.x, scale_point.y - centre.y);
  return {centre.x, centre.y, side, side, direction_angle(centre, scale_point, direction)};
}

Roi bounding_roi(std::span<const Point> points, std::size_t from, std::size_t to) noexcept {
  Bounds bounds;
  for (const Point& p : points) {
    bounds.add(p);
  }
  return roi_of(bounds, direction_angle(points[from], points[to], kRightwards));
}

Roi bounding_roi(std::span<const PixelLandmark> points, std::size_t from, std::size_t to) noexcept {
  Bounds bounds;
  for (const PixelLandmark& p : points) {
    bounds.add(point_of(p));
  }
  return roi_of(bounds, direction_angle(point_of(points[from]), point_of(points[to]), kRightwards));
}

Roi palm_roi(std::span<const PixelLandmark> hand) noexcept {
  const Point index = point_of(hand[5]);
  const Point middle = point_of(hand[9]);
  const Point ring = point_of(hand[13]);
  const Point target{((index.x + ring.x) / 2.0 + middle.x) / 2.0,
                     ((index.y + ring.y) / 2.0 + middle.y) / 2.0};
  const double rotation = direction_angle(point_of(hand[0]), target, kUpwards);
  const double cosine = std::cos(rotation);
  const double sine = std::sin(rotation);

  Bounds upright;
  for (const std::size_t joint : kPalmJoints) {
    upright.add(point_of(hand[joint]));
  }
  const Point pivot = upright.middle();
  Bounds turned;
  for (const std::size_t joint : kPalmJoints) {
    turned.add(rotate({hand[joint].x - pivot.x, hand[joint].y - pivot.y}, cosine, -sine));
  }
  Roi roi = roi_of(turned, rotation);
  const Point centre = rotate({roi.cx, roi.cy}, cosine, sine);
  roi.cx = centre.x + pivot.x;
  roi.cy = centre.y + pivot.y;
  return roi;
}

Point unproject(Point unit, const Roi& roi) noexcept {
  const Point p = rotate({(unit.x - 0.5) * roi.w, (unit.y - 0.5) * roi.h}, std::cos(roi.rotation),
                         std::sin(roi.rotation));
  return {p.x + roi.cx, p.y + roi.cy};
}

Roi letterbox(int width, int height) noexcept {
  const double side = std::max(width, height);
  return {width / 2.0, height / 2.0, side, side, 0.0};
}

double intersection_over_union(const Roi& a, const Roi& b) noexcept {
  const double width =
      std::min(a.cx + a.w / 2.0, b.cx + b.w / 2.0) - std::max(a.cx - a.w / 2.0, b.cx - b.w / 2.0);
  const double height =
      std::min(a.cy + a.h / 2.0, b.cy + b.h / 2.0) - std::max(a.cy - a.h / 2.0, b.cy - b.h / 2.0);
  const double intersection = std::max(width, 0.0) * std::max(height, 0.0);
  const double united = a.w * a.h + b.w * b.h - intersection;
  return united > 0.0 ? intersection / united : 0.0;
}

bool keeps_tracking(const Roi& own, const Roi& fresh, std::span<const PixelLandmark> last_landmarks,
                    const TrackingLimits& limits) noexcept {
  double degrees = (own.rotation - fresh.rotation) * 180.0 / kPi;
  if (degrees > 180.0) {
    degrees -= 360.0;
  } else if (degrees < -180.0) {
    degrees += 360.0;
  }
  // Everything is compared along the fresh region's own axes.
  const double cosine = std::cos(fresh.rotation);
  const double sine = -std::sin(fresh.rotation);
  const Point a = rotate({own.cx, own.cy}, cosine, sine);
  const Point b = rotate({fresh.cx, fresh.cy}, cosine, sine);
  if (std::abs(degrees) > limits.rotation_degrees ||
      std::abs(a.x - b.x) > fresh.w * limits.translation ||
      std::abs(a.y - b.y) > fresh.h * limits.translation ||
      std::abs(own.w - fresh.w) > fresh.w * limits.scale ||
      std::abs(own.h - fresh.h) > fresh.h * limits.scale) {
    return false;
  }
  const double half_width = fresh.w * (1.0 + limits.margin) / 2.0;
  const double half_height = fresh.h * (1.0 + limits.margin) / 2.0;
  return std::all_of(last_landmarks.begin(), last_landmarks.end(), [&](const PixelLandmark& p) {
    const Point q = rotate(point_of(p), cosine, sine);
    return std::abs(q.x - b.x) < half_width && std::abs(q.y - b.y) < half_height;
  });
}

}  // namespace storysign::vision
