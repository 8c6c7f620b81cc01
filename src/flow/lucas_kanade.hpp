#pragma once

#include "vision/optical_flow.hpp"

#include <memory>

namespace storysign::flow {

/// Sparse optical flow after Lucas and Kanade over a pyramid, by OpenCV: windows of 11 pixels, two
/// levels above the picture (measured in fast-tracking.md 2). Runs in the calling thread.
[[nodiscard]] std::unique_ptr<vision::OpticalFlow> make_lucas_kanade();

}  // namespace storysign::flow
