#include "vision/crop.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <vector>

namespace storysign::vision {
namespace {

base::Image noise(int width, int height, unsigned seed) {
  base::Image image(width, height);
  std::mt19937 random(seed);
  std::uint8_t* data = image.mutable_view().data;
  for (std::size_t i = 0; i < image.size_bytes(); ++i) {
    data[i] = static_cast<std::uint8_t>(random());
  }
  return image;
}

std::size_t tensor_size(int side) {
  return static_cast<std::size_t>(side) * static_cast<std::size_t>(side) * 3;
}

/// Both implementations on one region; the tensors must be equal to the bit.
void expect_equal_crops(const base::ImageView& image, const Roi& roi, int side, Border border,
                        ValueRange range) {
  std::vector<float> plain(tensor_size(side), -7.0F);
  // One float of slack behind the tensor shows a store that goes too far.
  std::vector<float> vectorised(tensor_size(side) + 1, -7.0F);
  crop_plain(image, roi, side, border, range, plain);
  crop(image, roi, side, border, range, {vectorised.data(), plain.size()});
  for (std::size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(plain[i], vectorised[i])
        << "value " << i << " of side " << side << ", region " << roi.cx << " " << roi.cy << " "
        << roi.w << " " << roi.h << " " << roi.rotation;
  }
  EXPECT_EQ(vectorised.back(), -7.0F);
}

TEST(Crop, EqualsThePlainVersionOnAnyRegion) {
  std::mt19937 random(1);
  for (const auto& [width, height] :
       {std::pair{64, 48}, {640, 480}, {17, 91}, {3, 2}, {2, 3}, {1, 1}}) {
    const base::Image image = noise(width, height, 2);
    std::uniform_real_distribution<double> place(-0.5, 1.5);
    std::uniform_real_distribution<double> size(0.0, 2.5);
    std::uniform_real_distribution<double> angle(-3.2, 3.2);
    for (int i = 0; i < 12; ++i) {
      const Roi roi{place(random) * width, place(random) * height, size(random) * width,
                    size(random) * height, angle(random)};
      for (const int side : {128, 192, 224, 256}) {
        expect_equal_crops(image.view(), roi, side, Border::kReplicate, kUnitRange);
        expect_equal_crops(image.view(), roi, side, Border::kZero, kSymmetricRange);
      }
    }
  }
}

TEST(Crop, EqualsThePlainVersionOnPaddedRows) {
  const base::Image image = noise(60, 40, 3);
  const base::ImageView part{image.view().row(5) + 21, 40, 30, image.view().stride};
  expect_equal_crops(part, {20.0, 15.0, 50.0, 50.0, 0.4}, 224, Border::kReplicate, kUnitRange);
  expect_equal_crops(part, {20.0, 15.0, 50.0, 50.0, 0.4}, 224, Border::kZero, kUnitRange);
}

TEST(Crop, SurvivesSenselessRegions) {
  const base::Image image = noise(32, 32, 4);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Roi& roi :
       {Roi{nan, 5, 10, 10, 0}, Roi{5, 5, infinity, 10, 0}, Roi{1e300, -1e300, 1, 1, 0},
        Roi{5, 5, 10, 10, nan}, Roi{16, 16, 1e12, 1e12, 1}}) {
    expect_equal_crops(image.view(), roi, 128, Border::kReplicate, kUnitRange);
    expect_equal_crops(image.view(), roi, 128, Border::kZero, kUnitRange);
  }
}

TEST(Crop, TakesPixelsAsTheyAreWithoutHalfPixelShift) {
  const base::Image image = noise(256, 256, 5);
  std::vector<float> tensor(tensor_size(256));
  crop(image.view(), {128.0, 128.0, 256.0, 256.0, 0.0}, 256, Border::kZero, {0.0F, 255.0F}, tensor);
  for (std::size_t i = 0; i < tensor.size(); ++i) {
    ASSERT_EQ(tensor[i], static_cast<float>(image.view().data[i])) << i;
  }
}

TEST(Crop, RoundsToTheGridAndToEightBits) {
  base::Image image(4, 2);
  std::uint8_t* data = image.mutable_view().data;
  for (int i = 0; i < 24; ++i) {
    data[i] = i % 12 < 3 || i % 12 >= 6 ? 0 : 100;  // The second pixel of each row is 100.
  }
  // A side of 128 over 4 pixels steps by 1/32: tensor column k is at x = k / 32 exactly.
  std::vector<float> tensor(tensor_size(128));
  crop(image.view(), {2.0, 2.0, 4.0, 4.0, 0.0}, 128, Border::kReplicate, {0.0F, 255.0F}, tensor);
  for (int k = 0; k < 32; ++k) {
    EXPECT_EQ(tensor[static_cast<std::size_t>(k) * 3],
              std::floor(100.0F * static_cast<float>(k) / 32.0F + 0.5F))
        << k;
  }
}

TEST(Crop, BorderIsBlackOrTheEdge) {
  base::Image image(8, 8);
  std::fill_n(image.mutable_view().data, image.size_bytes(), std::uint8_t{200});
  std::vector<float> tensor(tensor_size(128));
  const Roi outside{-100.0, 4.0, 8.0, 8.0, 0.0};
  crop(image.view(), outside, 128, Border::kZero, kSymmetricRange, tensor);
  EXPECT_EQ(tensor[0], -1.0F);
  crop(image.view(), outside, 128, Border::kReplicate, kUnitRange, tensor);
  EXPECT_FLOAT_EQ(tensor[0], 200.0F / 255.0F);
}

}  // namespace
}  // namespace storysign::vision
