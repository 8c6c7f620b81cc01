#pragma once

#include "practice/sign_clip.hpp"

#include <cstdint>
#include <vector>

namespace storysign::practice {

/// What way a palm took.
enum class PathKind : std::uint8_t { kStill, kStraight, kBackAndForth, kCircle, kCurve };
struct PathShape {
  PathKind kind = PathKind::kStill;
  Point2 direction;     ///< From start to end; for kBackAndForth along the way.
  float length = 0.0F;  ///< Shoulder widths.
};

/// `points` are a palm's places, kClipRate a second, in shoulder widths. Fewer than 3 are still.
[[nodiscard]] PathShape describe_path(const std::vector<Point2>& points);

}  // namespace storysign::practice
