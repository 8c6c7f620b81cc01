#include "vision/picture.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace storysign::vision {
namespace {

// BT.601 in 1/256.
constexpr std::uint32_t kRed = 77;
constexpr std::uint32_t kGreen = 150;
constexpr std::uint32_t kBlue = 29;
constexpr std::uint32_t kUnity = kRed + kGreen + kBlue;
constexpr std::size_t kBytes = 3;

std::uint32_t brightness(const std::uint8_t* pixel) noexcept {
  return kRed * pixel[0] + kGreen * pixel[1] + kBlue * pixel[2];
}

/// With the block as a constant, without which the compiler makes slow loops of it.
template <std::uint32_t Block>
void reduce(const base::ImageView& image, base::GrayImage& out) {
  constexpr std::uint32_t kWhole = Block * Block * kUnity;
  const base::GrayView size = out.view();
  for (int y = 0; y < size.height; ++y) {
    std::array<const std::uint8_t*, Block> from{};
    for (std::uint32_t dy = 0; dy < Block; ++dy) {
      from[dy] = image.row(y * static_cast<int>(Block) + static_cast<int>(dy));
    }
    std::uint8_t* to = out.row(y);
    for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(size.width); ++x) {
      std::uint32_t sum = kWhole / 2;
      for (const std::uint8_t* row : from) {
        for (std::uint32_t dx = 0; dx < Block; ++dx) {
          sum += brightness(row + static_cast<std::size_t>(x * Block + dx) * kBytes);
        }
      }
      to[x] = static_cast<std::uint8_t>(sum / kWhole);
    }
  }
}

}  // namespace

void reduce_to_gray(const base::ImageView& image, int reduction, base::GrayImage& out) {
  out.resize(image.width / reduction, image.height / reduction);
  switch (reduction) {
    case 1:
      return reduce<1>(image, out);
    case 2:
      return reduce<2>(image, out);
    case 4:
      return reduce<4>(image, out);
    case 8:
      return reduce<8>(image, out);
    case 16:
      return reduce<16>(image, out);
    default:
      return reduce<32>(image, out);
  }
}

base::Result<base::GrayView> ColourPicture::small_gray() {
  reduce_to_gray(image_, gray_reduction(image_.width, image_.height), gray_);
  return gray_.view();
}

}  // namespace storysign::vision
