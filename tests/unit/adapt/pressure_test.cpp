// The process's ceiling, on a virtual clock and a made-up machine.

#include "adapt/pressure.hpp"

#include "support/allocation_count.hpp"
#include "unit/adapt/machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PressureTest : public testing::Test {
 protected:
  void use(const PressureOptions& options) { pressure_ = PressureController(options, now_); }

  void run(double for_seconds) {
    const auto steps = static_cast<int>(for_seconds * 2.0);
    for (int i = 0; i < steps; ++i) {
      now_ += milliseconds(500);
      pressure_.observe(machine_.step(pressure_), now_);
    }
  }
  [[nodiscard]] std::vector<int> levels(std::uint64_t first, std::uint64_t count) const {
    std::vector<int> levels;
    levels.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) levels.push_back(pressure_.ceiling_for(first + i));
    return levels;
  }

  base::SteadyTime now_{seconds(100)};
  Machine machine_;
  PressureController pressure_{{}, now_};
};

TEST_F(PressureTest, WithoutLoadEverybodyMayHaveTheHighest) {
  machine_.sessions = 1;
  run(20.0);
  EXPECT_DOUBLE_EQ(pressure_.ceiling(), 3.0);
  EXPECT_EQ(pressure_.ceiling_for(7), 3);
  EXPECT_EQ(pressure_.reason(), Reason::kHeadroom);
}

TEST_F(PressureTest, CpuComesUnderItsLimitWithinTenSecondsOfAStep) {
  for (const double max_cpu : {0.3, 0.5, 0.8}) {
    use({.max_cpu = max_cpu});
    machine_.sessions = 0;
    run(10.0);
    machine_.sessions = 13;
    run(10.0);
    EXPECT_LE(machine_.cpu, 1.1 * max_cpu) << max_cpu;
    EXPECT_EQ(pressure_.reason(), Reason::kCpu);
    run(60.0);
    EXPECT_LE(machine_.cpu, max_cpu) << max_cpu;
    EXPECT_GE(machine_.cpu, 0.75 * max_cpu) << max_cpu;
  }
}

TEST_F(PressureTest, DoesNotOscillateUnderASteadyLoad) {
  for (const int sessions : {9, 12, 16, 20, 40}) {
    use({});
    machine_.sessions = sessions;
    run(20.0);
    double lowest = pressure_.ceiling();
    double highest = lowest;
    int turns = 0;
    int direction = 0;
    for (int i = 0; i < 240; ++i) {
      const double before = pressure_.ceiling();
      run(0.5);
      const double change = pressure_.ceiling() - before;
      if (change * direction < 0.0) ++turns;
      if (change != 0.0) direction = change > 0.0 ? 1 : -1;
      lowest = std::min(lowest, pressure_.ceiling());
      highest = std::max(highest, pressure_.ceiling());
    }
    EXPECT_LE(turns, 2) << sessions;
    EXPECT_LE(highest - lowest, 1.0) << sessions;
  }
}

TEST_F(PressureTest, DoesNotStepUpWhereThatCannotFit) {
  machine_.sessions = 14;
  run(30.0);
  const double settled = pressure_.ceiling();
  ASSERT_LT(settled, 3.0);
  for (int i = 0; i < 100; ++i) {
    run(1.0);
    EXPECT_LE(machine_.cpu, 0.83);
  }
}

TEST_F(PressureTest, IsBackWithinHalfAMinuteOfTheLoadsEnd) {
  for (const int sessions : {20, 60}) {
    use({});
    machine_.sessions = sessions;
    run(60.0);
    ASSERT_LT(pressure_.ceiling(), 1.5);
    machine_.sessions = 2;
    run(25.0);
    EXPECT_DOUBLE_EQ(pressure_.ceiling(), 3.0) << sessions;
    EXPECT_EQ(pressure_.reason(), Reason::kHeadroom);
    EXPECT_GE(pressure_.fps_cap(), 30.0);
  }
}

TEST_F(PressureTest, SaysOnceThatTheLoadHasGone) {
  machine_.sessions = 20;
  run(60.0);
  ASSERT_LT(pressure_.ceiling(), 1.5);
  EXPECT_EQ(pressure_.eased(), 0U) << "the load stays";
  machine_.sessions = 2;
  run(25.0);
  EXPECT_EQ(pressure_.eased(), 1U);
}

TEST_F(PressureTest, CeilingSpreadsFairlyOverAnyRunOfSessions) {
  machine_.sessions = 14;
  run(30.0);
  const double ceiling = pressure_.ceiling();
  ASSERT_NE(ceiling, std::floor(ceiling));
  for (const std::uint64_t first : {0U, 17U, 999'990U}) {
    for (const std::uint64_t count : {10U, 40U, 200U}) {
      double sum = 0.0;
      for (const int level : levels(first, count)) {
        EXPECT_GE(level, static_cast<int>(ceiling));
        EXPECT_LE(level, static_cast<int>(ceiling) + 1);
        sum += level;
      }
      const auto sessions = static_cast<double>(count);
      EXPECT_NEAR(sum / sessions, ceiling, 2.5 / sessions) << first << " " << count;
    }
  }
}

TEST_F(PressureTest, EverybodyGetsItsTurn) {
  machine_.sessions = 14;
  run(30.0);
  std::vector<int> sums(14, 0);
  int count = 0;
  for (; count < 480; ++count) {
    run(0.5);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += pressure_.ceiling_for(i);
  }
  const auto [least, most] = std::minmax_element(sums.begin(), sums.end());
  EXPECT_LT(static_cast<double>(*most - *least) / count, 0.15);
}

TEST_F(PressureTest, NobodyChangesMoreThanTwiceAMinute) {
  machine_.sessions = 14;
  run(30.0);
  std::vector<int> before = levels(0, 14);
  std::vector<int> changes(14, 0);
  constexpr int kMinutes = 8;
  for (int i = 0; i < 120 * kMinutes; ++i) {
    run(0.5);
    const std::vector<int> now = levels(0, 14);
    for (std::size_t k = 0; k < now.size(); ++k) changes[k] += now[k] != before[k] ? 1 : 0;
    before = now;
  }
  EXPECT_LE(*std::max_element(changes.begin(), changes.end()), 2 * kMinutes);
}

TEST_F(PressureTest, BelowTheLowestProfileFrameRatesFallAndComeBack) {
  machine_.sessions = 40;
  run(15.0);
  EXPECT_DOUBLE_EQ(pressure_.ceiling(), 0.0);
  EXPECT_LT(pressure_.fps_cap(), 22.0);
  EXPECT_GE(pressure_.fps_cap(), 10.0);
  EXPECT_EQ(pressure_.fps_floor(), 10);
  EXPECT_LE(machine_.cpu, 0.8);
  machine_.sessions = 1000;
  run(15.0);
  EXPECT_DOUBLE_EQ(pressure_.fps_cap(), 10.0);
}

TEST_F(PressureTest, WhileProfilesCanFallRatesNeedNot) {
  machine_.sessions = 14;
  run(30.0);
  EXPECT_GT(pressure_.ceiling(), 0.0);
  EXPECT_DOUBLE_EQ(pressure_.fps_cap(), 30.0);
  EXPECT_EQ(pressure_.fps_floor(), 20);
}

TEST_F(PressureTest, MuchRoomAllowsMoreFramesThanConfigured) {
  machine_.sessions = 1;
  machine_.fps = 60.0;
  run(30.0);
  EXPECT_DOUBLE_EQ(pressure_.fps_cap(), 60.0);
  machine_.sessions = 14;
  run(10.0);
  EXPECT_LE(pressure_.fps_cap(), 30.0);
}

TEST_F(PressureTest, WaitingCountsWhereCpuDoesNot) {
  use({.max_cpu = 1.0});
  machine_.sessions = 16;
  machine_.available = 0.5;
  run(10.0);
  EXPECT_LT(pressure_.ceiling(), 1.0);
  EXPECT_LE(machine_.cpu, 0.5);
}

TEST_F(PressureTest, AThiefsReturnIsNoticed) {
  machine_.sessions = 12;
  machine_.available = 0.5;
  run(60.0);
  const double robbed = pressure_.ceiling();
  machine_.available = 1.0;
  run(120.0);
  EXPECT_GT(pressure_.ceiling(), robbed + 0.7);
}

TEST_F(PressureTest, MemoryLowersTheCeiling) {
  machine_.sessions = 1;
  machine_.memory_mib = 8300.0;
  run(10.0);
  EXPECT_LT(pressure_.ceiling(), 2.0);
  EXPECT_EQ(pressure_.reason(), Reason::kMemory);
  EXPECT_TRUE(pressure_.load().memory_is_full);
  machine_.memory_mib = 7800.0;
  const double low = pressure_.ceiling();
  run(10.0);
  EXPECT_DOUBLE_EQ(pressure_.ceiling(), low);
  machine_.memory_mib = 2000.0;
  run(20.0);
  EXPECT_DOUBLE_EQ(pressure_.ceiling(), 3.0);
}

TEST_F(PressureTest, SessionsThatAreLowByThemselvesAreNotCountedOn) {
  machine_.own_limit = 1;
  machine_.sessions = 18;
  run(40.0);
  EXPECT_LE(machine_.cpu, 0.8);
}

TEST_F(PressureTest, BeforeAnybodyHasLessTheWillingAreInvitedHome) {
  machine_.sessions = 0;
  run(10.0);
  // Twice as many as the highest profile has room for, and most of them would go home.
  machine_.sessions = 20;
  machine_.willing = 15;
  int invited = 0;
  for (int i = 0; i < 60; ++i) {
    run(0.5);
    const auto now = static_cast<int>(pressure_.invitations());
    invited += now;
    // They go when they are asked.
    machine_.sessions -= now;
    machine_.willing -= now;
    ASSERT_DOUBLE_EQ(pressure_.ceiling(), 3.0) << i;
  }
  EXPECT_GE(invited, 4);
  EXPECT_LE(invited, 15);
  EXPECT_LE(machine_.cpu, 0.85);
}

TEST_F(PressureTest, WhereTheInvitedStayEverybodyHasLessAfterAll) {
  machine_.sessions = 0;
  run(10.0);
  machine_.sessions = 20;
  machine_.willing = 1;
  int invited = 0;
  for (int i = 0; i < 60; ++i) {
    run(0.5);
    invited += static_cast<int>(pressure_.invitations());
    machine_.willing = std::max(0, 1 - invited);
  }
  EXPECT_EQ(invited, 1);
  EXPECT_LT(pressure_.ceiling(), 3.0);
  EXPECT_LE(machine_.cpu, 0.85);
}

TEST_F(PressureTest, NobodyIsInvitedWhileThereIsRoom) {
  machine_.sessions = 4;
  machine_.willing = 4;
  for (int i = 0; i < 40; ++i) {
    run(0.5);
    ASSERT_EQ(pressure_.invitations(), 0U);
  }
}

TEST_F(PressureTest, TakesNoMemoryFromTheHeap) {
  machine_.sessions = 14;
  run(5.0);
  const std::size_t before = test::allocations();
  run(20.0);
  EXPECT_EQ(test::allocations(), before);
}

TEST(CostModel, LearnsTheMachinesSpeedAndHowProfilesCompare) {
  CostModel model;
  EXPECT_FALSE(model.measured());
  const WorkByProfile work{{{.frames = 50, .busy = milliseconds(50 * 5)},
                            {.frames = 0, .busy = {}},
                            {.frames = 50, .busy = milliseconds(50 * 20)},
                            {.frames = 0, .busy = {}}}};
  for (int i = 0; i < 200; ++i) model.observe(work, 0.4);
  EXPECT_TRUE(model.measured());
  EXPECT_NEAR(model.seconds(0), 0.005, 0.0003);
  EXPECT_NEAR(model.seconds(2), 0.020, 0.0005);
  EXPECT_GE(model.seconds(3), model.seconds(2));
  EXPECT_NEAR(model.seconds_between(0.5), 0.5 * (model.seconds(0) + model.seconds(1)), 1e-12);
}

TEST(CostModel, ASessionsFirstFramesSayNothing) {
  CostModel model;
  const double guess = model.seconds(2);
  WorkByProfile work{};
  work[2] = {.frames = 50,
             .busy = milliseconds(50 * 60),
             .first_frames = 50,
             .first_busy = milliseconds(50 * 60)};
  for (int i = 0; i < 10; ++i) model.observe(work, 0.4);
  EXPECT_DOUBLE_EQ(model.seconds(2), guess);
  work[2].frames += 50;
  work[2].busy += milliseconds(50 * 20);
  for (int i = 0; i < 200; ++i) model.observe(work, 0.4);
  EXPECT_NEAR(model.seconds(2), 0.020, 0.0005);
}

TEST(CostModel, ASlowMomentHardlyMovesTheSteadyCost) {
  CostModel model;
  WorkByProfile work{};
  work[2] = {.frames = 50, .busy = milliseconds(50 * 20)};
  for (int i = 0; i < 200; ++i) model.observe(work, 0.4);
  const double steady = model.steady_seconds(0);
  EXPECT_NEAR(steady, model.seconds(0), 0.0003);
  work[2].busy *= 2;
  for (int i = 0; i < 3; ++i) model.observe(work, 0.4);
  EXPECT_GT(model.seconds(0), 1.6 * steady);
  EXPECT_LT(model.steady_seconds(0), 1.2 * steady);
  for (int i = 0; i < 200; ++i) model.observe(work, 0.4);
  EXPECT_GT(model.steady_seconds(0), 1.9 * steady);
}

TEST(CostModel, FollowsAMachineThatSlowsDown) {
  CostModel model;
  WorkByProfile work{};
  work[3] = {.frames = 100, .busy = milliseconds(2000)};
  for (int i = 0; i < 20; ++i) model.observe(work, 0.4);
  const double lowest = model.seconds(0);
  work[3].busy = milliseconds(4000);
  for (int i = 0; i < 20; ++i) model.observe(work, 0.4);
  EXPECT_NEAR(model.seconds(3), 0.040, 0.001);
  EXPECT_NEAR(model.seconds(0), 2.0 * lowest, 0.05 * lowest);
}

}  // namespace
}  // namespace storysign::adapt
