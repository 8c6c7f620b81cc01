#include "vision/mask.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace storysign::vision {
namespace {

constexpr std::size_t kCells = std::size_t{kMaskSide} * kMaskSide;

/// Left half of the crop surely a person, right half surely not.
std::vector<float> left_half() {
  std::vector<float> logits(kCells, -1985.0F);
  for (std::size_t i = 0; i < kCells; ++i) {
    if (i % kMaskSide < kMaskSide / 2) {
      logits[i] = 269.0F;
    }
  }
  return logits;
}

float at(const MaskView& mask, int x, int y) {
  return mask.data[static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) +
                   static_cast<std::size_t>(x)];
}

TEST(Mask, LiesInTheRegionAndIsZeroOutside) {
  PersonMask mask(0.0F);
  mask.update(left_half(), {100.0, 60.0, 80.0, 80.0, 0.0}, 200, 120);
  const MaskView view = mask.view();
  ASSERT_EQ(view.width, 200);
  ASSERT_EQ(view.height, 120);
  EXPECT_EQ(at(view, 80, 60), 1.0F);
  EXPECT_EQ(at(view, 120, 60), 0.0F);
  EXPECT_EQ(at(view, 50, 60), 0.0F);
  EXPECT_EQ(at(view, 80, 5), 0.0F);
  EXPECT_EQ(at(view, 199, 119), 0.0F);
}

TEST(Mask, TurnsWithTheRegion) {
  PersonMask mask(0.0F);
  mask.update(left_half(), {100.0, 60.0, 80.0, 80.0, kUpwards}, 200,
              120);  // A quarter turn clockwise.
  EXPECT_EQ(at(mask.view(), 100, 40), 1.0F);
  EXPECT_EQ(at(mask.view(), 100, 80), 0.0F);
}

TEST(Mask, IsNotThereWithoutABody) {
  PersonMask mask(0.0F);
  EXPECT_EQ(mask.view().data, nullptr);
  mask.update(left_half(), {10.0, 10.0, 20.0, 20.0, 0.0}, 20, 20);
  EXPECT_NE(mask.view().data, nullptr);
  mask.clear();
  EXPECT_EQ(mask.view().data, nullptr);
}

TEST(Mask, SmoothingKeepsTheLastValueWhereTheNewOneIsUnsure) {
  const std::vector<float> sure(kCells, 100.0F);
  const std::vector<float> unsure(kCells, 0.0F);
  const std::vector<float> surely_not(kCells, -100.0F);
  const Roi roi{10.0, 10.0, 20.0, 20.0, 0.0};
  PersonMask mask(0.7F);
  mask.update(sure, roi, 20, 20);
  mask.update(unsure, roi, 20, 20);
  EXPECT_NEAR(at(mask.view(), 10, 10), 0.5F + 0.5F * 0.7F, 1e-5);
  mask.update(surely_not, roi, 20, 20);
  EXPECT_NEAR(at(mask.view(), 10, 10), 0.0F, 1e-2);

  PersonMask plain(0.0F);
  plain.update(sure, roi, 20, 20);
  plain.update(unsure, roi, 20, 20);
  EXPECT_NEAR(at(plain.view(), 10, 10), 0.5F, 1e-6);
}

TEST(Mask, SurvivesARegionWithoutSize) {
  PersonMask mask(0.0F);
  mask.update(left_half(), {10.0, 10.0, 0.0, 0.0, 0.0}, 20, 20);
  EXPECT_NE(mask.view().data, nullptr);
}

}  // namespace
}  // namespace storysign::vision
