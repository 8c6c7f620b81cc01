#include "unit/pipeline/fixture.hpp"
#include "unit/vision/scene.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <utility>

namespace storysign::pipeline {
namespace {

using telemetry::FrameEvent;
using telemetry::PartInferred;
using testing::Seen;

/// The fast mode, with a signer who holds still.
class FastFrames : public testing::PipelineFixture {
 protected:
  vision::testing::Scene scene_;
  std::unique_ptr<Channel> channel_;
  std::size_t sent_ = 0;

  void SetUp() override {
    engine_ = engine::make_null_engine(&scene_);
    PipelineOptions options;
    options.max_wait = std::chrono::hours(1);
    options.tracker = {.tracker = vision::TrackerKind::kHolistic, .complexity = 0};
    options.metrics = &metrics_;
    start(options);
    channel_ = pipeline_->open(inbox_);
    jpeg_ = testing::make_jpeg(320, 240);
  }
  Frame fast(std::uint32_t number) {
    Frame frame = this->frame(number);
    frame.quality.is_fast = true;
    frame.quality.pace = {vision::FastProfile::kBalanced, 0};
    return frame;
  }
  Seen send(Frame frame) {
    channel_->submit(std::move(frame));
    return inbox_->wait_for(++sent_).back();
  }
  [[nodiscard]] std::uint64_t counted(PartInferred part) const {
    return metrics_.snapshot().value(part);
  }
};

TEST_F(FastFrames, TheFirstIsInferredAndAStillOneAfterItPropagated) {
  EXPECT_EQ(send(fast(1)).outcome, Outcome::kInferred);
  EXPECT_EQ(counted(PartInferred::kPose), 1U);
  EXPECT_EQ(counted(PartInferred::kHand), 2U);
  EXPECT_EQ(counted(PartInferred::kFace), 1U);
  EXPECT_EQ(send(fast(2)).outcome, Outcome::kPropagated);
  EXPECT_EQ(counted(PartInferred::kHand), 2U);
  const auto snapshot = metrics_.snapshot();
  EXPECT_EQ(snapshot.value(FrameEvent::kInferred), 1U);
  EXPECT_EQ(snapshot.value(FrameEvent::kPropagated), 1U);
}

TEST_F(FastFrames, APropagatedFrameHasAPictureTooIfItIsWishedFor) {
  send(fast(1));
  Frame wished = fast(2);
  wished.wish.picture = true;
  const Seen seen = send(std::move(wished));
  EXPECT_EQ(seen.outcome, Outcome::kPropagated);
  EXPECT_GT(seen.picture_bytes, 0U);
  EXPECT_EQ(seen.picture_width, 320);
  EXPECT_EQ(seen.picture_height, 240);
}

TEST_F(FastFrames, ThePictureIsAsLargeAsTheScaleSays) {
  for (const bool is_fast : {true, false}) {
    Frame wished = fast(1);
    wished.quality.is_fast = is_fast;
    wished.quality.resolution_scale = 0.6;
    wished.wish.picture = true;
    const Seen seen = send(std::move(wished));
    EXPECT_EQ(seen.picture_width, 192);
    EXPECT_EQ(seen.picture_height, 144);
    EXPECT_EQ(seen.width, 320);
  }
}

TEST_F(FastFrames, ADamagedOneIsRefusedAndForgetsNothing) {
  send(fast(1));
  base::Bytes whole = jpeg_;
  jpeg_.resize(jpeg_.size() / 2);
  const Seen damaged = send(fast(2));
  EXPECT_EQ(damaged.outcome, Outcome::kUndecoded);
  EXPECT_NE(damaged.error, "");
  jpeg_ = std::move(whole);
  EXPECT_EQ(send(fast(3)).outcome, Outcome::kPropagated);
}

TEST_F(FastFrames, TheWayMayChangeFromFrameToFrame) {
  send(fast(1));
  EXPECT_EQ(send(frame(2)).outcome, Outcome::kInferred);
  EXPECT_EQ(send(fast(3)).outcome, Outcome::kInferred) << "the flow has not seen the frame before";
  EXPECT_EQ(send(fast(4)).outcome, Outcome::kPropagated);
}

TEST_F(FastFrames, AFailedNetworkIsAFailureOfTheFrame) {
  scene_.broken = true;
  EXPECT_EQ(send(fast(1)).outcome, Outcome::kFailed);
  scene_.broken = false;
  EXPECT_EQ(send(fast(2)).outcome, Outcome::kInferred);
}

}  // namespace
}  // namespace storysign::pipeline
