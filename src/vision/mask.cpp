#include "vision/mask.hpp"

#include "vision/detection.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace storysign::vision {
namespace {

constexpr int kBorder = 1;
constexpr int kPaddedSide = kMaskSide + 2 * kBorder;
constexpr int kTermBits = 10;  // Row and column terms are rounded to 1/1024 cell,
constexpr int kGridBits = 5;   // their sum to 1/32.
constexpr int kGrid = 1 << kGridBits;
constexpr int kRounding = 1 << (kTermBits - kGridBits - 1);

// Cell coordinates are held within this bound, so that a tiny region cannot overflow the
// fixed-point sums.
constexpr double kFarCells = 1 << 18;

int to_term(double cells) noexcept {
  // Written so that a NaN, from a region without size, becomes the bound.
  const double low = cells > -kFarCells ? cells : -kFarCells;
  return static_cast<int>(std::lrint((low < kFarCells ? low : kFarCells) * (1 << kTermBits)));
}

/// MediaPipe's blend of a new mask value with the last one, by how unsure the new one is (a
/// polynomial that approximates one minus the binary entropy).
float blend(float value, float last, float smoothing) noexcept {
  const float t = (value - 0.5F) * (value - 0.5F);
  const float certainty = std::min(
      1.0F, t * (5.68842F + t * (-0.748699F + t * (-57.8051F + t * (291.309F - 624.717F * t)))));
  return value + (last - value) * ((1.0F - certainty) * smoothing);
}

/// Picture to cells: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5]; the inverse of
/// crop().
std::array<double, 6> cell_matrix(const Roi& roi) noexcept {
  const double c = std::cos(roi.rotation) * kMaskSide;
  const double s = std::sin(roi.rotation) * kMaskSide;
  return {c / roi.w,  s / roi.w, kMaskSide / 2.0 - (c * roi.cx + s * roi.cy) / roi.w,
          -s / roi.h, c / roi.h, kMaskSide / 2.0 - (-s * roi.cx + c * roi.cy) / roi.h};
}

}  // namespace

void PersonMask::prepare(int width, int height) {
  if (width == width_ && height == height_) {
    return;
  }
  width_ = width;
  height_ = height;
  has_last_ = false;
  probabilities_.assign(std::size_t{kPaddedSide} * kPaddedSide, 0.0F);
  mask_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0.0F);
  column_x_.resize(static_cast<std::size_t>(width));
  column_y_.resize(static_cast<std::size_t>(width));
}

void PersonMask::update(std::span<const float> logits, const Roi& roi, int width, int height) {
  prepare(width, height);
  for (int y = 0; y < kMaskSide; ++y) {
    const float* from = logits.data() + static_cast<std::ptrdiff_t>(y) * kMaskSide;
    float* to =
        probabilities_.data() + static_cast<std::ptrdiff_t>(y + kBorder) * kPaddedSide + kBorder;
    std::transform(from, from + kMaskSide, to, sigmoid);
  }
  const std::array<double, 6> m = cell_matrix(roi);
  for (std::size_t x = 0; x < column_x_.size(); ++x) {
    column_x_[x] = to_term(m[0] * static_cast<double>(x));
    column_y_[x] = to_term(m[3] * static_cast<double>(x));
  }
  float* out = mask_.data();
  for (int y = 0; y < height; ++y) {
    const int row_x = to_term(m[1] * y + m[2]) + kRounding;
    const int row_y = to_term(m[4] * y + m[5]) + kRounding;
    for (std::size_t x = 0; x < column_x_.size(); ++x, ++out) {
      const int grid_x = (row_x + column_x_[x]) >> (kTermBits - kGridBits);
      const int grid_y = (row_y + column_y_[x]) >> (kTermBits - kGridBits);
      const int cell_x = (grid_x >> kGridBits) + kBorder;
      const int cell_y = (grid_y >> kGridBits) + kBorder;
      float value = 0.0F;
      if (cell_x >= 0 && cell_y >= 0 && cell_x < kPaddedSide - 1 && cell_y < kPaddedSide - 1) {
        const float* cell =
            probabilities_.data() + static_cast<std::ptrdiff_t>(cell_y) * kPaddedSide + cell_x;
        const float fx = static_cast<float>(grid_x & (kGrid - 1)) / kGrid;
        const float fy = static_cast<float>(grid_y & (kGrid - 1)) / kGrid;
        const float upper = cell[0] + (cell[1] - cell[0]) * fx;
        const float lower = cell[kPaddedSide] + (cell[kPaddedSide + 1] - cell[kPaddedSide]) * fx;
        value = upper + (lower - upper) * fy;
      }
      *out = has_last_ && smoothing_ > 0.0F ? blend(value, *out, smoothing_) : value;
    }
  }
  has_last_ = true;
  valid_ = true;
}

void PersonMask::reset() noexcept {
  valid_ = false;
  has_last_ = false;
}

MaskView PersonMask::view() const noexcept {
  return valid_ ? MaskView{mask_.data(), width_, height_} : MaskView{};
}

}  // namespace storysign::vision
