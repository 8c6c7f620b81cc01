#include "vision/similarity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>

namespace storysign::vision {
namespace {

constexpr double kSize = 40.0;

/// Points on a spiral, moved by `motion`.
std::array<PointMotion, 21> moved_by(const Similarity& motion) {
  std::array<PointMotion, 21> points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double angle = 0.7 * static_cast<double>(i);
    const double radius = 2.0 * static_cast<double>(i);
    const Point before{200.0 + radius * std::cos(angle), 150.0 + radius * std::sin(angle)};
    points[i] = {before, motion(before), true};
  }
  return points;
}

constexpr Similarity kMotion{1.05 * 0.995, 1.05 * 0.0998, 12.0, -30.0};

void expect_same(const Similarity& a, const Similarity& b) {
  const Point p = a({210.0, 140.0});
  const Point q = b({210.0, 140.0});
  EXPECT_NEAR(p.x, q.x, 0.05);
  EXPECT_NEAR(p.y, q.y, 0.05);
  EXPECT_NEAR(a.a, b.a, 0.005);
  EXPECT_NEAR(a.b, b.b, 0.005);
}

TEST(Similarity, IsFoundExactlyWhereAllPointsFollowIt) {
  const auto points = moved_by(kMotion);
  const RigidMotion motion = fit_rigid_motion(points, 400.0);
  EXPECT_EQ(motion.points, points.size());
  EXPECT_NEAR(motion.residual, 0.0, 1e-9);
  expect_same(motion.similarity, kMotion);
}

TEST(Similarity, AFifthOfThePointsAstrayDoesNotMoveIt) {
  constexpr Similarity kShift{1.0, 0.0, 5.0, 3.0};
  auto points = moved_by(kShift);
  for (std::size_t i = 0; i < points.size(); i += 5) {
    points[i].after.x += 30.0;
  }
  const RigidMotion motion = fit_rigid_motion(points, kSize);
  expect_same(motion.similarity, kShift);
  EXPECT_NEAR(motion.median_shift.x, 5.0, 1e-9);
  EXPECT_LT(motion.residual, 0.1);
}

TEST(Similarity, LostPointsDoNotCount) {
  auto points = moved_by(kMotion);
  for (std::size_t i = 0; i < points.size(); i += 2) {
    points[i].found = false;
    points[i].after = {1e6, -1e6};
  }
  const RigidMotion motion = fit_rigid_motion(points, 400.0);
  EXPECT_EQ(motion.points, points.size() / 2);
  expect_same(motion.similarity, kMotion);
}

TEST(Similarity, TooFewPointsSayNothing) {
  auto points = moved_by(kMotion);
  for (std::size_t i = kMinRigidPoints - 1; i < points.size(); ++i) {
    points[i].found = false;
  }
  const RigidMotion motion = fit_rigid_motion(points, kSize);
  EXPECT_LT(motion.points, kMinRigidPoints);
  EXPECT_EQ(motion.similarity.tx, 0.0);
}

TEST(Similarity, PointsInOnePlaceShiftWithoutTurning) {
  std::array<PointMotion, 10> points;
  points.fill({{5.0, 5.0}, {8.0, 4.0}, true});
  const RigidMotion motion = fit_rigid_motion(points, kSize);
  EXPECT_EQ(motion.similarity.a, 1.0);
  EXPECT_NEAR(motion.similarity({5.0, 5.0}).x, 8.0, 1e-9);
}

TEST(Similarity, AShapeThatOpensHasAResidual) {
  auto points = moved_by(Similarity{});
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].after.x += i % 2 == 0 ? 6.0 : -6.0;
  }
  EXPECT_GT(fit_rigid_motion(points, kSize).residual, 4.0);
}

TEST(Similarity, MovesXAndYOfLandmarks) {
  std::array<PixelLandmark, 1> landmarks{{{210.0F, 140.0F, 7.0F}}};
  move_by(kMotion, landmarks);
  const Point moved = kMotion({210.0, 140.0});
  EXPECT_NEAR(landmarks[0].x, moved.x, 1e-3);
  EXPECT_NEAR(landmarks[0].y, moved.y, 1e-3);
  EXPECT_EQ(landmarks[0].z, 7.0F);
}

}  // namespace
}  // namespace storysign::vision
