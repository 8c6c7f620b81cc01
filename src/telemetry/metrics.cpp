#include "telemetry/metrics.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace storysign::telemetry {
namespace {

/// More threads than this share shards, which is correct but slower.
constexpr std::size_t kShards = 8;
constexpr std::size_t kCacheLine = 64;

// The texts of each label, in the order of its enum.
#define METRICS_COUNTERS(type, name, label, unit, help) \
  constexpr std::string_view kTextsOf##type[] = {
#define METRICS_CASE(type, id, text) text,
#define METRICS_COUNTERS_END(type) \
  }                                \
  ;
#include "telemetry/metrics_table.inc"

constexpr std::string_view kNoText[] = {""};

constexpr MetricInfo kCounterInfos[] = {
#define METRICS_COUNTER(id, name, unit, help) \
  {MetricKind::kCounter, name, unit, help, "", kNoText, detail::kCounter##id},
#define METRICS_COUNTERS(type, name, label, unit, help) \
  {MetricKind::kCounter, name, unit, help, label, kTextsOf##type, detail::k##type##First},
#include "telemetry/metrics_table.inc"
};

constexpr MetricInfo kGaugeInfos[] = {
#define METRICS_GAUGE(id, name, unit, help) \
  {MetricKind::kGauge, name, unit, help, "", kNoText, static_cast<std::size_t>(Gauge::k##id)},
#include "telemetry/metrics_table.inc"
};

/// A row of METRICS_TIME.
struct TimingRow {
  std::string_view name;
  std::string_view label;
  std::string_view text;
  std::string_view help;
};
constexpr TimingRow kTimingRows[] = {
#define METRICS_TIME(id, name, label, text, help) {name, label, text, help},
#include "telemetry/metrics_table.inc"
};
constexpr std::string_view kTimingTexts[] = {
#define METRICS_TIME(id, name, label, text, help) text,
#include "telemetry/metrics_table.inc"
};

constexpr std::size_t count_timing_names() {
  std::size_t names = 0;
  for (std::size_t i = 0; i < std::size(kTimingRows); ++i) {
    names += i == 0 || kTimingRows[i].name != kTimingRows[i - 1].name ? 1U : 0U;
  }
  return names;
}

constexpr std::size_t kInfos =
    std::size(kCounterInfos) + std::size(kGaugeInfos) + count_timing_names();

constexpr std::array<MetricInfo, kInfos> make_infos() {
  std::array<MetricInfo, kInfos> infos{};
  auto* next = std::ranges::copy(kCounterInfos, infos.begin()).out;
  next = std::ranges::copy(kGaugeInfos, next).out;
  for (std::size_t i = 0; i < std::size(kTimingRows);) {
    std::size_t end = i + 1;
    while (end < std::size(kTimingRows) && kTimingRows[end].name == kTimingRows[i].name) ++end;
    const TimingRow& row = kTimingRows[i];
    *next++ = {MetricKind::kHistogram,
               row.name,
               "microseconds",
               row.help,
               row.label,
               std::span(kTimingTexts).subspan(i, end - i),
               i};
    i = end;
  }
  return infos;
}

constexpr std::array<MetricInfo, kInfos> kMetrics = make_infos();

/// Where `text` stands in `texts`, or the last place.
std::size_t place_of(std::string_view text, std::span<const std::string_view> texts) noexcept {
  const auto found = std::ranges::find(texts, text);
  return found == texts.end() ? texts.size() - 1 : static_cast<std::size_t>(found - texts.begin());
}

std::size_t thread_shard() noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t kOwn = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
  return kOwn;
}

}  // namespace

std::span<const MetricInfo> all_metrics() noexcept {
  return kMetrics;
}

#define METRICS_COUNTERS(type, name, label, unit, help)          \
  std::string_view text_of(type which) noexcept {                \
    return kTextsOf##type[static_cast<std::size_t>(which)];      \
  }                                                              \
  void parse_case(std::string_view text, type& which) noexcept { \
    which = static_cast<type>(place_of(text, kTextsOf##type));   \
  }
#include "telemetry/metrics_table.inc"

Close close_case(unsigned code) noexcept {
  std::array<char, std::numeric_limits<unsigned>::digits10 + 1> digits{};
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), code).ptr;
  return case_of<Close>({digits.data(), end});
}

struct alignas(kCacheLine) Metrics::Shard {
  struct Histogram {
    std::array<std::atomic<std::uint64_t>, buckets::kCount> counts{};
    std::atomic<std::uint64_t> sum_us{0};
  };
  std::array<std::atomic<std::uint64_t>, detail::kCells> cells{};
  std::array<Histogram, detail::kTimings> timings{};
};

Metrics::Metrics() : shards_(std::make_unique<Shard[]>(kShards)) {}
Metrics::~Metrics() = default;

Metrics::Shard& Metrics::own_shard() noexcept {
  return shards_[thread_shard()];
}

void Metrics::add_cell(std::size_t cell, std::uint64_t amount) noexcept {
  own_shard().cells[cell].fetch_add(amount, std::memory_order_relaxed);
}

void Metrics::record(Timing which, std::chrono::microseconds duration) noexcept {
  const auto value =
      static_cast<std::uint64_t>(std::max<std::chrono::microseconds::rep>(duration.count(), 0));
  Shard::Histogram& histogram = own_shard().timings[static_cast<std::size_t>(which)];
  histogram.counts[buckets::index_of(value)].fetch_add(1, std::memory_order_relaxed);
  histogram.sum_us.fetch_add(value, std::memory_order_relaxed);
}

Snapshot Metrics::snapshot() const noexcept {
  Snapshot all;
  for (const Shard& shard : std::span(shards_.get(), kShards)) {
    for (std::size_t i = 0; i < all.cells.size(); ++i) {
      all.cells[i] += shard.cells[i].load(std::memory_order_relaxed);
    }
    for (std::size_t t = 0; t < all.timings.size(); ++t) {
      HistogramSnapshot& sum = all.timings[t];
      for (std::size_t i = 0; i < sum.counts.size(); ++i) {
        const std::uint64_t here = shard.timings[t].counts[i].load(std::memory_order_relaxed);
        sum.counts[i] += here;
        sum.count += here;
      }
      sum.sum_us += shard.timings[t].sum_us.load(std::memory_order_relaxed);
    }
  }
  for (std::size_t i = 0; i < all.gauges.size(); ++i) {
    all.gauges[i] = gauges_[i].load(std::memory_order_relaxed);
  }
  return all;
}

}  // namespace storysign::telemetry
