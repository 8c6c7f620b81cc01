#pragma once

#include "auth/authenticator.hpp"
#include "server/async_routes.hpp"
#include "server/auth_gate.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

namespace storysign::server {

/// What the routes below need; all outlive the server.
struct AuthParts {
  auth::Authenticator& authenticator;
  telemetry::Metrics& metrics;
  telemetry::Log& log;
  AuthClock clock;
};

/// /api/auth/* and /api/accounts where there are accounts.
void add_account_routes(AsyncRoutes& api, const AuthParts& parts);

/// /api/auth/* where there are none: everybody is the guest, and there is nothing to sign in to.
void add_open_routes(AsyncRoutes& api);

}  // namespace storysign::server
