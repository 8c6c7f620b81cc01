#include "vision/tracker.hpp"

#include "engine/null_engine.hpp"
#include "support/allocation_count.hpp"
#include "unit/vision/scene.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>

namespace storysign::vision {
namespace {

using engine::Model;
using testing::Scene;

constexpr std::chrono::microseconds kFrame{33333};

class Tracker : public ::testing::Test {
 protected:
  Scene scene_;
  base::Image image_ = base::Image(320, 240);
  std::unique_ptr<engine::Engine> engine_ = engine::make_null_engine(&scene_);
  std::unique_ptr<Networks> networks_;
  std::unique_ptr<HolisticTracker> tracker_;
  std::chrono::microseconds time_{0};

  void start(TrackerOptions options) {
    auto networks = Networks::create(*engine_, options);
    ASSERT_TRUE(networks) << networks.error().message;
    networks_ = std::move(*networks);
    tracker_ = std::make_unique<HolisticTracker>(options);
    scene_.calls.clear();
  }
  void start(TrackerKind kind) { start(TrackerOptions{.tracker = kind}); }

  const FrameLandmarks& next() {
    time_ += kFrame;
    const auto found = tracker_->process(image_.view(), time_, *networks_);
    EXPECT_TRUE(found) << found.error().message;
    return **found;
  }
};

TEST_F(Tracker, HolisticFindsEveryPart) {
  start(TrackerKind::kHolistic);
  const FrameLandmarks& found = next();
  EXPECT_EQ(found.mode, TrackingMode::kBody);
  EXPECT_TRUE(found.pose && found.left_hand && found.right_hand && found.face);
  EXPECT_FLOAT_EQ(found.left_hand->score, 0.9F);
}

TEST_F(Tracker, HolisticDetectsOnlyUntilItTracks) {
  start(TrackerKind::kHolistic);
  for (int i = 0; i < 5; ++i) {
    next();
  }
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], 1);
  EXPECT_EQ(scene_.calls[Model::kPoseLandmarkFull], 5);
  EXPECT_EQ(scene_.calls[Model::kHandLandmarkFull], 10);
}

TEST_F(Tracker, HolisticWithoutABodyHasNothing) {
  start(TrackerKind::kHolistic);
  next();
  scene_.body = false;
  const FrameLandmarks& lost = next();
  EXPECT_FALSE(lost.pose || lost.left_hand || lost.right_hand || lost.face);
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], 1)
      << "the detector runs in the frame after the loss";
  next();
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], 2);
}

TEST_F(Tracker, StillsAreDetectedOneByOne) {
  start(TrackerOptions{.tracker = TrackerKind::kHolistic, .still = true});
  next();
  next();
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], 2);
}

TEST_F(Tracker, ComplexityChoosesThePoseNetwork) {
  for (const auto& [complexity, model] : {std::pair{0, Model::kPoseLandmarkLite},
                                          {1, Model::kPoseLandmarkFull},
                                          {2, Model::kPoseLandmarkHeavy}}) {
    start(TrackerOptions{.tracker = TrackerKind::kHolistic, .complexity = complexity});
    next();
    EXPECT_EQ(scene_.calls[model], 1);
    EXPECT_EQ(scene_.calls[Model::kHandLandmarkFull], 2)
        << "hands of a body always use the full network";
  }
  const auto refused = Networks::create(*engine_, TrackerOptions{.complexity = 3});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidInput);
}

TEST_F(Tracker, ARefinedFaceHasIrises) {
  start(TrackerOptions{.tracker = TrackerKind::kHolistic, .refine_face = true});
  const FrameLandmarks& found = next();
  ASSERT_TRUE(found.face);
  EXPECT_EQ(found.face->size(), kRefinedFaceLandmarks);
  EXPECT_EQ(scene_.calls[Model::kFaceLandmarkWithAttention], 1);
  start(TrackerOptions{.tracker = TrackerKind::kHolistic});
  EXPECT_EQ(next().face->size(), kFaceLandmarks);
}

TEST_F(Tracker, HandsAloneUseNoBody) {
  scene_.palm = true;
  start(TrackerOptions{.tracker = TrackerKind::kHands, .complexity = 0});
  const FrameLandmarks& found = next();
  EXPECT_EQ(found.mode, TrackingMode::kHands);
  EXPECT_TRUE(found.right_hand);
  EXPECT_FALSE(found.pose || found.face || found.left_hand);
  EXPECT_EQ(scene_.calls[Model::kPalmDetectionLite], 1);
  EXPECT_EQ(scene_.calls[Model::kHandLandmarkLite], 1);
}

TEST_F(Tracker, HandsAloneLookForASecondHandInEveryFrame) {
  scene_.palm = true;
  start(TrackerKind::kHands);
  next();
  scene_.palm = false;  // The detector sees no second one.
  for (int i = 1; i < 20; ++i) {
    EXPECT_TRUE(next().right_hand);
  }
  EXPECT_EQ(scene_.calls[Model::kPalmDetectionFull], 20);
}

TEST_F(Tracker, AutoEqualsHolisticWhileTheBodyIsUsable) {
  start(TrackerKind::kAuto);
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(next().mode, TrackingMode::kBody);
  }
  EXPECT_EQ(scene_.calls[Model::kPalmDetectionFull], 0);
  EXPECT_EQ(scene_.calls[Model::kPoseLandmarkFull], 40);
}

TEST_F(Tracker, AutoTurnsToHandsInTheFrameWithoutABody) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kAuto);
  const FrameLandmarks& found = next();
  EXPECT_EQ(found.mode, TrackingMode::kHands);
  EXPECT_TRUE(found.right_hand);
  EXPECT_FALSE(found.pose);
}

TEST_F(Tracker, AutoLeavesABodyWithoutFaceAndHandsInTheThirdFrame) {
  scene_.face = false;
  scene_.hand = false;
  start(TrackerKind::kAuto);
  EXPECT_EQ(next().mode, TrackingMode::kBody);
  EXPECT_EQ(next().mode, TrackingMode::kBody);
  const FrameLandmarks& third = next();
  EXPECT_EQ(third.mode, TrackingMode::kHands);
  EXPECT_FALSE(third.pose);
}

TEST_F(Tracker, AutoStaysWithABodyThatHasAHandNowAndThen) {
  scene_.face = false;
  scene_.hand = false;
  start(TrackerKind::kAuto);
  for (int i = 0; i < 12; ++i) {
    scene_.hand = i % 3 == 2;
    EXPECT_EQ(next().mode, TrackingMode::kBody) << i;
  }
}

TEST_F(Tracker, AutoLeavesAStillBodyAtOnce) {
  scene_.face = false;
  scene_.hand = false;
  start(TrackerOptions{.still = true});
  EXPECT_EQ(next().mode, TrackingMode::kHands);
}

TEST_F(Tracker, AutoComesBackToTheBodyAtTheProbe) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kAuto);
  next();
  scene_.body = true;
  for (int i = 1; i < 15; ++i) {
    EXPECT_EQ(next().mode, TrackingMode::kHands) << i;
  }
  const int detections = scene_.calls[Model::kPoseDetection];
  const FrameLandmarks& found = next();
  EXPECT_EQ(found.mode, TrackingMode::kBody);
  EXPECT_TRUE(found.pose && found.face && found.left_hand);
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], detections + 1)
      << "the probe's body is used, not found again";
  next();
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], detections + 1) << "and tracked from then on";
}

TEST_F(Tracker, AutoDoesNotComeBackToABodyWithoutAFace) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kAuto);
  next();
  scene_.body = true;
  scene_.face = false;
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(next().mode, TrackingMode::kHands);
  }
  EXPECT_EQ(scene_.calls[Model::kPoseLandmarkFull], 2) << "two probes in 40 frames";
}

TEST_F(Tracker, AutoLooksForASecondHandEagerlyAndThenSparsely) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kAuto);
  next();
  scene_.palm = false;  // The detector sees no second one.
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(next().right_hand);
  }
  const int eager = scene_.calls[Model::kPalmDetectionFull];
  EXPECT_EQ(eager, 7);
  for (int i = 0; i < 20; ++i) {
    next();
  }
  EXPECT_LE(scene_.calls[Model::kPalmDetectionFull], eager + 3);
  EXPECT_GE(scene_.calls[Model::kPalmDetectionFull], eager + 1);
}

TEST_F(Tracker, AutoTiresOfLookingForHands) {
  scene_.body = false;
  start(TrackerKind::kAuto);
  for (int i = 0; i < 16; ++i) {
    next();
  }
  EXPECT_EQ(scene_.calls[Model::kPalmDetectionFull], 16);
  for (int i = 0; i < 30; ++i) {
    next();
  }
  EXPECT_EQ(scene_.calls[Model::kPalmDetectionFull], 16 + 10);
}

TEST_F(Tracker, ABrokenNetworkIsAnErrorAndTheNextFrameStartsAfresh) {
  start(TrackerKind::kHolistic);
  next();
  scene_.broken = true;
  const auto failed = tracker_->process(image_.view(), time_ + kFrame, *networks_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the network broke");
  scene_.broken = false;
  time_ += kFrame;
  EXPECT_TRUE(next().pose);
  EXPECT_EQ(scene_.calls[Model::kPoseDetection], 2);
}

TEST_F(Tracker, AnEmptyPictureIsRefused) {
  start(TrackerKind::kHolistic);
  EXPECT_FALSE(tracker_->process({}, kFrame, *networks_));
}

TEST_F(Tracker, TheMaskComesWithTheBody) {
  start(TrackerOptions{.segmentation = true});
  next();
  EXPECT_EQ(tracker_->mask().width, 320);
  EXPECT_EQ(tracker_->mask().height, 240);
  scene_.body = false;
  next();
  EXPECT_EQ(tracker_->mask().data, nullptr);
}

TEST_F(Tracker, TakesNoMemoryInTheSteadyState) {
  scene_.palm = true;
  start(TrackerOptions{.segmentation = true, .mask_smoothing = 0.7F});
  // Each kind of frame once: body, loss of it, hands, probe, and body again.
  const auto every_kind_of_frame = [&] {
    scene_.body = true;
    next();
    next();
    scene_.body = false;
    for (int i = 0; i < 5; ++i) {
      next();
    }
    scene_.body = true;
    for (int i = 0; i < 15; ++i) {
      next();
    }
  };
  every_kind_of_frame();
  const std::size_t before = test::allocations();
  every_kind_of_frame();
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::vision
