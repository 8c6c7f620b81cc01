#include "wire/base64.hpp"
#include "wire/json_text.hpp"
#include "wire/server_message.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace storysign::wire {
namespace {

void append_found(const PartsFound& found, std::string& out) {
  fmt::format_to(std::back_inserter(out),
                 R"(,"landmarks_detected":{{"hands":{},"face":{},"pose":{}}})", found.hands,
                 found.face, found.pose);
}

/// Microseconds as milliseconds with three decimals.
void append_ms(std::string_view lead, std::chrono::microseconds time, std::string& out) {
  const auto count = time.count() > 0 ? time.count() : 0;
  fmt::format_to(std::back_inserter(out), "{}{}.{:03}", lead, count / 1000, count % 1000);
}

void append_number(std::string_view lead, double value, int decimals, std::string& out) {
  out += lead;
  append_json_number(value, decimals, out);
}

void append_text(std::string_view lead, std::string_view text, std::string& out) {
  out += lead;
  append_json_string(text, out);
}

void append_encoding(const ProcessedFrame& frame, std::string& out) {
  if (frame.picture.empty()) {
    out += ",\"encoding_info\":null";
    return;
  }
  const auto compressed = static_cast<double>(frame.picture.size());
  append_ms(",\"encoding_info\":{\"encoding_time_ms\":", frame.stages.encode, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"compressed_size_bytes":{},"original_size_bytes":{},"compression_ratio":)",
                 frame.picture.size(), frame.original_size_bytes);
  append_json_number(static_cast<double>(frame.original_size_bytes) / compressed, 2, out);
  fmt::format_to(std::back_inserter(out), R"(,"quality":{},"strategy":"{}","format":"JPEG"}})",
                 frame.jpeg_quality, frame.compression);
}

void append_outcome(const ProcessedFrame& frame, std::string& out) {
  if (frame.error.empty()) {
    out += ",\"success\":true";
    return;
  }
  out += ",\"success\":false";
  append_text(",\"error\":", fmt::format("Frame decoding failed: {}", frame.error), out);
  out += ",\"degraded_mode\":true";
}

void append_stages(const StageTimes& stages, std::string& out) {
  append_ms(",\"stage_times_ms\":{\"queue\":", stages.queue, out);
  append_ms(",\"decode\":", stages.decode, out);
  append_ms(",\"vision\":", stages.vision, out);
  append_ms(",\"render\":", stages.render, out);
  append_ms(",\"encode\":", stages.encode, out);
  out += '}';
}

/// Nothing where it is null.
void append_object(std::string_view name, const nlohmann::json* value, std::string& out) {
  if (value == nullptr) return;
  out += name;
  out += value->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void append_metadata(const ProcessedFrame& frame, std::string& out) {
  append_text(",\"metadata\":{\"client_id\":", frame.client_id, out);
  fmt::format_to(std::back_inserter(out), R"(,"server_frame_number":{},"client_frame_number":{})",
                 frame.server_frame_number, frame.client_frame_number);
  append_ms(",\"processing_time_ms\":", frame.processing_time, out);
  append_ms(",\"total_pipeline_time_ms\":", frame.total_pipeline_time, out);
  append_found(frame.found, out);
  append_number(",\"quality_metrics\":{\"landmarks_confidence\":", frame.landmarks_confidence, 4,
                out);
  append_number(",\"processing_efficiency\":", frame.processing_efficiency, 4, out);
  out += '}';
  append_encoding(frame, out);
  append_outcome(frame, out);
  append_text(",\"quality_profile\":", frame.quality_profile, out);
  append_text(",\"quality_reason\":", frame.quality_reason, out);
  append_number(",\"resolution_scale\":", frame.resolution_scale, 2, out);
  fmt::format_to(std::back_inserter(out), R"(,"frame_skip":{},"jpeg_quality":{},"inferred":{})",
                 frame.frame_skip, frame.jpeg_quality, frame.inferred);
  if (!frame.skip_reason.empty()) append_text(",\"skip_reason\":", frame.skip_reason, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"frames_replaced":{},"frames_expired":{},"advised_fps":{})",
                 frame.frames_replaced, frame.frames_expired, frame.advised_fps);
  append_stages(frame.stages, out);
  append_object(",\"gesture_detection\":", frame.gesture_detection, out);
  out += '}';
}

template <class Point>
void append_point(const Point& point, std::string& out) {
  out += '[';
  append_coordinate(point.x, out);
  out += ',';
  append_coordinate(point.y, out);
  out += ',';
  append_coordinate(point.z, out);
  if constexpr (requires { point.visibility; }) {
    out += ',';
    append_coordinate(point.visibility, out);
  }
  out += ']';
}

/// `points` is null where the part was not found or not asked for.
template <class Points>
void append_part(std::string_view name, const Points* points, std::string& out) {
  out += name;
  if (points == nullptr) {
    out += "null";
    return;
  }
  char separator = '[';
  for (const auto& point : *points) {
    out += separator;
    append_point(point, out);
    separator = ',';
  }
  out += ']';
}

void append_landmarks_json(const vision::FrameLandmarks& found, bool face_mesh, std::string& out) {
  append_part(",\"landmarks\":{\"pose\":", found.pose ? &*found.pose : nullptr, out);
  append_part(",\"left_hand\":", found.left_hand ? &found.left_hand->landmarks : nullptr, out);
  append_part(",\"right_hand\":", found.right_hand ? &found.right_hand->landmarks : nullptr, out);
  append_part(",\"face\":", face_mesh && found.face ? &*found.face : nullptr, out);
  out += '}';
}

void write(WallTime now, const ProcessedFrame& frame, std::string& out) {
  out += R"({"type":"processed_frame","timestamp":")";
  append_timestamp(now, out);
  if (frame.picture.empty()) {
    out += R"(","frame_data":null)";
  } else {
    out += R"(","frame_data":"data:image/jpeg;base64,)";
    append_base64(frame.picture, out);
    out += '"';
  }
  append_found(frame.found, out);
  append_metadata(frame, out);
  if (frame.landmarks != nullptr) append_landmarks_json(*frame.landmarks, frame.face_mesh, out);
  append_object(",\"practice_session\":", frame.practice_session, out);
  out += '}';
}

}  // namespace

void write_processed_frame(WallTime now, const ProcessedFrame& frame, std::string& out) {
  if (frame.error.empty()) {
    write(now, frame, out);
    return;
  }
  ProcessedFrame failed = frame;
  failed.found = {};
  failed.inferred = false;
  failed.picture = {};
  failed.jpeg_quality = 0;
  failed.landmarks = nullptr;
  failed.landmarks_confidence = 0.0;
  if (failed.skip_reason.empty()) failed.skip_reason = "bad_input";
  write(now, failed, out);
}

}  // namespace storysign::wire
