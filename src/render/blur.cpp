#include "render/blur.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

namespace storysign::render {
namespace {

constexpr int kSmallSide = 120;  // About the shorter side of the reduced picture, in pixels.
constexpr int kPasses = 3;       // Three box filters one after the other are close to a Gaussian.
constexpr float kBackgroundBelow = 0.2F;
constexpr float kPersonFrom = 0.6F;
constexpr float kSlope = 1.0F / (kPersonFrom - kBackgroundBelow);
// What a pixel of the person weighs: enough to have a colour where there is no background near, too
// little to be seen.
constexpr float kPersonWeight = 1.0F / 1024.0F;

constexpr int kWhole = 256;
constexpr float kRound = 0.5F;  // Added before a positive number is cut to an integer.

/// How much of a pixel is background, 0..1. The order of the arguments makes a value that is no
/// number background.
float background(float mask) {
  const float value = (kPersonFrom - mask) * kSlope;
  return std::max(0.0F, std::min(1.0F, value));
}

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::clamp(static_cast<int>(value + kRound), 0, 255));
}

/// (a * (256 - share) + b * share) / 256, rounded. Fits 16 bits, so that a vector register holds
/// many.
std::uint16_t mix(std::uint16_t a, std::uint16_t b, std::uint16_t share) {
  const auto rest = static_cast<std::uint16_t>(kWhole - share);
  const auto sum = static_cast<std::uint16_t>(static_cast<std::uint16_t>(a * rest) +
                                              static_cast<std::uint16_t>(b * share));
  return static_cast<std::uint16_t>(static_cast<std::uint16_t>(sum + kWhole / 2) >> 8U);
}

/// Lays a blurred row, between two rows of the reduced picture, over `pixels`, byte by byte as
/// `share` says.
void mix_row(std::uint8_t* __restrict pixels, const std::uint8_t* __restrict upper,
             const std::uint8_t* __restrict lower, std::uint16_t down,
             const std::uint16_t* __restrict share, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    const std::uint16_t blurred = mix(upper[i], lower[i], down);
    pixels[i] = static_cast<std::uint8_t>(mix(pixels[i], blurred, share[i]));
  }
}

int ceil_div(int value, int by) {
  return (value + by - 1) / by;
}

}  // namespace

BackgroundBlur::BackgroundBlur(float strength) noexcept
    : strength_(std::clamp(strength, 0.002F, 0.1F)) {}

base::Result<void> BackgroundBlur::apply(const base::MutableImageView& image,
                                         const vision::MaskView& mask) {
  if (mask.data == nullptr || image.view().empty()) return {};
  if (mask.width != image.width || mask.height != image.height) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The person's mask is {} x {} but the picture {} x {}; make the "
                                  "mask from this picture.",
                                  mask.width, mask.height, image.width, image.height));
  }
  prepare(image.width, image.height);
  reduce(image, mask);
  // The variance of kPasses box filters of n pixels is kPasses * (n * n - 1) / 12.
  const float sigma = strength_ * static_cast<float>(height_) / static_cast<float>(factor_);
  const float box = std::sqrt(12.0F * sigma * sigma / static_cast<float>(kPasses) + 1.0F);
  const int radius = std::max(1, static_cast<int>(std::lround((box - 1.0F) / 2.0F)));
  for (int pass = 0; pass < kPasses; ++pass) {
    box_rows(radius);
    box_columns(radius);
  }
  widen();
  blend(image, mask);
  return {};
}

BackgroundBlur::Tap BackgroundBlur::tap(int full, int small_size) const noexcept {
  const int last = small_size - 1;
  const float at = (static_cast<float>(full) + 0.5F) / static_cast<float>(factor_) - 0.5F;
  const float inside = std::clamp(at, 0.0F, static_cast<float>(last));
  const int left = static_cast<int>(inside);
  const float fraction = inside - static_cast<float>(left);
  return {left, std::min(left + 1, last), static_cast<int>(std::lround(fraction * kWhole))};
}

void BackgroundBlur::prepare(int width, int height) {
  if (width == width_ && height == height_) return;
  width_ = width;
  height_ = height;
  factor_ = std::clamp(std::min(width, height) / kSmallSide, 1, 16);
  small_width_ = ceil_div(width, factor_);
  small_height_ = ceil_div(height, factor_);
  const auto columns = static_cast<std::size_t>(width);
  const auto rows = static_cast<std::size_t>(small_height_);
  small_.resize(static_cast<std::size_t>(small_width_) * rows);
  other_.resize(small_.size());
  row_.resize(static_cast<std::size_t>(small_width_));
  taps_.resize(columns);
  wide_.resize(columns * 3U * rows);
  share_.resize(columns * 3U);
  for (int x = 0; x < width; ++x) taps_[static_cast<std::size_t>(x)] = tap(x, small_width_);
}

void BackgroundBlur::reduce(const base::MutableImageView& image, const vision::MaskView& mask) {
  // One pixel stands for a square of two by two: a blur this wide does not show the difference.
  // Which of the four it is changes from square to square, so that stripes of one pixel still
  // average out.
  const int cell = factor_ >= 2 ? 2 : 1;
  const int odd = cell - 1;
  std::fill(small_.begin(), small_.end(), Texel{});
  for (int top = 0; top < height_; top += cell) {
    Texel* const row = small_.data() + static_cast<std::ptrdiff_t>(top / factor_) * small_width_;
    for (int block = 0, left = 0; block < small_width_; ++block) {
      const int end = std::min((block + 1) * factor_, width_);
      Texel sum;
      for (; left < end; left += cell) {
        const int x = std::min(left + (top / 2 & odd), width_ - 1);
        const int y = std::min(top + (left / 2 & odd), height_ - 1);
        const std::uint8_t* pixel = image.row(y) + static_cast<std::ptrdiff_t>(x) * 3;
        const float person = mask.data[static_cast<std::ptrdiff_t>(y) * width_ + x];
        const float weight = background(person) + kPersonWeight;
        sum += Texel{static_cast<float>(pixel[0]), static_cast<float>(pixel[1]),
                     static_cast<float>(pixel[2]), 1.0F} *
               weight;
      }
      row[block] += sum;
    }
  }
}

void BackgroundBlur::box_rows(int radius) {
  const int last = small_width_ - 1;
  const float share = 1.0F / static_cast<float>(2 * radius + 1);
  for (int y = 0; y < small_height_; ++y) {
    const Texel* from = small_.data() + static_cast<std::ptrdiff_t>(y) * small_width_;
    Texel* to = other_.data() + static_cast<std::ptrdiff_t>(y) * small_width_;
    Texel sum;
    for (int x = -radius; x <= radius; ++x) sum += from[std::clamp(x, 0, last)];
    for (int x = 0; x <= last; ++x) {
      to[x] = sum * share;
      sum += from[std::min(x + radius + 1, last)];
      sum -= from[std::max(x - radius, 0)];
    }
  }
  std::swap(small_, other_);
}

void BackgroundBlur::box_columns(int radius) {
  const int last = small_height_ - 1;
  const float share = 1.0F / static_cast<float>(2 * radius + 1);
  const auto row = [this, last](int y) {
    return small_.data() + static_cast<std::ptrdiff_t>(std::clamp(y, 0, last)) * small_width_;
  };
  std::fill(row_.begin(), row_.end(), Texel{});
  for (int y = -radius; y <= radius; ++y) {
    const Texel* from = row(y);
    for (Texel& sum : row_) sum += *from++;
  }
  for (int y = 0; y <= last; ++y) {
    Texel* to = other_.data() + static_cast<std::ptrdiff_t>(y) * small_width_;
    const Texel* enters = row(y + radius + 1);
    const Texel* leaves = row(y - radius);
    for (Texel& sum : row_) {
      *to++ = sum * share;
      sum += *enters++;
      sum -= *leaves++;
    }
  }
  std::swap(small_, other_);
}

void BackgroundBlur::widen() {
  std::uint8_t* to = wide_.data();
  for (int y = 0; y < small_height_; ++y) {
    Texel* const from = small_.data() + static_cast<std::ptrdiff_t>(y) * small_width_;
    // The sliding sums leave a rounding error behind; the floor keeps it from being divided by next
    // to nothing.
    for (int x = 0; x < small_width_; ++x) {
      from[x] = from[x] * (1.0F / std::max(from[x].weight, kPersonWeight / 4.0F));
    }
    for (const Tap& tap : taps_) {
      const float right = static_cast<float>(tap.fraction) / static_cast<float>(kWhole);
      Texel texel = from[tap.left] * (1.0F - right);
      texel += from[tap.right] * right;
      *to++ = to_byte(texel.red);
      *to++ = to_byte(texel.green);
      *to++ = to_byte(texel.blue);
    }
  }
}

void BackgroundBlur::blend(const base::MutableImageView& image, const vision::MaskView& mask) {
  const std::size_t bytes = static_cast<std::size_t>(width_) * 3U;
  for (int y = 0; y < height_; ++y) {
    const float* person = mask.data + static_cast<std::ptrdiff_t>(y) * width_;
    for (std::size_t i = 0; i < bytes; i += 3) {
      const float part = background(*person++) * static_cast<float>(kWhole);
      const auto share = static_cast<std::uint16_t>(static_cast<int>(part));
      share_[i] = share;
      share_[i + 1] = share;
      share_[i + 2] = share;
    }
    const Tap rows = tap(y, small_height_);
    const std::uint8_t* upper = wide_.data() + static_cast<std::size_t>(rows.left) * bytes;
    const std::uint8_t* lower = wide_.data() + static_cast<std::size_t>(rows.right) * bytes;
    mix_row(image.row(y), upper, lower, static_cast<std::uint16_t>(rows.fraction), share_.data(),
            bytes);
  }
}

}  // namespace storysign::render
