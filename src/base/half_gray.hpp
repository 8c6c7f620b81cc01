#pragma once

#include "base/image.hpp"

namespace storysign::base {

/// The mean of each 2 by 2 pixels, rounded: half the sides, rounded down.
void half_gray(const GrayView& picture, GrayImage& out);

}  // namespace storysign::base
