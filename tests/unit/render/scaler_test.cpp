#include "render/scaler.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace storysign::render {
namespace {

base::Image gradient(int width, int height) {
  base::Image image(width, height);
  const base::MutableImageView pixels = image.mutable_view();
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = pixels.row(y) + static_cast<std::size_t>(x) * 3U;
      pixel[0] = static_cast<std::uint8_t>(2 * x);
      pixel[1] = static_cast<std::uint8_t>(3 * y);
      pixel[2] = static_cast<std::uint8_t>(x + y);
    }
  }
  return image;
}

TEST(Scaler, AGradientStaysAGradient) {
  const base::Image from = gradient(100, 80);
  base::Image to(60, 48);
  Scaler scaler;
  scaler.shrink(from.view(), to.mutable_view());
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 60; ++x) {
      const std::uint8_t* pixel = to.view().row(y) + static_cast<std::size_t>(x) * 3U;
      const double source_x = (x + 0.5) / 0.6 - 0.5;
      const double source_y = (y + 0.5) / 0.6 - 0.5;
      EXPECT_NEAR(pixel[0], 2.0 * source_x, 1.0);
      EXPECT_NEAR(pixel[1], 3.0 * source_y, 1.0);
      EXPECT_NEAR(pixel[2], source_x + source_y, 1.0);
    }
  }
}

TEST(Scaler, TheSameSizeIsTheSamePicture) {
  const base::Image from = gradient(33, 21);
  base::Image to(33, 21);
  Scaler scaler;
  scaler.shrink(from.view(), to.mutable_view());
  for (std::size_t i = 0; i < from.size_bytes(); ++i) {
    ASSERT_EQ(to.view().data[i], from.view().data[i]) << i;
  }
}

TEST(Scaler, OnePixelCanBeShrunkNoFurther) {
  base::Image from(1, 1);
  from.mutable_view().data[0] = 200;
  from.mutable_view().data[1] = 100;
  from.mutable_view().data[2] = 50;
  base::Image to(1, 1);
  Scaler scaler;
  scaler.shrink(from.view(), to.mutable_view());
  EXPECT_EQ(to.view().data[0], 200);
  EXPECT_EQ(to.view().data[2], 50);
}

TEST(Scaler, AnotherSizeAfterTheFirstIsRight) {
  Scaler scaler;
  base::Image small(30, 24);
  scaler.shrink(gradient(50, 40).view(), small.mutable_view());
  const base::Image from = gradient(100, 80);
  base::Image to(30, 24);  // As wide as before, from another width.
  scaler.shrink(from.view(), to.mutable_view());
  EXPECT_NEAR(to.view().row(0)[29 * 3], 2.0 * (29.5 / 0.3 - 0.5), 1.0);
}

}  // namespace
}  // namespace storysign::render
