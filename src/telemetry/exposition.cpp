#include "telemetry/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace storysign::telemetry {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr double kMicrosecondsPerSecond = 1e6;

/// Upper bounds of the buckets shown, microseconds. All are bounds of internal buckets: k * 2^n
/// with k from 8 to 15. Close together where latency is decided (50 to 150 ms).
constexpr std::array<std::uint64_t, 26> kBounds = {
    256,    512,    1024,   2048,   4096,   8192,   12288,   16384,   24576,
    32768,  40960,  49152,  57344,  65536,  73728,  81920,   98304,   114688,
    131072, 163840, 196608, 262144, 393216, 524288, 1048576, 4194304,
};

constexpr bool bounds_are_exact() {
  for (const std::uint64_t bound : kBounds) {
    if (buckets::lower_bound(buckets::index_of(bound)) != bound) return false;
  }
  return true;
}
static_assert(bounds_are_exact());

std::string full_name(std::string_view name, std::string_view ending = {}) {
  std::string out("storysign_");
  out += name;
  out += ending;
  return out;
}

ClientMetric labelled(std::string_view label, std::string_view value) {
  ClientMetric out;
  if (!label.empty()) out.label.push_back({std::string(label), std::string(value)});
  return out;
}

ClientMetric::Histogram histogram_of(const HistogramSnapshot& snapshot) {
  ClientMetric::Histogram out;
  out.sample_sum = static_cast<double>(snapshot.sum_us) / kMicrosecondsPerSecond;
  std::uint64_t below = 0;
  std::size_t next = 0;
  for (const std::uint64_t bound : kBounds) {
    for (; next < buckets::index_of(bound); ++next) below += snapshot.counts[next];
    out.bucket.push_back({below, static_cast<double>(bound) / kMicrosecondsPerSecond});
  }
  for (; next < snapshot.counts.size(); ++next) below += snapshot.counts[next];
  out.bucket.push_back({below, std::numeric_limits<double>::infinity()});
  out.sample_count = below;
  return out;
}

}  // namespace

struct Exposition::Parts {
  std::vector<MetricFamily> families;

  MetricFamily& family(std::string name, std::string_view help, MetricType type) {
    MetricFamily& out = families.emplace_back();
    out.name = std::move(name);
    out.help = help;
    out.type = type;
    return out;
  }
};

Exposition::Exposition() : parts_(std::make_unique<Parts>()) {}
Exposition::~Exposition() = default;

void Exposition::add(const Snapshot& counted) {
  for (const MetricInfo& info : all_metrics()) {
    const bool is_counter = info.kind == MetricKind::kCounter;
    const bool is_gauge = info.kind == MetricKind::kGauge;
    MetricFamily& family = parts_->family(
        full_name(info.name, is_counter ? "_total" : (is_gauge ? "" : "_seconds")), info.help,
        is_counter ? MetricType::Counter : (is_gauge ? MetricType::Gauge : MetricType::Histogram));
    for (std::size_t i = 0; i < info.values.size(); ++i) {
      ClientMetric metric = labelled(info.label, info.values[i]);
      if (is_counter) {
        metric.counter.value = static_cast<double>(counted.cells[info.first + i]);
      } else if (is_gauge) {
        metric.gauge.value = static_cast<double>(counted.gauges[info.first + i]);
      } else {
        metric.histogram = histogram_of(counted.timings[info.first + i]);
      }
      family.metric.push_back(std::move(metric));
    }
  }
}

void Exposition::gauge(std::string_view name, std::string_view help, double value) {
  const LabelledValue one{.label = {}, .value = value};
  gauge(name, help, {}, {&one, 1});
}

void Exposition::gauge(std::string_view name, std::string_view help, std::string_view label,
                       std::span<const LabelledValue> values) {
  MetricFamily& family = parts_->family(full_name(name), help, MetricType::Gauge);
  for (const LabelledValue& value : values) {
    ClientMetric metric = labelled(label, value.label);
    metric.gauge.value = value.value;
    family.metric.push_back(std::move(metric));
  }
}

void Exposition::counter(std::string_view name, std::string_view help, double value) {
  MetricFamily& family = parts_->family(full_name(name, "_total"), help, MetricType::Counter);
  family.metric.emplace_back().counter.value = value;
}

void Exposition::info(std::string_view name, std::string_view help, std::span<const Fact> facts) {
  ClientMetric& metric =
      parts_->family(full_name(name), help, MetricType::Gauge).metric.emplace_back();
  for (const Fact& fact : facts) {
    metric.label.push_back({std::string(fact.label), std::string(fact.text)});
  }
  metric.gauge.value = 1.0;
}

std::string Exposition::text() const {
  return prometheus::TextSerializer().Serialize(parts_->families);
}

}  // namespace storysign::telemetry
