#pragma once

#include "app/serve/history.hpp"
#include "base/result.hpp"
#include "pipeline/pipeline.hpp"
#include "server/admin_routes.hpp"
#include "session/governor.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/resource_sampler.hpp"
#include "wire/timestamp.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace storysign::app {

/// How many alerts stand at each level.
struct AlertCounts {
  std::size_t warning = 0;
  std::size_t critical = 0;
};

/// How the whole server stands at one moment.
struct ServerState {
  wire::WallTime now;
  std::chrono::seconds uptime{};
  bool is_ready = true;
  pipeline::Load load;
  int configured_workers = 0;  ///< 0: as the machine allows.
  telemetry::ResourceReading resources;
  session::Governor::Standing standing;
  std::size_t sessions = 0;
  AlertCounts alerts;
};

/// What the routes on the whole server need; all outlive them, functions may be called by any
/// thread.
struct ServerControls {
  std::function<ServerState()> state;
  const History& history;
  /// Fails with one sentence, and then all is as it was.
  std::function<base::Result<void>(int workers)> set_workers;
  /// The process ends as on SIGTERM.
  std::function<void()> drain;
};

/// GET /api/overview and /api/history, POST /api/workers and /api/drain.
void add_overview_routes(server::AdminRoutes& routes, const ServerControls& controls);

}  // namespace storysign::app
