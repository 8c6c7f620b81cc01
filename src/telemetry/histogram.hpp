#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace storysign::telemetry {

/// The buckets that all histograms share: eight to each doubling, so that a bucket is at most an
/// eighth as wide as its lower bound. Whole microseconds from 0 to about 67 s; what is longer
/// counts in the last.
namespace buckets {

inline constexpr unsigned kBits = 3;  // 2^kBits buckets to each doubling.
inline constexpr std::uint64_t kPerDoubling = 1U << kBits;
inline constexpr std::uint64_t kLongest = (1ULL << 26U) - 1;

/// The bucket of a duration in microseconds.
[[nodiscard]] constexpr std::size_t index_of(std::uint64_t microseconds) noexcept {
  const std::uint64_t value = microseconds < kLongest ? microseconds : kLongest;
  if (value < kPerDoubling) return value;
  const auto exponent = static_cast<unsigned>(std::bit_width(value)) - 1;
  return (exponent - kBits + 1) * kPerDoubling + ((value >> (exponent - kBits)) - kPerDoubling);
}

inline constexpr std::size_t kCount = index_of(kLongest) + 1;

/// The shortest duration that falls into a bucket, microseconds; for kCount the end of the last.
[[nodiscard]] constexpr std::uint64_t lower_bound(std::size_t index) noexcept {
  if (index < kPerDoubling) return index;
  const std::size_t doubling = index / kPerDoubling - 1;
  return (kPerDoubling + index % kPerDoubling) << doubling;
}

}  // namespace buckets

/// What a histogram held at one moment. A plain value.
struct HistogramSnapshot {
  std::array<std::uint64_t, buckets::kCount> counts{};
  std::uint64_t count = 0;
  std::uint64_t sum_us = 0;

  void add(std::chrono::microseconds duration) noexcept;

  /// The duration that the fraction `q` (0..1) of the records does not exceed, by linear
  /// interpolation in its bucket, so off by an eighth of the value at most; 0 of an empty one.
  [[nodiscard]] std::chrono::microseconds quantile(double q) const noexcept;
  [[nodiscard]] std::chrono::microseconds mean() const noexcept;

  /// What was recorded since `earlier`, a snapshot of the same histogram.
  [[nodiscard]] HistogramSnapshot since(const HistogramSnapshot& earlier) const noexcept;
};

}  // namespace storysign::telemetry
