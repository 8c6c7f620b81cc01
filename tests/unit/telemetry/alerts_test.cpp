#include "telemetry/alerts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace storysign::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kStep{500};

constexpr Alert kAll[] = {Alert::kLatencyP95, Alert::kCpu, Alert::kMemory, Alert::kDropRate};

/// An engine under a virtual clock that is shown one value of one alert.
class Watched {
 public:
  explicit Watched(Alert watched, const AlertRules& rules = {}) : which(watched), engine(rules) {}

  /// Shows `value` for so long; what changed, as "ok>warning", with the time it took.
  std::vector<std::string> show(std::optional<double> value, milliseconds span) {
    std::vector<std::string> out;
    AlertValues values;
    values[static_cast<std::size_t>(which)] = value;
    const base::SteadyTime begin = now;
    for (; now - begin < span; now += kStep) {
      for (const AlertChange& change : engine.observe(values, now)) {
        EXPECT_EQ(change.which, which);
        EXPECT_EQ(change.value, value);
        took = std::chrono::duration_cast<milliseconds>(now - begin);
        out.push_back(std::string(level_name(change.from)) + ">" +
                      std::string(level_name(change.to)));
      }
    }
    return out;
  }
  [[nodiscard]] AlertLevel level() const { return engine.state(which).level; }

  Alert which;
  AlertEngine engine;
  base::SteadyTime now{seconds(1000)};
  milliseconds took{};
};

using Changes = std::vector<std::string>;

class EachAlert : public ::testing::TestWithParam<Alert> {
 protected:
  static AlertThresholds thresholds() {
    return AlertRules{}.thresholds[static_cast<std::size_t>(GetParam())];
  }
};

INSTANTIATE_TEST_SUITE_P(Alerts, EachAlert, ::testing::ValuesIn(kAll),
                         [](const auto& each) { return std::string(alert_name(each.param)); });

TEST_P(EachAlert, GoesToWarningToCriticalAndBack) {
  Watched alert(GetParam());
  const auto [warning, critical] = thresholds();
  EXPECT_EQ(alert.show(warning * 0.99, seconds(60)), Changes{});
  EXPECT_EQ(alert.show(warning * 1.01, seconds(60)), Changes{"ok>warning"});
  EXPECT_EQ(alert.took, seconds(10));
  EXPECT_EQ(alert.show(critical * 1.01, seconds(60)), Changes{"warning>critical"});
  EXPECT_EQ(alert.took, seconds(10));
  // Below critical, but not by the hysteresis.
  EXPECT_EQ(alert.show(critical * 0.95, seconds(120)), Changes{});
  // Between the two, where there is such a place for this alert.
  const double between = critical * 0.89;
  if (between > warning * 0.9) {
    EXPECT_EQ(alert.show(between, seconds(120)), Changes{"critical>warning"});
    EXPECT_EQ(alert.took, seconds(30));
    EXPECT_EQ(alert.show(warning * 0.89, seconds(120)), Changes{"warning>ok"});
  } else {
    ADD_FAILURE() << "no value is warning only";
  }
  EXPECT_EQ(alert.took, seconds(30));
  EXPECT_EQ(alert.engine.state(GetParam()).since, alert.now - seconds(120) + seconds(30));
}

TEST_P(EachAlert, GoesToCriticalAtOnceWhenItIsThere) {
  Watched alert(GetParam());
  EXPECT_EQ(alert.show(thresholds().critical * 2.0, seconds(30)), Changes{"ok>critical"});
  EXPECT_EQ(alert.show(0.0, seconds(60)), Changes{"critical>ok"});
}

TEST_P(EachAlert, FallsWhenNothingIsMeasured) {
  Watched alert(GetParam());
  EXPECT_EQ(alert.show(thresholds().warning * 1.01, seconds(30)), Changes{"ok>warning"});
  EXPECT_EQ(alert.show(std::nullopt, seconds(30)), Changes{});
  EXPECT_EQ(alert.show(std::nullopt, seconds(1)), Changes{"warning>ok"});
  EXPECT_EQ(alert.engine.state(GetParam()).value, std::nullopt);
}

TEST(AlertEngine, TheThresholdsAreThoseOfTheRequirements) {
  const AlertRules rules;
  EXPECT_EQ(rules.thresholds[0].warning, 100.0);
  EXPECT_EQ(rules.thresholds[0].critical, 200.0);
  EXPECT_EQ(rules.thresholds[1].warning, 80.0);
  EXPECT_EQ(rules.thresholds[1].critical, 90.0);
  EXPECT_EQ(rules.thresholds[2].warning, 6.0 * 1024);
  EXPECT_EQ(rules.thresholds[2].critical, 7.0 * 1024);
  EXPECT_EQ(rules.thresholds[3].warning, 5.0);
  EXPECT_EQ(rules.thresholds[3].critical, 10.0);
}

TEST(AlertEngine, APeakShorterThanTheHoldTimeRaisesNothing) {
  Watched alert(Alert::kCpu);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(alert.show(99.0, milliseconds(9500)), Changes{});
    EXPECT_EQ(alert.show(10.0, kStep), Changes{});
  }
}

TEST(AlertEngine, ACalmMomentShorterThanTheClearTimeClearsNothing) {
  Watched alert(Alert::kCpu);
  alert.show(99.0, seconds(11));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(alert.show(10.0, milliseconds(29500)), Changes{});
    EXPECT_EQ(alert.show(99.0, kStep), Changes{});
  }
  EXPECT_EQ(alert.level(), AlertLevel::kCritical);
}

TEST(AlertEngine, AValueAtTheThresholdIsNotAboveIt) {
  Watched alert(Alert::kCpu);
  EXPECT_EQ(alert.show(80.0, seconds(60)), Changes{});
}

TEST(AlertEngine, HoldTimesAndHysteresisAreThoseOfTheRules) {
  AlertRules rules;
  rules.raise_after = seconds(2);
  rules.clear_after = seconds(4);
  rules.hysteresis = 0.5;
  Watched alert(Alert::kLatencyP95, rules);
  EXPECT_EQ(alert.show(150.0, seconds(10)), Changes{"ok>warning"});
  EXPECT_EQ(alert.took, seconds(2));
  EXPECT_EQ(alert.show(51.0, seconds(60)), Changes{});
  EXPECT_EQ(alert.show(49.0, seconds(60)), Changes{"warning>ok"});
  EXPECT_EQ(alert.took, seconds(4));
}

TEST(AlertEngine, NewRulesCountForWhatIsRaised) {
  Watched alert(Alert::kLatencyP95);
  alert.show(150.0, seconds(30));
  AlertRules rules;
  rules.thresholds[0] = {.warning = 500.0, .critical = 1000.0};
  alert.engine.set_rules(rules);
  EXPECT_EQ(alert.show(150.0, seconds(60)), Changes{"warning>ok"});
  EXPECT_EQ(alert.took, seconds(30));
}

TEST(AlertEngine, TurnedOffEverythingIsOkAtOnce) {
  Watched alert(Alert::kMemory);
  alert.show(9000.0, seconds(30));
  AlertRules rules;
  rules.enabled = false;
  alert.engine.set_rules(rules);
  EXPECT_EQ(alert.show(9000.0, seconds(60)), Changes{"critical>ok"});
  EXPECT_EQ(alert.took, seconds(0));
}

TEST(AlertEngine, AlertsDoNotKnowOfEachOther) {
  AlertEngine engine{AlertRules{}};
  base::SteadyTime now{seconds(5)};
  std::vector<AlertChange> all;
  for (int i = 0; i < 40; ++i, now += kStep) {
    for (const AlertChange& change : engine.observe({150.0, 95.0, std::nullopt, 0.0}, now)) {
      all.push_back(change);
    }
  }
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].which, Alert::kLatencyP95);
  EXPECT_EQ(all[0].to, AlertLevel::kWarning);
  EXPECT_EQ(all[1].which, Alert::kCpu);
  EXPECT_EQ(all[1].to, AlertLevel::kCritical);
}

/// Counts as a server does, and measures every half second.
class Meter : public ::testing::Test {
 protected:
  std::optional<double> value(Alert which, int steps = 1) {
    AlertValues values;
    for (int i = 0; i < steps; ++i, now_ += kStep) {
      values = meter_.measure(metrics_.snapshot(), 42.5, 3U << 20U, now_);
    }
    return values[static_cast<std::size_t>(which)];
  }

  Metrics metrics_;
  AlertMeter meter_{seconds(5)};
  base::SteadyTime now_{seconds(77)};
};

TEST_F(Meter, ProcessorAndMemoryAreAlwaysThere) {
  EXPECT_EQ(value(Alert::kCpu), 42.5);
  EXPECT_EQ(value(Alert::kMemory), 3.0);
}

TEST_F(Meter, WithoutFramesThereIsNoLatencyAndNoDropRate) {
  metrics_.record(Timing::kFrameAge, milliseconds(500));
  metrics_.add(FrameEvent::kReceived);
  EXPECT_EQ(value(Alert::kLatencyP95, 3), std::nullopt) << "it came before the first look";
  EXPECT_EQ(value(Alert::kDropRate, 3), std::nullopt);
}

TEST_F(Meter, LatencyIsTheP95OfTheWindow) {
  EXPECT_EQ(value(Alert::kLatencyP95), std::nullopt);
  for (int i = 0; i < 90; ++i) metrics_.record(Timing::kFrameAge, milliseconds(20));
  for (int i = 0; i < 10; ++i) metrics_.record(Timing::kFrameAge, milliseconds(400));
  const auto latency = value(Alert::kLatencyP95);
  ASSERT_TRUE(latency);
  EXPECT_NEAR(*latency, 400.0, 50.0);  // An eighth: see HistogramSnapshot::quantile().
  // After the window nothing of it counts.
  EXPECT_EQ(value(Alert::kLatencyP95, 12), std::nullopt);
  for (int i = 0; i < 90; ++i) metrics_.record(Timing::kFrameAge, milliseconds(20));
  EXPECT_NEAR(*value(Alert::kLatencyP95), 20.0, 2.5);
}

TEST_F(Meter, TheDropRateCountsWhatTheServerLost) {
  EXPECT_EQ(value(Alert::kDropRate), std::nullopt);
  metrics_.add(FrameEvent::kReceived, 1000);
  EXPECT_EQ(value(Alert::kDropRate), 0.0);
  metrics_.add(FrameEvent::kReplaced, 10);
  metrics_.add(FrameEvent::kExpired, 20);
  metrics_.add(FrameEvent::kFailed, 30);
  metrics_.add(FrameEvent::kOutboxDropped, 40);
  metrics_.add(FrameEvent::kRejected, 100);   // Damaged when they came,
  metrics_.add(FrameEvent::kUndecoded, 100);  // and nobody there any more.
  metrics_.add(FrameEvent::kAbandoned, 100);
  EXPECT_EQ(value(Alert::kDropRate), 10.0);
  EXPECT_EQ(value(Alert::kDropRate, 12), std::nullopt);
  metrics_.add(FrameEvent::kReceived, 1);
  metrics_.add(FrameEvent::kReplaced, 3);
  EXPECT_EQ(value(Alert::kDropRate), 100.0) << "two of them came before the window";
}

TEST_F(Meter, TheWindowMayChange) {
  value(Alert::kDropRate);
  metrics_.add(FrameEvent::kReceived, 10);
  meter_.set_window(seconds(60));
  EXPECT_EQ(value(Alert::kDropRate, 40), 0.0);
  meter_.set_window(seconds(1));
  EXPECT_EQ(value(Alert::kDropRate, 1), std::nullopt);
}

}  // namespace
}  // namespace storysign::telemetry
