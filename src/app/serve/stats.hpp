#pragma once

#include "pipeline/pipeline.hpp"
#include "session/governor.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/resource_sampler.hpp"
#include "wire/timestamp.hpp"

#include <chrono>
#include <string>

namespace storysign::app {

/// What /api/stats tells of the whole server.
struct StatsInput {
  const telemetry::Snapshot& counted;
  pipeline::Load load;
  telemetry::ResourceReading resources;
  session::Governor::Standing standing;
  std::chrono::seconds uptime{};
  wire::WallTime now;
};

/// As one JSON object and a line feed; times in milliseconds. Any thread.
[[nodiscard]] std::string stats_json(const StatsInput& input);

}  // namespace storysign::app
