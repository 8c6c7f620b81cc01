#include "vision/pacing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace storysign::vision {
namespace {

constexpr double kPalm = 50.0;
constexpr Roi kPlace{80.0, 80.0, 80.0, 80.0, 0.0};

class Pacing : public ::testing::Test {
 protected:
  FastRules rules_{
      .hands_take_turns = false,
      .hand = {.motion = 0.3,
               .quick_motion = 0.15,
               .residual = 0.1,
               .appearance = 0.4,
               .min_age = 1,
               .max_age = 6,
               .rest_motion = 0.05,
               .rest_age = 20,
               .probe_change = 0.1,
               .sought_visibility = 0.5F},
      .pose = {.motion = 0.2, .min_age = 1, .max_age = 4, .rest_motion = 0.02, .rest_age = 10},
      .face = {.motion = 0.1,
               .min_age = 1,
               .max_age = 4,
               .rest_motion = 0.02,
               .rest_age = 10,
               .detect_each_run = false}};
  base::GrayImage gray_;
  FastFrame frame_;

  Pacing() {
    gray_.resize(160, 160);
    paint(0);
    frame_ = {.rules = &rules_,
              .least_age = 0,
              .gray = gray_.view(),
              .blurred = gray_.view(),
              .reduction = 1};
  }
  void paint(int shift) {
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x < 160; ++x) {
        gray_.row(y)[x] = static_cast<std::uint8_t>(((x + shift) / 8 + y / 8) % 2 == 0 ? 60 : 180);
      }
    }
  }
  static RigidMotion motion(double palms, double residual_palms = 0.0) {
    RigidMotion m;
    m.points = 21;
    m.median_shift = {palms * kPalm, 0.0};
    m.residual = residual_palms * kPalm;
    return m;
  }
  /// Frames until it is the networks' turn; at most `limit`.
  template <class Follow>
  static int frames_until_run(Follow follow, int limit = 100) {
    int frames = 1;
    while (follow() != Turn::kRun && frames < limit) {
      ++frames;
    }
    return frames;
  }
  HandPacer hand_found() {
    HandPacer pacer;
    pacer.found(frame_, kPlace);
    return pacer;
  }
};

TEST_F(Pacing, AHandRunsWhenItHasMoved) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.16), kPalm, kPlace); }), 2);
}

TEST_F(Pacing, AHandFoundInFewerDigitsRunsMoreOften) {
  HandPacer pacer = hand_found();
  frame_.quick_hands = true;
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.16), kPalm, kPlace); }), 1);
}

TEST_F(Pacing, AHandThatTrembledFarHasMovedToo) {
  HandPacer pacer = hand_found();
  double side = 1.0;
  EXPECT_EQ(frames_until_run([&] {
              side = -side;
              return pacer.follow(frame_, motion(0.11 * side), kPalm, kPlace);
            }),
            3);
}

TEST_F(Pacing, AHandRunsWhenItsShapeChanges) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(pacer.follow(frame_, motion(0.0, 0.05), kPalm, kPlace), Turn::kCarry);
  EXPECT_EQ(pacer.follow(frame_, motion(0.0, 0.11), kPalm, kPlace), Turn::kRun);
}

TEST_F(Pacing, AHandRunsWhenItLooksDifferent) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(pacer.follow(frame_, motion(0.0), kPalm, kPlace), Turn::kCarry);
  paint(8);
  EXPECT_EQ(pacer.follow(frame_, motion(0.0), kPalm, kPlace), Turn::kRun);
}

TEST_F(Pacing, AHandThatMovesALittleRunsAtItsAge) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.02), kPalm, kPlace); }),
            rules_.hand.max_age);
}

TEST_F(Pacing, AHandAtRestWaitsLonger) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.001), kPalm, kPlace); }),
            rules_.hand.rest_age);
}

TEST_F(Pacing, AHandThatIsLostByTheFlowRunsAtOnce) {
  HandPacer pacer = hand_found();
  EXPECT_EQ(pacer.follow(frame_, RigidMotion{}, kPalm, kPlace), Turn::kRun);
}

TEST_F(Pacing, FrameSkipHoldsWhatIsDue) {
  HandPacer pacer = hand_found();
  frame_.least_age = 3;
  EXPECT_EQ(pacer.follow(frame_, motion(1.0), kPalm, kPlace), Turn::kHeld);
  EXPECT_EQ(pacer.follow(frame_, motion(1.0), kPalm, kPlace), Turn::kHeld);
  EXPECT_EQ(pacer.follow(frame_, motion(1.0), kPalm, kPlace), Turn::kRun);
}

TEST_F(Pacing, WhatNeverRanIsNotHeld) {
  frame_.least_age = 30;
  HandPacer hand;
  EXPECT_EQ(hand.seek(frame_, kPlace), Turn::kRun);
  FacePacer face;
  EXPECT_EQ(face.seek(frame_), Turn::kRun);
}

TEST_F(Pacing, AnAbsentHandIsLookedForLessAndLess) {
  HandPacer pacer;
  for (const int wait : {1, 1, 2, 4, 8, 12, 12}) {
    EXPECT_EQ(frames_until_run([&] { return pacer.seek(frame_, kPlace); }), wait);
    pacer.missed(frame_, kPlace);
  }
}

TEST_F(Pacing, AChangeWhereItWouldBeBringsALookAtOnce) {
  HandPacer pacer;
  for (int i = 0; i < 5; ++i) {
    pacer.missed(frame_, kPlace);
  }
  EXPECT_EQ(pacer.seek(frame_, kPlace), Turn::kCarry);
  Roi moved = kPlace;
  moved.cx += 0.2 * moved.w;
  EXPECT_EQ(pacer.seek(frame_, moved), Turn::kRun) << "the place moved";
  paint(8);
  EXPECT_EQ(pacer.seek(frame_, kPlace), Turn::kRun) << "the picture there changed";
}

TEST_F(Pacing, WithoutAProbeThresholdEveryFrameIsTheTurnOfAnAbsentHand) {
  rules_.hand.probe_change = 0.0;
  HandPacer pacer;
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(pacer.seek(frame_, kPlace), Turn::kRun);
    pacer.missed(frame_, kPlace);
  }
}

std::array<PointMotion, kFollowedPoseLandmarks> body_with(std::size_t landmark, double shift) {
  std::array<PointMotion, kFollowedPoseLandmarks> points;
  points.fill({{50.0, 50.0}, {50.0, 50.0}, true});
  points[landmark].after.x += shift;
  return points;
}

TEST_F(Pacing, ABodyRunsWhenAnArmHasMoved) {
  constexpr double kShoulders = 100.0;
  constexpr std::size_t kWrist = 15;
  PosePacer pacer;
  pacer.ran();
  const auto moving = body_with(kWrist, 11.0);
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, moving, kShoulders); }), 2);
  EXPECT_EQ(pacer.age(), 2);
  pacer.ran();
  const auto resting = body_with(kWrist, 0.0);
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, resting, kShoulders); }),
            rules_.pose.rest_age);
  pacer.ran();
  const auto slow = body_with(kWrist, 3.0);
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, slow, kShoulders); }),
            rules_.pose.max_age);
  pacer.ran();
  constexpr std::size_t kThumb = 21;
  const auto fingers = body_with(kThumb, 50.0);
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, fingers, kShoulders); }),
            rules_.pose.rest_age)
      << "the hands' own networks see fingers";
}

TEST_F(Pacing, AFaceRunsWhenItHasMovedAndALostOneIsLookedForLess) {
  FacePacer pacer;
  pacer.found();
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.06), kPalm); }), 2);
  pacer.found();
  EXPECT_EQ(frames_until_run([&] { return pacer.follow(frame_, motion(0.0), kPalm); }),
            rules_.face.rest_age);
  for (const int wait : {1, 2, 4}) {
    pacer.missed();
    EXPECT_EQ(frames_until_run([&] { return pacer.seek(frame_); }), wait);
  }
}

TEST(FastRules, ACheaperProfileNeverLooksMoreOften) {
  for (std::size_t i = 0; i + 1 < kFastProfiles; ++i) {
    const FastRules& cheap = fast_rules(static_cast<FastProfile>(i));
    const FastRules& good = fast_rules(static_cast<FastProfile>(i + 1));
    EXPECT_GE(cheap.hand.motion, good.hand.motion);
    EXPECT_LE(cheap.hand.quick_motion, cheap.hand.motion);
    EXPECT_GE(cheap.hand.residual, good.hand.residual);
    EXPECT_GE(cheap.hand.appearance, good.hand.appearance);
    EXPECT_GE(cheap.hand.max_age, good.hand.max_age);
    EXPECT_GE(cheap.hand.min_age, good.hand.min_age);
    EXPECT_GE(cheap.hand.rest_age, good.hand.rest_age);
    EXPECT_GE(cheap.pose.max_age, good.pose.max_age);
    EXPECT_GE(cheap.face.max_age, good.face.max_age);
    EXPECT_GE(good.hand.rest_age, good.hand.max_age);
  }
}

}  // namespace
}  // namespace storysign::vision
