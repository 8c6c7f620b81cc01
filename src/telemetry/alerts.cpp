#include "telemetry/alerts.hpp"

#include <algorithm>

namespace storysign::telemetry {
namespace {

constexpr std::array<std::string_view, kAlerts> kNames = {"latency_p95", "cpu", "memory",
                                                          "drop_rate"};
constexpr std::array<std::string_view, kAlerts> kUnits = {"ms", "%", "MiB", "%"};
constexpr std::array<std::string_view, 3> kLevels = {"ok", "warning", "critical"};

constexpr double kPercent = 100.0;
constexpr double kMebibyte = 1024.0 * 1024.0;

}  // namespace

std::string_view alert_name(Alert which) noexcept {
  return kNames[static_cast<std::size_t>(which)];
}

std::string_view alert_unit(Alert which) noexcept {
  return kUnits[static_cast<std::size_t>(which)];
}

std::string_view level_name(AlertLevel level) noexcept {
  return kLevels[static_cast<std::size_t>(level)];
}

void AlertEngine::turn(Latch& latch, double threshold, std::optional<double> value,
                       base::SteadyTime now) const {
  const bool turns = latch.raised ? !value || *value < threshold * (1.0 - rules_.hysteresis)
                                  : value && *value > threshold;
  if (!turns) {
    latch.turning_since.reset();
    return;
  }
  if (!latch.turning_since) latch.turning_since = now;
  if (now - *latch.turning_since < (latch.raised ? rules_.clear_after : rules_.raise_after)) return;
  latch.raised = !latch.raised;
  latch.turning_since.reset();
}

std::vector<AlertChange> AlertEngine::observe(const AlertValues& values, base::SteadyTime now) {
  std::vector<AlertChange> changes;
  for (std::size_t i = 0; i < kAlerts; ++i) {
    auto& [warning, critical] = latches_[i];
    if (rules_.enabled) {
      turn(warning, rules_.thresholds[i].warning, values[i], now);
      turn(critical, rules_.thresholds[i].critical, values[i], now);
    } else {
      latches_[i] = {};
    }
    const AlertLevel level = critical.raised  ? AlertLevel::kCritical
                             : warning.raised ? AlertLevel::kWarning
                                              : AlertLevel::kOk;
    State& state = states_[i];
    state.value = values[i];
    if (level == state.level) continue;
    changes.push_back(
        {.which = static_cast<Alert>(i), .from = state.level, .to = level, .value = values[i]});
    state.level = level;
    state.since = now;
  }
  return changes;
}

std::uint64_t frames_lost(const Snapshot& counted) noexcept {
  return counted.value(FrameEvent::kReplaced) + counted.value(FrameEvent::kExpired) +
         counted.value(FrameEvent::kFailed) + counted.value(FrameEvent::kOutboxDropped);
}

AlertValues AlertMeter::measure(const Snapshot& counted, double cpu_percent,
                                std::uint64_t memory_bytes, base::SteadyTime now) {
  moments_.push_back({.at = now,
                      .frame_age = counted.of(Timing::kFrameAge),
                      .received = counted.value(FrameEvent::kReceived),
                      .lost = frames_lost(counted)});
  // The last one that is a whole window old stays: the differences are to it.
  while (moments_.size() > 2 && moments_[1].at <= now - window_) moments_.pop_front();
  const Moment& first = moments_.front();
  const Moment& last = moments_.back();

  AlertValues values;
  const auto set = [&](Alert which, double value) {
    values[static_cast<std::size_t>(which)] = value;
  };
  set(Alert::kCpu, cpu_percent);
  set(Alert::kMemory, static_cast<double>(memory_bytes) / kMebibyte);
  if (const HistogramSnapshot ages = last.frame_age.since(first.frame_age); ages.count > 0) {
    set(Alert::kLatencyP95, std::chrono::duration<double, std::milli>(ages.quantile(0.95)).count());
  }
  if (last.received > first.received) {
    // What is lost may have been received before the window.
    const double share = static_cast<double>(last.lost - first.lost) /
                         static_cast<double>(last.received - first.received);
    set(Alert::kDropRate, kPercent * std::min(share, 1.0));
  }
  return values;
}

}  // namespace storysign::telemetry
