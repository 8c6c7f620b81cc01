#pragma once

#include "base/image.hpp"
#include "vision/geometry.hpp"

#include <array>
#include <cstddef>

namespace storysign::vision {

/// What a region looked like: 24 by 24 brightnesses, turned with the region.
class Patch {
 public:
  static constexpr int kSide = 24;

  /// Samples `roi` (in pixels of the picture that `gray` is `reduction` times smaller than),
  /// bilinear, the border repeated.
  void sample(const base::GrayView& gray, int reduction, const Roi& roi) noexcept;

  /// How much `now` differs: mean of the absolute differences over (standard deviation of this
  /// patch + 8 gray levels). 0 is the same (fast-tracking.md 1, "Rules").
  [[nodiscard]] double change(const Patch& now) const noexcept;

 private:
  std::array<float, static_cast<std::size_t>(kSide) * kSide> values_{};
  double deviation_ = 0.0;
};

}  // namespace storysign::vision
