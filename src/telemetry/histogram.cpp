#include "telemetry/histogram.hpp"

#include <algorithm>

namespace storysign::telemetry {

using std::chrono::microseconds;

void HistogramSnapshot::add(microseconds duration) noexcept {
  const auto value = static_cast<std::uint64_t>(std::max<microseconds::rep>(duration.count(), 0));
  ++counts[buckets::index_of(value)];
  ++count;
  sum_us += value;
}

microseconds HistogramSnapshot::quantile(double q) const noexcept {
  if (count == 0) return microseconds(0);
  const double wanted = std::clamp(q, 0.0, 1.0) * static_cast<double>(count);
  double below = 0.0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto here = static_cast<double>(counts[i]);
    if (here > 0.0 && below + here >= wanted) {
      const auto from = static_cast<double>(buckets::lower_bound(i));
      const auto to = static_cast<double>(buckets::lower_bound(i + 1));
      return microseconds(static_cast<std::int64_t>(from + (to - from) * (wanted - below) / here));
    }
    below += here;
  }
  return microseconds(buckets::kLongest);
}

microseconds HistogramSnapshot::mean() const noexcept {
  return microseconds(count == 0 ? 0 : sum_us / count);
}

HistogramSnapshot HistogramSnapshot::since(const HistogramSnapshot& earlier) const noexcept {
  HistogramSnapshot difference;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    difference.counts[i] = counts[i] - earlier.counts[i];
  }
  difference.count = count - earlier.count;
  difference.sum_us = sum_us - earlier.sum_us;
  return difference;
}

}  // namespace storysign::telemetry
