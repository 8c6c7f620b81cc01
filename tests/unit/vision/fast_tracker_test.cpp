#include "engine/null_engine.hpp"
#include "support/allocation_count.hpp"
#include "unit/vision/scene.hpp"
#include "vision/tracker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

namespace storysign::vision {
namespace {

using engine::Model;
using testing::Scene;

constexpr std::chrono::microseconds kFrame{33333};

/// Everything goes by `shift`, or is lost.
struct FlowScript {
  FlowPoint shift;
  bool lost = false;
};

class ScriptedFlow final : public OpticalFlow {
 public:
  explicit ScriptedFlow(const FlowScript& script) : script_(script) {}
  void advance(const base::GrayView& /*picture*/, std::span<const FlowPoint> from,
               std::span<FlowPoint> to, std::span<std::uint8_t> found) override {
    std::fill(found.begin(), found.end(), std::uint8_t{has_picture_ && !script_.lost});
    for (std::size_t i = 0; i < from.size(); ++i) {
      to[i] = {from[i].x + script_.shift.x, from[i].y + script_.shift.y};
    }
    has_picture_ = true;
  }
  void reset() noexcept override { has_picture_ = false; }

 private:
  const FlowScript& script_;
  bool has_picture_ = false;
};

/// A gray picture whose colours are counted.
class CountedPicture final : public Picture {
 public:
  [[nodiscard]] int width() const noexcept override { return image_.width(); }
  [[nodiscard]] int height() const noexcept override { return image_.height(); }
  base::Result<base::GrayView> small_gray() override {
    reduce_to_gray(image_.view(), gray_reduction(width(), height()), gray_);
    return gray_.view();
  }
  base::Result<base::ImageView> colours() override {
    ++asked;
    if (broken) {
      return base::fail(base::ErrorCode::kInvalidInput, "the picture is damaged");
    }
    return image_.view();
  }

  int asked = 0;
  bool broken = false;

 private:
  base::Image image_ = base::Image(640, 480);
  base::GrayImage gray_;
};

class FastTracker : public ::testing::Test {
 protected:
  Scene scene_;
  FlowScript flow_;
  CountedPicture picture_;
  Pace pace_{FastProfile::kBalanced, 0};
  std::unique_ptr<engine::Engine> engine_ = engine::make_null_engine(&scene_);
  std::unique_ptr<Networks> networks_;
  std::unique_ptr<HolisticTracker> tracker_;
  std::chrono::microseconds time_{0};

  void start(TrackerOptions options) {
    auto networks = Networks::create(*engine_, options);
    ASSERT_TRUE(networks) << networks.error().message;
    networks_ = std::move(*networks);
    tracker_ = std::make_unique<HolisticTracker>(options, std::make_unique<ScriptedFlow>(flow_));
    scene_.calls.clear();
  }
  void start(TrackerKind kind) { start(TrackerOptions{.tracker = kind}); }

  const FrameLandmarks& next() {
    time_ += kFrame;
    const auto found = tracker_->process_fast(picture_, time_, *networks_, pace_);
    EXPECT_TRUE(found) << found.error().message;
    return **found;
  }
  void frames(int count) {
    for (int i = 0; i < count; ++i) {
      next();
    }
  }
  int calls(Model model) { return scene_.calls[model]; }
};

TEST_F(FastTracker, TheFirstFrameRunsEverything) {
  start(TrackerKind::kHolistic);
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.pose && found.left_hand && found.right_hand && found.face);
  EXPECT_TRUE(found.inferred.pose && found.inferred.left_hand && found.inferred.right_hand &&
              found.inferred.face);
}

TEST_F(FastTracker, AStillFrameRunsNothingAndNeedsNoColours) {
  start(TrackerKind::kHolistic);
  const FrameLandmarks first = next();
  scene_.calls.clear();
  picture_.asked = 0;
  const FrameLandmarks& found = next();
  EXPECT_FALSE(found.inferred.any());
  EXPECT_FALSE(found.held);
  EXPECT_TRUE(scene_.calls.empty());
  EXPECT_EQ(picture_.asked, 0);
  ASSERT_TRUE(found.pose && found.left_hand && found.right_hand && found.face);
  EXPECT_FLOAT_EQ(found.left_hand->landmarks[8].x, first.left_hand->landmarks[8].x);
  EXPECT_FLOAT_EQ(found.left_hand->score, first.left_hand->score);
}

TEST_F(FastTracker, WhatIsNotRunMovesWithTheFlow) {
  start(TrackerKind::kHolistic);
  const FrameLandmarks first = next();
  pace_.frame_skip = 2;
  flow_.shift = {0.25F, -0.5F};  // Of a picture half as large: 0.5 and 1 pixel.
  const FrameLandmarks& found = next();
  ASSERT_FALSE(found.inferred.any());
  const auto expect_moved = [](const auto& before, const auto& after) {
    EXPECT_NEAR((after.x - before.x) * 640.0F, 0.5F, 1e-3F);
    EXPECT_NEAR((after.y - before.y) * 480.0F, -1.0F, 1e-3F);
    EXPECT_EQ(after.z, before.z);
  };
  expect_moved((*first.pose)[0], (*found.pose)[0]);
  expect_moved((*first.pose)[15], (*found.pose)[15]);
  expect_moved((*first.pose)[27], (*found.pose)[27]);  // Hidden below the table.
  expect_moved(first.left_hand->landmarks[20], found.left_hand->landmarks[20]);
  expect_moved((*first.face)[7], (*found.face)[7]);
}

TEST_F(FastTracker, AFastHandRunsAtOnce) {
  start(TrackerKind::kHolistic);
  next();
  scene_.calls.clear();
  flow_.shift = {20.0F, 0.0F};
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.inferred.left_hand && found.inferred.right_hand);
  EXPECT_EQ(calls(Model::kHandLandmarkFull), 2);
  EXPECT_EQ(calls(Model::kHandRecrop), 2);
}

TEST_F(FastTracker, WhereTheFlowIsLostTheNetworksRun) {
  start(TrackerKind::kHolistic);
  frames(2);
  flow_.lost = true;
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.inferred.left_hand && found.inferred.right_hand && found.inferred.face);
}

TEST_F(FastTracker, FrameSkipIsKeptWhateverMoves) {
  start(TrackerKind::kHolistic);
  pace_.frame_skip = 4;
  flow_.shift = {20.0F, 0.0F};
  next();
  scene_.calls.clear();
  for (int i = 1; i < 4; ++i) {
    const FrameLandmarks& found = next();
    EXPECT_FALSE(found.inferred.any()) << i;
    EXPECT_TRUE(found.held) << i;
    EXPECT_TRUE(found.pose && found.left_hand && found.face) << i;
  }
  EXPECT_TRUE(next().inferred.any());
  frames(12);
  EXPECT_EQ(calls(Model::kPoseLandmarkFull), 4);
  EXPECT_EQ(calls(Model::kHandLandmarkFull), 8);
  EXPECT_EQ(calls(Model::kFaceLandmark), 4);
}

TEST_F(FastTracker, AFrameBehindLeavesTheNetworksToTheNewerOne) {
  start(TrackerKind::kHolistic);
  flow_.shift = {20.0F, 0.0F};
  next();
  pace_.behind = true;
  for (int i = 1; i < kBehindAge; ++i) {
    const FrameLandmarks& found = next();
    EXPECT_FALSE(found.inferred.any()) << i;
    EXPECT_TRUE(found.held) << i;
  }
  EXPECT_TRUE(next().inferred.any()) << "but not for ever";
  next();
  pace_.behind = false;
  EXPECT_TRUE(next().inferred.any());
}

TEST_F(FastTracker, HandsTakeTurnsInTheCheapestProfile) {
  start(TrackerKind::kHolistic);
  pace_ = {FastProfile::kUltraPerformance, 0};
  flow_.shift = {20.0F, 0.0F};
  frames(4);
  for (int i = 0; i < 12; ++i) {
    const FrameLandmarks& found = next();
    EXPECT_FALSE(found.inferred.left_hand && found.inferred.right_hand) << i;
  }
  EXPECT_GE(calls(Model::kHandLandmarkFull), 2 + 2 * 4);
  pace_ = {FastProfile::kHighPerformance, 0};
  bool together = false;
  for (int i = 0; i < 12; ++i) {
    const FrameLandmarks& found = next();
    together = together || (found.inferred.left_hand && found.inferred.right_hand);
  }
  EXPECT_FALSE(together) << "once out of step they stay so";
  start(TrackerKind::kHolistic);
  frames(2);
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.inferred.left_hand && found.inferred.right_hand) << "other profiles leave it";
}

TEST_F(FastTracker, AnAbsentHandIsProbedLessAndLess) {
  start(TrackerKind::kHolistic);
  scene_.hand = false;
  frames(28);  // After 0, 1, 1 + 2, + 4, + 8 and + 12 frames.
  EXPECT_EQ(calls(Model::kHandLandmarkFull), 2 * 6);
  scene_.hand = true;
  frames(12);
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.left_hand && found.right_hand);
}

TEST_F(FastTracker, TheFaceDetectorRunsOnlyForALostFaceInCheapProfiles) {
  for (const auto& [profile, looks] :
       {std::pair{FastProfile::kHighPerformance, 1}, {FastProfile::kBalanced, 11}}) {
    start(TrackerKind::kHolistic);
    pace_ = {profile, 0};
    flow_.shift = {20.0F, 0.0F};
    frames(11);
    EXPECT_EQ(calls(Model::kFaceLandmark), 11);
    EXPECT_EQ(calls(Model::kFaceDetectionShortRange), looks);
  }
}

TEST_F(FastTracker, HandsOnTheirOwnAreCarriedToo) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kHands);
  next();
  scene_.palm = false;
  frames(30);
  const int detections = calls(Model::kPalmDetectionFull);
  EXPECT_EQ(detections, 31) << "a second hand is looked for in every frame, as MediaPipe does";
  start(TrackerKind::kAuto);
  scene_.palm = true;
  next();
  scene_.palm = false;
  frames(8);  // While it looks eagerly for a second hand.
  scene_.calls.clear();
  picture_.asked = 0;
  const FrameLandmarks& found = next();
  EXPECT_FALSE(found.inferred.any());
  EXPECT_TRUE(found.right_hand);
  EXPECT_TRUE(scene_.calls.empty());
  EXPECT_EQ(picture_.asked, 0);
}

TEST_F(FastTracker, TheBodyIsFoundAgainFromHandsOnTheirOwn) {
  scene_.body = false;
  scene_.palm = true;
  start(TrackerKind::kAuto);
  frames(3);
  scene_.body = true;
  frames(15);
  EXPECT_EQ(next().mode, TrackingMode::kBody);
}

TEST_F(FastTracker, TheWaysMayChangeFromFrameToFrame) {
  start(TrackerKind::kHolistic);
  const base::Image image(640, 480);
  frames(2);
  time_ += kFrame;
  const auto reference = tracker_->process(image.view(), time_, *networks_);
  ASSERT_TRUE(reference);
  EXPECT_TRUE((*reference)->inferred.left_hand);
  const FrameLandmarks& found = next();
  EXPECT_TRUE(found.inferred.left_hand) << "the flow has not seen the frame before";
  EXPECT_FALSE(next().inferred.any());
}

TEST_F(FastTracker, ADamagedPictureIsAnErrorAndTheNextFrameStartsAfresh) {
  start(TrackerKind::kHolistic);
  picture_.broken = true;
  const auto failed = tracker_->process_fast(picture_, kFrame, *networks_, pace_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "the picture is damaged");
  picture_.broken = false;
  EXPECT_TRUE(next().inferred.pose);
}

TEST_F(FastTracker, WithoutAFlowTheFastWayIsRefused) {
  start(TrackerKind::kHolistic);
  HolisticTracker tracker(TrackerOptions{.tracker = TrackerKind::kHolistic});
  const auto refused = tracker.process_fast(picture_, kFrame, *networks_, pace_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidInput);
}

TEST_F(FastTracker, TakesNoMemoryInTheSteadyState) {
  scene_.palm = true;
  start(TrackerKind::kAuto);
  const auto every_kind_of_frame = [&] {
    for (const float shift : {0.0F, 20.0F, 0.1F}) {
      flow_.shift = {shift, 0.0F};
      frames(8);
    }
    scene_.body = false;
    flow_.shift = {20.0F, 0.0F};
    frames(6);
    scene_.body = true;
    frames(20);
  };
  every_kind_of_frame();
  const std::size_t before = test::allocations();
  every_kind_of_frame();
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::vision
