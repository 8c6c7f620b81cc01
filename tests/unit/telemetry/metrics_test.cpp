#include "telemetry/metrics.hpp"

#include "support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace storysign::telemetry {
namespace {

using std::chrono::microseconds;

TEST(Metrics, BeginAtZero) {
  const Metrics metrics;
  const Snapshot snapshot = metrics.snapshot();
  for (const std::uint64_t cell : snapshot.cells) EXPECT_EQ(cell, 0U);
  for (const std::int64_t gauge : snapshot.gauges) EXPECT_EQ(gauge, 0);
  EXPECT_EQ(snapshot.of(Timing::kVision).count, 0U);
}

TEST(Metrics, EachNumberHasItsOwnPlace) {
  Metrics metrics;
  metrics.add(Counter::kMessagesIn);
  metrics.add(Counter::kBytesIn, 1000);
  metrics.add(Refusal::kFull);
  metrics.add(FrameEvent::kReceived, 3);
  metrics.add(FrameEvent::kOutboxDropped);
  metrics.add(Rejection::kEmpty, 2);
  metrics.add(Close::kOther, 4);
  metrics.set(Gauge::kSessionsOpen, 7);
  metrics.change(Gauge::kSessionsOpen, -2);
  metrics.record(Timing::kEncode, microseconds(900));

  const Snapshot snapshot = metrics.snapshot();
  EXPECT_EQ(snapshot.value(Counter::kMessagesIn), 1U);
  EXPECT_EQ(snapshot.value(Counter::kMessagesOut), 0U);
  EXPECT_EQ(snapshot.value(Counter::kBytesIn), 1000U);
  EXPECT_EQ(snapshot.value(Refusal::kFull), 1U);
  EXPECT_EQ(snapshot.value(FrameEvent::kReceived), 3U);
  EXPECT_EQ(snapshot.value(FrameEvent::kInferred), 0U);
  EXPECT_EQ(snapshot.value(FrameEvent::kOutboxDropped), 1U);
  EXPECT_EQ(snapshot.value(Rejection::kEmpty), 2U);
  EXPECT_EQ(snapshot.value(Close::kOther), 4U);
  EXPECT_EQ(snapshot.value(Gauge::kSessionsOpen), 5);
  EXPECT_EQ(snapshot.value(Gauge::kConnectionsOpen), 0);
  EXPECT_EQ(snapshot.of(Timing::kEncode).count, 1U);
  EXPECT_EQ(snapshot.of(Timing::kEncode).sum_us, 900U);
  EXPECT_EQ(snapshot.of(Timing::kRender).count, 0U);
}

TEST(Metrics, NothingIsLostAmongThreads) {
  constexpr int kThreads = 12;  // More than shards.
  constexpr std::uint64_t kEach = 2000;
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (std::uint64_t n = 0; n < kEach; ++n) {
          metrics.add(FrameEvent::kInferred);
          metrics.record(Timing::kQueue, microseconds(n));
        }
      });
    }
    for (int i = 0; i < 20; ++i) {
      EXPECT_LE(metrics.snapshot().value(FrameEvent::kInferred), kThreads * kEach);
    }
  }
  const Snapshot snapshot = metrics.snapshot();
  EXPECT_EQ(snapshot.value(FrameEvent::kInferred), kThreads * kEach);
  EXPECT_EQ(snapshot.of(Timing::kQueue).count, kThreads * kEach);
  EXPECT_EQ(snapshot.of(Timing::kQueue).sum_us, kThreads * kEach * (kEach - 1) / 2);
}

TEST(Metrics, CountingTakesNoMemory) {
  Metrics metrics;
  const std::size_t before = test::allocations();
  metrics.add(FrameEvent::kExpired);
  metrics.record(Timing::kFrameAge, microseconds(12345));
  EXPECT_EQ(metrics.snapshot().value(FrameEvent::kExpired), 1U);
  EXPECT_EQ(test::allocations(), before);
}

TEST(Metrics, TextsAndCasesGoBothWays) {
  EXPECT_EQ(text_of(Rejection::kTooManyScans), "too_many_scans");
  EXPECT_EQ(case_of<Rejection>("too_many_scans"), Rejection::kTooManyScans);
  EXPECT_EQ(case_of<Rejection>("something new"), Rejection::kOther);
  EXPECT_EQ(case_of<ClientError>("RATE_LIMITED"), ClientError::kRateLimited);
}

TEST(Metrics, CloseCodes) {
  EXPECT_EQ(close_case(1000), Close::kNormal);
  EXPECT_EQ(close_case(1013), Close::kTryLater);
  EXPECT_EQ(close_case(4000), Close::kOther);
  EXPECT_EQ(close_case(7), Close::kOther);
  EXPECT_EQ(close_case(11000), Close::kOther);
}

TEST(AllMetrics, NamesAreUniqueAndPlacesCoverEverythingOnce) {
  std::set<std::string> names;
  std::size_t cells = 0;
  std::size_t gauges = 0;
  std::size_t timings = 0;
  for (const MetricInfo& info : all_metrics()) {
    EXPECT_TRUE(names.emplace(info.name).second) << info.name;
    EXPECT_FALSE(info.help.empty()) << info.name;
    EXPECT_EQ(info.label.empty(), info.values.size() == 1 && info.values[0].empty()) << info.name;
    std::size_t& next = info.kind == MetricKind::kCounter ? cells
                        : info.kind == MetricKind::kGauge ? gauges
                                                          : timings;
    EXPECT_EQ(info.first, next) << info.name;
    next += info.values.size();
  }
  EXPECT_EQ(cells, detail::kCells);
  EXPECT_EQ(gauges, detail::kGauges);
  EXPECT_EQ(timings, detail::kTimings);
  EXPECT_TRUE(names.contains("frames"));
  EXPECT_TRUE(names.contains("stage_time"));
}

}  // namespace
}  // namespace storysign::telemetry
