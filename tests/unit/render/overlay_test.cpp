#include "render/overlay.hpp"

#include "unit/render/people.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <limits>

namespace storysign::render {
namespace {

using testing::color_at;
using testing::person;
using testing::plain;
using testing::touched;

constexpr Color kRed{255, 48, 48};
constexpr Color kWhite{224, 224, 224};

base::Image drawn(const vision::FrameLandmarks& landmarks, int width = 640, int height = 480,
                  const OverlayOptions& options = {}) {
  base::Image image = plain(width, height);
  OverlayRenderer(options).draw(landmarks, image.mutable_view());
  return image;
}

TEST(Overlay, DrawsNothingOfNobody) {
  EXPECT_EQ(touched(drawn({})), 0);
}

TEST(Overlay, HandJointsHaveTheColourOfTheirFinger) {
  const vision::FrameLandmarks landmarks = person();
  const base::Image image = drawn(landmarks);
  const std::array<Color, 5> fingers{
      {{255, 229, 180}, {128, 64, 128}, {255, 204, 0}, {48, 255, 48}, {21, 101, 192}}};
  for (const auto* hand : {&*landmarks.left_hand, &*landmarks.right_hand}) {
    EXPECT_EQ(color_at(image, hand->landmarks[0].x, hand->landmarks[0].y), kRed) << "wrist";
    for (std::size_t i = 1; i < 21; ++i) {
      const Color expected = i % 4 == 1 ? kRed : fingers[(i - 1) / 4];
      EXPECT_EQ(color_at(image, hand->landmarks[i].x, hand->landmarks[i].y), expected) << i;
    }
  }
}

TEST(Overlay, HandDotsHaveAWhiteRim) {
  vision::FrameLandmarks landmarks;
  landmarks.left_hand = testing::open_hand(0.5F, 0.7F, -1.0F);
  // The tip of the index finger on a whole pixel, (300, 100) of 640 x 480, and its line leaving
  // downwards.
  landmarks.left_hand->landmarks[7] = {300.0F / 640.0F, 140.0F / 480.0F, 0.0F};
  landmarks.left_hand->landmarks[8] = {300.0F / 640.0F, 100.0F / 480.0F, 0.0F};
  const base::Image image = drawn(landmarks);
  // The palm is larger than 5 / 0.06 pixels, so MediaPipe's radius of 5 is used, and a rim of 1.
  EXPECT_EQ(color_at(image, 300, 99), (Color{128, 64, 128}));
  EXPECT_EQ(color_at(image, 300, 96), (Color{128, 64, 128}));
  const Color rim = color_at(image, 300, 94);
  EXPECT_GT(rim.green, 140) << "the rim";
  EXPECT_GE(rim.green, rim.red) << "no purple in it";
  EXPECT_EQ(color_at(image, 300, 92), kPlainGround);
}

TEST(Overlay, LinesLieBetweenTheJoints) {
  vision::FrameLandmarks landmarks;
  landmarks.right_hand = testing::open_hand(0.5F, 0.7F, 1.0F);
  const auto& points = landmarks.right_hand->landmarks;
  const base::Image image = drawn(landmarks);
  const auto between = [&](std::size_t a, std::size_t b) {
    return color_at(image, (points[a].x + points[b].x) / 2, (points[a].y + points[b].y) / 2);
  };
  EXPECT_EQ(between(0, 17), (Color{128, 128, 128}));
  EXPECT_EQ(between(6, 7), (Color{128, 64, 128}));
  EXPECT_EQ(between(18, 19), (Color{21, 101, 192}));
  EXPECT_EQ(between(8, 12), kPlainGround) << "no line between finger tips";
}

TEST(Overlay, NothingIsDrawnFarAway) {
  vision::FrameLandmarks landmarks;
  landmarks.left_hand = testing::open_hand(0.7F, 0.6F, -1.0F);
  const base::Image image = drawn(landmarks);
  EXPECT_GT(touched(image), 500);
  for (int y = 0; y < 480; ++y) {
    for (int x = 0; x < 320; ++x) ASSERT_EQ(color_at(image, x, y), kPlainGround) << x << ' ' << y;
  }
}

TEST(Overlay, SidesOfTheBodyHaveTheirColours) {
  vision::FrameLandmarks landmarks;
  landmarks.pose = testing::standing_pose();
  const base::Image image = drawn(landmarks);
  const auto& pose = *landmarks.pose;
  EXPECT_EQ(color_at(image, pose[11].x, pose[11].y), (Color{255, 138, 0}));
  EXPECT_EQ(color_at(image, pose[13].x, pose[13].y), (Color{255, 138, 0}));
  EXPECT_EQ(color_at(image, pose[12].x, pose[12].y), (Color{0, 217, 231}));
  EXPECT_EQ(color_at(image, pose[14].x, pose[14].y), (Color{0, 217, 231}));
  EXPECT_EQ(color_at(image, pose[2].x, pose[2].y), (Color{255, 138, 0})) << "left eye";
  EXPECT_EQ(color_at(image, pose[5].x, pose[5].y), (Color{0, 217, 231})) << "right eye";
  EXPECT_EQ(color_at(image, pose[0].x, pose[0].y), kWhite) << "nose";
  EXPECT_EQ(color_at(image, 0.5F, pose[11].y), kWhite) << "between the shoulders";
}

TEST(Overlay, BodyPointsHardlyVisibleAreLeftOut) {
  vision::FrameLandmarks landmarks;
  landmarks.pose = testing::standing_pose();
  landmarks.pose->at(13).visibility = 0.49F;
  const base::Image image = drawn(landmarks);
  const auto& pose = *landmarks.pose;
  EXPECT_EQ(color_at(image, pose[13].x, pose[13].y), kPlainGround);
  EXPECT_EQ(color_at(image, (pose[11].x + pose[13].x) / 2, (pose[11].y + pose[13].y) / 2),
            kPlainGround)
      << "nor the line to it";
  EXPECT_EQ(color_at(image, pose[14].x, pose[14].y), (Color{0, 217, 231}));
  const base::Image all = drawn(landmarks, 640, 480, {.min_visibility = 0.4F});
  EXPECT_EQ(color_at(all, pose[13].x, pose[13].y), (Color{255, 138, 0}));
  landmarks.pose->at(14).visibility = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(color_at(drawn(landmarks), pose[14].x, pose[14].y), kPlainGround);
}

TEST(Overlay, TheBodysOwnHandGivesWayToTheHand) {
  vision::FrameLandmarks landmarks;
  landmarks.pose = testing::standing_pose();
  landmarks.pose->at(19) = {0.95F, 0.9F, 0.0F, 1.0F};  // Left index finger, far off.
  EXPECT_EQ(color_at(drawn(landmarks), 0.95F, 0.9F), (Color{255, 138, 0}));
  landmarks.left_hand = testing::open_hand(0.9F, 0.5F, -1.0F);
  const base::Image image = drawn(landmarks);
  EXPECT_EQ(color_at(image, 0.95F, 0.9F), kPlainGround);
  const auto& elbow = landmarks.pose->at(13);
  EXPECT_EQ(color_at(image, (elbow.x + 0.9F) / 2, (elbow.y + 0.5F) / 2), kWhite)
      << "the forearm ends at the wrist of the hand";
  // The other hand was not found and stays as the body has it.
  EXPECT_EQ(color_at(image, landmarks.pose->at(20).x, landmarks.pose->at(20).y),
            (Color{0, 217, 231}));
}

TEST(Overlay, TheBodysOwnFaceGivesWayToTheFace) {
  vision::FrameLandmarks landmarks;
  landmarks.pose = testing::standing_pose();
  landmarks.pose->at(0) = {0.5F, 0.2F, 0.0F, 1.0F};
  EXPECT_EQ(color_at(drawn(landmarks), 0.5F, 0.2F), kWhite);
  landmarks.face = testing::round_face();
  const OverlayOptions no_face{.face = false};
  EXPECT_EQ(color_at(drawn(landmarks, 640, 480, no_face), 0.5F, 0.2F), kWhite);
  for (auto& point : *landmarks.face) point.y += 0.5F;  // Its lines out of the way.
  EXPECT_EQ(color_at(drawn(landmarks), 0.5F, 0.2F), kPlainGround);
}

TEST(Overlay, FaceContoursHaveTheirColours) {
  vision::FrameLandmarks landmarks;
  vision::Face face{};
  for (auto& point : face) point = {2.0F, 2.0F, 0.0F};
  face[10] = {0.5F, 0.1F, 0.0F};
  face[152] = {0.5F, 0.9F, 0.0F};  // A tall face: MediaPipe's full width of line.
  const auto line = [&face](std::size_t a, std::size_t b, float y) {
    face[a] = {0.3F, y, 0.0F};
    face[b] = {0.4F, y, 0.0F};
  };
  line(263, 249, 0.2F);
  line(276, 283, 0.3F);
  line(33, 7, 0.4F);
  line(46, 53, 0.5F);
  line(61, 146, 0.6F);
  line(454, 323, 0.7F);
  landmarks.face = face;
  const base::Image image = drawn(landmarks);
  const std::array<Color, 6> expected{{{48, 255, 48}, {48, 255, 48}, kRed, kRed, kWhite, kWhite}};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(color_at(image, 0.35F, 0.2F + 0.1F * static_cast<float>(i)), expected[i]) << i;
  }
}

/// Rows that a horizontal line between the shoulders covers, in the middle of a picture.
int line_rows(int width, int height) {
  vision::FrameLandmarks landmarks;
  vision::Pose pose{};
  pose[11] = {0.9F, 0.5F, 0.0F, 1.0F};
  pose[12] = {0.1F, 0.5F, 0.0F, 1.0F};
  landmarks.pose = pose;
  const base::Image image = drawn(landmarks, width, height);
  int rows = 0;
  for (int y = 0; y < height; ++y) rows += color_at(image, width / 2, y) == kPlainGround ? 0 : 1;
  return rows;
}

TEST(Overlay, LinesGrowWithThePicture) {
  EXPECT_EQ(line_rows(640, 480), 2);
  EXPECT_EQ(line_rows(1280, 960), 4);
  EXPECT_EQ(line_rows(480, 640), 2);
  EXPECT_EQ(line_rows(1920, 1440), 6);
  EXPECT_GE(line_rows(64, 48), 1) << "never under one pixel";
  EXPECT_LE(line_rows(64, 48), 2);
}

TEST(Overlay, DotsOfASmallHandShrinkSoThatFingersStayApart) {
  vision::FrameLandmarks near;
  near.left_hand = testing::open_hand(0.5F, 0.7F, -1.0F);
  vision::FrameLandmarks far = near;
  for (auto& point : far.left_hand->landmarks) {
    point.x = 0.5F + (point.x - 0.5F) / 3.0F;
    point.y = 0.7F + (point.y - 0.7F) / 3.0F;
  }
  EXPECT_LT(touched(drawn(far)) * 3, touched(drawn(near)));
}

TEST(Overlay, ClipsWhatLiesOutside) {
  vision::FrameLandmarks landmarks;
  vision::Pose pose{};
  pose[11] = {0.5F, 0.5F, 0.0F, 1.0F};
  pose[13] = {1.5F, 0.5F, 0.0F, 1.0F};  // The elbow is out of the picture.
  landmarks.pose = pose;
  const base::Image image = drawn(landmarks);
  EXPECT_EQ(color_at(image, 639, 240), kWhite) << "the line runs to the border";
  for (int i = 0; i < 400; ++i) {
    vision::FrameLandmarks moved = person();
    const float dx = static_cast<float>(i % 20 - 10) * 0.3F;
    const int row = i / 20;
    const float dy = static_cast<float>(row - 10) * 0.3F;
    for (auto& point : moved.left_hand->landmarks) point = {point.x + dx, point.y + dy, 0.0F};
    for (auto& point : *moved.face) point = {point.x + dy, point.y + dx, 0.0F};
    drawn(moved, 64, 48);
  }
}

TEST(Overlay, SurvivesNumbersThatAreNone) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  for (const float bad : {kNan, kInfinite, -kInfinite, 1e38F, -1e9F}) {
    vision::FrameLandmarks landmarks = person();
    for (auto& point : *landmarks.face) point.y = bad;
    for (auto& point : *landmarks.pose) point.x = bad;
    for (auto& point : landmarks.left_hand->landmarks) point = {bad, bad, bad};
    for (auto& point : landmarks.right_hand->landmarks) point.y = bad;
    EXPECT_EQ(touched(drawn(landmarks)), 0) << bad;
  }
  // One bad joint takes its own lines along and nothing else.
  vision::FrameLandmarks landmarks = person();
  landmarks.left_hand->landmarks[9].x = kNan;
  const base::Image image = drawn(landmarks);
  const auto& tip = landmarks.left_hand->landmarks[12];
  EXPECT_EQ(color_at(image, tip.x, tip.y), (Color{255, 204, 0}));
}

TEST(Overlay, PartsCanBeLeftOut) {
  const vision::FrameLandmarks landmarks = person();
  EXPECT_EQ(touched(drawn(landmarks, 640, 480, {.pose = false, .hands = false, .face = false})), 0);
  const int hands = touched(drawn(landmarks, 640, 480, {.pose = false, .face = false}));
  EXPECT_GT(hands, 0);
  EXPECT_GT(touched(drawn(landmarks)), hands);
}

TEST(Overlay, TakesAnEmptyPicture) {
  OverlayRenderer().draw(person(), {});
}

}  // namespace
}  // namespace storysign::render
