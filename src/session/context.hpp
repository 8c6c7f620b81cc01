#pragma once

#include "base/clock.hpp"
#include "pipeline/pipeline.hpp"
#include "session/governor.hpp"
#include "session/live_sessions.hpp"
#include "session/practice_desk.hpp"
#include "session/record.hpp"
#include "session/session_quality.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/trace.hpp"
#include "wire/server_message.hpp"
#include "wire/timestamp.hpp"

#include <cstddef>

namespace storysign::session {

/// What a client's messages are held to (DESIGN.md, "Limits").
struct Limits {
  int frames_per_second = 120;  ///< Sustained; above it the connection is closed with 1008.
  int control_per_second = 10;  ///< Sustained messages that are no frames; more are refused.
  int errors_in_a_row = 10;     ///< Unusable messages, then the connection is closed with 1008.
  std::size_t outbox_bytes = 65536;  ///< Waiting to be sent beside the newest frame.
  bool admission = true;  ///< A learner for whose pictures there is no capacity is refused.
};

/// The machine's load as it was last measured; any thread.
class ResourceReport {
 public:
  ResourceReport() = default;
  ResourceReport(const ResourceReport&) = delete;
  ResourceReport& operator=(const ResourceReport&) = delete;
  ResourceReport(ResourceReport&&) = delete;
  ResourceReport& operator=(ResourceReport&&) = delete;
  virtual ~ResourceReport() = default;
  [[nodiscard]] virtual wire::ResourceStats latest() const = 0;
};

/// What all sessions of a server share. Outlives them.
struct Context {
  // Given.
  pipeline::Pipeline& pipeline;
  telemetry::Metrics& metrics;
  const ResourceReport& resources;
  wire::WallTime (*wall_now)();
  wire::ServerInfo info;  ///< `protocol` is filled in for each client.
  Limits limits;
  Governor& governor;
  QualitySettings quality;
  int model_complexity = 0;
  Keeping keeping = {};                    ///< Of what outlives a session.
  Practising practising = {};              ///< Without an analyst there is no practice.
  LiveSessions* live = nullptr;            ///< Where sessions are seen by operators; may be null.
  telemetry::TraceRing* traces = nullptr;  ///< Takes samples of frames; may be null.
  // Owned.
  base::Pool<std::string>& texts;
};

}  // namespace storysign::session
