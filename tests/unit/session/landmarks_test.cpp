// Frames whose landmarks the client has found itself.

#include "unit/session/fixture.hpp"
#include "wire/landmark_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace storysign::session::testing {
namespace {

using std::chrono::milliseconds;
using telemetry::FrameEvent;
using telemetry::Rejection;
using ::testing::HasSubstr;

class LandmarkSession : public SessionFixture {
 protected:
  void SetUp() override {
    open(true);
    EXPECT_EQ(heard()["type"], "connection_established");
  }
  void send_landmarks(std::uint32_t number, float x = 0.5F, bool inferred = true) {
    vision::FrameLandmarks found;
    for (auto& point : found.right_hand.emplace().landmarks) point = {x, 0.5F, 0.0F};
    const wire::LandmarkFrameHeader header{
        .inferred = inferred,
        .frame_number = number,
        .capture_time = milliseconds(1000 + 40 * number),
        .width = 640,
        .height = 480,
        .profile = wire::AnswerProfile::kHighPerformance,
        .skip_reason = inferred ? wire::AnswerSkip::kNone : wire::AnswerSkip::kFrameSkip,
        .vision_time = milliseconds(31)};
    base::Bytes message;
    wire::append_landmark_frame(header, found, false, message);
    send(message);
  }
  /// Whether there is an answer to be sent now; it is in answer_.
  bool take_answer() {
    const auto output = session_->next(now_);
    if (!output || !output->bytes) return false;
    answer_bytes_ = *output->bytes;
    const auto read = wire::read_answer(answer_bytes_);
    EXPECT_TRUE(read);
    answer_ = *read;
    return true;
  }
  [[nodiscard]] std::uint64_t count(FrameEvent event) const {
    return metrics_.snapshot().value(event);
  }

  base::Bytes answer_bytes_;
  wire::Answer answer_;
};

TEST_F(LandmarkSession, AnswersAtOnceAndWithoutAWorker) {
  send_landmarks(1);
  ASSERT_TRUE(take_answer());
  EXPECT_TRUE(answer_.header.success && answer_.header.inferred && answer_.header.right_hand);
  EXPECT_FALSE(answer_.header.left_hand || answer_.header.pose || answer_.has_landmarks);
  EXPECT_EQ(answer_.header.frame_number, 1U);
  EXPECT_EQ(answer_.header.server_frame_number, 1U);
  EXPECT_EQ(answer_.header.width, 640U);
  EXPECT_EQ(answer_.header.profile, wire::AnswerProfile::kHighPerformance);
  EXPECT_EQ(answer_.header.quality_reason, static_cast<int>(adapt::Reason::kClient));
  EXPECT_EQ(answer_.header.vision_time, milliseconds(31));
  send_landmarks(2, 0.5F, false);
  ASSERT_TRUE(take_answer());
  EXPECT_FALSE(answer_.header.inferred);
  EXPECT_EQ(answer_.header.skip_reason, wire::AnswerSkip::kFrameSkip);
  EXPECT_EQ(stage_.calls(), 0);
  EXPECT_EQ(count(FrameEvent::kReceived), 2U);
  EXPECT_EQ(count(FrameEvent::kFoundByClient), 2U);
  EXPECT_EQ(count(FrameEvent::kInferred), 0U);
}

TEST_F(LandmarkSession, RefusesAndCountsWhatCannotBe) {
  send_landmarks(5);
  ASSERT_TRUE(take_answer());
  send_landmarks(5);
  ASSERT_TRUE(take_answer());
  EXPECT_FALSE(answer_.header.success);
  EXPECT_EQ(answer_.header.error, wire::AnswerError::kRefused);
  EXPECT_THAT(std::string(answer_.text), HasSubstr("must grow"));
  send_landmarks(6, 3.0F);
  ASSERT_TRUE(take_answer());
  EXPECT_THAT(std::string(answer_.text), HasSubstr("outside the picture"));
  send_landmarks(7, -0.9F);
  ASSERT_TRUE(take_answer());
  EXPECT_TRUE(answer_.header.success) << "80 ms for it";
  send_landmarks(8, 1.9F);
  ASSERT_TRUE(take_answer());
  EXPECT_THAT(std::string(answer_.text), HasSubstr("30 sides"));
  const auto counted = metrics_.snapshot();
  EXPECT_EQ(counted.value(Rejection::kLandmarksTime), 1U);
  EXPECT_EQ(counted.value(Rejection::kLandmarksOutside), 1U);
  EXPECT_EQ(counted.value(Rejection::kLandmarksSpeed), 1U);
  EXPECT_EQ(counted.value(FrameEvent::kRejected), 3U);
  EXPECT_EQ(counted.value(FrameEvent::kFoundByClient), 2U);
}

TEST_F(LandmarkSession, WhoSendsOnlyWhatCannotBeIsClosed) {
  send_landmarks(1);
  for (int i = 0; i < Limits{}.errors_in_a_row; ++i) send_landmarks(1);
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1008);
}

TEST_F(LandmarkSession, AMessageThatIsNoneIsAnError) {
  base::Bytes message(40, 0);
  message[0] = 1;
  message[1] = 2;
  send(message);
  const Json error = heard();
  EXPECT_EQ(error["error_code"], "INVALID_MESSAGE_STRUCTURE");
  EXPECT_THAT(error.dump(), HasSubstr("frame of landmarks"));
  EXPECT_EQ(count(FrameEvent::kReceived), 0U);
}

TEST_F(LandmarkSession, TheLastPicturesAreAnsweredFirst) {
  stage_.hold();
  send(binary_frame(1));
  stage_.wait_for_calls(1);
  send_landmarks(2);
  EXPECT_FALSE(take_answer());
  stage_.release();
  bell_->wait_for(1);
  session_->collect(now_);
  ASSERT_TRUE(take_answer());
  EXPECT_EQ(answer_.header.frame_number, 1U);
  EXPECT_EQ(answer_.header.replaced, 1U);
  send_landmarks(3);
  ASSERT_TRUE(take_answer());
  EXPECT_EQ(answer_.header.frame_number, 3U);
  EXPECT_EQ(answer_.header.replaced, 0U);
  send(binary_frame(4));
  bell_->wait_for(2);
  session_->collect(now_);
  ASSERT_TRUE(take_answer());
  EXPECT_EQ(answer_.header.frame_number, 4U) << "and back to pictures";
}

TEST_F(LandmarkSession, CountsAsAtHomeWhileItSendsLandmarks) {
  EXPECT_EQ(governor_.standing().at_home, 0U);
  send_landmarks(1);
  EXPECT_EQ(governor_.standing().at_home, 1U);
  ASSERT_TRUE(take_answer());
  send(binary_frame(2));
  EXPECT_EQ(governor_.standing().at_home, 0U);
  send_landmarks(3);
  bell_->wait_for(1);
  session_->collect(now_);
  send_landmarks(4);
  EXPECT_EQ(governor_.standing().at_home, 1U);
  session_.reset();
  EXPECT_EQ(governor_.standing().at_home, 0U);
}

TEST_F(LandmarkSession, APictureForWhichThereIsNoRoomIsRefusedAndLandmarksGoOn) {
  send_landmarks(1);
  ASSERT_TRUE(take_answer());
  governor_.observe({.memory_mib = 1e9}, now_ + std::chrono::seconds(1));
  send(binary_frame(2));
  ASSERT_TRUE(take_answer());
  EXPECT_EQ(answer_.header.frame_number, 2U);
  EXPECT_EQ(answer_.header.error, wire::AnswerError::kRefused);
  EXPECT_THAT(std::string(answer_.text), HasSubstr("memory"));
  EXPECT_NE(answer_.header.quality_reason, static_cast<int>(adapt::Reason::kClient));
  EXPECT_EQ(metrics_.snapshot().value(Rejection::kNoRoom), 1U);
  EXPECT_EQ(count(FrameEvent::kRejected), 1U);
  send_landmarks(3);
  ASSERT_TRUE(take_answer());
  EXPECT_TRUE(answer_.header.success);
  EXPECT_EQ(stage_.calls(), 0);
}

TEST_F(LandmarkSession, WhereNoPicturesAreTakenTheyAreRefusedFromOneMomentToTheNext) {
  send(binary_frame(1));
  bell_->wait_for(1);
  session_->collect(now_);
  ASSERT_TRUE(take_answer());
  EXPECT_TRUE(answer_.header.success);
  governor_.set_takes_pictures(false);
  send(binary_frame(2));
  ASSERT_TRUE(take_answer());
  EXPECT_EQ(answer_.header.error, wire::AnswerError::kRefused);
  EXPECT_THAT(std::string(answer_.text), HasSubstr("takes no pictures"));
  EXPECT_EQ(metrics_.snapshot().value(Rejection::kPicturesNever), 1U);
  EXPECT_EQ(stage_.calls(), 1);
  send_landmarks(3);
  ASSERT_TRUE(take_answer());
  EXPECT_TRUE(answer_.header.success);
}

TEST_F(LandmarkSession, IsInvitedHomeOnceItHasSaidThatItCould) {
  const auto ask_for_more = [&] {
    // Memory is never made by an invitation; places are.
    adapt::Admission answer;
    for (int i = 0; i < 200; ++i) answer = governor_.admit(1000, now_);
    return answer;
  };
  EXPECT_EQ(ask_for_more().refusal, adapt::Refusal::kCapacity);
  session_->on_tick(now_);
  EXPECT_FALSE(session_->next(now_)) << "nobody has asked whether it can";
  say_json({{"type", "control"}, {"action", "set_home"}, {"data", {{"capable", true}}}});
  EXPECT_EQ(heard()["result"], (Json{{"success", true}, {"capable", true}}));
  EXPECT_EQ(ask_for_more().refusal, adapt::Refusal::kCapacity) << "one more, not any number";
  session_->on_tick(now_);
  const Json invitation = heard();
  EXPECT_EQ(invitation["type"], "invitation");
  EXPECT_EQ(invitation["place"], "home");
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Counter::kInvitations), 1U);
  ask_for_more();
  session_->on_tick(now_);
  EXPECT_FALSE(session_->next(now_)) << "once";
}

TEST_F(LandmarkSession, SetHomeNeedsAnAnswer) {
  say_json({{"type", "control"}, {"action", "set_home"}, {"data", {{"capable", "yes"}}}});
  const Json refused = heard();
  EXPECT_EQ(refused["result"]["success"], false);
  EXPECT_THAT(refused.dump(), HasSubstr("true or false"));
}

}  // namespace
}  // namespace storysign::session::testing
