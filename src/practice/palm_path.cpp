#include "practice/palm_path.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace storysign::practice {

PathShape describe_path(const std::vector<Point2>& points) {
  PathShape out;
  if (points.size() < 3) return out;
  Point2 low = points.front();
  Point2 high = points.front();
  float turning = 0.0F;
  Point2 last_step;
  std::size_t reversals = 0;
  for (std::size_t i = 1; i < points.size(); ++i) {
    low = {.x = std::min(low.x, points[i].x), .y = std::min(low.y, points[i].y)};
    high = {.x = std::max(high.x, points[i].x), .y = std::max(high.y, points[i].y)};
    const Point2 step{.x = points[i].x - points[i - 1].x, .y = points[i].y - points[i - 1].y};
    const float length = std::hypot(step.x, step.y);
    out.length += length;
    // Less than 0.015 in a frame is jitter and has no direction.
    if (length < 0.015F) continue;
    if (last_step.x != 0.0F || last_step.y != 0.0F) {
      const float turn = std::atan2(last_step.x * step.y - last_step.y * step.x,
                                    last_step.x * step.x + last_step.y * step.y);
      if (std::abs(turn) > 2.0F) {
        ++reversals;  // Sharper than 115 degrees: turned back, not round.
      } else {
        turning += turn;
      }
    }
    last_step = step;
  }
  const Point2 net{.x = points.back().x - points.front().x,
                   .y = points.back().y - points.front().y};
  const Point2 extent{.x = high.x - low.x, .y = high.y - low.y};
  const float straight = std::hypot(net.x, net.y);
  out.direction = net;
  if (out.length < 0.3F || std::max(extent.x, extent.y) < 0.1F) {
    out.kind = PathKind::kStill;
  } else if (straight > 0.75F * out.length) {
    out.kind = PathKind::kStraight;
  } else if (std::abs(turning) > 1.5F * std::numbers::pi_v<float> &&
             std::min(extent.x, extent.y) > 0.4F * std::max(extent.x, extent.y)) {
    out.kind = PathKind::kCircle;
  } else if (reversals > 0 && straight < 0.5F * out.length) {
    out.kind = PathKind::kBackAndForth;
    out.direction = extent;
  } else {
    out.kind = PathKind::kCurve;
  }
  return out;
}

}  // namespace storysign::practice
