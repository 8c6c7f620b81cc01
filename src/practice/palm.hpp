#pragma once

#include "vision/landmarks.hpp"

namespace storysign::practice {

/// How large a hand is, in picture heights: the root of the mean square of five lengths in the
/// palm, which stays about the same whatever the fingers do. `aspect` is the picture's width /
/// height. Not finite if a point is not. Any thread.
[[nodiscard]] float palm_size(const vision::Hand& hand, float aspect) noexcept;

}  // namespace storysign::practice
