#include "wire/landmark_section.hpp"

#include "message_samples.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace storysign::wire {
namespace {

constexpr SectionCode kPlain = SectionCode::kPlain;

TEST(Landmarks, RoundTripWithEveryPart) {
  for (const bool refined : {false, true}) {
    const vision::FrameLandmarks found = full_landmarks(refined);
    base::Bytes section;
    const LandmarkParts parts = append_landmarks(found, true, kPlain, section);
    EXPECT_EQ(parts, (LandmarkParts{true, true, true, true}));
    EXPECT_EQ(section.size(), refined ? kMaxLandmarkBytes : kMaxLandmarkBytes - 60);
    vision::FrameLandmarks read;
    ASSERT_TRUE(read_landmarks(section, parts, kPlain, read));
    expect_points(*read.pose, *found.pose);
    expect_points(read.left_hand->landmarks, found.left_hand->landmarks);
    expect_points(read.right_hand->landmarks, found.right_hand->landmarks);
    expect_points(*read.face, *found.face);
    EXPECT_EQ(read.pose->front().visibility, 1.0F);
    EXPECT_EQ(read.right_hand->score, 1.0F);
  }
}

TEST(Landmarks, HoldOnlyWhatWasFoundAndAskedFor) {
  vision::FrameLandmarks found = full_landmarks(false);
  found.pose.reset();
  found.left_hand.reset();
  base::Bytes section;
  const LandmarkParts parts = append_landmarks(found, false, kPlain, section);
  EXPECT_EQ(parts, (LandmarkParts{false, false, true, false}));
  EXPECT_EQ(section.size(), 128U);
  vision::FrameLandmarks read = full_landmarks(true);
  ASSERT_TRUE(read_landmarks(section, parts, kPlain, read));
  EXPECT_FALSE(read.pose || read.left_hand || read.face);
}

TEST(Landmarks, AreRoundedToSteps) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(-3.9F, 3.9F);
  std::uniform_real_distribution<float> shares(0.0F, 1.0F);
  for (int round = 0; round < 500; ++round) {
    vision::FrameLandmarks found;
    for (auto& point : found.pose.emplace()) {
      point = {values(random), values(random), values(random), shares(random)};
    }
    base::Bytes section;
    vision::FrameLandmarks read;
    ASSERT_TRUE(
        read_landmarks(section, append_landmarks(found, true, kPlain, section), kPlain, read));
    for (std::size_t i = 0; i < vision::kPoseLandmarks; ++i) {
      ASSERT_NEAR((*read.pose)[i].x, (*found.pose)[i].x, 0.5001 / 8192);
      ASSERT_NEAR((*read.pose)[i].z, (*found.pose)[i].z, 0.5001 / 8192);
      ASSERT_NEAR((*read.pose)[i].visibility, (*found.pose)[i].visibility, 0.51 / 65535);
    }
  }
}

TEST(Landmarks, OutsideTheRangeAreClamped) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  vision::FrameLandmarks found;
  found.pose.emplace()[0] = {5.0F, -5.0F, kNan, 1.5F};
  (*found.pose)[1] = {kInfinity, -kInfinity, 3.9999F, -0.5F};
  (*found.pose)[2] = {-4.0F, 1e38F, -1e38F, kNan};
  base::Bytes section;
  vision::FrameLandmarks read;
  ASSERT_TRUE(
      read_landmarks(section, append_landmarks(found, true, kPlain, section), kPlain, read));
  const vision::Pose& pose = *read.pose;
  constexpr float kLargest = 32767.0F / 8192.0F;
  EXPECT_EQ(pose[0].x, kLargest);
  EXPECT_EQ(pose[0].y, -4.0F);
  EXPECT_EQ(pose[0].z, 0.0F);
  EXPECT_EQ(pose[0].visibility, 1.0F);
  EXPECT_EQ(pose[1].x, kLargest);
  EXPECT_EQ(pose[1].y, -4.0F);
  EXPECT_EQ(pose[1].visibility, 0.0F);
  EXPECT_EQ(pose[2].x, -4.0F);
  EXPECT_EQ(pose[2].y, kLargest);
  EXPECT_EQ(pose[2].visibility, 0.0F);
}

/// A frame as a camera gives it: the points of a part are near each other.
vision::FrameLandmarks near_landmarks(std::mt19937& random) {
  std::uniform_real_distribution<float> near(-0.05F, 0.05F);
  vision::FrameLandmarks found = full_landmarks(false);
  for (auto& point : *found.pose)
    point = {0.5F + near(random), 0.5F + near(random), near(random), 1.0F};
  for (auto* hand : {&*found.left_hand, &*found.right_hand}) {
    for (auto& point : hand->landmarks)
      point = {0.4F + near(random), 0.6F + near(random), near(random)};
  }
  for (auto& point : *found.face) point = {0.5F + near(random), 0.3F + near(random), near(random)};
  return found;
}

TEST(PackedLandmarks, AreTheSameNumbersInFewerBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    const vision::FrameLandmarks found = near_landmarks(random);
    base::Bytes plain;
    base::Bytes packed;
    const LandmarkParts parts = append_landmarks(found, true, kPlain, plain);
    EXPECT_EQ(append_landmarks(found, true, SectionCode::kPacked, packed), parts);
    EXPECT_LT(packed.size(), plain.size());
    vision::FrameLandmarks from_plain;
    vision::FrameLandmarks from_packed;
    ASSERT_TRUE(read_landmarks(plain, parts, kPlain, from_plain));
    ASSERT_TRUE(read_landmarks(packed, parts, SectionCode::kPacked, from_packed));
    expect_points(*from_packed.pose, *from_plain.pose);
    expect_points(from_packed.left_hand->landmarks, from_plain.left_hand->landmarks);
    expect_points(from_packed.right_hand->landmarks, from_plain.right_hand->landmarks);
    expect_points(*from_packed.face, *from_plain.face);
    EXPECT_EQ(from_packed.pose->back().visibility, from_plain.pose->back().visibility);
  }
}

TEST(PackedLandmarks, HoldTheLargestDifferences) {
  vision::FrameLandmarks found;
  bool high = false;
  for (auto& point : found.left_hand.emplace().landmarks) {
    high = !high;
    point = high ? vision::Landmark{9.0F, -9.0F, 9.0F} : vision::Landmark{-9.0F, 9.0F, -9.0F};
  }
  base::Bytes packed;
  const LandmarkParts parts = append_landmarks(found, true, SectionCode::kPacked, packed);
  EXPECT_EQ(packed.size(), 2U + 21U * 9U);
  vision::FrameLandmarks read;
  ASSERT_TRUE(read_landmarks(packed, parts, SectionCode::kPacked, read));
  EXPECT_EQ(read.left_hand->landmarks[20].x, 32767.0F / 8192.0F);
  EXPECT_EQ(read.left_hand->landmarks[19].x, -4.0F);
}

TEST(PackedLandmarks, ThatLeaveTheRangeAreRefused) {
  const LandmarkParts left{.left_hand = true};
  base::Bytes packed(2, 0xFF);
  packed.resize(2 + 63, 0);  // Every difference 0.
  vision::FrameLandmarks read;
  ASSERT_TRUE(read_landmarks(packed, left, SectionCode::kPacked, read));
  base::Bytes above = packed;
  above.erase(above.begin() + 2);
  above.insert(above.begin() + 2, {0x80, 0x80, 0x04});  // +32768 steps.
  EXPECT_FALSE(read_landmarks(above, left, SectionCode::kPacked, read));
  above[2] = 0xFE, above[3] = 0xFF, above[4] = 0x03;  // +32767.
  EXPECT_TRUE(read_landmarks(above, left, SectionCode::kPacked, read));
  above[2] = 0xFF, above[3] = 0xFF, above[4] = 0x83;  // A fourth byte.
  EXPECT_FALSE(read_landmarks(above, left, SectionCode::kPacked, read));
}

}  // namespace
}  // namespace storysign::wire
