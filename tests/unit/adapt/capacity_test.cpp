// Who is let in, on a virtual clock.

#include "adapt/capacity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// 8 workers, 10 ms a frame in the lowest profile, 25 frames/s: at 20, 32 learners fill 80 %.
LoadView machine(std::size_t sessions, bool measured = true,
                 base::SteadyTime observed = base::SteadyTime(seconds(100))) {
  return {.lowest_cost = 0.010,
          .measured = measured,
          .frames_per_second = 25.0 * static_cast<double>(sessions),
          .sessions = sessions,
          .workers = 8,
          .worker_limit = 0.8,
          .fps_cap = 60.0,
          .fps = 25,
          .memory_is_full = false,
          .observed = observed};
}

class CapacityTest : public testing::Test {
 protected:
  /// Tries again and again, a try every 5 s, while the load shows every learner at once.
  std::size_t fill(int tries) {
    std::size_t sessions = 0;
    for (int i = 0; i < tries; ++i) {
      now_ += seconds(5);
      if (gate_.admit(machine(sessions), now_).admitted()) ++sessions;
    }
    return sessions;
  }

  base::SteadyTime now_{seconds(100)};
  CapacityGate gate_{now_};
};

TEST_F(CapacityTest, LetsInWhatFitsInTheLowestProfile) {
  EXPECT_EQ(CapacityGate::capacity(machine(0)), 32U);
  EXPECT_EQ(fill(100), 32U);
}

TEST_F(CapacityTest, RefusesWithASentenceThatNamesTheFigures) {
  const Admission admission = gate_.admit(machine(32), now_);
  EXPECT_FALSE(admission.admitted());
  EXPECT_EQ(admission.refusal, Refusal::kCapacity);
  EXPECT_THAT(admission.sentence, HasSubstr("capacity of 32 learners"));
  EXPECT_THAT(admission.sentence, HasSubstr("try again"));
  EXPECT_GT(admission.retry_after.count(), 0);
}

TEST_F(CapacityTest, CountsThoseThatTheLoadDoesNotShowYet) {
  const LoadView load = machine(29);
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_EQ(gate_.admit(load, now_).refusal, Refusal::kCapacity);
}

TEST_F(CapacityTest, CountsThoseThatAreThereAndDoNotSendYet) {
  LoadView load = machine(0);
  load.lowest_cost = 0.08;  // Room for 4.
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  now_ += seconds(2);
  load.sessions = 2;
  load.observed = now_ - milliseconds(10);
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_EQ(gate_.admit(load, now_).refusal, Refusal::kCapacity);
}

TEST_F(CapacityTest, ARefusedTryChangesNothing) {
  for (int i = 0; i < 1000; ++i) {
    now_ += milliseconds(10);
    EXPECT_FALSE(gate_.admit(machine(32), now_).admitted());
  }
  EXPECT_TRUE(gate_.admit(machine(31), now_).admitted());
}

TEST_F(CapacityTest, TheFirstLearnerIsAlwaysLetIn) {
  LoadView load = machine(0);
  load.lowest_cost = 0.5;
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  EXPECT_FALSE(gate_.admit(load, now_).admitted());
}

TEST_F(CapacityTest, SlowSendersLeaveRoom) {
  LoadView load = machine(32);
  load.frames_per_second = 32 * 10.0;
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
}

TEST_F(CapacityTest, WhoSendsMoreThanIsPlannedForDoesNotKeepOthersOut) {
  LoadView load = machine(31);
  load.fps = 60;
  load.frames_per_second = 31 * 60.0;
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
}

TEST_F(CapacityTest, WhileRatesAreCutBelowWhatCanBeWatchedNobodyComesIn) {
  LoadView load = machine(10);
  load.fps_cap = 20.0;
  EXPECT_TRUE(gate_.admit(load, now_).admitted());
  load.fps_cap = 19.0;
  EXPECT_EQ(gate_.admit(load, now_).refusal, Refusal::kCapacity);
}

TEST_F(CapacityTest, FullMemoryRefuses) {
  LoadView load = machine(3);
  load.memory_is_full = true;
  const Admission admission = gate_.admit(load, now_);
  EXPECT_EQ(admission.refusal, Refusal::kMemory);
  EXPECT_THAT(admission.sentence, HasSubstr("memory"));
}

TEST_F(CapacityTest, AStormOnAServerThatHasMeasuredNothingComesInStepByStep) {
  std::size_t at_once = 0;
  Admission refused;
  for (int i = 0; i < 100; ++i) {
    Admission admission = gate_.admit(machine(0, false), now_);
    if (admission.admitted()) {
      ++at_once;
    } else {
      refused = admission;
    }
  }
  EXPECT_GE(at_once, 8U);
  EXPECT_LE(at_once, 20U);
  EXPECT_EQ(refused.refusal, Refusal::kWarmingUp);
  EXPECT_THAT(refused.sentence, HasSubstr("a few at a time"));
  now_ += seconds(1);
  EXPECT_TRUE(gate_.admit(machine(at_once, false, now_), now_).admitted());
}

TEST_F(CapacityTest, WhoComesAgainAndAgainAloneIsLetInEachTime) {
  LoadView load = machine(0, false);
  load.workers = 2;
  load.lowest_cost = 0.016;  // Two learners at once would be much.
  load.connected = 0;
  for (int i = 0; i < 20; ++i) {
    now_ += milliseconds(100);
    EXPECT_TRUE(gate_.admit(load, now_).admitted()) << i;
  }
}

TEST_F(CapacityTest, ThoseWhoHaveLeftTakeTheirFramesWithThem) {
  LoadView full = machine(32);
  EXPECT_FALSE(gate_.admit(full, now_).admitted());
  full.connected = 5;
  EXPECT_TRUE(gate_.admit(full, now_).admitted());
}

TEST(RefusalName, EachHasItsOwnWord) {
  EXPECT_EQ(refusal_name(Refusal::kNone), "none");
  EXPECT_EQ(refusal_name(Refusal::kCapacity), "capacity");
  EXPECT_EQ(refusal_name(Refusal::kMemory), "memory");
  EXPECT_EQ(refusal_name(Refusal::kWarmingUp), "warming_up");
}

}  // namespace
}  // namespace storysign::adapt
