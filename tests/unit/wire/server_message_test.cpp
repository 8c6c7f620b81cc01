#include "wire/server_message.hpp"

#include "wire/base64.hpp"
#include "wire/server_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <set>

namespace storysign::wire {
namespace {

using nlohmann::json;
using std::chrono::microseconds;
using Names = std::set<std::string>;

constexpr std::string_view kClient = "client_7";
const WallTime kNow{std::chrono::milliseconds(1709210096789)};
constexpr std::string_view kNowText = "2024-02-29T12:34:56.789Z";

/// Calls a writer and parses what it wrote; every message has a type and its time.
template <class Write>
json message(Write write) {
  std::string text = "kept";
  write(text);
  EXPECT_TRUE(text.starts_with("kept{"));
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const json parsed = json::parse(text.substr(4), nullptr, false);
  EXPECT_TRUE(parsed.is_object()) << text;
  EXPECT_EQ(parsed.value("timestamp", ""), kNowText);
  return parsed;
}

Names names(const json& object) {
  Names found;
  for (const auto& [name, value] : object.items()) found.insert(name);
  return found;
}

/// Whether the values are plain booleans.
void expect_found(const json& found, bool hands, bool face, bool pose) {
  EXPECT_EQ(found, (json{{"hands", hands}, {"face", face}, {"pose", pose}}));
}

const Names kMetadata{"client_id",          "server_frame_number",    "client_frame_number",
                      "processing_time_ms", "total_pipeline_time_ms", "landmarks_detected",
                      "quality_metrics",    "encoding_info",          "success",
                      "quality_profile",    "resolution_scale",       "jpeg_quality",
                      "inferred",           "frames_replaced",        "frames_expired",
                      "advised_fps",        "stage_times_ms",         "quality_reason",
                      "frame_skip"};

constexpr std::array<std::uint8_t, 5> kPicture{0xFF, 0xD8, 0xFF, 0xD9, 0x00};

ProcessedFrame full_frame() {
  ProcessedFrame frame;
  frame.client_id = kClient;
  frame.server_frame_number = 3;
  frame.client_frame_number = 4294967295U;
  frame.found = {.hands = true, .face = false, .pose = true};
  frame.processing_time = microseconds(41234);
  frame.total_pipeline_time = microseconds(50001);
  frame.landmarks_confidence = 0.875;
  frame.processing_efficiency = 0.5;
  frame.resolution_scale = 0.85;
  frame.jpeg_quality = 50;
  frame.quality_reason = "headroom";
  frame.frame_skip = 2;
  frame.compression = "fast";
  frame.original_size_bytes = 921600;
  frame.frames_replaced = 2;
  frame.frames_expired = 1;
  frame.advised_fps = 25;
  frame.stages = {microseconds(1), microseconds(1000), microseconds(38000), microseconds(900),
                  microseconds(1334)};
  frame.picture = kPicture;
  return frame;
}

json processed(const ProcessedFrame& frame) {
  return message([&](std::string& out) { write_processed_frame(kNow, frame, out); });
}

vision::FrameLandmarks some_landmarks() {
  vision::FrameLandmarks found;
  found.pose.emplace()[0] = {0.5F, -0.25F, 1.0F, 0.875F};
  found.right_hand.emplace().landmarks[20] = {0.125F, 0.25F, 0.375F};
  found.face.emplace().set_refined(true);
  (*found.face)[477] = {0.75F, 0.5F, 0.25F};
  return found;
}

TEST(ServerMessage, Greets) {
  constexpr std::array<std::string_view, 3> kFeatures{"real_time_processing", "gesture_analysis",
                                                      "story_generation"};
  const json greeting = message([&](std::string& out) {
    write_connection_established(kNow, kClient, "01234567-89ab-4def-8123-456789abcdef",
                                 {.version = "0.1.0",
                                  .features = kFeatures,
                                  .max_frame_rate = 30,
                                  .protocol = "json",
                                  .frame_width = 640,
                                  .frame_height = 480,
                                  .frame_fps = 30,
                                  .max_message_bytes = 2097152,
                                  .ping_interval = std::chrono::seconds(20)},
                                 out);
  });
  EXPECT_EQ(greeting, json::parse(R"({"type":"connection_established",
      "timestamp":"2024-02-29T12:34:56.789Z","client_id":"client_7",
      "session_id":"01234567-89ab-4def-8123-456789abcdef",
      "message":"WebSocket connection established successfully",
      "server_info":{"version":"0.1.0",
        "features":["real_time_processing","gesture_analysis","story_generation"],
        "max_frame_rate":30,"supported_formats":["JPEG"],"protocol":"json",
        "frame":{"width":640,"height":480,"fps":30},"max_message_bytes":2097152,
        "ping_interval_ms":20000,"pictures":"allowed"}})"));
}

TEST(ProcessedFrameMessage, HasTheFieldsOfTheProtocol) {
  const json frame = processed(full_frame());
  EXPECT_EQ(names(frame),
            (Names{"type", "timestamp", "frame_data", "landmarks_detected", "metadata"}));
  EXPECT_EQ(frame["type"], "processed_frame");
  EXPECT_EQ(frame["frame_data"], "data:image/jpeg;base64,/9j/2QA=");
  expect_found(frame["landmarks_detected"], true, false, true);
  const json& metadata = frame["metadata"];
  EXPECT_EQ(names(metadata), kMetadata);
  expect_found(metadata["landmarks_detected"], true, false, true);
  EXPECT_EQ(metadata["client_id"], kClient);
  EXPECT_EQ(metadata["server_frame_number"], 3);
  EXPECT_EQ(metadata["client_frame_number"], 4294967295U);
  EXPECT_EQ(metadata["processing_time_ms"], 41.234);
  EXPECT_EQ(metadata["total_pipeline_time_ms"], 50.001);
  EXPECT_EQ(metadata["quality_metrics"],
            (json{{"landmarks_confidence", 0.875}, {"processing_efficiency", 0.5}}));
  EXPECT_EQ(metadata["encoding_info"], json::parse(R"({"encoding_time_ms":1.334,
      "compressed_size_bytes":5,"original_size_bytes":921600,"compression_ratio":184320.00,
      "quality":50,"strategy":"fast","format":"JPEG"})"));
  EXPECT_EQ(metadata["success"], true);
  EXPECT_EQ(metadata["quality_profile"], "high_quality");
  EXPECT_EQ(metadata["quality_reason"], "headroom");
  EXPECT_EQ(metadata["frame_skip"], 2);
  EXPECT_EQ(metadata["resolution_scale"], 0.85);
  EXPECT_EQ(metadata["jpeg_quality"], 50);
  EXPECT_EQ(metadata["inferred"], true);
  EXPECT_EQ(metadata["frames_replaced"], 2);
  EXPECT_EQ(metadata["frames_expired"], 1);
  EXPECT_EQ(metadata["advised_fps"], 25);
  EXPECT_EQ(metadata["stage_times_ms"], json::parse(R"({"queue":0.001,"decode":1.0,"vision":38.0,
      "render":0.9,"encode":1.334})"));
}

TEST(ProcessedFrameMessage, SaysWhyLandmarksWerePropagated) {
  ProcessedFrame frame = full_frame();
  frame.inferred = false;
  frame.skip_reason = "frame_skip";
  const json metadata = processed(frame)["metadata"];
  EXPECT_EQ(metadata["inferred"], false);
  EXPECT_EQ(metadata["skip_reason"], "frame_skip");
}

TEST(ProcessedFrameMessage, CarriesLandmarksWhereAskedFor) {
  const vision::FrameLandmarks found = some_landmarks();
  ProcessedFrame frame = full_frame();
  frame.picture = {};
  frame.landmarks = &found;
  json answer = processed(frame);
  EXPECT_EQ(answer["frame_data"], nullptr);
  EXPECT_EQ(answer["metadata"]["encoding_info"], nullptr);
  EXPECT_EQ(names(answer["landmarks"]), (Names{"pose", "left_hand", "right_hand", "face"}));
  EXPECT_EQ(answer["landmarks"]["pose"].size(), 33U);
  EXPECT_EQ(answer["landmarks"]["pose"][0], (json{0.5, -0.25, 1.0, 0.875}));
  EXPECT_EQ(answer["landmarks"]["left_hand"], nullptr);
  EXPECT_EQ(answer["landmarks"]["right_hand"].size(), 21U);
  EXPECT_EQ(answer["landmarks"]["right_hand"][20], (json{0.125, 0.25, 0.375}));
  EXPECT_EQ(answer["landmarks"]["face"], nullptr);
  frame.face_mesh = true;
  answer = processed(frame);
  EXPECT_EQ(answer["landmarks"]["face"].size(), 478U);
  EXPECT_EQ(answer["landmarks"]["face"][477], (json{0.75, 0.5, 0.25}));
}

TEST(ProcessedFrameMessage, OfBadInputIsTheSameEnvelope) {
  const vision::FrameLandmarks found = some_landmarks();
  ProcessedFrame frame = full_frame();
  frame.landmarks = &found;
  frame.error = "it says \"no\"";
  const json answer = processed(frame);
  EXPECT_EQ(names(answer),
            (Names{"type", "timestamp", "frame_data", "landmarks_detected", "metadata"}));
  EXPECT_EQ(answer["frame_data"], nullptr);
  expect_found(answer["landmarks_detected"], false, false, false);
  const json& metadata = answer["metadata"];
  expect_found(metadata["landmarks_detected"], false, false, false);
  Names expected = kMetadata;
  expected.insert({"error", "degraded_mode", "skip_reason"});
  EXPECT_EQ(names(metadata), expected);
  EXPECT_EQ(metadata["success"], false);
  EXPECT_EQ(metadata["error"], "Frame decoding failed: it says \"no\"");
  EXPECT_EQ(metadata["degraded_mode"], true);
  EXPECT_EQ(metadata["inferred"], false);
  EXPECT_EQ(metadata["jpeg_quality"], 0);
}

TEST(ProcessedFrameMessage, FitsTheRoomThatItsCommentNames) {
  vision::FrameLandmarks found;
  for (auto& point : found.pose.emplace()) point = {-1.12345F, -1.12345F, -1.12345F, 0.12345F};
  for (auto* hand : {&found.left_hand.emplace(), &found.right_hand.emplace()}) {
    for (auto& point : hand->landmarks) point = {-1.12345F, -1.12345F, -1.12345F};
  }
  found.face.emplace().set_refined(true);
  for (auto& point : *found.face) point = {-1.12345F, -1.12345F, -1.12345F};
  const std::vector<std::uint8_t> picture(30000, 0x55);
  ProcessedFrame frame = full_frame();
  frame.picture = picture;
  std::string out;
  write_processed_frame(kNow, frame, out);
  EXPECT_LT(out.size(), base64_size(picture.size()) + 1536);
  const std::size_t without = out.size();
  frame.landmarks = &found;
  out.clear();
  write_processed_frame(kNow, frame, out);
  EXPECT_LT(out.size(), without + 4096);
  frame.face_mesh = true;
  out.clear();
  write_processed_frame(kNow, frame, out);
  EXPECT_LT(out.size(), without + 20000);
}

TEST(ErrorMessage, HasEveryVariantOfTheProtocol) {
  EXPECT_EQ(message([](std::string& out) { write_invalid_json(kNow, kClient, out); }),
            (json{{"type", "error"},
                  {"timestamp", kNowText},
                  {"message", "Invalid JSON format"},
                  {"client_id", kClient},
                  {"error_code", "INVALID_JSON"}}));
  EXPECT_EQ(message([](std::string& out) { write_unknown_type(kNow, kClient, "a\"b", out); }),
            (json{{"type", "error"},
                  {"timestamp", kNowText},
                  {"message", "Unknown message type: a\"b"},
                  {"client_id", kClient},
                  {"error_code", "INVALID_MESSAGE_STRUCTURE"}}));
  EXPECT_EQ(
      message([](std::string& out) { write_error(kNow, kClient, std::nullopt, "m", out); }),
      (json{{"type", "error"}, {"timestamp", kNowText}, {"message", "m"}, {"client_id", kClient}}));
  EXPECT_EQ(message([](std::string& out) { write_no_frame_data(kNow, kClient, 5, out); }),
            (json{{"type", "error"},
                  {"timestamp", kNowText},
                  {"message", "No frame data provided"},
                  {"metadata",
                   {{"client_id", kClient},
                    {"server_frame_number", 5},
                    {"error_type", "streaming_error"}}}}));
  EXPECT_EQ(message([](std::string& out) { write_processing_error(kNow, kClient, "m", out); }),
            (json{{"type", "processing_error"},
                  {"timestamp", kNowText},
                  {"message", "m"},
                  {"client_id", kClient},
                  {"error_code", "PROCESSING_ERROR"},
                  {"retry_allowed", true}}));
  EXPECT_EQ(message([](std::string& out) {
              write_critical_error(kNow, kClient, ErrorCode::kTooManyErrors, "m", out);
            }),
            (json{{"type", "critical_error"},
                  {"timestamp", kNowText},
                  {"message", "m"},
                  {"client_id", kClient},
                  {"error_code", "TOO_MANY_ERRORS"},
                  {"requires_reconnection", true}}));
}

TEST(ErrorMessage, KnowsTheCodesOfTheProtocol) {
  const std::pair<ErrorCode, std::string_view> codes[] = {
      {ErrorCode::kMessageTooLarge, "MESSAGE_TOO_LARGE"},
      {ErrorCode::kInvalidJson, "INVALID_JSON"},
      {ErrorCode::kInvalidMessageStructure, "INVALID_MESSAGE_STRUCTURE"},
      {ErrorCode::kProcessingError, "PROCESSING_ERROR"},
      {ErrorCode::kServerError, "SERVER_ERROR"},
      {ErrorCode::kTooManyErrors, "TOO_MANY_ERRORS"},
      {ErrorCode::kServerFull, "SERVER_FULL"},
      {ErrorCode::kRateLimited, "RATE_LIMITED"}};
  for (const auto& [code, name] : codes) EXPECT_EQ(error_code_name(code), name);
}

TEST(ServerMessage, SaysGoodbyeAndPong) {
  EXPECT_EQ(message([](std::string& out) { write_server_shutdown(kNow, "bye", out); }),
            (json{{"type", "server_shutdown"}, {"timestamp", kNowText}, {"message", "bye"}}));
  EXPECT_EQ(message([](std::string& out) { write_pong(kNow, kClient, out); }),
            (json{{"type", "pong"}, {"timestamp", kNowText}, {"client_id", kClient}}));
}

TEST(ServerMessage, ReportsStats) {
  ProcessingStats processing{.frames_processed = 10,
                             .frames_dropped = 2,
                             .total_processing_time = 0.5,
                             .average_processing_time = 0.05,
                             .peak_processing_time = 0.125,
                             .queue_overflows = 1,
                             .last_frame_timestamp = kNow,
                             .success_rate = 0.75};
  const ResourceStats resources{
      .cpu_percent = 12.5, .memory_percent = 3.5, .memory_mb = 250.0, .timestamp = kNow};
  const CurrentQuality quality{.profile = "balanced",
                               .jpeg_quality = 65,
                               .resolution_scale = 0.85,
                               .frame_skip = 1,
                               .frame_rate = 25.0,
                               .model_complexity = 1};
  const auto stats = [&] {
    return message(
        [&](std::string& out) { write_stats(kNow, kClient, processing, resources, quality, out); });
  };
  EXPECT_EQ(stats(), json::parse(R"({"type":"stats","timestamp":"2024-02-29T12:34:56.789Z",
      "client_id":"client_7",
      "processing_stats":{"frames_processed":10,"frames_dropped":2,"total_processing_time":0.5,
        "average_processing_time":0.05,"peak_processing_time":0.125,"queue_overflows":1,
        "last_frame_timestamp":"2024-02-29T12:34:56.789Z","success_rate":0.75},
      "resource_stats":{"cpu_percent":12.5,"memory_percent":3.5,"memory_mb":250.0,
        "timestamp":"2024-02-29T12:34:56.789Z"},
      "current_quality":{"profile":"balanced","jpeg_quality":65,"resolution_scale":0.85,
        "frame_skip":1,"frame_rate":25.0,"model_complexity":1}})"));
  processing.last_frame_timestamp.reset();
  EXPECT_EQ(stats()["processing_stats"]["last_frame_timestamp"], nullptr);
}

TEST(ServerMessage, AnswersControl) {
  EXPECT_EQ(message([](std::string& out) {
              write_control_response(kNow, kClient, "x\n", refusal("Unknown control action: x"),
                                     out);
            }),
            (json{{"type", "control_response"},
                  {"action", "x\n"},
                  {"timestamp", kNowText},
                  {"client_id", kClient},
                  {"result", {{"success", false}, {"error", "Unknown control action: x"}}}}));
  EXPECT_EQ(message([](std::string& out) {
              write_practice_session_response(kNow, kClient, "session_started", refusal("\xFF"),
                                              out);
            }),
            (json{{"type", "practice_session_response"},
                  {"action", "session_started"},
                  {"timestamp", kNowText},
                  {"client_id", kClient},
                  {"result", {{"success", false}, {"error", "\xEF\xBF\xBD"}}}}));
}

/// What the load generator reads of a message.
template <class Write>
base::Result<ServerText> reread(Write write) {
  std::string text;
  write(text);
  base::Bytes bytes(text.begin(), text.end());
  return read_server_text(bytes);
}

TEST(ServerReader, ReadsWhatTheServerWrites) {
  auto read = reread([](std::string& out) { write_processed_frame(kNow, full_frame(), out); });
  ASSERT_TRUE(read && read->frame);
  EXPECT_EQ(read->type, "processed_frame");
  EXPECT_TRUE(read->frame->success && read->frame->inferred);
  EXPECT_EQ(read->frame->client_frame_number, 4294967295U);
  EXPECT_EQ(read->frame->frames_replaced, 2U);
  EXPECT_EQ(read->frame->frames_expired, 1U);
  EXPECT_EQ(read->frame->stages.vision, microseconds(38000));
  EXPECT_EQ(read->frame->stages.encode, microseconds(1334));
  EXPECT_EQ(read->frame->total_time, microseconds(50001));
  read = reread([](std::string& out) {
    ProcessedFrame frame = full_frame();
    frame.error = "cut off";
    write_processed_frame(kNow, frame, out);
  });
  ASSERT_TRUE(read && read->frame);
  EXPECT_FALSE(read->frame->success);
  EXPECT_EQ(read->message, "Frame decoding failed: cut off");
  read = reread(
      [](std::string& out) { write_error(kNow, kClient, ErrorCode::kRateLimited, "m", out); });
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->frame);
  EXPECT_EQ(read->message, "m");
  EXPECT_EQ(read->error_code, "RATE_LIMITED");
}

TEST(ServerReader, ReadsWhatComesOfPractice) {
  auto read = reread([](std::string& out) {
    write_practice_session_response(kNow, kClient, "session_started", {{"success", true}}, out);
  });
  ASSERT_TRUE(read && read->control);
  EXPECT_EQ(read->control->action, "session_started");
  EXPECT_TRUE(read->control->success);
  EXPECT_TRUE(read->message.empty());
  read = reread([](std::string& out) {
    write_control_response(kNow, kClient, "try_again", refusal("No."), out);
  });
  ASSERT_TRUE(read && read->control);
  EXPECT_EQ(read->control->action, "try_again");
  EXPECT_FALSE(read->control->success);
  EXPECT_EQ(read->message, "No.");
  const auto feedback = [](bool is_judged, const json& data) {
    return reread([&](std::string& out) {
      write_asl_feedback(kNow, data, {{"analysis_success", is_judged}}, out);
    });
  };
  read = feedback(true, {{"analysis_summary", {{"accepted", true}}}});
  ASSERT_TRUE(read && read->feedback);
  EXPECT_TRUE(read->feedback->is_judged && read->feedback->accepted);
  read = feedback(true, {{"analysis_summary", {{"accepted", false}}}});
  ASSERT_TRUE(read && read->feedback);
  EXPECT_TRUE(read->feedback->is_judged && !read->feedback->accepted);
  read = feedback(false, {{"analysis_summary", nullptr}, {"error", "Busy."}});
  ASSERT_TRUE(read && read->feedback);
  EXPECT_FALSE(read->feedback->is_judged || read->feedback->accepted);
  EXPECT_EQ(read->message, "Busy.");
  read = reread([](std::string& out) { write_pong(kNow, kClient, out); });
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->control || read->feedback);
}

TEST(ServerReader, RefusesWhatNoServerWrites) {
  for (const std::string_view text :
       {"", "[]", "{}", R"({"type":5})", R"({"type":"processed_frame"})"}) {
    EXPECT_FALSE(reread([&](std::string& out) { out = text; })) << text;
  }
}

}  // namespace
}  // namespace storysign::wire
