#include "app/serve/alert_monitor.hpp"

#include "app/serve/webhook.hpp"
#include "support/log_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A monitor of a server whose CPU use the test says, every half second of virtual time.
class Monitor : public ::testing::Test {
 protected:
  void watch(double cpu, seconds time) {
    telemetry::ResourceReading reading;
    reading.process_cpu_percent = cpu;
    reading.memory_bytes = 64U << 20U;
    for (int i = 0; i < 2 * time.count(); ++i) {
      monitor_.observe(metrics_.snapshot(), reading, now_, wall_);
      now_ += milliseconds(500);
      wall_ += milliseconds(500);
    }
  }
  [[nodiscard]] nlohmann::json row(std::string_view name) const {
    const nlohmann::json report = monitor_.report();
    for (const auto& row : report.at("alerts")) {
      if (row.at("name") == name) return row;
    }
    ADD_FAILURE() << name;
    return {};
  }

  testing::LogLines lines_;
  telemetry::Log log_{{.sink = &lines_}};
  telemetry::Metrics metrics_;
  config::Alerts settings_;
  AlertMonitor monitor_{settings_, log_};
  base::SteadyTime now_{seconds(50)};
  wire::WallTime wall_{seconds(1700000000)};
};

TEST_F(Monitor, SaysInTheLogWhatChanges) {
  watch(85.0, seconds(12));
  watch(95.0, seconds(12));
  watch(75.0, seconds(32));
  watch(1.0, seconds(32));
  EXPECT_THAT(
      lines_.lines,
      ElementsAre(AllOf(HasSubstr(" warning An alert warns. alert=cpu level=warning before=ok"),
                        HasSubstr("is 85 %; it is a warning above 80 %.")),
                  AllOf(HasSubstr(" error An alert is critical. alert=cpu level=critical "
                                  "before=warning"),
                        HasSubstr("is 95 %; it is critical above 90 %.")),
                  AllOf(HasSubstr(" warning An alert is no longer critical. alert=cpu "),
                        HasSubstr("before=critical")),
                  AllOf(HasSubstr(" info An alert is over. alert=cpu level=ok before=warning"))));
}

TEST_F(Monitor, ReportsEveryAlert) {
  watch(95.04, seconds(12));
  EXPECT_EQ(row("cpu"),
            (nlohmann::json{
                {"name", "cpu"},
                {"level", "critical"},
                {"value", 95.0},
                {"unit", "%"},
                {"warning_at", 80.0},
                {"critical_at", 90.0},
                {"since", "2023-11-14T22:13:30.000Z"},
                {"sentence", "The CPU use of the server is 95 %; it is critical above 90 %."}}));
  EXPECT_EQ(row("memory").at("level"), "ok");
  EXPECT_EQ(row("memory").at("value"), 64.0);
  EXPECT_EQ(row("memory").at("since"), nlohmann::json());
  EXPECT_EQ(row("latency_p95").at("value"), nlohmann::json());
  EXPECT_EQ(row("latency_p95").at("sentence"), "No frame was answered lately.");
  EXPECT_EQ(row("drop_rate").at("critical_at"), 10.0);
  EXPECT_EQ(monitor_.report().at("alerts").size(), telemetry::kAlerts);
  EXPECT_EQ(monitor_.counts().critical, 1U);
  EXPECT_EQ(monitor_.counts().warning, 0U);
  watch(85.0, seconds(1));
  EXPECT_EQ(monitor_.counts().critical, 1U) << "not for the clear time yet";
}

TEST_F(Monitor, TakesNewSettings) {
  settings_.cpu_warning_percent = 10.0;
  settings_.raise_after_ms = 1000;
  settings_.webhook_tries = 3;
  monitor_.configure(settings_);
  EXPECT_EQ(row("cpu").at("warning_at"), 10.0);
  EXPECT_EQ(monitor_.webhook().options().tries, 3);
  watch(20.0, seconds(2));
  EXPECT_EQ(row("cpu").at("level"), "warning");
  EXPECT_EQ(monitor_.counts().warning, 1U);
  settings_.enabled = false;
  monitor_.configure(settings_);
  watch(20.0, seconds(1));
  EXPECT_EQ(row("cpu").at("level"), "ok");
}

TEST(AlertRules, DefaultsOfTheSettingsAreThoseOfTheEngine) {
  const telemetry::AlertRules by_settings = alert_rules(config::Alerts{});
  const telemetry::AlertRules own;
  EXPECT_EQ(by_settings.enabled, own.enabled);
  for (std::size_t i = 0; i < telemetry::kAlerts; ++i) {
    EXPECT_EQ(by_settings.thresholds[i].warning, own.thresholds[i].warning) << i;
    EXPECT_EQ(by_settings.thresholds[i].critical, own.thresholds[i].critical) << i;
  }
  EXPECT_EQ(by_settings.raise_after, own.raise_after);
  EXPECT_EQ(by_settings.clear_after, own.clear_after);
  EXPECT_EQ(by_settings.hysteresis, own.hysteresis);
  EXPECT_EQ(webhook_options(config::Alerts{}), WebhookOptions{});
}

TEST(WebhookWait, DoublesUpToAMinuteWithJitter) {
  const milliseconds first(1000);
  EXPECT_EQ(webhook_wait(first, 1, 1.0), milliseconds(1000));
  EXPECT_EQ(webhook_wait(first, 1, 0.0), milliseconds(500));
  EXPECT_EQ(webhook_wait(first, 2, 1.0), milliseconds(2000));
  EXPECT_EQ(webhook_wait(first, 3, 0.5), milliseconds(3000));
  EXPECT_EQ(webhook_wait(first, 6, 1.0), milliseconds(32000));
  EXPECT_EQ(webhook_wait(first, 7, 1.0), milliseconds(60000));
  EXPECT_EQ(webhook_wait(first, 20, 0.0), milliseconds(30000));
}

TEST(Webhook, WithoutAnAddressNothingWaits) {
  testing::LogLines lines;
  telemetry::Log log({.level = telemetry::LogLevel::kDebug, .form = {}, .sink = &lines});
  {
    Webhook webhook(log);
    webhook.post("{}");
  }
  EXPECT_THAT(lines.lines, ElementsAre());
}

}  // namespace
}  // namespace storysign::app
