#pragma once

#include "base/image.hpp"

#include <cstdint>
#include <span>

namespace storysign::vision {

/// A place in a picture, in its pixels; (0, 0) is the centre of the first one.
struct FlowPoint {
  float x = 0.0F;
  float y = 0.0F;
};

/// Where points of one picture are in the next: sparse optical flow. Implemented outside this room,
/// with whatever library there is. Owned by the tracker of one learner; one thread at a time.
class OpticalFlow {
 public:
  OpticalFlow() = default;
  OpticalFlow(const OpticalFlow&) = delete;
  OpticalFlow& operator=(const OpticalFlow&) = delete;
  OpticalFlow(OpticalFlow&&) = delete;
  OpticalFlow& operator=(OpticalFlow&&) = delete;
  virtual ~OpticalFlow() = default;

  /// Takes the next picture and looks in it for `from`, which are places in the picture of the call
  /// before. All three spans have one size; `found[i]` is 1 where to[i] is where from[i] went, 0
  /// where it was lost. After reset(), or with another size, there is no picture before: nothing is
  /// found.
  virtual void advance(const base::GrayView& picture, std::span<const FlowPoint> from,
                       std::span<FlowPoint> to, std::span<std::uint8_t> found) = 0;

  /// Forgets the last picture.
  virtual void reset() noexcept = 0;
};

}  // namespace storysign::vision
