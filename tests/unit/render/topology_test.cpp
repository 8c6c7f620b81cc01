#include "render/topology.hpp"

#include "vision/landmarks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace storysign::render {
namespace {

std::map<int, int> degrees(std::span<const Edge> edges) {
  std::map<int, int> out;
  for (const Edge edge : edges) {
    ++out[edge.from];
    ++out[edge.to];
  }
  return out;
}

void expect_valid(std::span<const Edge> edges, std::size_t landmarks) {
  std::set<std::pair<int, int>> seen;
  for (const Edge edge : edges) {
    EXPECT_LT(edge.from, landmarks);
    EXPECT_LT(edge.to, landmarks);
    EXPECT_NE(edge.from, edge.to);
    EXPECT_TRUE(seen.insert(std::minmax<int>(edge.from, edge.to)).second)
        << edge.from << '-' << edge.to << " stands twice";
  }
}

TEST(Topology, HandsAreATreeOfFingersAndARoundPalm) {
  std::vector<Edge> all(kPalmEdges.begin(), kPalmEdges.end());
  for (const auto& finger : {kThumbEdges, kIndexEdges, kMiddleEdges, kRingEdges, kLittleEdges}) {
    all.insert(all.end(), finger.begin(), finger.end());
  }
  EXPECT_EQ(all.size(), 21U);
  expect_valid(all, vision::kHandLandmarks);
  EXPECT_EQ(degrees(all).size(), vision::kHandLandmarks) << "every landmark is on a line";
  for (const int tip : {4, 8, 12, 16, 20}) EXPECT_EQ(degrees(all)[tip], 1);
}

TEST(Topology, PoseHasItsLines) {
  expect_valid(kPoseEdges, vision::kPoseLandmarks);
  EXPECT_EQ(degrees(kPoseEdges).size(), vision::kPoseLandmarks);
  // Mirrored, the list is itself: shoulders to feet come in pairs of odd left and even right.
  const auto mirrored = [](int index) { return index % 2 == 1 ? index + 1 : index - 1; };
  for (const Edge edge : kPoseEdges) {
    if (edge.from < 11 || edge.to < 11) continue;
    const auto same = [&](const Edge& other) {
      return std::minmax<int>(other.from, other.to) ==
             std::minmax<int>(mirrored(edge.from), mirrored(edge.to));
    };
    EXPECT_TRUE(std::any_of(kPoseEdges.begin(), kPoseEdges.end(), same))
        << edge.from << '-' << edge.to;
  }
}

TEST(Topology, FaceHasClosedContours) {
  std::vector<Edge> all;
  const auto add = [&all](std::span<const Edge> edges) {
    all.insert(all.end(), edges.begin(), edges.end());
  };
  const auto closed = [&](std::span<const Edge> edges) {
    add(edges);
    for (const auto& [landmark, degree] : degrees(edges)) EXPECT_EQ(degree, 2) << landmark;
  };
  closed(kFaceOvalEdges);
  closed(kOuterLipEdges);
  closed(kInnerLipEdges);
  closed(kLeftEyeEdges);
  closed(kRightEyeEdges);
  add(kLeftBrowEdges);
  add(kRightBrowEdges);
  EXPECT_EQ(all.size(), 124U);
  EXPECT_EQ(kLipEdges.size(), 40U);
  expect_valid(all, vision::kFaceLandmarks);
}

}  // namespace
}  // namespace storysign::render
