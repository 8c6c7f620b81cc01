#pragma once

#include "vision/geometry.hpp"
#include "vision/landmarks.hpp"

#include <span>
#include <vector>

namespace storysign::vision {

/// Side of the pose network's segmentation output, in cells.
inline constexpr int kMaskSide = 256;

/// Carries the pose network's segmentation back into the picture (hands-and-mask.md 9).
/// Thread-compatible; allocates when the picture's size changes.
class PersonMask {
 public:
  /// `smoothing` 0..1: how much of the last mask stays where the new one is unsure.
  explicit PersonMask(float smoothing) noexcept : smoothing_(smoothing) {}

  /// `logits`: kMaskSide squared numbers over `roi`, the region that the pose network looked at.
  /// Outside it the mask is 0.
  void update(std::span<const float> logits, const Roi& roi, int width, int height);

  /// The frame has no body: there is no mask, but the last one stays for smoothing.
  void clear() noexcept { valid_ = false; }

  /// Forgets the last mask too.
  void reset() noexcept;

  [[nodiscard]] MaskView view() const noexcept;

 private:
  void prepare(int width, int height);

  float smoothing_;
  bool valid_ = false;
  bool has_last_ = false;
  int width_ = 0;
  int height_ = 0;
  std::vector<float> probabilities_;  ///< Cells, with a border of zeros.
  std::vector<float> mask_;
  std::vector<int> column_x_;  ///< What a column adds to the cell coordinates, in 1/1024.
  std::vector<int> column_y_;
};

}  // namespace storysign::vision
