#include "app/serve/stats.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace storysign::app {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(std::chrono::microseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

Json quantiles(const telemetry::HistogramSnapshot& histogram) {
  return {{"count", histogram.count},
          {"mean_ms", milliseconds(histogram.mean())},
          {"p50_ms", milliseconds(histogram.quantile(0.5))},
          {"p95_ms", milliseconds(histogram.quantile(0.95))},
          {"p99_ms", milliseconds(histogram.quantile(0.99))}};
}

/// One metric with all values of its label, or its one number.
Json metric(const telemetry::MetricInfo& info, const telemetry::Snapshot& counted) {
  const auto number = [&](std::size_t i) -> Json {
    switch (info.kind) {
      case telemetry::MetricKind::kCounter:
        return counted.cells[info.first + i];
      case telemetry::MetricKind::kGauge:
        return counted.gauges[info.first + i];
      case telemetry::MetricKind::kHistogram:
        break;
    }
    return quantiles(counted.timings[info.first + i]);
  };
  if (info.label.empty()) {
    return number(0);
  }
  Json out = Json::object();
  for (std::size_t i = 0; i < info.values.size(); ++i) {
    out[std::string(info.values[i])] = number(i);
  }
  return out;
}

}  // namespace

std::string stats_json(const StatsInput& input) {
  Json out;
  out["timestamp"] = wire::timestamp(input.now);
  out["uptime_seconds"] = input.uptime.count();
  out["workers"] = {{"count", input.load.workers}, {"busy", input.load.busy}};
  out["frames_waiting"] = input.load.waiting;
  out["resources"] = {{"process_cpu_percent", input.resources.process_cpu_percent},
                      {"machine_cpu_percent", input.resources.machine_cpu_percent},
                      {"memory_bytes", input.resources.memory_bytes},
                      {"memory_percent", input.resources.memory_percent},
                      {"machine_memory_percent", input.resources.machine_memory_percent},
                      {"threads", input.resources.threads}};
  const auto& standing = input.standing;
  out["quality"] = {{"ceiling", standing.ceiling},
                    {"reason", adapt::reason_name(standing.reason)},
                    {"advised_fps_at_most", standing.fps_cap},
                    {"utilisation", standing.utilisation},
                    {"capacity_learners", standing.capacity}};
  for (const telemetry::MetricInfo& info : telemetry::all_metrics()) {
    out[std::string(info.name)] = metric(info, input.counted);
  }
  return out.dump() + "\n";
}

}  // namespace storysign::app
