#include "wire/server_reader.hpp"

#include "wire/json_parser.hpp"

#include <cmath>
#include <string_view>

namespace storysign::wire {
namespace {

namespace dom = simdjson::dom;
using std::chrono::microseconds;

std::string text_of(dom::object object, std::string_view name) {
  std::string_view value;
  return object.at_key(name).get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

bool flag_of(dom::object object, std::string_view name) {
  bool value = false;
  return object.at_key(name).get(value) == simdjson::SUCCESS && value;
}

std::uint32_t count_of(dom::object object, std::string_view name) {
  std::uint64_t value = 0;
  return object.at_key(name).get(value) == simdjson::SUCCESS ? static_cast<std::uint32_t>(value)
                                                             : 0U;
}

microseconds time_of(dom::object object, std::string_view name) {
  constexpr double kLongestMs = 1e9;
  double ms = 0.0;
  if (object.at_key(name).get(ms) != simdjson::SUCCESS || !(ms > 0.0 && ms < kLongestMs)) {
    return microseconds(0);
  }
  return microseconds(std::llround(ms * 1000.0));
}

FrameReport report_of(dom::object metadata) {
  FrameReport report;
  report.client_frame_number = count_of(metadata, "client_frame_number");
  report.success = flag_of(metadata, "success");
  report.inferred = flag_of(metadata, "inferred");
  report.frames_replaced = count_of(metadata, "frames_replaced");
  report.frames_expired = count_of(metadata, "frames_expired");
  report.total_time = time_of(metadata, "total_pipeline_time_ms");
  dom::object stages;
  if (metadata.at_key("stage_times_ms").get(stages) == simdjson::SUCCESS) {
    report.stages.queue = time_of(stages, "queue");
    report.stages.decode = time_of(stages, "decode");
    report.stages.vision = time_of(stages, "vision");
    report.stages.render = time_of(stages, "render");
    report.stages.encode = time_of(stages, "encode");
  }
  return report;
}

void read_control(dom::object object, ServerText& text) {
  dom::object result;
  if (object.at_key("result").get(result) != simdjson::SUCCESS) return;
  text.control = ControlReport{text_of(object, "action"), flag_of(result, "success")};
  text.message = text_of(result, "error");
}

void read_feedback(dom::object object, ServerText& text) {
  dom::object data;
  dom::object metadata;
  if (object.at_key("data").get(data) != simdjson::SUCCESS ||
      object.at_key("metadata").get(metadata) != simdjson::SUCCESS) {
    return;
  }
  FeedbackReport& feedback = text.feedback.emplace();
  feedback.is_judged = flag_of(metadata, "analysis_success");
  text.message = text_of(data, "error");
  dom::object summary;
  if (data.at_key("analysis_summary").get(summary) == simdjson::SUCCESS) {
    feedback.accepted = flag_of(summary, "accepted");
  }
}

base::Result<ServerText> read(base::Bytes& bytes, JsonParser& parser) {
  dom::element root;
  dom::object object;
  ServerText text;
  if (parser.parse(bytes, root) == simdjson::SUCCESS &&
      root.get_object().get(object) == simdjson::SUCCESS) {
    text.type = text_of(object, "type");
  }
  if (text.type.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The server sent a text message that is no JSON object with a type.");
  }
  text.message = text_of(object, "message");
  text.error_code = text_of(object, "error_code");
  if (text.type == "control_response" || text.type == "practice_session_response") {
    read_control(object, text);
  } else if (text.type == "asl_feedback") {
    read_feedback(object, text);
  }
  if (text.type != "processed_frame") return text;
  dom::object metadata;
  if (object.at_key("metadata").get(metadata) != simdjson::SUCCESS) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The server sent a processed_frame without metadata.");
  }
  text.frame = report_of(metadata);
  text.message = text_of(metadata, "error");
  return text;
}

}  // namespace

base::Result<ServerText> read_server_text(base::Bytes& text) {
  JsonParser& parser = thread_parser();
  auto result = read(text, parser);
  parser.forget_large(text.size());
  return result;
}

}  // namespace storysign::wire
