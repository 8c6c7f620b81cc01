#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "server/admin_routes.hpp"
#include "server/async_routes.hpp"
#include "session/record.hpp"
#include "store/open.hpp"
#include "store/write_behind.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace storysign::app {

/// Which store the settings name. Makes the state folder if the store is a file there.
[[nodiscard]] base::Result<store::StoreOptions> store_options(const config::Settings& settings);

/// What a running server has of its store: the queue in front of it, the API around it, and the
/// removal of what is old. Made before the server and destroyed after it. Main thread, except
/// queue().
class Keeper {
 public:
  /// Opens and checks the store; fails with one sentence that says what to do. `metrics` and `log`
  /// outlive it.
  [[nodiscard]] static base::Result<std::unique_ptr<Keeper>> open(const config::Settings& settings,
                                                                  telemetry::Metrics& metrics,
                                                                  telemetry::Log& log,
                                                                  base::SteadyTime now);

  [[nodiscard]] store::Queue& queue() noexcept { return *queue_; }
  /// For the sessions.
  [[nodiscard]] session::Keeping keeping() const;
  /// Attempts, export and deletion.
  void add_routes(server::AsyncRoutes& api);
  /// POST /api/backup.
  void add_admin_routes(server::AdminRoutes& routes);
  /// At the start and once an hour after that removes what is older than the settings allow.
  void tick(base::SteadyTime now);

 private:
  [[nodiscard]] server::AdminResponse back_up(const nlohmann::json& fields) const;
  Keeper(const config::Settings& settings, std::unique_ptr<store::Store> store,
         telemetry::Metrics& metrics, telemetry::Log& log, base::SteadyTime now);

  // Given.
  config::Settings settings_;
  std::string node_;
  std::optional<std::chrono::hours> keep_for_;  ///< Nothing: for ever.
  telemetry::Log& log_;
  // Owned.
  std::unique_ptr<store::WriteBehind> queue_;
  // State.
  base::SteadyTime next_retention_;
};

}  // namespace storysign::app
