#include "app/serve/history.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace storysign::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::FrameEvent;

class HistoryTest : public ::testing::Test {
 protected:
  /// One second of a server that answers `answered` frames in 50 ms and drops one.
  void second(int answered) {
    for (int i = 0; i < answered; ++i) {
      metrics_.add(FrameEvent::kReceived);
      metrics_.add(FrameEvent::kInferred);
      metrics_.record(telemetry::Timing::kFrameAge, milliseconds(50));
    }
    if (answered > 0) {
      metrics_.add(FrameEvent::kReceived);
      metrics_.add(FrameEvent::kExpired);
    }
    now_ += seconds(1);
    history_.add(metrics_, {.process_cpu_percent = 25.0, .memory_bytes = 3U << 20U}, now_,
                 wire::WallTime(now_.time_since_epoch()));
  }

  telemetry::Metrics metrics_;
  History history_;
  base::SteadyTime now_{seconds(1000)};
};

TEST_F(HistoryTest, HasAPointForEachSecond) {
  EXPECT_TRUE(history_.points()["times"].empty());
  second(0);
  second(9);
  second(0);
  history_.add(metrics_, {}, now_ + milliseconds(500), {});
  const auto points = history_.points();
  EXPECT_EQ(points["interval_seconds"], 1);
  EXPECT_EQ(points["times"], (nlohmann::json{1002, 1003}));
  const auto& series = points["series"];
  EXPECT_NEAR(series["latency_p95_ms"][0].get<double>(), 50.0, 6.3);
  EXPECT_TRUE(series["latency_p95_ms"][1].is_null()) << "no frame, no latency";
  EXPECT_EQ(series["fps_inferred"], (nlohmann::json{9.0, 0.0}));
  EXPECT_EQ(series["fps_dropped"], (nlohmann::json{1.0, 0.0}));
  EXPECT_EQ(series["cpu_percent"][0], 25.0);
  EXPECT_EQ(series["memory_mib"][0], 3.0);
}

TEST_F(HistoryTest, KeepsTenMinutes) {
  for (int i = 0; i < 700; ++i) second(1);
  const auto points = history_.points();
  EXPECT_EQ(points["times"].size(), 600U);
  EXPECT_EQ(points["series"]["sessions"].size(), 600U);
  EXPECT_EQ(points["times"].back(), 1700);
}

TEST_F(HistoryTest, SumsUpTheLastTenSeconds) {
  EXPECT_EQ(history_.recent().drop_rate(), 0.0);
  EXPECT_EQ(history_.recent().age.count, 0U);
  for (int i = 0; i < 5; ++i) second(99);
  for (int i = 0; i < 10; ++i) second(9);
  const History::Recent recent = history_.recent();
  EXPECT_EQ(recent.age.count, 90U);
  EXPECT_DOUBLE_EQ(recent.received, 10.0);
  EXPECT_DOUBLE_EQ(recent.inferred, 9.0);
  EXPECT_DOUBLE_EQ(recent.drop_rate(), 0.1);
}

}  // namespace
}  // namespace storysign::app
