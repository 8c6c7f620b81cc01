#include "app/serve/alert_monitor.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace storysign::app {
namespace {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using telemetry::Alert;
using telemetry::AlertLevel;

/// By Alert: what is measured, and why there may be no value.
struct Words {
  std::string_view what;
  std::string_view nothing;
};
constexpr std::array<Words, telemetry::kAlerts> kWords = {
    {{"The age of frames at their answers (95th percentile)", "No frame was answered lately."},
     {"The CPU use of the server", "The CPU use is not known."},
     {"The memory of the server", "The memory in use is not known."},
     {"The part of the frames that the server lost", "No frame came lately."}}};

const Words& words(Alert which) {
  return kWords[static_cast<std::size_t>(which)];
}

double rounded(double value) {
  constexpr double kDigit = 10.0;
  return std::round(value * kDigit) / kDigit;
}

/// "The CPU use of the server is 91.5 %; it is critical above 90 %."
std::string sentence(Alert which, AlertLevel level, std::optional<double> value,
                     const telemetry::AlertThresholds& thresholds) {
  if (!value) return std::string(words(which).nothing);
  const std::string_view unit = telemetry::alert_unit(which);
  const bool critical = level == AlertLevel::kCritical;
  return fmt::format("{} is {} {}; it is {} above {} {}.", words(which).what, rounded(*value), unit,
                     critical ? "critical" : "a warning",
                     critical ? thresholds.critical : thresholds.warning, unit);
}

}  // namespace

telemetry::AlertRules alert_rules(const config::Alerts& settings) {
  constexpr double kPercent = 100.0;
  telemetry::AlertRules out;
  out.enabled = settings.enabled;
  out.thresholds = {{{static_cast<double>(settings.latency_p95_warning_ms),
                      static_cast<double>(settings.latency_p95_critical_ms)},
                     {settings.cpu_warning_percent, settings.cpu_critical_percent},
                     {static_cast<double>(settings.memory_warning_mib),
                      static_cast<double>(settings.memory_critical_mib)},
                     {settings.drop_rate_warning_percent, settings.drop_rate_critical_percent}}};
  out.raise_after = milliseconds(settings.raise_after_ms);
  out.clear_after = milliseconds(settings.clear_after_ms);
  out.hysteresis = settings.hysteresis_percent / kPercent;
  return out;
}

WebhookOptions webhook_options(const config::Alerts& settings) {
  return {.url = settings.webhook_url,
          .timeout = milliseconds(settings.webhook_timeout_ms),
          .tries = settings.webhook_tries,
          .first_wait = milliseconds(settings.webhook_backoff_ms)};
}

AlertMonitor::AlertMonitor(const config::Alerts& settings, telemetry::Log& log)
    : log_(log),
      engine_(alert_rules(settings)),
      meter_(milliseconds(settings.window_ms)),
      webhook_(log) {
  configure(settings);
}

void AlertMonitor::add_routes(server::AdminRoutes& routes) const {
  routes.add({.method = "GET",
              .pattern = "/api/alerts",
              .fields = {},
              .handler = [this](const server::AdminRequest& /*request*/) {
                return server::AdminResponse::json(report());
              }});
}

void AlertMonitor::configure(const config::Alerts& settings) {
  engine_.set_rules(alert_rules(settings));
  meter_.set_window(milliseconds(settings.window_ms));
  webhook_.set_options(webhook_options(settings));
  const base::MutexLock lock(mutex_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    rows_[i].thresholds = engine_.rules().thresholds[i];
  }
}

void AlertMonitor::observe(const telemetry::Snapshot& counted,
                           const telemetry::ResourceReading& resources, base::SteadyTime now,
                           wire::WallTime wall) {
  const telemetry::AlertValues values =
      meter_.measure(counted, resources.process_cpu_percent, resources.memory_bytes, now);
  const auto changes = engine_.observe(values, now);
  {
    const base::MutexLock lock(mutex_);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].value = values[i];
      rows_[i].level = engine_.state(static_cast<Alert>(i)).level;
    }
    for (const auto& change : changes) rows_[static_cast<std::size_t>(change.which)].since = wall;
  }
  for (const auto& change : changes) tell(change, wall);
}

void AlertMonitor::tell(const telemetry::AlertChange& change, wire::WallTime wall) {
  Json message;
  std::string text;
  {
    const base::MutexLock lock(mutex_);
    const Row& row = rows_[static_cast<std::size_t>(change.which)];
    message = row_json(change.which, row);
    text = sentence(change.which, change.to, change.value, row.thresholds);
  }
  const std::string_view level = telemetry::level_name(change.to);
  const std::string_view before = telemetry::level_name(change.from);
  const auto write = [&](telemetry::LogLevel at, std::string_view what) {
    log_.write(at, what,
               {{"alert", telemetry::alert_name(change.which)},
                {"level", level},
                {"before", before},
                {"why", text}});
  };
  if (change.to == AlertLevel::kCritical) {
    write(telemetry::LogLevel::kError, "An alert is critical.");
  } else if (change.to == AlertLevel::kWarning) {
    write(telemetry::LogLevel::kWarning,
          change.from == AlertLevel::kOk ? "An alert warns." : "An alert is no longer critical.");
  } else {
    write(telemetry::LogLevel::kInfo, "An alert is over.");
  }
  message["before"] = before;
  webhook_.post(Json{{"source", "storysign"},
                     {"version", STORYSIGN_VERSION},
                     {"timestamp", wire::timestamp(wall)},
                     {"text", fmt::format("StorySign {}: {}", level, text)},
                     {"alert", std::move(message)}}
                    .dump());
}

nlohmann::json AlertMonitor::row_json(Alert which, const Row& row) {
  return {{"name", telemetry::alert_name(which)},
          {"level", telemetry::level_name(row.level)},
          {"value", row.value ? Json(rounded(*row.value)) : Json()},
          {"unit", telemetry::alert_unit(which)},
          {"warning_at", row.thresholds.warning},
          {"critical_at", row.thresholds.critical},
          {"since", row.since ? Json(wire::timestamp(*row.since)) : Json()},
          {"sentence", sentence(which, row.level, row.value, row.thresholds)}};
}

nlohmann::json AlertMonitor::report() const {
  nlohmann::json list = nlohmann::json::array();
  const base::MutexLock lock(mutex_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    list.push_back(row_json(static_cast<Alert>(i), rows_[i]));
  }
  return {{"alerts", std::move(list)}};
}

AlertCounts AlertMonitor::counts() const {
  AlertCounts out;
  const base::MutexLock lock(mutex_);
  for (const Row& row : rows_) {
    out.warning += row.level == AlertLevel::kWarning ? 1U : 0U;
    out.critical += row.level == AlertLevel::kCritical ? 1U : 0U;
  }
  return out;
}

}  // namespace storysign::app
