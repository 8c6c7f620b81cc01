#pragma once

#include "app/serve/admin_overview.hpp"
#include "app/serve/webhook.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "config/settings.hpp"
#include "server/admin_routes.hpp"
#include "telemetry/alerts.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/resource_sampler.hpp"
#include "wire/timestamp.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <optional>
#include <string>

namespace storysign::app {

[[nodiscard]] telemetry::AlertRules alert_rules(const config::Alerts& settings);
[[nodiscard]] WebhookOptions webhook_options(const config::Alerts& settings);

/// Watches the server for its operators: measures, decides, and tells the log, the webhook and
/// whoever asks. Owned by the service; main thread but where it says otherwise.
class AlertMonitor {
 public:
  /// `log` outlives this.
  AlertMonitor(const config::Alerts& settings, telemetry::Log& log);

  /// GET /api/alerts. `routes` does not outlive this.
  void add_routes(server::AdminRoutes& routes) const;

  /// New settings count from the next observe().
  void configure(const config::Alerts& settings);

  /// A few times a second.
  void observe(const telemetry::Snapshot& counted, const telemetry::ResourceReading& resources,
               base::SteadyTime now, wire::WallTime wall);

  /// The answer of GET /api/alerts; any thread.
  [[nodiscard]] nlohmann::json report() const;

  /// How many stand at each level; any thread.
  [[nodiscard]] AlertCounts counts() const;

  [[nodiscard]] const telemetry::AlertRules& rules() const noexcept { return engine_.rules(); }
  [[nodiscard]] std::chrono::milliseconds window() const noexcept { return meter_.window(); }
  [[nodiscard]] const Webhook& webhook() const noexcept { return webhook_; }

 private:
  /// One alert as it is told.
  struct Row {
    telemetry::AlertLevel level = telemetry::AlertLevel::kOk;
    std::optional<double> value;
    telemetry::AlertThresholds thresholds;
    std::optional<wire::WallTime> since;
  };
  [[nodiscard]] static nlohmann::json row_json(telemetry::Alert which, const Row& row);
  void tell(const telemetry::AlertChange& change, wire::WallTime wall);

  // Given.
  telemetry::Log& log_;
  // Owned.
  telemetry::AlertEngine engine_;
  telemetry::AlertMeter meter_;
  Webhook webhook_;
  // State.
  mutable base::Mutex mutex_;
  std::array<Row, telemetry::kAlerts> rows_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::app
