// Who comes next, decided on one thread with a clock that the test moves: no timing is left to
// chance. next() is called only when there is something to do.

#include "pipeline/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace storysign::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using telemetry::FrameEvent;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds kMaxWait{100};
constexpr std::size_t kQueue = 3;
constexpr bool kKeep = true;

base::SteadyTime clock_now;
base::SteadyTime read_clock() noexcept {
  return clock_now;
}

class NoListener final : public ResultListener {
 public:
  void on_result(ResultLease /*result*/) noexcept override {}
};

class Part final : public vision::PartJob {
 public:
  void run(vision::Networks& /*networks*/) noexcept override {}
};

class SchedulerTest : public testing::Test {
 protected:
  using ChannelPointer = std::shared_ptr<ChannelState>;

  void SetUp() override { clock_now = base::SteadyTime(seconds(100)); }

  ChannelPointer open() {
    auto channel = std::make_shared<ChannelState>(std::make_shared<NoListener>(), kQueue);
    scheduler_.open(*channel);
    return channel;
  }
  std::uint32_t submit(ChannelState& channel, std::uint32_t number, bool keep = false,
                       bool fast = false) {
    Frame frame;
    frame.client_number = number;
    frame.received = clock_now;
    frame.keep = keep;
    frame.quality.is_fast = fast;
    return scheduler_.submit(channel, std::move(frame), dropped_);
  }
  /// The next piece of work; there must be one.
  Work next() {
    Work work;
    EXPECT_TRUE(scheduler_.next(work, dropped_));
    return work;
  }
  Scheduler::Losses finish(ChannelState& channel) {
    Scheduler::Losses losses;
    EXPECT_TRUE(scheduler_.computed(channel, losses));
    scheduler_.delivered(channel);
    return losses;
  }
  /// Frame numbers of the next turns, each finished before the next.
  std::vector<std::uint32_t> turns(int count) {
    std::vector<std::uint32_t> numbers;
    for (int i = 0; i < count; ++i) {
      const Work work = next();
      if (work.channel == nullptr) break;
      numbers.push_back(work.frame.client_number);
      finish(*work.channel);
    }
    return numbers;
  }
  [[nodiscard]] std::uint64_t counted(FrameEvent event) const {
    return metrics_.snapshot().value(event);
  }
  [[nodiscard]] std::vector<std::uint32_t> dropped() const {
    std::vector<std::uint32_t> numbers;
    for (const Frame& frame : dropped_) numbers.push_back(frame.client_number);
    return numbers;
  }

  telemetry::Metrics metrics_;
  Scheduler scheduler_{{.workers = 2, .max_wait = kMaxWait, .now = read_clock}, metrics_};
  Frames dropped_;
};

TEST_F(SchedulerTest, LongestWithoutATurnComesFirst) {
  const auto a = open();
  const auto b = open();
  const auto c = open();
  submit(*c, 30);
  submit(*b, 20);
  submit(*a, 10);
  EXPECT_THAT(turns(3), ElementsAre(10, 20, 30));
  submit(*b, 21);
  submit(*a, 11);
  submit(*c, 31);
  EXPECT_THAT(turns(3), ElementsAre(11, 21, 31));
}

TEST_F(SchedulerTest, NewChannelDoesNotJumpTheQueue) {
  const auto a = open();
  submit(*a, 10, kKeep);
  const auto b = open();
  submit(*b, 20, kKeep);
  submit(*a, 11, kKeep);
  EXPECT_THAT(turns(3), ElementsAre(10, 20, 11));
}

TEST_F(SchedulerTest, NeverTwoOfOneBeforeAnothersOne) {
  const auto flood = open();
  const auto calm = open();
  for (std::uint32_t i = 0; i < 3; ++i) submit(*flood, i, kKeep);
  submit(*calm, 100);
  EXPECT_THAT(turns(2), ElementsAre(0, 100));
  submit(*calm, 101);
  EXPECT_THAT(turns(3), ElementsAre(1, 101, 2));
}

TEST_F(SchedulerTest, AFloodChangesNobodysTurns) {
  const auto flood = open();
  const auto calm = open();
  for (std::uint32_t round = 0; round < 50; ++round) {
    for (std::uint32_t i = 0; i < 20; ++i) submit(*flood, 1000 + round * 20 + i);
    submit(*calm, round);
    const auto served = turns(2);
    EXPECT_THAT(served, testing::Contains(round));
    EXPECT_THAT(served, testing::Contains(1000 + round * 20 + 19)) << "newest of the flood";
    dropped_.clear();
  }
  EXPECT_EQ(counted(FrameEvent::kReplaced), 50U * 19);
}

TEST_F(SchedulerTest, OneFrameInFlightEach) {
  const auto a = open();
  submit(*a, 1, kKeep);
  submit(*a, 2, kKeep);
  const Work first = next();
  EXPECT_EQ(first.frame.client_number, 1U);
  EXPECT_EQ(scheduler_.pending(*a), 2U);
  const auto b = open();
  submit(*b, 50);
  EXPECT_EQ(next().frame.client_number, 50U);  // Not frame 2, although it has waited longer.
  Scheduler::Losses losses;
  ASSERT_TRUE(scheduler_.computed(*a, losses));
  EXPECT_EQ(scheduler_.pending(*a), 1U) << "a computed frame is no longer in flight";
  Part part;
  scheduler_.offer(part);
  EXPECT_EQ(next().part, &part) << "no turn for a channel whose result is being delivered";
  scheduler_.delivered(*a);
  EXPECT_EQ(next().frame.client_number, 2U);
}

TEST_F(SchedulerTest, NewestWinsAndTheNextResultSaysSo) {
  const auto a = open();
  EXPECT_EQ(submit(*a, 1), 0U);
  EXPECT_EQ(submit(*a, 2), 1U);
  EXPECT_EQ(submit(*a, 3), 1U);
  EXPECT_EQ(scheduler_.load().waiting, 1U);
  EXPECT_THAT(dropped(), ElementsAre(1, 2));
  const Work work = next();
  EXPECT_EQ(work.frame.client_number, 3U);
  EXPECT_EQ(finish(*a).replaced, 2U);
  submit(*a, 4);
  static_cast<void>(next());
  EXPECT_EQ(finish(*a).replaced, 0U) << "told once";
  EXPECT_EQ(counted(FrameEvent::kReceived), 4U);
  EXPECT_EQ(counted(FrameEvent::kReplaced), 2U);
}

TEST_F(SchedulerTest, InTheFastModeTheFrameBeforeTheNewestIsDoneCheaply) {
  constexpr bool kFast = true;
  const auto a = open();
  for (std::uint32_t i = 1; i <= 3; ++i) submit(*a, i, !kKeep, kFast);
  EXPECT_THAT(dropped(), ElementsAre(1));
  const Work older = next();
  EXPECT_EQ(older.frame.client_number, 2U);
  EXPECT_TRUE(older.frame.quality.pace.behind);
  EXPECT_EQ(finish(*a).replaced, 1U);
  const Work newest = next();
  EXPECT_EQ(newest.frame.client_number, 3U);
  EXPECT_FALSE(newest.frame.quality.pace.behind) << "nothing waits behind it";
  finish(*a);
  submit(*a, 4, kKeep, kFast);
  submit(*a, 5, kKeep, kFast);
  EXPECT_FALSE(next().frame.quality.pace.behind) << "a client wants every frame computed";
}

TEST_F(SchedulerTest, KeptFramesComeInOrder) {
  const auto a = open();
  for (std::uint32_t i = 1; i <= 5; ++i) submit(*a, i, kKeep);
  EXPECT_THAT(dropped(), ElementsAre(1, 2)) << "the queue holds " << kQueue;
  EXPECT_THAT(turns(3), ElementsAre(3, 4, 5));
}

TEST_F(SchedulerTest, WaitingForTheOwnFrameIsNoContention) {
  const auto a = open();
  submit(*a, 1);
  const Work first = next();
  submit(*a, 2);
  const base::SteadyTime sent = clock_now;
  clock_now += milliseconds(30);
  finish(*a);
  clock_now += milliseconds(5);
  const Work second = next();
  EXPECT_EQ(second.picked - second.frame.received, milliseconds(35));
  EXPECT_EQ(second.picked - second.eligible, milliseconds(5)) << "for a worker";
  EXPECT_EQ(first.eligible, sent);
}

TEST_F(SchedulerTest, AFrameThatWaitedTooLongIsDropped) {
  const auto a = open();
  submit(*a, 1);
  clock_now += kMaxWait;
  submit(*a, 2, kKeep);
  clock_now += milliseconds(1);
  const Work work = next();
  EXPECT_EQ(work.frame.client_number, 2U);
  EXPECT_EQ(work.picked, clock_now);
  EXPECT_THAT(dropped(), ElementsAre(1));
  EXPECT_EQ(finish(*a).expired, 1U);
  EXPECT_EQ(counted(FrameEvent::kExpired), 1U);
}

TEST_F(SchedulerTest, KeptFramesDoNotExpire) {
  const auto a = open();
  submit(*a, 1, kKeep);
  submit(*a, 2, kKeep);
  clock_now += 5 * kMaxWait;
  EXPECT_THAT(turns(2), ElementsAre(1, 2));
  EXPECT_EQ(counted(FrameEvent::kExpired), 0U);
}

TEST_F(SchedulerTest, AFrameExactlyAtTheLimitIsServed) {
  const auto a = open();
  submit(*a, 1);
  clock_now += kMaxWait;
  EXPECT_THAT(turns(1), ElementsAre(1));
  EXPECT_THAT(dropped_, IsEmpty());
}

TEST_F(SchedulerTest, WhenAllExpireTheWorkerGetsNothingYet) {
  const auto a = open();
  submit(*a, 1);
  clock_now += kMaxWait + milliseconds(1);
  const Work work = next();
  EXPECT_EQ(work.channel, nullptr);
  EXPECT_EQ(work.part, nullptr);
  EXPECT_THAT(dropped(), ElementsAre(1));
  EXPECT_EQ(scheduler_.pending(*a), 0U);
  EXPECT_EQ(scheduler_.load().waiting, 0U);
}

TEST_F(SchedulerTest, AChannelWhoseFrameExpiredKeepsItsPlace) {
  const auto late = open();
  const auto other = open();
  submit(*late, 1);
  clock_now += kMaxWait + milliseconds(1);
  submit(*other, 50);
  EXPECT_THAT(turns(1), ElementsAre(50));
  submit(*other, 51);
  submit(*late, 2);
  EXPECT_THAT(turns(2), ElementsAre(2, 51));
}

TEST_F(SchedulerTest, AChannelThatIsAlwaysLateIsServedOnceInAWhile) {
  const auto a = open();
  int served = 0;
  constexpr int kRounds = 100;
  constexpr milliseconds kLate = kMaxWait + milliseconds(50);
  for (std::uint32_t i = 0; i < kRounds; ++i) {
    submit(*a, i);
    clock_now += kLate;
    served += static_cast<int>(turns(1).size());
    dropped_.clear();
  }
  // Every ten times max_wait: 100 rounds are 15 s, that is 13 to 15 turns.
  EXPECT_GE(served, 13);
  EXPECT_LE(served, 15);
}

TEST_F(SchedulerTest, PartsOfFramesThatAreBegunGoBeforeFrames) {
  const auto a = open();
  Part part;
  submit(*a, 1);
  scheduler_.offer(part);
  EXPECT_EQ(next().part, &part);
  EXPECT_EQ(next().frame.client_number, 1U);
  scheduler_.part_done(part);
  EXPECT_FALSE(scheduler_.take_back(part)) << "it was done by another worker";
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Counter::kPartsShared), 1U);
}

TEST_F(SchedulerTest, PartsThatNobodyTookComeBack) {
  Part hand;
  Part face;
  scheduler_.offer(hand);
  scheduler_.offer(face);
  EXPECT_TRUE(scheduler_.take_back(hand));
  EXPECT_EQ(next().part, &face) << "the hand is no longer on offer";
  scheduler_.part_done(face);
  EXPECT_FALSE(scheduler_.take_back(face));
  scheduler_.offer(hand);
  EXPECT_TRUE(scheduler_.take_back(hand)) << "a job can be offered again and again";
}

TEST_F(SchedulerTest, TakingBackAPartInWorkWaitsForIt) {
  Part part;
  scheduler_.offer(part);
  ASSERT_EQ(next().part, &part);
  int result = 0;
  std::jthread helper([&] {
    result = 42;
    scheduler_.part_done(part);
  });
  EXPECT_FALSE(scheduler_.take_back(part));
  EXPECT_EQ(result, 42);
}

TEST_F(SchedulerTest, ClosingDropsWhatWaits) {
  const auto a = open();
  const auto b = open();
  submit(*a, 1, kKeep);
  submit(*a, 2, kKeep);
  submit(*b, 3);
  scheduler_.close(*a, dropped_);
  EXPECT_THAT(dropped(), ElementsAre(1, 2));
  EXPECT_EQ(counted(FrameEvent::kAbandoned), 2U);
  EXPECT_EQ(scheduler_.load().waiting, 1U);
  EXPECT_EQ(scheduler_.load().channels, 1U);
  EXPECT_THAT(turns(1), ElementsAre(3));
}

TEST_F(SchedulerTest, AResultForAClosedChannelIsNotWanted) {
  auto a = open();
  submit(*a, 1);
  Work work = next();
  scheduler_.close(*a, dropped_);
  a.reset();  // The work keeps the channel's state alive.
  Scheduler::Losses losses;
  EXPECT_FALSE(scheduler_.computed(*work.channel, losses));
  scheduler_.delivered(*work.channel);
  EXPECT_EQ(scheduler_.load().busy, 0);
}

TEST_F(SchedulerTest, StopEndsTheWaitForWork) {
  bool go_on = true;
  std::jthread worker([&] {
    Work work;
    Frames dropped;
    go_on = scheduler_.next(work, dropped);
  });
  scheduler_.stop();
  worker.join();
  EXPECT_FALSE(go_on);
}

TEST_F(SchedulerTest, AWorkerAboveTheNumberGetsNoMoreWork) {
  const auto a = open();
  submit(*a, 1);
  scheduler_.set_workers(1);
  Work work;
  EXPECT_FALSE(scheduler_.next(work, dropped_, 1));
  EXPECT_EQ(scheduler_.load().workers, 1);
  EXPECT_EQ(scheduler_.load().waiting, 1U) << "what waits is untouched";
  EXPECT_THAT(turns(1), ElementsAre(1));
  scheduler_.set_workers(2);
  submit(*a, 2);
  ASSERT_TRUE(scheduler_.next(work, dropped_, 1));
  EXPECT_EQ(work.frame.client_number, 2U);
  EXPECT_EQ(work.workers, 2);
}

TEST_F(SchedulerTest, AWorkerThatLeavesPassesOnWhatWaitsInItsChannel) {
  const auto a = open();
  submit(*a, 1, kKeep);
  submit(*a, 2, kKeep);
  Work leaving;
  ASSERT_TRUE(scheduler_.next(leaving, dropped_, 1));
  std::atomic<std::uint32_t> got{0};
  const std::jthread staying([&] {
    Work work;
    Frames dropped;
    if (scheduler_.next(work, dropped, 0)) got = work.frame.client_number;
  });
  // Long enough to be asleep, mostly; both ways it must get the frame.
  std::this_thread::sleep_for(milliseconds(20));
  scheduler_.set_workers(1);
  std::this_thread::sleep_for(milliseconds(20));
  finish(*leaving.channel);
  Work none;
  EXPECT_FALSE(scheduler_.next(none, dropped_, 1));
  for (int i = 0; i < 1000 && got == 0; ++i) std::this_thread::sleep_for(milliseconds(10));
  EXPECT_EQ(got, 2U);
  scheduler_.stop();
}

TEST_F(SchedulerTest, LoadSaysHowLongAWorkerHasBeenAtIt) {
  const auto a = open();
  EXPECT_EQ(scheduler_.load().longest_work.count(), 0);
  submit(*a, 1);
  const Work frame = next();
  clock_now += seconds(7);
  EXPECT_EQ(scheduler_.load().longest_work, seconds(7));
  finish(*frame.channel);
  // The same worker asks again: what it had is done, and what it gets begins now.
  Part part;
  scheduler_.offer(part);
  const Work shared = next();
  ASSERT_EQ(shared.part, &part);
  EXPECT_EQ(scheduler_.load().longest_work.count(), 0);
  clock_now += seconds(2);
  EXPECT_EQ(scheduler_.load().longest_work, seconds(2));
  scheduler_.part_done(part);
}

TEST_F(SchedulerTest, LoadSaysWhoIsBusy) {
  const auto a = open();
  submit(*a, 1);
  static_cast<void>(next());
  Part part;
  scheduler_.offer(part);
  static_cast<void>(next());
  const Load load = scheduler_.load();
  EXPECT_EQ(load.workers, 2);
  EXPECT_EQ(load.busy, 2);
  EXPECT_EQ(load.channels, 1U);
  scheduler_.part_done(part);
  EXPECT_FALSE(scheduler_.take_back(part));
  finish(*a);
  EXPECT_EQ(scheduler_.load().busy, 0);
}

}  // namespace
}  // namespace storysign::pipeline
