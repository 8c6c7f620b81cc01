#pragma once

#include "base/clock.hpp"
#include "telemetry/metrics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

namespace storysign::telemetry {

/// What is watched (requirements.md, "Alerts").
enum class Alert : std::uint8_t { kLatencyP95, kCpu, kMemory, kDropRate };
inline constexpr std::size_t kAlerts = 4;

enum class AlertLevel : std::uint8_t { kOk, kWarning, kCritical };

/// "latency_p95", "cpu", "memory", "drop_rate".
[[nodiscard]] std::string_view alert_name(Alert which) noexcept;
/// Of its values and thresholds: "ms", "%", "MiB", "%".
[[nodiscard]] std::string_view alert_unit(Alert which) noexcept;
/// "ok", "warning", "critical".
[[nodiscard]] std::string_view level_name(AlertLevel level) noexcept;

/// What a value must be above; `critical` is at least `warning`.
struct AlertThresholds {
  double warning = 0.0;
  double critical = 0.0;
};

struct AlertRules {
  bool enabled = true;  ///< Else every level is ok.
  std::array<AlertThresholds, kAlerts> thresholds{
      {{100.0, 200.0}, {80.0, 90.0}, {6144.0, 7168.0}, {5.0, 10.0}}};
  std::chrono::milliseconds raise_after{10000};
  std::chrono::milliseconds clear_after{30000};
  double hysteresis = 0.1;  ///< Part of a threshold, 0 to 1.
};

/// By Alert; nothing where nothing was measured.
using AlertValues = std::array<std::optional<double>, kAlerts>;

struct AlertChange {
  Alert which = Alert::kLatencyP95;
  AlertLevel from = AlertLevel::kOk;
  AlertLevel to = AlertLevel::kOk;
  std::optional<double> value;
};

/// Decides when something hurts. A level is raised when the value has been above its threshold for
/// `raise_after`, and falls when it has been below threshold minus hysteresis, or has not been
/// measured, for `clear_after`. Pure: values and time are given. One thread at a time.
class AlertEngine {
 public:
  explicit AlertEngine(const AlertRules& rules) noexcept : rules_(rules) {}

  /// Levels that are raised stay until they fall by the new rules.
  void set_rules(const AlertRules& rules) noexcept { rules_ = rules; }
  [[nodiscard]] const AlertRules& rules() const noexcept { return rules_; }

  /// A few times within the shorter hold time; `now` does not go back. The levels that changed.
  std::vector<AlertChange> observe(const AlertValues& values, base::SteadyTime now);

  struct State {
    AlertLevel level = AlertLevel::kOk;
    std::optional<double> value;            ///< As last observed.
    std::optional<base::SteadyTime> since;  ///< When the level was raised or fell; none: never.
  };
  [[nodiscard]] const State& state(Alert which) const noexcept {
    return states_[static_cast<std::size_t>(which)];
  }

 private:
  /// One threshold of one alert.
  struct Latch {
    bool raised = false;
    /// Since when the value speaks for a change; none while it speaks for what is.
    std::optional<base::SteadyTime> turning_since;
  };
  void turn(Latch& latch, double threshold, std::optional<double> value,
            base::SteadyTime now) const;

  // Given.
  AlertRules rules_;
  // State.
  std::array<std::array<Latch, 2>, kAlerts> latches_{};
  std::array<State, kAlerts> states_{};
};

/// Frames received that were never answered: replaced or expired in the queue, failed inside, or
/// dropped from the outbox. Those that a client sent damaged, and those of clients that left, are
/// not the server's loss.
[[nodiscard]] std::uint64_t frames_lost(const Snapshot& counted) noexcept;

/// The values of the last moments from what the server has counted since its start. One thread at a
/// time; allocates only until the window is full.
class AlertMeter {
 public:
  /// `window`: at least as long as the time between two calls of measure().
  explicit AlertMeter(std::chrono::milliseconds window) noexcept : window_(window) {}

  void set_window(std::chrono::milliseconds window) noexcept { window_ = window; }
  [[nodiscard]] std::chrono::milliseconds window() const noexcept { return window_; }

  /// `cpu_percent` is of the usable cores. Latency and drop rate have no value if no frame came in
  /// the window, or if there is only this one moment yet.
  [[nodiscard]] AlertValues measure(const Snapshot& counted, double cpu_percent,
                                    std::uint64_t memory_bytes, base::SteadyTime now);

 private:
  struct Moment {
    base::SteadyTime at;
    HistogramSnapshot frame_age;
    std::uint64_t received = 0;
    std::uint64_t lost = 0;
  };

  // Given.
  std::chrono::milliseconds window_;
  // State.
  std::deque<Moment> moments_;  ///< Oldest first; the first is the window's beginning.
};

}  // namespace storysign::telemetry
