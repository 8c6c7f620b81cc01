#include "practice/observation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace storysign::practice {
namespace {

TEST(Observe, TakesThePointsOfTheFaceInTheOrderOfTheirTable) {
  vision::FrameLandmarks found;
  found.face.emplace();
  for (std::size_t i = 0; i < found.face->size(); ++i) {
    (*found.face)[i].x = static_cast<float>(i);
  }
  const Observation seen = observe(found, std::chrono::microseconds(7), 640, 480);
  ASSERT_TRUE(seen.face);
  EXPECT_EQ((*seen.face)[face_point(152)].x, 152.0F);
  EXPECT_EQ((*seen.face)[0].x, 70.0F);
  EXPECT_EQ(seen.time.count(), 7);
  EXPECT_FLOAT_EQ(seen.aspect, 4.0F / 3.0F);
  EXPECT_FALSE(seen.pose || seen.left_hand || seen.right_hand || seen.inferred);
}

TEST(FacePoints, AreDifferentPointsOfTheMesh) {
  const std::set<std::uint16_t> points(kFacePointIndices.begin(), kFacePointIndices.end());
  EXPECT_EQ(points.size(), kFacePoints);
  EXPECT_LT(*points.rbegin(), vision::kFaceLandmarks);
  EXPECT_EQ(face_point(2), kFacePoints);
}

}  // namespace
}  // namespace storysign::practice
