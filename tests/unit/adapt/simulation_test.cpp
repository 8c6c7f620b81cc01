// The controllers, the scheduler's fair pick and admission together, on a virtual clock. A part of
// what storysign_sim (bench/sim) prints; the largest machines are in there.

#include "sim/simulation.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace storysign::sim {
namespace {

struct Size {
  int cores;
  int learners;
};

class SimulationTest : public testing::TestWithParam<Size> {};

void expect_good(const Scenario& scenario) {
  const Report report = run(scenario, Model{});
  SCOPED_TRACE(fmt::format("\n{}\n{}", heading(), to_line(scenario, report)));
  EXPECT_GT(report.connected, 0U);
  // The latency target is held, from 5 s after the load came, whatever was refused for it.
  EXPECT_LT(report.p95_ms, 100.0);
  EXPECT_LE(report.settled_at, scenario.judge_from);
  EXPECT_LT(report.dropped, 0.05);
  // Nobody starves.
  EXPECT_GE(report.fairness, 0.8);
  // No oscillation.
  EXPECT_LE(report.changes_a_minute, 2);
  // The limit holds, but for what a moment needs to be noticed.
  EXPECT_LE(report.cpu, scenario.max_cpu);
}

TEST_P(SimulationTest, HoldsItsTargets) {
  for (const Scenario& scenario : scenarios(GetParam().cores, GetParam().learners)) {
    if (scenario.slow_every > GetParam().learners) continue;
    expect_good(scenario);
  }
}

std::string name_of(const testing::TestParamInfo<Size>& size) {
  return fmt::format("{}LearnersOn{}Cores", size.param.learners, size.param.cores);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SimulationTest,
                         testing::Values(Size{2, 1}, Size{2, 10}, Size{8, 10}, Size{8, 100},
                                         Size{32, 1000}),
                         name_of);

TEST(Simulation, TenThousandKnockAtALargeMachine) {
  std::vector<Scenario> all = scenarios(128, 10'000);
  Scenario& storm = all.back();
  ASSERT_EQ(storm.name, "storm");
  storm.seconds = 25.0;
  const Report report = run(storm, Model{});
  EXPECT_GT(report.connected, 300U);
  EXPECT_GT(report.refused, 9000U);
  EXPECT_LT(report.p95_ms, 100.0);
  EXPECT_LE(report.settled_at, storm.judge_from);
  EXPECT_GE(report.fairness, 0.8);
}

TEST(Simulation, TheGateRefusesWhatCouldNotBeServed) {
  const Scenario scenario{.cores = 2, .learners = 40, .seconds = 60.0, .judge_from = 10.0};
  const Report report = run(scenario, Model{});
  const int holds = capacity(2, adapt::Profile::kUltraPerformance, scenario.max_cpu, Model{});
  // When all places are taken, learners are left with about 20 of their 25 frames a second, and the
  // networks of those who send more than that run more rarely.
  EXPECT_LE(static_cast<double>(report.most_connected), 1.5 * holds);
  EXPECT_GE(report.most_connected + 1, static_cast<std::size_t>(holds));
  EXPECT_GT(report.refused, 0U);
  EXPECT_GT(report.fps_median, 17.0);
  EXPECT_LT(report.p95_ms, 100.0);
  EXPECT_LE(report.cpu, scenario.max_cpu);
}

TEST(Simulation, ClientsThatIgnoreTheAdviceGetFewerNetworksInstead) {
  Scenario scenario{.cores = 2, .learners = 9, .seconds = 60.0, .judge_from = 20.0};
  scenario.gate = false;
  const Report heeding = run(scenario, Model{});
  EXPECT_LT(heeding.fps_median, 24.0);
  scenario.heeds = false;
  const Report report = run(scenario, Model{});
  SCOPED_TRACE(fmt::format("\n{}\n{}", heading(), to_line(scenario, report)));
  EXPECT_GT(report.fps_median, 24.0);
  EXPECT_LE(report.cpu, scenario.max_cpu);
  EXPECT_LT(report.p95_ms, 100.0);
  EXPECT_LT(report.dropped, 0.05);
}

TEST(Simulation, CpuStaysUnderALowLimitAndQualityPays) {
  const Scenario scenario{.cores = 8,
                          .learners = 12,
                          .seconds = 60.0,
                          .max_cpu = 0.5,
                          .first_come = 5.0,
                          .last_come = 5.2,
                          .gate = false,
                          .judge_from = 15.0};
  const Report report = run(scenario, Model{});
  EXPECT_LE(report.cpu_worst, 0.55);
  EXPECT_LT(report.level, 2.0);
  EXPECT_LT(report.p95_ms, 75.0);
  EXPECT_GT(report.fps_median, 24.0);
}

TEST(Simulation, AllAreBackAtHighQualityWithinHalfAMinuteOfTheLoadsEnd) {
  for (const bool gate : {true, false}) {
    Scenario scenario{.cores = 8, .learners = 66, .seconds = 100.0};
    scenario.few_from = 50.0;
    scenario.gate = gate;
    const Report report = run(scenario, Model{});
    EXPECT_LT(report.level, 2.5) << gate;
    EXPECT_LE(report.recovered_at, scenario.few_from + 30.0) << gate;
    EXPECT_LT(report.p95_ms, 150.0) << gate;
  }
}

TEST(Simulation, WithoutAdaptationTheSameLoadIsTooMuch) {
  Scenario scenario{.cores = 8, .learners = 20, .seconds = 40.0};
  scenario.gate = false;
  EXPECT_LT(run(scenario, Model{}).dropped, 0.05);
  scenario.pinned = true;
  scenario.profile = adapt::Profile::kHighQuality;
  EXPECT_GT(run(scenario, Model{}).dropped, 0.05);
}

TEST(Simulation, TheSameScenarioGivesTheSameReport) {
  const Scenario scenario{.cores = 2, .learners = 6, .seconds = 30.0};
  EXPECT_EQ(to_line(scenario, run(scenario, Model{})), to_line(scenario, run(scenario, Model{})));
}

TEST(Simulation, CapacityGrowsWithCoresAndFallsWithQuality) {
  const Model model;
  const int high = capacity(4, adapt::Profile::kHighQuality, 0.8, model);
  const int ultra = capacity(4, adapt::Profile::kUltraPerformance, 0.8, model);
  EXPECT_GT(high, 0);
  EXPECT_GT(ultra, high);
  EXPECT_GT(capacity(8, adapt::Profile::kHighQuality, 0.8, model), high);
}

}  // namespace
}  // namespace storysign::sim
