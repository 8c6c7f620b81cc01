#pragma once

#include "app/serve/admin_overview.hpp"
#include "session/live_sessions.hpp"
#include "telemetry/gpu_sampler.hpp"
#include "telemetry/metrics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {

/// What /metrics tells beside the counters.
struct ExpositionInput {
  const telemetry::Snapshot& counted;
  const ServerState& state;
  std::array<std::size_t, adapt::kProfiles> sessions_by_profile{};
  std::chrono::nanoseconds cpu_time{};  ///< Of this process.
  std::size_t open_descriptors = 0;
  std::string_view device;  ///< Of the networks.
  const std::vector<telemetry::GpuReading>& gpus;
};

/// The text that Prometheus reads. Any thread.
[[nodiscard]] std::string metrics_text(const ExpositionInput& input);

/// Files and sockets that this process has open.
[[nodiscard]] std::size_t count_descriptors();

}  // namespace storysign::app
