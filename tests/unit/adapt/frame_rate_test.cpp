// Advice on the frame rate, on a virtual clock.

#include "adapt/frame_rate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace storysign::adapt {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A server that answers so many frames a second, and a client that follows the advice.
class Simulation {
 public:
  explicit Simulation(int max_fps) : advisor_(max_fps, now_) {}

  void run(int for_seconds, double capacity) {
    const base::SteadyTime end = now_ + seconds(for_seconds);
    double owed = 0.0;
    while (now_ < end) {
      const double sent = advisor_.advice();
      const double answered = std::min(sent, capacity);
      now_ += microseconds(static_cast<int>(1e6 / answered));
      owed += (sent - answered) / answered;
      const auto dropped = static_cast<unsigned>(owed);
      owed -= dropped;
      advisor_.on_answer(dropped, now_);
    }
  }
  [[nodiscard]] int advice() const { return advisor_.advice(); }
  FrameRateAdvisor& advisor() { return advisor_; }

 private:
  base::SteadyTime now_{seconds(100)};
  FrameRateAdvisor advisor_;
};

TEST(FrameRateAdvisor, BeginsAtTheMostAllowed) {
  EXPECT_EQ(Simulation(30).advice(), 30);
  EXPECT_EQ(Simulation(500).advice(), FrameRateAdvisor::kMaxFps);
  EXPECT_EQ(Simulation(1).advice(), FrameRateAdvisor::kMinFps);
}

TEST(FrameRateAdvisor, StaysWhereEveryFrameIsAnswered) {
  Simulation run(30);
  run.run(20, 60.0);
  EXPECT_EQ(run.advice(), 30);
}

TEST(FrameRateAdvisor, GoesDownWithinTwoSeconds) {
  Simulation run(60);
  run.run(2, 20.0);
  EXPECT_LE(run.advice(), 20);
  EXPECT_GE(run.advice(), 17);
}

TEST(FrameRateAdvisor, NeverAdvisesLessThanTheLeast) {
  Simulation run(60);
  run.run(20, 3.0);
  EXPECT_EQ(run.advice(), FrameRateAdvisor::kMinFps);
}

TEST(FrameRateAdvisor, ComesBackSlowly) {
  Simulation run(30);
  run.run(3, 12.0);
  const int low = run.advice();
  run.run(2, 60.0);
  EXPECT_LE(run.advice(), low + 3);
  run.run(30, 60.0);
  EXPECT_EQ(run.advice(), 30);
}

TEST(FrameRateAdvisor, TheProcessesCapCountsAtOnceAndRisesSlowly) {
  Simulation run(30);
  run.advisor().set_range(FrameRateAdvisor::kMinFps, 15.7);
  EXPECT_EQ(run.advice(), 15);
  run.advisor().set_range(FrameRateAdvisor::kMinFps, 60.0);
  run.run(3, 100.0);
  EXPECT_LE(run.advice(), 20);
  run.run(40, 100.0);
  EXPECT_EQ(run.advice(), 60);
}

TEST(FrameRateAdvisor, DropsDoNotBringItBelowTheFloor) {
  Simulation run(30);
  run.advisor().set_range(20, 30.0);
  run.run(20, 8.0);
  EXPECT_EQ(run.advice(), 20);
  run.advisor().set_range(FrameRateAdvisor::kMinFps, 30.0);
  run.run(5, 8.0);
  EXPECT_EQ(run.advice(), FrameRateAdvisor::kMinFps);
}

TEST(FrameRateAdvisor, KnowsWhatTheClientSends) {
  Simulation run(30);
  EXPECT_EQ(run.advisor().sent(), 0.0);
  run.run(3, 60.0);
  EXPECT_NEAR(run.advisor().sent(), 30.0, 1.0);
}

TEST(FrameRateAdvisor, DoesNotRiseForAClientThatSendsLess) {
  base::SteadyTime now{seconds(100)};
  FrameRateAdvisor advisor(30, now);
  advisor.set_range(FrameRateAdvisor::kMinFps, 60.0);
  for (int i = 0; i < 1200; ++i) advisor.on_answer(0, now += milliseconds(50));
  EXPECT_EQ(advisor.advice(), 30);
}

TEST(FrameRateAdvisor, IgnoresARest) {
  FrameRateAdvisor advisor(30, base::SteadyTime(seconds(1)));
  advisor.on_answer(5, base::SteadyTime(seconds(60)));
  EXPECT_EQ(advisor.advice(), 30);
}

}  // namespace
}  // namespace storysign::adapt
