#pragma once

#include "server/admin_routes.hpp"
#include "telemetry/log.hpp"
#include "telemetry/trace.hpp"

namespace storysign::app {

/// GET and POST /api/log: the levels of the rooms, changed while running. `log` outlives the
/// routes.
void add_log_routes(server::AdminRoutes& routes, telemetry::Log& log);

/// GET /api/trace: the sampled frames in the trace event format of Chrome. `traces` outlives the
/// routes.
void add_trace_route(server::AdminRoutes& routes, const telemetry::TraceRing& traces);

}  // namespace storysign::app
