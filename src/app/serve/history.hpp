#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "telemetry/histogram.hpp"
#include "telemetry/metrics.hpp"
#include "telemetry/resource_sampler.hpp"
#include "wire/timestamp.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace storysign::app {

/// What the last seconds and minutes were like: one point a second for ten minutes, and the sums of
/// the last ten seconds. Owned by the service; add() on the main thread, the rest from any.
class History {
 public:
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr std::size_t kPoints = 600;

  /// Called more often than kInterval: what comes too early is left out.
  void add(const telemetry::Metrics& metrics, const telemetry::ResourceReading& resources,
           base::SteadyTime now, wire::WallTime wall);

  /// For GET /api/history; null where nothing was measured.
  [[nodiscard]] nlohmann::json points() const;

  /// The last ten seconds, or what there is of them.
  struct Recent {
    telemetry::HistogramSnapshot age;
    double received = 0.0;  ///< Frames a second, as the next ones.
    double inferred = 0.0;
    double propagated = 0.0;
    double replaced = 0.0;
    double expired = 0.0;
    double rejected = 0.0;
    double lost = 0.0;  ///< telemetry::frames_lost().

    /// Part of the frames received that the server lost, 0 to 1.
    [[nodiscard]] double drop_rate() const noexcept;
  };
  [[nodiscard]] Recent recent() const;

 private:
  /// Counted until a moment.
  struct Mark {
    base::SteadyTime at;
    telemetry::HistogramSnapshot age;
    std::array<std::uint64_t, 7> frames{};  ///< As in Recent, from received on.
  };
  struct Point {
    std::int64_t time = 0;  ///< Unix seconds.
    std::optional<double> latency_p95_ms;
    double fps_inferred = 0.0;
    double fps_propagated = 0.0;
    double fps_dropped = 0.0;
    double cpu_percent = 0.0;
    double memory_mib = 0.0;
    std::int64_t sessions = 0;
  };
  [[nodiscard]] static Recent between(const Mark& from, const Mark& to);

  mutable base::Mutex mutex_;
  std::deque<Mark> marks_ STORYSIGN_GUARDED_BY(mutex_);
  std::deque<Point> points_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::app
