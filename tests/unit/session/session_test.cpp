// One learner's conversation, message for message (reference/protocol.md).

#include "unit/session/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace storysign::session::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class JsonSession : public SessionFixture {
 protected:
  void SetUp() override {
    open(false);
    EXPECT_EQ(heard()["type"], "connection_established");
  }
};

class BinarySession : public SessionFixture {
 protected:
  void SetUp() override {
    open(true);
    EXPECT_EQ(heard()["server_info"]["protocol"], "storysign.v1");
  }
};

TEST_F(SessionFixture, GreetsOnce) {
  open(false);
  const Json greeting = heard();
  EXPECT_EQ(greeting["type"], "connection_established");
  EXPECT_EQ(greeting["client_id"], "client_7");
  EXPECT_EQ(greeting["timestamp"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(greeting["server_info"]["version"], "1.2.3");
  EXPECT_FALSE(session_->next(now_));
}

TEST_F(JsonSession, AnswersAFrame) {
  say_json(raw_frame(41));
  const Json answer = answer_after(1);
  EXPECT_EQ(answer["type"], "processed_frame");
  EXPECT_EQ(answer["metadata"]["client_frame_number"], 41);
  EXPECT_EQ(answer["metadata"]["server_frame_number"], 1);
  EXPECT_EQ(answer["metadata"]["success"], true);
  EXPECT_EQ(answer["metadata"]["inferred"], true);
  EXPECT_THAT(answer["frame_data"].get<std::string>(), HasSubstr("data:image/jpeg;base64,"));
  EXPECT_EQ(answer["landmarks_detected"], answer["metadata"]["landmarks_detected"]);
  EXPECT_FALSE(answer.contains("landmarks"));
}

TEST_F(JsonSession, AnswersWithLandmarksOnlyIfAsked) {
  Json frame = raw_frame(1);
  frame["answer_mode"] = "landmarks";
  say_json(frame);
  const Json answer = answer_after(1);
  EXPECT_TRUE(answer["frame_data"].is_null());
  EXPECT_TRUE(answer["landmarks"].contains("left_hand"));
}

TEST_F(JsonSession, ReportsReplacedFrames) {
  stage_.hold();
  say_json(raw_frame(1));
  stage_.wait_for_calls(1);
  for (int number = 2; number <= 4; ++number) say_json(raw_frame(number));
  stage_.release_one();
  const Json first = answer_after(1);
  EXPECT_EQ(first["metadata"]["client_frame_number"], 1);
  EXPECT_EQ(first["metadata"]["frames_replaced"], 1) << "two may wait in the fast mode";
  stage_.wait_for_calls(2);
  stage_.release_one();
  const Json second = answer_after(2);
  EXPECT_EQ(second["metadata"]["client_frame_number"], 3);
  EXPECT_EQ(second["metadata"]["frames_replaced"], 0);
}

TEST_F(JsonSession, TheNewestOfTwoWaitingAnswersIsSent) {
  stage_.hold();
  say_json(raw_frame(1));
  stage_.wait_for_calls(1);
  say_json(raw_frame(2));
  stage_.release();
  const Json answer = answer_after(2);
  EXPECT_EQ(answer["metadata"]["client_frame_number"], 2);
  EXPECT_EQ(answer["metadata"]["frames_replaced"], 1);
  EXPECT_FALSE(session_->next(now_));
  EXPECT_EQ(metrics_.snapshot().value(telemetry::FrameEvent::kOutboxDropped), 1U);
}

TEST_F(JsonSession, NothingIsComputedWhileAnAnswerIsNotTaken) {
  say_json(raw_frame(1));
  bell_->wait_for(1);
  session_->collect(now_);
  const int calls = stage_.calls();
  for (int i = 2; i <= 4; ++i) say_json(raw_frame(i));
  EXPECT_EQ(stage_.calls(), calls);
  const Json first = heard();
  EXPECT_EQ(first["metadata"]["client_frame_number"], 1);
  EXPECT_EQ(first["metadata"]["frames_replaced"], 2);
  const Json second = answer_after(2);
  EXPECT_EQ(second["metadata"]["client_frame_number"], 4);
  EXPECT_EQ(second["metadata"]["frames_replaced"], 0);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::FrameEvent::kReceived), 4U);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::FrameEvent::kReplaced), 2U);
}

TEST_F(JsonSession, AFrameToBeKeptDoesNotOvertakeOneThatIsHeld) {
  say_json(raw_frame(1));
  bell_->wait_for(1);
  session_->collect(now_);
  say_json(raw_frame(2));
  Json kept = raw_frame(3);
  kept["every_frame"] = true;
  say_json(kept);
  EXPECT_EQ(heard()["metadata"]["frames_replaced"], 1);
  EXPECT_EQ(answer_after(2)["metadata"]["client_frame_number"], 3);
}

TEST_F(JsonSession, EveryAnswerIsSentIfEveryFrameIsWanted) {
  for (int i = 1; i <= 2; ++i) {
    Json frame = raw_frame(i);
    frame["every_frame"] = true;
    say_json(frame);
    bell_->wait_for(i);
    session_->collect(now_);
  }
  EXPECT_EQ(heard()["metadata"]["client_frame_number"], 1);
  EXPECT_EQ(heard()["metadata"]["client_frame_number"], 2);
}

TEST_F(JsonSession, SaysWhyAFrameCannotBeUsed) {
  Json frame = raw_frame(5);
  frame["frame_data"] = "aGVsbG8=";
  say_json(frame);
  const Json answer = answer_after(1);
  EXPECT_EQ(answer["type"], "processed_frame");
  EXPECT_TRUE(answer["frame_data"].is_null());
  EXPECT_THAT(answer.dump(), HasSubstr("Frame decoding failed: "));
  EXPECT_THAT(answer.dump(), HasSubstr("\"success\":false"));
}

TEST_F(JsonSession, AFailureInsideIsAProcessingError) {
  stage_.set_mood(pipeline::testing::Stage::Mood::kFails);
  say_json(raw_frame(5));
  const Json answer = answer_after(1);
  EXPECT_EQ(answer["type"], "processing_error");
  EXPECT_EQ(answer["retry_allowed"], true);
}

TEST_F(JsonSession, AnswersMessagesThatAreNoFrames) {
  say(R"({"type":"ping"})");
  EXPECT_EQ(heard()["type"], "pong");
  say(R"({"type":"get_stats"})");
  const Json stats = heard();
  EXPECT_EQ(stats["type"], "stats");
  EXPECT_EQ(stats["resource_stats"]["cpu_percent"], 12.5);
  EXPECT_EQ(stats["processing_stats"]["frames_processed"], 0);
  say(R"({"type":"dance"})");
  EXPECT_EQ(heard()["message"], "Unknown message type: dance");
  say("{");
  EXPECT_EQ(heard()["message"], "Invalid JSON format");
  say(R"({"type":"raw_frame"})");
  EXPECT_EQ(heard()["message"], "No frame data provided");
}

TEST_F(JsonSession, RefusesPracticeInsteadOfPretending) {
  say(R"({"type":"control","action":"start_session","data":{"story_sentences":["a"]}})");
  const Json practice = heard();
  EXPECT_EQ(practice["type"], "practice_session_response");
  EXPECT_EQ(practice["result"]["success"], false);
  say(R"({"type":"control","action":"fly"})");
  EXPECT_EQ(heard()["result"]["error"], "Unknown control action: fly");
}

TEST_F(JsonSession, BinaryMessagesAreAnError) {
  send(binary_frame(1));
  EXPECT_EQ(heard()["error_code"], "INVALID_MESSAGE_STRUCTURE");
}

TEST_F(JsonSession, ClosesAfterTooManyErrorsInARow) {
  for (int i = 0; i < 9; ++i) {
    say("{");
    heard();
    EXPECT_FALSE(session_->closing());
  }
  say(R"({"type":"ping"})");
  heard();
  for (int i = 0; i < 10; ++i) {
    now_ += seconds(1);
    say("{");
    EXPECT_EQ(heard()["error_code"], "INVALID_JSON");
  }
  EXPECT_EQ(heard()["error_code"], "TOO_MANY_ERRORS");
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1008);
}

TEST_F(JsonSession, RefusesMessagesThatComeTooFast) {
  for (int i = 0; i < 20; ++i) {
    say(R"({"type":"ping"})");
    EXPECT_EQ(heard()["type"], "pong") << i;
  }
  say(R"({"type":"ping"})");
  EXPECT_EQ(heard()["error_code"], "RATE_LIMITED");
  now_ += milliseconds(200);
  say(R"({"type":"ping"})");
  EXPECT_EQ(heard()["type"], "pong");
}

TEST_F(JsonSession, PingsOfTheProtocolCountAsMessages) {
  for (int i = 0; i < 20; ++i) session_->on_control_frame(now_);
  EXPECT_FALSE(session_->next(now_));
  session_->on_control_frame(now_);
  EXPECT_EQ(heard()["error_code"], "RATE_LIMITED");
}

TEST_F(SessionFixture, ClosesWhenFramesComeTooFast) {
  open(false, {.frames_per_second = 10});
  heard();
  for (int i = 0; i < 20; ++i) say_json(raw_frame(i));
  EXPECT_FALSE(session_->closing());
  say_json(raw_frame(20));
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1008);
  EXPECT_EQ(heard()["error_code"], "RATE_LIMITED");
}

TEST_F(SessionFixture, ClosesWhenMessagesAreNotRead) {
  open(false, {.control_per_second = 1000, .outbox_bytes = 2000});
  for (int i = 0; i < 100 && !session_->closing(); ++i) say(R"({"type":"ping"})");
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1008);
}

TEST_F(JsonSession, AnOversizedMessageClosesWith1009) {
  session_->on_oversized_message(now_);
  EXPECT_EQ(heard()["error_code"], "MESSAGE_TOO_LARGE");
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1009);
}

TEST_F(JsonSession, AStopAnswersWhatIsInFlight) {
  stage_.hold();
  say_json(raw_frame(1));
  stage_.wait_for_calls(1);
  session_->shut_down(now_);
  EXPECT_EQ(heard()["type"], "server_shutdown");
  EXPECT_FALSE(session_->closing());
  say_json(raw_frame(2));
  stage_.release();
  EXPECT_EQ(answer_after(1)["metadata"]["client_frame_number"], 1);
  session_->on_tick(now_);
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1012);
  EXPECT_FALSE(session_->next(now_));
}

TEST_F(BinarySession, AnswersAFrame) {
  send(binary_frame(9));
  bell_->wait_for(1);
  session_->collect(now_);
  const auto output = session_->next(now_);
  ASSERT_TRUE(output);
  ASSERT_FALSE(output->text);
  const auto answer = wire::read_answer(*output->bytes);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_TRUE(answer->header.success);
  EXPECT_TRUE(answer->header.inferred);
  EXPECT_EQ(answer->header.frame_number, 9U);
  EXPECT_EQ(answer->header.capture_time.count(), 1009);
  EXPECT_EQ(answer->header.server_frame_number, 1U);
  EXPECT_EQ(answer->header.width, pipeline::testing::kWidth);
  EXPECT_EQ(answer->header.profile, wire::AnswerProfile::kBalanced);
  EXPECT_GE(answer->header.advised_fps, 10);
  EXPECT_TRUE(answer->has_landmarks);
  EXPECT_FALSE(answer->has_picture);
}

TEST_F(BinarySession, APictureFollowsTheHeader) {
  base::Bytes frame = binary_frame(9);
  frame[2] = 2;  // Only the picture.
  send(frame);
  bell_->wait_for(1);
  session_->collect(now_);
  const auto output = session_->next(now_);
  ASSERT_TRUE(output && output->picture);
  base::Bytes whole = *output->bytes;
  whole.insert(whole.end(), output->picture->picture.begin(), output->picture->picture.end());
  const auto answer = wire::read_answer(whole);
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_TRUE(answer->has_picture);
  EXPECT_EQ(answer->picture.front(), 0xFF);
  EXPECT_EQ(answer->header.jpeg_quality, 50);
}

TEST_F(BinarySession, TellsWhatIsWrongWithAFrame) {
  base::Bytes frame = binary_frame(9);
  frame.resize(40);
  send(frame);
  bell_->wait_for(1);
  session_->collect(now_);
  const auto output = session_->next(now_);
  ASSERT_TRUE(output);
  const auto answer = wire::read_answer(*output->bytes);
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->header.success);
  EXPECT_EQ(answer->header.error, wire::AnswerError::kRefused);
  EXPECT_NE(answer->text, "");
}

TEST_F(BinarySession, ABrokenHeaderIsAnError) {
  send({1, 1, 0, 0});
  EXPECT_EQ(heard()["error_code"], "INVALID_MESSAGE_STRUCTURE");
  say_json(raw_frame(1));
  EXPECT_EQ(heard()["error_code"], "INVALID_MESSAGE_STRUCTURE");
}

TEST_F(JsonSession, CanEndWhileAFrameIsInFlight) {
  stage_.hold();
  say_json(raw_frame(1));
  stage_.wait_for_calls(1);
  session_.reset();
  stage_.release();
  pipeline_.reset();
}

}  // namespace
}  // namespace storysign::session::testing
