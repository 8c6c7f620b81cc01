#pragma once

#include "base/clock.hpp"
#include "server/admin_routes.hpp"
#include "session/governor.hpp"
#include "session/live_sessions.hpp"

namespace storysign::app {

/// The routes that list sessions and give orders to one or all of them: GET /api/sessions, POST
/// /api/sessions/N/{profile,skip,kick}, POST /api/profile and /api/skip. All arguments outlive the
/// routes.
void add_session_routes(server::AdminRoutes& routes, session::LiveSessions& live,
                        session::Governor& governor,
                        base::SteadyTime (*now)() noexcept = &base::steady_now);

}  // namespace storysign::app
