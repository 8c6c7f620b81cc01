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

/// The mean over blocks of Block by Block of what `value` gives for pixel x of a row.
template <std::uint32_t Block, std::uint32_t Unit, class Rows, class Value>
void reduce(Rows rows, Value value, base::GrayImage& out) {
  constexpr std::uint32_t kWhole = Block * Block * Unit;
  const base::GrayView size = out.view();
  for (int y = 0; y < size.height; ++y) {
    std::uint8_t* to = out.row(y);
    std::array<const std::uint8_t*, Block> from{};
    for (std::uint32_t dy = 0; dy < Block; ++dy) {
      from[dy] = rows(y * static_cast<int>(Block) + static_cast<int>(dy));
    }
    for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(size.width); ++x) {
      std::uint32_t sum = kWhole / 2;
      for (std::uint32_t dy = 0; dy < Block; ++dy) {
        for (std::uint32_t dx = 0; dx < Block; ++dx) {
          sum += value(from[dy], x * Block + dx);
        }
      }
      to[x] = static_cast<std::uint8_t>(sum / kWhole);
    }
  }
}

/// Calls reduce() with the block as a constant, without which the compiler makes slow loops of it.
template <std::uint32_t Unit, class View, class Value>
void reduce_view(const View& picture, int reduction, Value value, base::GrayImage& out) {
  out.resize(picture.width / reduction, picture.height / reduction);
  const auto rows = [&](int y) { return picture.row(y); };
  switch (reduction) {
    case 1:
      return reduce<1, Unit>(rows, value, out);
    case 2:
      return reduce<2, Unit>(rows, value, out);
    case 4:
      return reduce<4, Unit>(rows, value, out);
    case 8:
      return reduce<8, Unit>(rows, value, out);
    case 16:
      return reduce<16, Unit>(rows, value, out);
    default:
      return reduce<32, Unit>(rows, value, out);
  }
}

}  // namespace

void reduce_to_gray(const base::ImageView& image, int reduction, base::GrayImage& out) {
  reduce_view<kUnity>(
      image, reduction,
      [](const std::uint8_t* row, std::size_t x) { return brightness(row + x * kBytes); }, out);
}

void reduce_gray(const base::GrayView& picture, int reduction, base::GrayImage& out) {
  reduce_view<1>(
      picture, reduction,
      [](const std::uint8_t* row, std::size_t x) { return static_cast<std::uint32_t>(row[x]); },
      out);
}

base::Result<base::GrayView> ColourPicture::small_gray() {
  reduce_to_gray(image_, gray_reduction(image_.width, image_.height), gray_);
  return gray_.view();
}

}  // namespace storysign::vision
