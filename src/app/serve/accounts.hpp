#pragma once

#include "auth/authenticator.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "server/auth_gate.hpp"
#include "server/routes.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <memory>

namespace storysign::app {

/// What one guess at a password costs, as the settings say it.
[[nodiscard]] auth::PasswordCost password_cost(const config::Settings& settings);

/// Whether the server runs with accounts: as auth.mode says, or where it is auto, as soon as others
/// than this machine reach it. Fails with one sentence if it would be reached from elsewhere
/// without accounts or without TLS, and nobody has said that twice.
[[nodiscard]] base::Result<bool> with_accounts(const config::Settings& settings);

/// Who may use a running server. Made before the server and destroyed after it, but before the
/// store's queue. Main thread.
class Accounts {
 public:
  /// Adds its routes to `api` and its gatekeeper to `content`. All outlive it.
  [[nodiscard]] static base::Result<std::unique_ptr<Accounts>> open(
      const config::Settings& settings, store::Queue& queue, telemetry::Metrics& metrics,
      telemetry::Log& log, server::AsyncRoutes& api, server::Content& content);

 private:
  Accounts() = default;

  std::unique_ptr<server::AccountGate> gate_;           ///< Null in the open mode, as the next.
  std::unique_ptr<auth::Authenticator> authenticator_;  ///< The last: its answers use the gate.
};

}  // namespace storysign::app
