#include "app/serve/part_options.hpp"

#include "adapt/profile.hpp"
#include "codec/encoder.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace storysign::app {
namespace {

using std::chrono::milliseconds;

constexpr std::array<std::string_view, 4> kFeatures = {"real_time_processing", "landmarks",
                                                       "gesture_analysis", "story_generation"};

}  // namespace

telemetry::LogOptions log_options(const config::Log& settings) {
  return {.level = static_cast<telemetry::LogLevel>(settings.level),
          .form = settings.format == config::LogFormat::kJson ? telemetry::LogForm::kJson
                                                              : telemetry::LogForm::kText,
          .file = settings.file};
}

server::Limits server_limits(const config::Settings& settings) {
  const auto count = [](int value) { return static_cast<std::size_t>(value); };
  server::Limits out;
  out.max_connections = count(settings.server.max_connections);
  out.max_connections_per_address = count(settings.server.max_connections_per_address);
  out.handshake_timeout = milliseconds(settings.limits.handshake_timeout_ms);
  out.idle_timeout = milliseconds(settings.limits.idle_timeout_ms);
  out.header_bytes = count(settings.limits.header_bytes);
  out.body_bytes = count(settings.limits.body_bytes);
  out.http_connections = count(settings.limits.http_connections);
  out.http_connections_per_address = count(settings.limits.http_connections_per_address);
  out.penalty = milliseconds(settings.limits.penalty_ms);
  out.message_bytes = count(settings.websocket.max_size_bytes);
  out.first_message_timeout = milliseconds(settings.limits.first_message_timeout_ms);
  out.ping_interval = milliseconds(settings.websocket.ping_interval_ms);
  out.ping_timeout = milliseconds(settings.websocket.ping_timeout_ms);
  out.close_timeout = milliseconds(settings.websocket.close_timeout_ms);
  out.min_receive_rate = count(settings.limits.min_receive_bytes_per_second);
  out.max_receive_rate = count(settings.limits.max_receive_bytes_per_second);
  out.outbox_timeout = milliseconds(settings.limits.outbox_timeout_ms);
  return out;
}

practice::GestureRules gesture_rules(const config::Settings& settings) {
  const config::GestureDetection& keys = settings.gesture_detection;
  return {.enabled = keys.enabled,
          .velocity_threshold = keys.velocity_threshold,
          .pause = milliseconds(keys.pause_duration_ms),
          .min_gesture = milliseconds(keys.min_gesture_duration_ms),
          .buffer = static_cast<std::size_t>(keys.landmark_buffer_size),
          .smoothing_window = static_cast<std::size_t>(keys.smoothing_window)};
}

session::QualitySettings quality_settings(const config::Settings& settings) {
  session::QualitySettings out;
  const auto mode = settings.performance.mode;
  if (mode != config::PerformanceMode::kAuto) {
    // The named modes stand in the order of the profiles, after auto.
    out.controller.pinned = adapt::profile_at(static_cast<int>(mode) - 1);
  }
  out.controller.adaptive = settings.performance.adaptive_quality;
  out.controller.target = milliseconds(settings.performance.target_latency_ms);
  out.controller.max_jpeg_quality = settings.video.quality;
  out.compression = static_cast<codec::CompressionStrategy>(settings.performance.compression);
  out.is_fast = settings.performance.tracking == config::Tracking::kFast;
  out.max_fps = settings.video.fps;
  return out;
}

adapt::PressureOptions pressure_options(const config::Settings& settings, int workers) {
  constexpr double kPercent = 100.0;
  return {.max_cpu = settings.performance.max_cpu_usage / kPercent,
          .max_memory_mib = static_cast<double>(settings.performance.max_memory_usage),
          .target = milliseconds(settings.performance.target_latency_ms),
          .fps = settings.video.fps,
          .workers = workers};
}

session::Limits session_limits(const config::Settings& settings) {
  return {.frames_per_second = settings.limits.frames_per_second,
          .control_per_second = settings.limits.control_per_second,
          .errors_in_a_row = settings.limits.errors_in_a_row,
          .outbox_bytes = static_cast<std::size_t>(settings.limits.outbox_bytes),
          .admission = settings.performance.admission};
}

bool takes_pictures(const config::Settings& settings) {
  return settings.privacy.pictures == config::Pictures::kAllowed;
}

pipeline::PipelineRules pipeline_rules(const config::Settings& settings) {
  pipeline::PipelineRules out;
  out.queue = static_cast<std::size_t>(settings.websocket.max_queue);
  out.max_wait = milliseconds(settings.performance.max_wait_ms);
  out.gate.max_side = settings.limits.picture_side;
  out.gate.max_pixels = settings.limits.picture_pixels;
  out.gate.max_scans = settings.limits.picture_scans;
  return out;
}

pipeline::PipelineOptions pipeline_options(const config::Settings& settings, int workers) {
  const pipeline::PipelineRules rules = pipeline_rules(settings);
  pipeline::PipelineOptions out;
  out.workers = workers;
  out.queue = rules.queue;
  out.max_wait = rules.max_wait;
  out.gate = rules.gate;
  out.tracker.complexity = settings.mediapipe.model_complexity;
  out.tracker.min_detection_confidence =
      static_cast<float>(settings.mediapipe.min_detection_confidence);
  out.tracker.min_tracking_confidence =
      static_cast<float>(settings.mediapipe.min_tracking_confidence);
  out.tracker.quick_hands =
      settings.performance.quick_hands && settings.performance.tracking == config::Tracking::kFast;
  out.tracker.refine_face = settings.mediapipe.refine_face_landmarks;
  out.tracker.segmentation = settings.mediapipe.enable_segmentation;
  return out;
}

wire::ServerInfo server_info(const config::Settings& settings) {
  wire::ServerInfo out;
  out.version = STORYSIGN_VERSION;
  out.features = kFeatures;
  out.max_frame_rate = settings.video.fps;
  out.frame_width = settings.video.width;
  out.frame_height = settings.video.height;
  out.frame_fps = settings.video.fps;
  out.max_message_bytes = static_cast<std::size_t>(settings.websocket.max_size_bytes);
  out.ping_interval = milliseconds(settings.websocket.ping_interval_ms);
  out.pictures = takes_pictures(settings) ? "allowed" : "never";
  return out;
}

}  // namespace storysign::app
