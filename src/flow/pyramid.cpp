#include "flow/pyramid.hpp"

#include <algorithm>

namespace storysign::flow {
namespace {

/// Where `i` falls when a line of `size` pixels is mirrored at its first and last one.
int mirrored(int i, int size) noexcept {
  if (size == 1) return 0;
  while (i < 0 || i >= size) i = i < 0 ? -i : 2 * (size - 1) - i;
  return i;
}

/// The sums of rows 2y-2 to 2y+2 with the filter's weights, for columns -2 to width + 1.
void sum_columns(const Level& from, int y, std::uint16_t* sums) noexcept {
  const std::uint8_t* rows[5];
  for (int k = 0; k < 5; ++k) rows[k] = from.row(2 * y + k - 2) - 2;
  for (int x = 0; x < from.width() + 4; ++x) {
    sums[x] = static_cast<std::uint16_t>(rows[0][x] + rows[4][x] + 4 * (rows[1][x] + rows[3][x]) +
                                         6 * rows[2][x]);
  }
}

}  // namespace

void Level::resize(int width, int height) {
  width_ = width;
  height_ = height;
  stride_ = width + 2 * kBorder;
  pixels_.resize(static_cast<std::size_t>(stride_) *
                 static_cast<std::size_t>(height + 2 * kBorder));
}

void Level::mirror_border() noexcept {
  for (int y = 0; y < height_; ++y) {
    std::uint8_t* line = row(y);
    for (int i = 1; i <= kBorder; ++i) {
      line[-i] = line[mirrored(-i, width_)];
      line[width_ - 1 + i] = line[mirrored(width_ - 1 + i, width_)];
    }
  }
  const auto copy = [this](int to, int from) {
    std::copy_n(row(from) - kBorder, stride_, row(to) - kBorder);
  };
  for (int i = 1; i <= kBorder; ++i) {
    copy(-i, mirrored(-i, height_));
    copy(height_ - 1 + i, mirrored(height_ - 1 + i, height_));
  }
}

void Pyramid::build(const base::GrayView& picture, int smallest) {
  levels_[0].resize(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), picture.width, levels_[0].row(y));
  }
  levels_[0].mirror_border();
  column_sums_.resize(static_cast<std::size_t>(picture.width) + 4);
  count_ = 1;
  while (count_ < levels_.size()) {
    const Level& from = levels_[count_ - 1];
    const int width = (from.width() + 1) / 2;
    const int height = (from.height() + 1) / 2;
    if (width <= smallest || height <= smallest) return;
    Level& to = levels_[count_++];
    to.resize(width, height);
    for (int y = 0; y < height; ++y) {
      sum_columns(from, y, column_sums_.data());
      const std::uint16_t* sums = column_sums_.data();
      std::uint8_t* out = to.row(y);
      for (int x = 0; x < width; ++x, sums += 2) {
        out[x] = static_cast<std::uint8_t>(
            (sums[0] + sums[4] + 4 * (sums[1] + sums[3]) + 6 * sums[2] + 128) >> 8);
      }
    }
    to.mirror_border();
  }
}

}  // namespace storysign::flow
