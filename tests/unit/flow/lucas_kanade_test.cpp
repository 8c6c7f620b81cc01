#include "flow/lucas_kanade.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

namespace storysign::flow {
namespace {

using vision::FlowPoint;

/// A smooth picture without straight lines, moved by (dx, dy) pixels.
base::GrayImage pattern(double dx, double dy, int width = 320, int height = 240) {
  base::GrayImage image;
  image.resize(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = x - dx;
      const double v = y - dy;
      const double value = 128.0 + 50.0 * std::sin(0.11 * u + 0.05 * v) * std::cos(0.09 * v) +
                           40.0 * std::sin(0.31 * u - 0.23 * v);
      image.row(y)[x] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
    }
  }
  return image;
}

constexpr std::array<FlowPoint, 4> kPoints{{{60, 50}, {100, 180}, {200, 120}, {250.5F, 60.5F}}};

class LucasKanade : public ::testing::Test {
 protected:
  std::unique_ptr<vision::OpticalFlow> flow_ = make_lucas_kanade();
  std::array<FlowPoint, 4> to_{};
  std::array<std::uint8_t, 4> found_{};

  void advance(const base::GrayImage& picture) {
    flow_->advance(picture.view(), kPoints, to_, found_);
  }
  void expect_none() {
    EXPECT_TRUE(std::all_of(found_.begin(), found_.end(), [](std::uint8_t f) { return f == 0; }));
  }
  void expect_shift(float dx, float dy) {
    for (std::size_t i = 0; i < kPoints.size(); ++i) {
      EXPECT_EQ(found_[i], 1);
      EXPECT_NEAR(to_[i].x, kPoints[i].x + dx, 0.15F);
      EXPECT_NEAR(to_[i].y, kPoints[i].y + dy, 0.15F);
    }
  }
};

TEST_F(LucasKanade, TheFirstPictureHasNothingToFollow) {
  found_.fill(1);
  advance(pattern(0.0, 0.0));
  expect_none();
}

TEST_F(LucasKanade, FollowsPointsFromEachPictureToTheNext) {
  advance(pattern(0.0, 0.0));
  advance(pattern(2.5, -1.5));
  expect_shift(2.5F, -1.5F);
  advance(pattern(2.5, 2.0));
  expect_shift(0.0F, 3.5F);
}

TEST_F(LucasKanade, FollowsALongWayThroughThePyramid) {
  advance(pattern(0.0, 0.0));
  advance(pattern(7.0, 5.0));
  expect_shift(7.0F, 5.0F);
}

TEST_F(LucasKanade, AfterResetOrAnotherSizeItStartsAgain) {
  advance(pattern(0.0, 0.0));
  flow_->reset();
  found_.fill(1);
  advance(pattern(1.0, 0.0));
  expect_none();
  found_.fill(1);
  advance(pattern(1.0, 0.0, 300, 200));
  expect_none();
  advance(pattern(2.0, 0.0, 300, 200));
  expect_shift(1.0F, 0.0F);
}

TEST_F(LucasKanade, APointOutsideThePictureIsLost) {
  constexpr std::array<FlowPoint, 1> kOutside{{{-40.0F, 500.0F}}};
  std::array<FlowPoint, 1> to{};
  std::array<std::uint8_t, 1> found{1};
  flow_->advance(pattern(0.0, 0.0).view(), kOutside, to, found);
  flow_->advance(pattern(0.0, 0.0).view(), kOutside, to, found);
  EXPECT_EQ(found[0], 0);
}

TEST_F(LucasKanade, WithoutPointsThePictureIsStillTheOneBefore) {
  advance(pattern(0.0, 0.0));
  flow_->advance(pattern(1.0, 1.0).view(), {}, {}, {});
  advance(pattern(3.0, 1.0));
  expect_shift(2.0F, 0.0F);
}

TEST_F(LucasKanade, APictureSmallerThanItsWindowsIsTaken) {
  constexpr std::array<FlowPoint, 1> kMiddle{{{8.0F, 8.0F}}};
  std::array<FlowPoint, 1> to{};
  std::array<std::uint8_t, 1> found{1};
  for (int i = 0; i < 2; ++i) {
    flow_->advance(pattern(0.0, 0.0, 16, 16).view(), kMiddle, to, found);
  }
  EXPECT_EQ(found[0], 1);
  EXPECT_NEAR(to[0].x, 8.0F, 0.1F);
}

}  // namespace
}  // namespace storysign::flow
