#pragma once

#include "vision/optical_flow.hpp"

#include <memory>

namespace storysign::flow {

/// Sparse optical flow after Lucas and Kanade (1981) over a pyramid (Bouguet 2001): windows of 11
/// pixels, two levels above the picture (measured in fast-tracking.md 2). Sums are whole numbers,
/// so that every processor finds the same. Runs in the calling thread.
[[nodiscard]] std::unique_ptr<vision::OpticalFlow> make_lucas_kanade();

}  // namespace storysign::flow
