#include "app/serve/admin_overview.hpp"

#include "adapt/profile.hpp"

#include <optional>
#include <utility>

namespace storysign::app {
namespace {

using nlohmann::json;
using server::AdminRequest;
using server::AdminResponse;

constexpr int kMostWorkers = 256;  // As performance.workers.

json quantiles(const telemetry::HistogramSnapshot& age) {
  const auto at = [&](double q) {
    return age.count == 0
               ? json(nullptr)
               : json(std::chrono::duration<double, std::milli>(age.quantile(q)).count());
  };
  return {{"p50", at(0.5)}, {"p95", at(0.95)}, {"p99", at(0.99)}};
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

json overview(const ServerState& state, const History::Recent& recent) {
  const auto& standing = state.standing;
  return {{"version", STORYSIGN_VERSION},
          {"timestamp", wire::timestamp(state.now)},
          {"uptime_seconds", state.uptime.count()},
          {"ready", state.is_ready},
          {"draining", !state.is_ready},
          {"sessions", state.sessions},
          {"capacity_learners", standing.capacity},
          {"workers",
           {{"count", state.load.workers},
            {"busy", state.load.busy},
            {"configured", state.configured_workers}}},
          {"cpu_percent", state.resources.process_cpu_percent},
          {"memory_bytes", state.resources.memory_bytes},
          {"memory_percent", state.resources.memory_percent},
          {"quality",
           {{"ceiling", standing.ceiling},
            {"reason", adapt::reason_name(standing.reason)},
            {"advised_fps_at_most", standing.fps_cap},
            {"utilisation", standing.utilisation},
            {"profile_for_all",
             standing.profile ? json(adapt::profile_name(*standing.profile)) : json(nullptr)},
            {"frame_skip_for_all", or_null(standing.frame_skip)}}},
          {"latency_ms", quantiles(recent.age)},
          {"frames_per_second",
           {{"received", recent.received},
            {"inferred", recent.inferred},
            {"propagated", recent.propagated},
            {"replaced", recent.replaced},
            {"expired", recent.expired},
            {"rejected", recent.rejected}}},
          {"drop_rate", recent.drop_rate()},
          {"alerts", {{"warning", state.alerts.warning}, {"critical", state.alerts.critical}}}};
}

AdminResponse set_workers(const ServerControls& controls, const json& fields) {
  const auto found = fields.find("workers");
  if (found == fields.end() || !found->is_number_integer() || *found < 0 || *found > kMostWorkers) {
    return AdminResponse::error(
        400, "workers must be a whole number from 0 to 256; 0 follows the machine.");
  }
  if (const auto set = controls.set_workers(found->get<int>()); !set) {
    return AdminResponse::error(503, set.error().message);
  }
  const ServerState state = controls.state();
  return AdminResponse::json(
      {{"ok", true},
       {"workers", {{"count", state.load.workers}, {"configured", state.configured_workers}}}});
}

}  // namespace

void add_overview_routes(server::AdminRoutes& routes, const ServerControls& controls) {
  routes.add({.method = "GET",
              .pattern = "/api/overview",
              .fields = {},
              .handler = [controls](const AdminRequest& /*request*/) {
                return AdminResponse::json(overview(controls.state(), controls.history.recent()));
              }});
  routes.add({.method = "GET",
              .pattern = "/api/history",
              .fields = {},
              .handler = [controls](const AdminRequest& /*request*/) {
                return AdminResponse::json(controls.history.points());
              }});
  routes.add({.method = "POST",
              .pattern = "/api/workers",
              .fields = {"workers"},
              .handler = [controls](const AdminRequest& request) {
                return set_workers(controls, request.fields);
              }});
  routes.add({.method = "POST",
              .pattern = "/api/drain",
              .fields = {},
              .handler = [controls](const AdminRequest& /*request*/) {
                controls.drain();
                return AdminResponse::json({{"ok", true}});
              }});
}

}  // namespace storysign::app
