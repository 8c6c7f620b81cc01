#include "render/scaler.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace storysign::render {
namespace {

constexpr int kChannels = 3;
constexpr int kOne = 256;

/// A place between two pixels: the first, and how far on in 1/256.
struct Place {
  int first = 0;
  int fraction = 0;
};

Place place(int to, int to_size, int from_size) noexcept {
  const double centre = (to + 0.5) * from_size / to_size - 0.5;
  const double at = std::clamp(centre, 0.0, static_cast<double>(from_size - 1));
  const int first = std::min(static_cast<int>(at), std::max(0, from_size - 2));
  return {first, static_cast<int>(std::lround((at - first) * kOne))};
}

}  // namespace

void Scaler::prepare(int from_width, int to_width) {
  if (from_width_ == from_width && static_cast<int>(columns_.size()) == to_width) {
    return;
  }
  from_width_ = from_width;
  columns_.resize(static_cast<std::size_t>(to_width));
  for (int x = 0; x < to_width; ++x) {
    const Place at = place(x, to_width, from_width);
    columns_[static_cast<std::size_t>(x)] = {at.first * kChannels, at.fraction};
  }
  // One pixel more: of a picture one pixel wide the right neighbour is read, with weight 0.
  row_.assign(static_cast<std::size_t>(from_width + 1) * kChannels, 0);
}

void Scaler::shrink(const base::ImageView& from, const base::MutableImageView& to) {
  prepare(from.width, to.width);
  const auto row_bytes = static_cast<std::size_t>(from.width) * kChannels;
  for (int y = 0; y < to.height; ++y) {
    const Place at = place(y, to.height, from.height);
    const std::uint8_t* above = from.row(at.first);
    const std::uint8_t* below = from.row(std::min(at.first + 1, from.height - 1));
    const auto lower = static_cast<std::uint16_t>(at.fraction);
    const auto upper = static_cast<std::uint16_t>(kOne - at.fraction);
    for (std::size_t i = 0; i < row_bytes; ++i) {
      row_[i] = static_cast<std::uint16_t>(above[i] * upper + below[i] * lower);
    }
    std::uint8_t* out = to.row(y);
    for (const Column& column : columns_) {
      const std::uint16_t* left = row_.data() + column.left;
      for (int c = 0; c < kChannels; ++c) {
        const int blended =
            left[c] * (kOne - column.fraction) + left[c + kChannels] * column.fraction;
        *out++ = static_cast<std::uint8_t>((blended + kOne * kOne / 2) / (kOne * kOne));
      }
    }
  }
}

}  // namespace storysign::render
