// What becomes of one frame.

#include "pipeline/pipeline.hpp"

#include "codec/gate.hpp"
#include "support/log_lines.hpp"
#include "unit/pipeline/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace storysign::pipeline::testing {
namespace {

using std::chrono::milliseconds;
using telemetry::FrameEvent;
using telemetry::Timing;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class OneFrame : public PipelineFixture {
 protected:
  void SetUp() override {
    start(1);
    channel_ = pipeline_->open(inbox_);
  }
  void TearDown() override { channel_.reset(); }

  Seen send(Frame frame) {
    channel_->submit(std::move(frame));
    return inbox_->wait_for(++sent_).back();
  }
  [[nodiscard]] std::uint64_t counted(FrameEvent event) const {
    return metrics_.snapshot().value(event);
  }

  std::unique_ptr<Channel> channel_;
  std::size_t sent_ = 0;
};

TEST_F(OneFrame, IsInferred) {
  const Seen seen = send(frame(7));
  EXPECT_EQ(seen.number, 7U);
  EXPECT_EQ(seen.outcome, Outcome::kInferred);
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.width, kWidth);
  EXPECT_EQ(seen.picture_bytes, 0U) << "nobody wished for a picture";
  EXPECT_EQ(counted(FrameEvent::kInferred), 1U);
  const telemetry::Snapshot snapshot = metrics_.snapshot();
  for (const Timing timing : {Timing::kQueue, Timing::kDecode, Timing::kVision}) {
    EXPECT_EQ(snapshot.of(timing).count, 1U);
  }
  EXPECT_EQ(snapshot.of(Timing::kEncode).count, 0U);
}

TEST_F(OneFrame, ComesBackAsAPictureIfWished) {
  Frame wished = frame(1);
  wished.wish.picture = true;
  EXPECT_GT(send(std::move(wished)).picture_bytes, 200U);
  EXPECT_EQ(metrics_.snapshot().of(Timing::kEncode).count, 1U);
  EXPECT_EQ(send(frame(2)).picture_bytes, 0U) << "the next one has none of the last";
}

TEST_F(OneFrame, SaysWhetherItWasToBeKept) {
  EXPECT_TRUE(send(kept(1)).keep);
  EXPECT_FALSE(send(frame(2)).keep) << "not what the one before said";
}

TEST_F(OneFrame, MayBeginAnywhereInItsBuffer) {
  Frame shifted = frame(1);
  shifted.buffer->insert(shifted.buffer->begin(), 32, 0xAA);
  shifted.offset = 32;
  EXPECT_EQ(send(std::move(shifted)).outcome, Outcome::kInferred);
}

TEST_F(OneFrame, ThatIsNoJpegIsRejected) {
  const std::vector<std::uint8_t> text = {'h', 'e', 'l', 'l', 'o'};
  const Seen seen = send(frame(1, text));
  EXPECT_EQ(seen.outcome, Outcome::kRejected);
  EXPECT_EQ(seen.reason, "not_jpeg");
  EXPECT_NE(seen.error, "");
  EXPECT_EQ(stage_.calls(), 0);
  EXPECT_EQ(counted(FrameEvent::kRejected), 1U);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Rejection::kNotJpeg), 1U);
  const Seen next = send(frame(2));
  EXPECT_EQ(next.outcome, Outcome::kInferred);
  EXPECT_EQ(next.error, "");
  EXPECT_EQ(next.reason, "");
}

TEST_F(OneFrame, OfAnotherSizeThanDeclaredIsRejected) {
  Frame wrong = frame(1);
  wrong.declared_width = kWidth;
  wrong.declared_height = kHeight + 1;
  const Seen seen = send(std::move(wrong));
  EXPECT_EQ(seen.outcome, Outcome::kRejected);
  EXPECT_EQ(seen.reason, "size_mismatch");
  EXPECT_THAT(seen.error, HasSubstr("64 x 49"));
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Rejection::kSizeMismatch), 1U);
  Frame right = frame(2);
  right.declared_width = kWidth;
  right.declared_height = kHeight;
  EXPECT_EQ(send(std::move(right)).outcome, Outcome::kInferred);
}

TEST_F(OneFrame, ThatIsDamagedIsNotDecoded) {
  base::Bytes cut = make_jpeg();
  cut.resize(cut.size() - cut.size() / 3);
  const Seen seen = send(frame(1, cut));
  EXPECT_EQ(seen.outcome, Outcome::kUndecoded);
  EXPECT_NE(seen.error, "");
  EXPECT_EQ(counted(FrameEvent::kUndecoded), 1U);
}

TEST_F(OneFrame, FailsWithTheNetworkAndTheNextDoesNot) {
  stage_.set_mood(Stage::Mood::kFails);
  const Seen seen = send(frame(1));
  EXPECT_EQ(seen.outcome, Outcome::kFailed);
  EXPECT_NE(seen.error, "");
  stage_.set_mood(Stage::Mood::kFine);
  EXPECT_EQ(send(frame(2)).outcome, Outcome::kInferred);
  EXPECT_EQ(counted(FrameEvent::kFailed), 1U);
}

TEST_F(OneFrame, ThatThrowsEndsNoWorker) {
  stage_.set_mood(Stage::Mood::kThrows);
  Frame wished = frame(1);
  wished.wish.picture = true;
  const Seen seen = send(std::move(wished));
  EXPECT_EQ(seen.outcome, Outcome::kFailed);
  EXPECT_EQ(seen.picture_bytes, 0U);
  EXPECT_NE(seen.error, "");
  stage_.set_mood(Stage::Mood::kFine);
  EXPECT_EQ(send(frame(2)).outcome, Outcome::kInferred);
}

TEST_F(PipelineFixture, FailuresAreLoggedNowAndThen) {
  storysign::testing::LogLines lines;
  telemetry::Log log({.sink = &lines});
  PipelineOptions options;
  options.tracker.tracker = vision::TrackerKind::kHolistic;
  options.log = &log;
  options.now = []() noexcept { return base::SteadyTime(std::chrono::seconds(50)); };
  start(options);
  auto channel = pipeline_->open(inbox_);
  stage_.set_mood(Stage::Mood::kThrows);
  for (std::uint32_t i = 1; i <= 5; ++i) {
    Frame sent = frame(i);
    sent.received = options.now();
    channel->submit(std::move(sent));
    inbox_->wait_for(i);
  }
  channel.reset();
  pipeline_.reset();
  ASSERT_THAT(lines.lines, SizeIs(1));
  EXPECT_THAT(lines.lines[0], HasSubstr("the library broke"));
}

TEST_F(PipelineFixture, RefusesNonsense) {
  PipelineOptions options;
  options.workers = 0;
  EXPECT_FALSE(Pipeline::create(*engine_, options));
  options.workers = 1;
  options.queue = 0;
  EXPECT_FALSE(Pipeline::create(*engine_, options));
  options.queue = 1;
  options.max_wait = milliseconds(0);
  EXPECT_FALSE(Pipeline::create(*engine_, options));
  options.max_wait = milliseconds(1);
  EXPECT_TRUE(Pipeline::create(*engine_, options));
}

TEST(Rejection, HasACaseForEveryReasonOfTheGate) {
  for (int i = 0; i <= static_cast<int>(codec::GateReason::kTooManyScans); ++i) {
    const std::string_view name = codec::gate_reason_name(static_cast<codec::GateReason>(i));
    const auto which = telemetry::case_of<telemetry::Rejection>(name);
    EXPECT_NE(which, telemetry::Rejection::kOther) << name;
    EXPECT_EQ(telemetry::text_of(which), name);
  }
}

}  // namespace
}  // namespace storysign::pipeline::testing
