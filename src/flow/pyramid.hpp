#pragma once

#include "base/image.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace storysign::flow {

/// Pixels of mirrored border around each level (gfedcb|abcdefgh|gfedcba): a window that begins up
/// to its own width outside the picture, with what interpolation and derivatives read beside it,
/// stays in memory.
inline constexpr int kBorder = 16;

/// One level of a pyramid with its border.
class Level {
 public:
  /// Sets the size; the pixels are unspecified afterwards. Keeps the memory it has.
  void resize(int width, int height);

  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] std::ptrdiff_t stride() const noexcept { return stride_; }

  /// The pixel (0, y); rows from -kBorder to height() + kBorder - 1, columns likewise.
  [[nodiscard]] std::uint8_t* row(int y) noexcept {
    return pixels_.data() + (y + kBorder) * stride_ + kBorder;
  }
  [[nodiscard]] const std::uint8_t* row(int y) const noexcept {
    return pixels_.data() + (y + kBorder) * stride_ + kBorder;
  }

  /// Mirrors what is inside into the border, at the first and last pixel.
  void mirror_border() noexcept;

 private:
  int width_ = 0;
  int height_ = 0;
  std::ptrdiff_t stride_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// A gray picture and smaller versions of it, each half of the one below (rounded up), smoothed by
/// the binomial filter 1 4 6 4 1 (Burt and Adelson 1983). build() allocates only for a size that it
/// has not seen. Thread-compatible.
class Pyramid {
 public:
  static constexpr int kMostLevels = 3;

  /// Takes `picture`; a level not larger than `smallest` on a side is left out, but the first.
  void build(const base::GrayView& picture, int smallest);

  /// From the picture itself up.
  [[nodiscard]] std::span<const Level> levels() const noexcept {
    return std::span(levels_).first(count_);
  }

 private:
  std::size_t count_ = 0;
  std::array<Level, kMostLevels> levels_;
  std::vector<std::uint16_t> column_sums_;
};

}  // namespace storysign::flow
