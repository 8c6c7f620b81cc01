#include "wire/server_message.hpp"

#include "wire/json_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>

namespace storysign::wire {
namespace {

void append_field(std::string_view name, std::string_view text, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_string(text, out);
}

void append_field(std::string_view name, double value, int decimals, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  append_json_number(value, decimals, out);
}

/// The beginning of every message: its type and its time.
void begin(std::string_view type, WallTime now, std::string& out) {
  fmt::format_to(std::back_inserter(out), R"({{"type":"{}","timestamp":")", type);
  append_timestamp(now, out);
  out += '"';
}

void append_code(std::optional<ErrorCode> code, std::string& out) {
  if (code) append_field("error_code", error_code_name(*code), out);
}

void append_json(std::string_view name, const nlohmann::json& value, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
  out += value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write_reply(std::string_view type, WallTime now, std::string_view client_id,
                 std::string_view action, const nlohmann::json& result, std::string& out) {
  begin(type, now, out);
  append_field("action", action, out);
  append_field("client_id", client_id, out);
  append_json("result", result, out);
  out += '}';
}

void append_features(std::span<const std::string_view> features, std::string& out) {
  out += ",\"features\":[";
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(features[i], out);
  }
  out += ']';
}

}  // namespace

void write_connection_established(WallTime now, std::string_view client_id,
                                  std::string_view session_id, const ServerInfo& info,
                                  std::string& out) {
  begin("connection_established", now, out);
  append_field("client_id", client_id, out);
  append_field("session_id", session_id, out);
  append_field("message", "WebSocket connection established successfully", out);
  out += ",\"server_info\":{\"version\":";
  append_json_string(info.version, out);
  append_features(info.features, out);
  fmt::format_to(std::back_inserter(out), R"(,"max_frame_rate":{},"supported_formats":["JPEG"])",
                 info.max_frame_rate);
  append_field("protocol", info.protocol, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"frame":{{"width":{},"height":{},"fps":{}}},"max_message_bytes":{},)"
                 R"("ping_interval_ms":{},"pictures":"{}"}}}})",
                 info.frame_width, info.frame_height, info.frame_fps, info.max_message_bytes,
                 info.ping_interval.count(), info.pictures);
}

std::string_view error_code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kMessageTooLarge:
      return "MESSAGE_TOO_LARGE";
    case ErrorCode::kInvalidJson:
      return "INVALID_JSON";
    case ErrorCode::kInvalidMessageStructure:
      return "INVALID_MESSAGE_STRUCTURE";
    case ErrorCode::kProcessingError:
      return "PROCESSING_ERROR";
    case ErrorCode::kServerError:
      return "SERVER_ERROR";
    case ErrorCode::kTooManyErrors:
      return "TOO_MANY_ERRORS";
    case ErrorCode::kServerFull:
      return "SERVER_FULL";
    case ErrorCode::kRateLimited:
      return "RATE_LIMITED";
  }
  return "SERVER_ERROR";
}

void write_error(WallTime now, std::string_view client_id, std::optional<ErrorCode> code,
                 std::string_view message, std::string& out) {
  begin("error", now, out);
  append_field("message", message, out);
  append_field("client_id", client_id, out);
  append_code(code, out);
  out += '}';
}

void write_invalid_json(WallTime now, std::string_view client_id, std::string& out) {
  write_error(now, client_id, ErrorCode::kInvalidJson, "Invalid JSON format", out);
}

void write_unknown_type(WallTime now, std::string_view client_id, std::string_view type,
                        std::string& out) {
  write_error(now, client_id, ErrorCode::kInvalidMessageStructure,
              fmt::format("Unknown message type: {}", type), out);
}

void write_no_frame_data(WallTime now, std::string_view client_id,
                         std::uint32_t server_frame_number, std::string& out) {
  begin("error", now, out);
  append_field("message", "No frame data provided", out);
  out += ",\"metadata\":{\"client_id\":";
  append_json_string(client_id, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"server_frame_number":{},"error_type":"streaming_error"}}}})",
                 server_frame_number);
}

void write_processing_error(WallTime now, std::string_view client_id, std::string_view message,
                            std::string& out) {
  begin("processing_error", now, out);
  append_field("message", message, out);
  append_field("client_id", client_id, out);
  append_code(ErrorCode::kProcessingError, out);
  out += ",\"retry_allowed\":true}";
}

void write_critical_error(WallTime now, std::string_view client_id, ErrorCode code,
                          std::string_view message, std::string& out) {
  begin("critical_error", now, out);
  append_field("message", message, out);
  append_field("client_id", client_id, out);
  append_code(code, out);
  out += ",\"requires_reconnection\":true}";
}

void write_server_shutdown(WallTime now, std::string_view message, std::string& out) {
  begin("server_shutdown", now, out);
  append_field("message", message, out);
  out += '}';
}

void write_invitation(WallTime now, std::string_view sentence, std::string& out) {
  begin("invitation", now, out);
  append_field("place", "home", out);
  append_field("message", sentence, out);
  out += '}';
}

void write_pong(WallTime now, std::string_view client_id, std::string& out) {
  begin("pong", now, out);
  append_field("client_id", client_id, out);
  out += '}';
}

void write_stats(WallTime now, std::string_view client_id, const ProcessingStats& processing,
                 const ResourceStats& resources, const CurrentQuality& quality, std::string& out) {
  begin("stats", now, out);
  append_field("client_id", client_id, out);
  fmt::format_to(std::back_inserter(out),
                 R"(,"processing_stats":{{"frames_processed":{},"frames_dropped":{})",
                 processing.frames_processed, processing.frames_dropped);
  append_field("total_processing_time", processing.total_processing_time, 6, out);
  append_field("average_processing_time", processing.average_processing_time, 6, out);
  append_field("peak_processing_time", processing.peak_processing_time, 6, out);
  fmt::format_to(std::back_inserter(out), R"(,"queue_overflows":{},"last_frame_timestamp":)",
                 processing.queue_overflows);
  if (processing.last_frame_timestamp) {
    append_json_string(timestamp(*processing.last_frame_timestamp), out);
  } else {
    out += "null";
  }
  append_field("success_rate", processing.success_rate, 4, out);
  out += "},\"resource_stats\":{\"cpu_percent\":";
  append_json_number(resources.cpu_percent, 1, out);
  append_field("memory_percent", resources.memory_percent, 1, out);
  append_field("memory_mb", resources.memory_mb, 1, out);
  append_field("timestamp", timestamp(resources.timestamp), out);
  out += "},\"current_quality\":{\"profile\":";
  append_json_string(quality.profile, out);
  fmt::format_to(std::back_inserter(out), R"(,"jpeg_quality":{})", quality.jpeg_quality);
  append_field("resolution_scale", quality.resolution_scale, 2, out);
  fmt::format_to(std::back_inserter(out), R"(,"frame_skip":{})", quality.frame_skip);
  append_field("frame_rate", quality.frame_rate, 1, out);
  fmt::format_to(std::back_inserter(out), R"(,"model_complexity":{}}}}})",
                 quality.model_complexity);
}

void write_control_response(WallTime now, std::string_view client_id, std::string_view action,
                            const nlohmann::json& result, std::string& out) {
  write_reply("control_response", now, client_id, action, result, out);
}

void write_practice_session_response(WallTime now, std::string_view client_id,
                                     std::string_view action, const nlohmann::json& result,
                                     std::string& out) {
  write_reply("practice_session_response", now, client_id, action, result, out);
}

void write_practice_update(WallTime now, std::string_view client_id,
                           const nlohmann::json& practice_session, std::string& out) {
  begin("practice_update", now, out);
  append_field("client_id", client_id, out);
  append_json("practice_session", practice_session, out);
  out += '}';
}

void write_asl_feedback(WallTime now, const nlohmann::json& data, const nlohmann::json& metadata,
                        std::string& out) {
  begin("asl_feedback", now, out);
  append_json("data", data, out);
  append_json("metadata", metadata, out);
  out += '}';
}

void write_sign_example(WallTime now, std::string_view client_id, const nlohmann::json& data,
                        std::string& out) {
  begin("sign_example", now, out);
  append_field("client_id", client_id, out);
  append_json("data", data, out);
  out += '}';
}

void write_session_complete(WallTime now, const nlohmann::json& data, std::string& out) {
  begin("session_complete", now, out);
  append_json("data", data, out);
  out += '}';
}

nlohmann::json refusal(std::string_view sentence) {
  return {{"success", false}, {"error", sentence}};
}

}  // namespace storysign::wire
