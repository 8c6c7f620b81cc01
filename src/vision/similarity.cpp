#include "vision/similarity.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace storysign::vision {
namespace {

constexpr double kStartRadius = 0.35;  // Of the part's size, around the median shift.
constexpr double kSoftRadius = 0.05;   // Of the part's size: where a residual halves the weight.
constexpr int kRounds = 3;

using Values = std::array<double, kMaxRigidPoints>;

double median(Values& values, std::size_t count) noexcept {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(values.begin(), middle, values.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

double distance(const Point& a, const Point& b) noexcept {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// Weighted least squares in closed form; the identity with the weighted mean shift where the
/// points coincide.
Similarity fit(std::span<const PointMotion> points, const Values& weights) noexcept {
  double sum = 0.0;
  Point before;
  Point after;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += weights[i];
    before.x += weights[i] * points[i].before.x;
    before.y += weights[i] * points[i].before.y;
    after.x += weights[i] * points[i].after.x;
    after.y += weights[i] * points[i].after.y;
  }
  if (!(sum > 0.0)) {
    return {};
  }
  before = {before.x / sum, before.y / sum};
  after = {after.x / sum, after.y / sum};
  double spread = 0.0;
  double along = 0.0;
  double across = 0.0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point p{points[i].before.x - before.x, points[i].before.y - before.y};
    const Point q{points[i].after.x - after.x, points[i].after.y - after.y};
    spread += weights[i] * (p.x * p.x + p.y * p.y);
    along += weights[i] * (p.x * q.x + p.y * q.y);
    across += weights[i] * (p.x * q.y - p.y * q.x);
  }
  Similarity s;
  if (spread > 0.0) {
    s.a = along / spread;
    s.b = across / spread;
  }
  s.tx = after.x - (s.a * before.x - s.b * before.y);
  s.ty = after.y - (s.b * before.x + s.a * before.y);
  return s;
}

}  // namespace

void move_by(const Similarity& motion, std::span<PixelLandmark> landmarks) noexcept {
  for (PixelLandmark& p : landmarks) {
    const Point moved = motion(point_of(p));
    p.x = static_cast<float>(moved.x);
    p.y = static_cast<float>(moved.y);
  }
}

RigidMotion fit_rigid_motion(std::span<const PointMotion> points, double size) noexcept {
  points = points.first(std::min(points.size(), kMaxRigidPoints));
  RigidMotion motion;
  Values xs{};
  Values ys{};
  for (const PointMotion& p : points) {
    if (p.found) {
      xs[motion.points] = p.after.x - p.before.x;
      ys[motion.points] = p.after.y - p.before.y;
      ++motion.points;
    }
  }
  if (motion.points < kMinRigidPoints) {
    return motion;
  }
  motion.median_shift = {median(xs, motion.points), median(ys, motion.points)};
  Values weights{};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Point shift{points[i].after.x - points[i].before.x,
                      points[i].after.y - points[i].before.y};
    weights[i] =
        points[i].found && distance(shift, motion.median_shift) <= kStartRadius * size ? 1.0 : 0.0;
  }
  Similarity& s = motion.similarity;
  s = {1.0, 0.0, motion.median_shift.x, motion.median_shift.y};
  for (int round = 0; round < kRounds; ++round) {
    s = fit(points, weights);
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].found) {
        const double e = distance(s(points[i].before), points[i].after) / (kSoftRadius * size);
        weights[i] = 1.0 / (1.0 + e * e);
      }
    }
  }
  Values residuals{};
  std::size_t found = 0;
  for (const PointMotion& p : points) {
    if (p.found) {
      residuals[found++] = distance(s(p.before), p.after);
    }
  }
  motion.residual = median(residuals, found);
  return motion;
}

}  // namespace storysign::vision
