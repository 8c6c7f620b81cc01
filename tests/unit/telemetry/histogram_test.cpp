#include "telemetry/histogram.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace storysign::telemetry {
namespace {

using std::chrono::microseconds;

TEST(Buckets, HoldWhatTheirBoundsSay) {
  for (std::size_t i = 0; i < buckets::kCount; ++i) {
    const std::uint64_t from = buckets::lower_bound(i);
    const std::uint64_t to = buckets::lower_bound(i + 1);
    ASSERT_LT(from, to) << i;
    ASSERT_EQ(buckets::index_of(from), i);
    ASSERT_EQ(buckets::index_of(to - 1), i);
    if (from >= buckets::kPerDoubling) {
      ASSERT_LE((to - from) * buckets::kPerDoubling, from) << "wider than an eighth: " << i;
    }
  }
}

TEST(Buckets, LastHoldsWhatIsLonger) {
  EXPECT_EQ(buckets::index_of(buckets::kLongest), buckets::kCount - 1);
  EXPECT_EQ(buckets::index_of(~0ULL), buckets::kCount - 1);
}

TEST(HistogramSnapshot, QuantilesOfAnEvenSpreadAreCloseToTheTruth) {
  HistogramSnapshot histogram;
  for (int i = 1; i <= 100000; ++i) histogram.add(microseconds(i));
  for (const double q : {0.01, 0.25, 0.5, 0.95, 0.99, 1.0}) {
    const double truth = q * 100000;
    EXPECT_NEAR(static_cast<double>(histogram.quantile(q).count()), truth, truth * 0.125) << q;
  }
  EXPECT_EQ(histogram.mean(), microseconds(50000));
}

TEST(HistogramSnapshot, QuantileOfOneRecordIsInItsBucket) {
  HistogramSnapshot histogram;
  histogram.add(microseconds(30000));
  for (const double q : {0.0, 0.5, 1.0}) {
    EXPECT_NEAR(static_cast<double>(histogram.quantile(q).count()), 30000, 30000 / 8.0) << q;
  }
}

TEST(HistogramSnapshot, EmptyIsZero) {
  EXPECT_EQ(HistogramSnapshot().quantile(0.5), microseconds(0));
  EXPECT_EQ(HistogramSnapshot().mean(), microseconds(0));
}

TEST(HistogramSnapshot, NegativeIsZero) {
  HistogramSnapshot histogram;
  histogram.add(microseconds(-5));
  EXPECT_EQ(histogram.counts[0], 1U);
  EXPECT_EQ(histogram.sum_us, 0U);
}

TEST(HistogramSnapshot, SinceLeavesOutWhatWasBefore) {
  HistogramSnapshot earlier;
  earlier.add(microseconds(1000));
  HistogramSnapshot later = earlier;
  for (int i = 0; i < 10; ++i) later.add(microseconds(50000));
  const HistogramSnapshot window = later.since(earlier);
  EXPECT_EQ(window.count, 10U);
  EXPECT_EQ(window.mean(), microseconds(50000));
  EXPECT_NEAR(static_cast<double>(window.quantile(0.01).count()), 50000, 50000 / 8.0);
}

}  // namespace
}  // namespace storysign::telemetry
