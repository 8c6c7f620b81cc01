#include "vision/picture.hpp"

#include "vision/patch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace storysign::vision {
namespace {

TEST(Picture, TheSmallVersionIsAPowerOfTwoSmallerAndAtMost480Long) {
  EXPECT_EQ(gray_reduction(320, 240), 1);
  EXPECT_EQ(gray_reduction(480, 360), 1);
  EXPECT_EQ(gray_reduction(640, 480), 2);
  EXPECT_EQ(gray_reduction(480, 640), 2);
  EXPECT_EQ(gray_reduction(1280, 720), 4);
  EXPECT_EQ(gray_reduction(1920, 1080), 4);
  EXPECT_EQ(gray_reduction(1, 1), 1);
}

TEST(Picture, BrightnessIsTheMeanOfABlock) {
  base::Image image(5, 4);  // The odd column is left out.
  const base::MutableImageView pixels = image.mutable_view();
  for (int y = 0; y < pixels.height; ++y) {
    for (int x = 0; x < pixels.width; ++x) {
      std::fill_n(pixels.row(y) + static_cast<std::size_t>(x) * 3U, 3,
                  static_cast<std::uint8_t>(x * 40 + y));
    }
  }
  base::GrayImage gray;
  reduce_to_gray(image.view(), 2, gray);
  ASSERT_EQ(gray.view().width, 2);
  ASSERT_EQ(gray.view().height, 2);
  EXPECT_EQ(gray.view().row(0)[0], 21) << "of 0, 40, 1 and 41, rounded up";
  EXPECT_EQ(gray.view().row(1)[1], 103) << "of 82, 122, 83 and 123, rounded up";
}

TEST(Picture, GreenIsBrighterThanRedAndBlue) {
  base::Image image(1, 1);
  base::GrayImage gray;
  const auto brightness = [&](std::uint8_t r, std::uint8_t g, std::uint8_t b) {
    std::uint8_t* pixel = image.mutable_view().data;
    pixel[0] = r;
    pixel[1] = g;
    pixel[2] = b;
    reduce_to_gray(image.view(), 1, gray);
    return static_cast<int>(gray.view().row(0)[0]);
  };
  EXPECT_EQ(brightness(255, 255, 255), 255);
  EXPECT_NEAR(brightness(255, 0, 0), 0.299 * 255, 1.0);
  EXPECT_NEAR(brightness(0, 255, 0), 0.587 * 255, 1.0);
  EXPECT_NEAR(brightness(0, 0, 255), 0.114 * 255, 1.0);
}

/// A pattern without straight lines, `shift` pixels to the right, brighter by `light`.
base::GrayImage pattern(double shift, double light) {
  base::GrayImage image;
  image.resize(80, 60);
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 80; ++x) {
      const double v = 120.0 + 60.0 * std::sin((x - shift) * 0.4) * std::cos(y * 0.3) + light;
      image.row(y)[x] = static_cast<std::uint8_t>(std::lround(v));
    }
  }
  return image;
}

constexpr Roi kRoi{80.0, 60.0, 60.0, 60.0, 0.3};

TEST(Patch, TheSamePlaceHasNotChanged) {
  Patch patch;
  patch.sample(pattern(0.0, 0.0).view(), 2, kRoi);
  EXPECT_EQ(patch.change(patch), 0.0);
}

TEST(Patch, FollowsItsRegion) {
  Patch before;
  before.sample(pattern(0.0, 0.0).view(), 2, kRoi);
  Patch stayed;
  stayed.sample(pattern(4.0, 0.0).view(), 2, kRoi);
  Patch followed;
  Roi moved = kRoi;
  moved.cx += 8.0;  // Four pixels of the picture that is half as large.
  followed.sample(pattern(4.0, 0.0).view(), 2, moved);
  EXPECT_GT(before.change(stayed), 0.5);
  EXPECT_LT(before.change(followed), 0.02);
}

TEST(Patch, ALittleLightIsALittleChange) {
  Patch before;
  before.sample(pattern(0.0, 0.0).view(), 2, kRoi);
  Patch lighter;
  lighter.sample(pattern(0.0, 4.0).view(), 2, kRoi);
  EXPECT_NEAR(before.change(lighter), 4.0 / (30.0 + 8.0), 0.03);
}

TEST(Patch, ARegionOutsideThePictureRepeatsItsBorder) {
  Patch patch;
  patch.sample(pattern(0.0, 0.0).view(), 2, {-500.0, 900.0, 60.0, 60.0, 1.0});
  Patch other;
  other.sample(pattern(0.0, 0.0).view(), 2, {-700.0, 1200.0, 60.0, 60.0, 1.0});
  EXPECT_EQ(patch.change(other), 0.0);
}

}  // namespace
}  // namespace storysign::vision
