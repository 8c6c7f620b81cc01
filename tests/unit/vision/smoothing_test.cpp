#include "vision/smoothing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cmath>
#include <numbers>

namespace storysign::vision {
namespace {

using std::chrono::microseconds;

constexpr OneEuroParameters kParameters{0.05, 80.0, 1.0};
constexpr microseconds kFrame{33333};

PixelLandmark filtered(OneEuroFilter& filter, microseconds time, PixelLandmark p, double size) {
  std::array<PixelLandmark, 1> points{p};
  filter.filter(time, points, size);
  return points[0];
}

TEST(OneEuro, PassesTheFirstSample) {
  OneEuroFilter filter(kParameters);
  const PixelLandmark p = filtered(filter, kFrame, {3, 4, 5}, 100.0);
  EXPECT_EQ(p.x, 3.0F);
  EXPECT_EQ(p.y, 4.0F);
  EXPECT_EQ(p.z, 5.0F);
}

TEST(OneEuro, FollowsTheFormula) {
  OneEuroFilter filter(kParameters);
  filtered(filter, kFrame, {10, 0, 0}, 200.0);
  const PixelLandmark p = filtered(filter, 2 * kFrame, {14, 0, 0}, 200.0);
  const double frequency = 1.0 / 0.033333;
  const auto factor = [&](double cutoff) {
    return 1.0 / (1.0 + frequency / (2.0 * std::numbers::pi * cutoff));
  };
  const double derivative = factor(1.0) * 4.0 * frequency / 200.0;
  const double alpha = factor(0.05 + 80.0 * derivative);
  EXPECT_NEAR(p.x, alpha * 14.0 + (1.0 - alpha) * 10.0, 1e-5);
  EXPECT_EQ(p.y, 0.0F);
}

TEST(OneEuro, TakesTheDerivativeOfRawValues) {
  OneEuroFilter filter(kParameters);
  filtered(filter, kFrame, {10, 0, 0}, 200.0);
  filtered(filter, 2 * kFrame, {14, 0, 0}, 200.0);
  // The raw value stands still, so the derivative only decays; a derivative of filtered values
  // would not be zero.
  OneEuroFilter same = filter;
  const float a = filtered(filter, 3 * kFrame, {14, 0, 0}, 200.0).x;
  const float b = filtered(same, 3 * kFrame, {14, 0, 0}, 1e9).x;
  EXPECT_FLOAT_EQ(a, b);
}

TEST(OneEuro, LeavesOutRepeatedAndBackwardTimes) {
  OneEuroFilter filter(kParameters);
  filtered(filter, kFrame, {10, 0, 0}, 200.0);
  EXPECT_EQ(filtered(filter, kFrame, {20, 0, 0}, 200.0).x, 20.0F);
  EXPECT_EQ(filtered(filter, microseconds(1), {30, 0, 0}, 200.0).x, 30.0F);
  EXPECT_LT(filtered(filter, 2 * kFrame, {10.5F, 0, 0}, 200.0).x, 10.5F);
}

TEST(OneEuro, LeavesOutAnObjectWithoutSize) {
  OneEuroFilter filter(kParameters);
  filtered(filter, kFrame, {10, 0, 0}, 200.0);
  EXPECT_EQ(filtered(filter, 2 * kFrame, {20, 0, 0}, 0.0).x, 20.0F);
  EXPECT_EQ(filtered(filter, 3 * kFrame, {25, 0, 0}, std::nan("")).x, 25.0F);
}

TEST(OneEuro, StartsAfreshAfterReset) {
  OneEuroFilter filter(kParameters);
  filtered(filter, kFrame, {10, 0, 0}, 200.0);
  filter.reset();
  EXPECT_EQ(filtered(filter, 2 * kFrame, {90, 0, 0}, 200.0).x, 90.0F);
}

TEST(Visibility, IsALowPass) {
  VisibilityFilter filter;
  std::array<float, 33> values{};
  values[7] = 1.0F;
  filter.filter(values);
  EXPECT_EQ(values[7], 1.0F);
  values.fill(0.0F);
  filter.filter(values);
  EXPECT_NEAR(values[7], 0.9F, 1e-6);
  values.fill(0.0F);
  filter.filter(values);
  EXPECT_NEAR(values[7], 0.81F, 1e-6);
  filter.reset();
  values.fill(0.25F);
  filter.filter(values);
  EXPECT_EQ(values[7], 0.25F);
}

}  // namespace
}  // namespace storysign::vision
