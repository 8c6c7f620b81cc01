#pragma once

#include "telemetry/histogram.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace storysign::telemetry {

// Everything in this file is made from metrics_table.inc; look there for what a number means.

/// Plain counters.
enum class Counter : std::uint8_t {
#define METRICS_COUNTER(id, name, unit, help) k##id,
#include "telemetry/metrics_table.inc"
};

// One enum for each counter that is split by a label.
#define METRICS_COUNTERS(type, name, label, unit, help) enum class type : std::uint8_t {
#define METRICS_CASE(type, id, text) k##id,
#define METRICS_COUNTERS_END(type) \
  }                                \
  ;
#include "telemetry/metrics_table.inc"

enum class Gauge : std::uint8_t {
#define METRICS_GAUGE(id, name, unit, help) k##id,
#include "telemetry/metrics_table.inc"
};

/// Histograms of durations.
enum class Timing : std::uint8_t {
#define METRICS_TIME(id, name, label, text, help) k##id,
#include "telemetry/metrics_table.inc"
};

namespace detail {

/// Where each number of a counter stands in the storage.
enum Cell : std::size_t {
#define METRICS_COUNTER(id, name, unit, help) kCounter##id,
#define METRICS_COUNTERS(type, name, label, unit, help) \
  k##type##First, k##type##Before = k##type##First - 1,
#define METRICS_CASE(type, id, text) k##type##id,
#include "telemetry/metrics_table.inc"
  kCells
};

inline constexpr std::size_t kGauges = 0
#define METRICS_GAUGE(id, name, unit, help) +1
#include "telemetry/metrics_table.inc"
    ;

inline constexpr std::size_t kTimings = 0
#define METRICS_TIME(id, name, label, text, help) +1
#include "telemetry/metrics_table.inc"
    ;

}  // namespace detail

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

/// One row of the table, for exposition.
struct MetricInfo {
  MetricKind kind;
  std::string_view name;
  std::string_view unit;
  std::string_view help;
  std::string_view label;                    ///< Empty if the metric is one number.
  std::span<const std::string_view> values;  ///< Of the label; one empty text without a label.
  std::size_t first;  ///< Of Snapshot::cells, gauges or timings: one for each of `values`.
};

/// Every metric, in the order of the table.
[[nodiscard]] std::span<const MetricInfo> all_metrics() noexcept;

/// Everything that was counted until one moment. A plain value, large (40 KB): not for the stack of
/// a deep call.
struct Snapshot {
  std::array<std::uint64_t, detail::kCells> cells{};
  std::array<std::int64_t, detail::kGauges> gauges{};
  std::array<HistogramSnapshot, detail::kTimings> timings{};

  [[nodiscard]] std::uint64_t value(Counter which) const noexcept {
    return cells[static_cast<std::size_t>(which)];
  }
#define METRICS_COUNTERS(type, name, label, unit, help)                     \
  [[nodiscard]] std::uint64_t value(type which) const noexcept {            \
    return cells[detail::k##type##First + static_cast<std::size_t>(which)]; \
  }
#include "telemetry/metrics_table.inc"
  [[nodiscard]] std::int64_t value(Gauge which) const noexcept {
    return gauges[static_cast<std::size_t>(which)];
  }
  [[nodiscard]] const HistogramSnapshot& of(Timing which) const noexcept {
    return timings[static_cast<std::size_t>(which)];
  }
};

// For each counter with a label: the text of a case, and the case of a text (the last one, "other"
// if the table has it, where no text is the same).
#define METRICS_COUNTERS(type, name, label, unit, help)        \
  [[nodiscard]] std::string_view text_of(type which) noexcept; \
  void parse_case(std::string_view text, type& which) noexcept;
#include "telemetry/metrics_table.inc"

/// parse_case() as an expression: case_of<Rejection>("too_large").
template <class Type>
[[nodiscard]] Type case_of(std::string_view text) noexcept {
  Type which{};
  parse_case(text, which);
  return which;
}

/// The case of a WebSocket close code.
[[nodiscard]] Close close_case(unsigned code) noexcept;

/// The numbers of one server. Made once by app, outlives everything that counts. Any thread:
/// writing takes no lock and waits for nobody; each thread writes to one of a few shards, so that
/// threads do not fight over cache lines. Reading adds the shards up; numbers read while others
/// write may be a moment apart.
class Metrics {
 public:
  Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;
  Metrics(Metrics&&) = delete;
  Metrics& operator=(Metrics&&) = delete;
  ~Metrics();

  void add(Counter which, std::uint64_t amount = 1) noexcept {
    add_cell(static_cast<std::size_t>(which), amount);
  }
#define METRICS_COUNTERS(type, name, label, unit, help)                         \
  void add(type which, std::uint64_t amount = 1) noexcept {                     \
    add_cell(detail::k##type##First + static_cast<std::size_t>(which), amount); \
  }
#include "telemetry/metrics_table.inc"

  void set(Gauge which, std::int64_t value) noexcept {
    gauges_[static_cast<std::size_t>(which)].store(value, std::memory_order_relaxed);
  }
  void change(Gauge which, std::int64_t by) noexcept {
    gauges_[static_cast<std::size_t>(which)].fetch_add(by, std::memory_order_relaxed);
  }

  /// Records a duration; a negative one counts as 0.
  void record(Timing which, std::chrono::microseconds duration) noexcept;

  [[nodiscard]] Snapshot snapshot() const noexcept;

 private:
  struct Shard;

  void add_cell(std::size_t cell, std::uint64_t amount) noexcept;
  [[nodiscard]] Shard& own_shard() noexcept;

  // Owned.
  std::unique_ptr<Shard[]> shards_;
  // State.
  std::array<std::atomic<std::int64_t>, detail::kGauges> gauges_{};
};

}  // namespace storysign::telemetry
