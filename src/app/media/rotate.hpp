#pragma once

#include "base/image.hpp"

namespace storysign::app {

/// Copies `from` into `to`, turned clockwise by 90, 180 or 270 degrees. `to` has the turned size
/// and does not overlap.
void rotate_clockwise(const base::ImageView& from, int degrees, const base::MutableImageView& to);

}  // namespace storysign::app
