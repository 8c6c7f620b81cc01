#include "vision/geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace storysign::vision {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kTolerance = 1e-9;

TEST(Geometry, AnglesFoldIntoOneTurn) {
  EXPECT_NEAR(wrap_angle(3.0 * kPi / 2.0), -kPi / 2.0, kTolerance);
  EXPECT_NEAR(wrap_angle(-3.0 * kPi / 2.0), kPi / 2.0, kTolerance);
  EXPECT_NEAR(wrap_angle(kPi), -kPi, kTolerance);
  EXPECT_NEAR(wrap_angle(0.25), 0.25, kTolerance);
}

TEST(Geometry, DirectionIsUprightForWhatPointsThere) {
  EXPECT_NEAR(direction_angle({0, 10}, {0, 0}, kUpwards), 0.0, kTolerance);
  EXPECT_NEAR(direction_angle({0, 0}, {0, 10}, kDownwards), 0.0, kTolerance);
  EXPECT_NEAR(direction_angle({0, 0}, {10, 0}, kRightwards), 0.0, kTolerance);
  // What points right on the screen needs a quarter turn clockwise to have been upright.
  EXPECT_NEAR(direction_angle({0, 0}, {10, 0}, kUpwards), kPi / 2.0, kTolerance);
}

TEST(Geometry, GrowShiftsByTheUnscaledHeightBeforeItSquares) {
  const Roi grown = grow({100, 100, 20, 40, 0.0}, 2.0, -0.5);
  EXPECT_NEAR(grown.cx, 100.0, kTolerance);
  EXPECT_NEAR(grown.cy, 80.0, kTolerance);
  EXPECT_NEAR(grown.w, 80.0, kTolerance);
  EXPECT_NEAR(grown.h, 80.0, kTolerance);
  const Roi turned = grow({100, 100, 20, 40, kPi / 2.0}, 1.0, -0.5);
  EXPECT_NEAR(turned.cx, 120.0, kTolerance);
  EXPECT_NEAR(turned.cy, 100.0, kTolerance);
}

TEST(Geometry, UnprojectTurnsClockwiseOnTheScreen) {
  const Roi roi{50, 60, 20, 20, kPi / 2.0};
  const Point right_edge = unproject({1.0, 0.5}, roi);
  EXPECT_NEAR(right_edge.x, 50.0, kTolerance);
  EXPECT_NEAR(right_edge.y, 70.0, kTolerance);
}

TEST(Geometry, LetterboxCoversTheLongerSide) {
  const Roi roi = letterbox(640, 480);
  const Point corner = unproject({0.0, 0.0}, roi);
  EXPECT_NEAR(corner.x, 0.0, kTolerance);
  EXPECT_NEAR(corner.y, -80.0, kTolerance);
}

TEST(Geometry, OverlapIgnoresRotation) {
  EXPECT_NEAR(intersection_over_union({0, 0, 2, 2, 0}, {1, 0, 2, 2, 1}), 1.0 / 3.0, kTolerance);
  EXPECT_EQ(intersection_over_union({0, 0, 2, 2, 0}, {9, 0, 2, 2, 0}), 0.0);
  EXPECT_EQ(intersection_over_union({0, 0, 0, 0, 0}, {0, 0, 0, 0, 0}), 0.0);
}

/// An upright hand: wrist below, fingers up, `scale` pixels from wrist to middle-finger base.
std::vector<PixelLandmark> upright_hand(float x, float y, float scale) {
  std::vector<PixelLandmark> hand(21, PixelLandmark{x, y - scale / 2.0F, 0.0F});
  hand[0] = {x, y, 0.0F};
  hand[5] = {x - scale / 4.0F, y - scale, 0.0F};
  hand[9] = {x, y - scale, 0.0F};
  hand[13] = {x + scale / 4.0F, y - scale, 0.0F};
  return hand;
}

TEST(Geometry, PalmBoxIsUprightForAnUprightHandAndTurnsWithIt) {
  const std::vector<PixelLandmark> hand = upright_hand(100, 100, 40);
  const Roi upright = palm_roi(hand);
  EXPECT_NEAR(upright.rotation, 0.0, 1e-6);
  EXPECT_NEAR(upright.cx, 100.0, 1e-4);
  EXPECT_NEAR(upright.cy, 80.0, 1e-4);
  EXPECT_NEAR(upright.w, 20.0, 1e-4);
  EXPECT_NEAR(upright.h, 40.0, 1e-4);

  std::vector<PixelLandmark> lying = hand;  // A quarter turn clockwise about the origin.
  for (PixelLandmark& p : lying) {
    p = {-p.y, p.x, 0.0F};
  }
  const Roi turned = palm_roi(lying);
  EXPECT_NEAR(turned.rotation, kPi / 2.0, 1e-5);
  EXPECT_NEAR(turned.cx, -80.0, 1e-3);
  EXPECT_NEAR(turned.cy, 100.0, 1e-3);
  EXPECT_NEAR(turned.w, 20.0, 1e-3);
  EXPECT_NEAR(turned.h, 40.0, 1e-3);
}

class KeepsTracking : public testing::Test {
 protected:
  static constexpr TrackingLimits kLimits{40.0, 0.2, 0.4, -0.1};
  Roi fresh_{100, 100, 50, 50, 3.1};
  std::vector<PixelLandmark> inside_{{100, 100, 0}, {110, 95, 0}};

  [[nodiscard]] bool keeps(const Roi& own) const {
    return keeps_tracking(own, fresh_, inside_, kLimits);
  }
};

TEST_F(KeepsTracking, WhereNothingChanged) {
  EXPECT_TRUE(keeps(fresh_));
}

TEST_F(KeepsTracking, AcrossTheFoldOfTheAngle) {
  EXPECT_TRUE(keeps({100, 100, 50, 50, -3.1}));
}

TEST_F(KeepsTracking, UntilALimitIsPassed) {
  const double degree = kPi / 180.0;
  EXPECT_TRUE(keeps({100, 100, 50, 50, 3.1 - 39.9 * degree}));
  EXPECT_FALSE(keeps({100, 100, 50, 50, 3.1 - 40.1 * degree}));
  EXPECT_TRUE(keeps({109, 100, 50, 50, 3.1}));
  EXPECT_FALSE(keeps({112, 100, 50, 50, 3.1}));
  EXPECT_FALSE(keeps({100, 112, 50, 50, 3.1}));
  EXPECT_TRUE(keeps({100, 100, 69, 69, 3.1}));
  EXPECT_FALSE(keeps({100, 100, 71, 71, 3.1}));
  EXPECT_FALSE(keeps({100, 100, 29, 29, 3.1}));
}

TEST_F(KeepsTracking, OnlyWithAllLandmarksInside) {
  inside_.push_back({123, 100, 0});  // Within the region, but not within 0.9 of it.
  EXPECT_FALSE(keeps(fresh_));
}

}  // namespace
}  // namespace storysign::vision
