// Several workers, several learners, on a network that the test holds and releases. Run under the
// thread sanitizer too.

#include "pipeline/pipeline.hpp"
#include "unit/pipeline/fixture.hpp"
#include "unit/vision/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace storysign::pipeline::testing {
namespace {

using std::chrono::milliseconds;
using telemetry::FrameEvent;
using ::testing::ElementsAre;

class Threads : public PipelineFixture {
 protected:
  /// Occupies the only worker until stage_.release(), so that what is sent meanwhile waits.
  std::unique_ptr<Channel> occupy() {
    stage_.hold();
    auto channel = pipeline_->open(inbox_);
    const int before = stage_.calls();
    channel->submit(frame(0));
    stage_.wait_for_calls(before + 1);
    return channel;
  }
  [[nodiscard]] std::uint64_t counted(FrameEvent event) const {
    return metrics_.snapshot().value(event);
  }
};

TEST_F(Threads, NewestWins) {
  start(1);
  const auto blocker = occupy();
  const auto channel = pipeline_->open(inbox_);
  EXPECT_EQ(channel->submit(frame(1)).replaced, 0U);
  EXPECT_EQ(channel->submit(frame(2)).replaced, 1U);
  EXPECT_EQ(channel->submit(frame(3)).replaced, 1U);
  EXPECT_EQ(channel->pending(), 1U);
  stage_.release();
  const auto seen = inbox_->wait_for(2);
  EXPECT_EQ(seen[1].number, 3U);
  EXPECT_EQ(seen[1].replaced, 2U);
  EXPECT_EQ(channel->pending(), 0U) << "a result that has arrived is not pending";
}

TEST_F(Threads, KeptFramesAreAnsweredInOrder) {
  start(2, 8);
  const auto channel = pipeline_->open(inbox_);
  for (std::uint32_t i = 1; i <= 8; ++i) channel->submit(kept(i));
  EXPECT_THAT(inbox_->numbers(8), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(Threads, AFloodGetsNoMoreTurnsThanTheOthers) {
  start(1);
  const auto blocker = occupy();
  const auto flood = pipeline_->open(inbox_);
  const auto calm = pipeline_->open(inbox_);
  for (std::uint32_t i = 1; i <= 3; ++i) flood->submit(kept(i));
  calm->submit(kept(101));
  calm->submit(kept(102));
  stage_.release();
  EXPECT_THAT(inbox_->numbers(6), ElementsAre(0, 1, 101, 2, 102, 3));
}

std::atomic<int> clock_ms{0};

/// A learner's two frames, the first of which has waited 60 ms when the worker comes to them.
class Waiting : public Threads {
 protected:
  void wait(std::chrono::milliseconds max_wait) {
    clock_ms = 1000;
    PipelineOptions options;
    options.tracker.tracker = vision::TrackerKind::kHolistic;
    options.max_wait = max_wait;
    options.metrics = &metrics_;
    options.now = []() noexcept { return base::SteadyTime(milliseconds(clock_ms.load())); };
    start(options);
    stage_.hold();
    blocker_ = pipeline_->open(inbox_);
    send(*blocker_, 0, false);
    stage_.wait_for_calls(1);
    channel_ = pipeline_->open(inbox_);
    send(*channel_, 1, false);
    clock_ms += 60;
    send(*channel_, 2, true);
  }

 private:
  void send(Channel& channel, std::uint32_t number, bool keep) {
    Frame sent = frame(number);
    sent.keep = keep;
    sent.received = base::SteadyTime(milliseconds(clock_ms.load()));
    channel.submit(std::move(sent));
  }

  std::unique_ptr<Channel> blocker_;
  std::unique_ptr<Channel> channel_;
};

TEST_F(Waiting, FramesThatWaitedTooLongAreCountedInTheNextResult) {
  wait(milliseconds(50));
  stage_.release();
  const auto seen = inbox_->wait_for(2);
  EXPECT_EQ(seen[1].number, 2U);
  EXPECT_EQ(seen[1].expired, 1U);
  EXPECT_EQ(counted(FrameEvent::kExpired), 1U);
}

TEST_F(Waiting, ANewLongestWaitCountsAtOnce) {
  wait(std::chrono::hours(1));
  pipeline_->set_rules({.max_wait = milliseconds(50), .gate = {}});
  EXPECT_EQ(pipeline_->rules().max_wait, milliseconds(50));
  stage_.release();
  EXPECT_EQ(inbox_->wait_for(2)[1].expired, 1U);
}

TEST_F(Threads, NewRulesForPicturesAndQueuesAreThoseOfNewChannels) {
  start(1);
  const auto before = pipeline_->open(inbox_);
  pipeline_->set_rules({.queue = 1, .max_wait = std::chrono::hours(1), .gate = {.max_side = 32}});
  const auto after = pipeline_->open(inbox_);
  before->submit(frame(1));
  EXPECT_EQ(inbox_->wait_for(1)[0].outcome, Outcome::kInferred);
  after->submit(frame(2));
  EXPECT_EQ(inbox_->wait_for(2)[1].reason, "too_large");
  before->submit(frame(3));
  EXPECT_EQ(inbox_->wait_for(3)[2].outcome, Outcome::kInferred) << "the worker serves both";
  pipeline_->set_rules({.queue = 3, .max_wait = std::chrono::hours(1), .gate = {}});
  const auto blocker = occupy();
  std::uint32_t replaced = 0;
  for (std::uint32_t i = 4; i < 7; ++i) replaced += after->submit(kept(i)).replaced;
  EXPECT_EQ(replaced, 2U) << "one waits";
  for (std::uint32_t i = 7; i < 10; ++i) EXPECT_EQ(before->submit(kept(i)).replaced, 0U);
  stage_.release();
  EXPECT_EQ(inbox_->wait_for(8).size(), 8U);
}

TEST_F(Threads, AChannelClosedWhileItsFrameIsInFlightGetsNothing) {
  start(1);
  auto blocker = occupy();
  std::weak_ptr<Inbox> listener;
  {
    auto doomed_inbox = std::make_shared<Inbox>();
    listener = doomed_inbox;
    auto doomed = pipeline_->open(std::move(doomed_inbox));
    stage_.release();
    inbox_->wait_for(1);
    stage_.hold();
    doomed->submit(kept(1));
    stage_.wait_for_calls(2);
    doomed->submit(kept(2));
  }
  EXPECT_FALSE(listener.expired()) << "kept alive while the frame is in flight";
  EXPECT_EQ(counted(FrameEvent::kAbandoned), 1U);
  stage_.release();
  blocker->submit(frame(3));
  EXPECT_THAT(inbox_->numbers(2), ElementsAre(0, 3));
  blocker.reset();
  pipeline_.reset();
  EXPECT_TRUE(listener.expired());
}

TEST_F(Threads, EndsWithFramesInFlight) {
  start(2);
  stage_.hold();
  auto a = pipeline_->open(inbox_);
  auto b = pipeline_->open(inbox_);
  a->submit(frame(1));
  b->submit(frame(2));
  stage_.wait_for_calls(2);
  a->submit(frame(3));
  a.reset();
  b.reset();
  std::jthread ending([this] { pipeline_.reset(); });
  stage_.release();
  ending.join();
  EXPECT_EQ(inbox_->size(), 0U);
}

TEST_F(Threads, LoadShowsWhatIsGoingOn) {
  start(1);
  auto blocker = occupy();
  const auto channel = pipeline_->open(inbox_);
  channel->submit(frame(1));
  const Load load = pipeline_->load();
  EXPECT_EQ(load.workers, 1);
  EXPECT_EQ(load.busy, 1);
  EXPECT_EQ(load.channels, 2U);
  EXPECT_EQ(load.waiting, 1U);
  stage_.release();
  inbox_->wait_for(2);
}

/// Counts the memory that each result has cost the worker since the one before, on its own thread.
class AllocationWatch final : public ResultListener {
 public:
  void on_result(ResultLease result) noexcept override {
    const std::size_t now = test::allocations();
    if (result->client_number > 3) taken += now - last_;
    result.release();
    last_ = test::allocations();
    ++results;
    results.notify_all();
  }

  std::atomic<std::size_t> taken{0};
  std::atomic<std::uint32_t> results{0};

 private:
  std::size_t last_ = 0;
};

TEST_F(Threads, TakesNoMemoryInTheSteadyState) {
  start(1);
  const auto watch = std::make_shared<AllocationWatch>();
  const auto channel = pipeline_->open(watch);
  std::size_t taken_by_sender = 0;
  for (std::uint32_t i = 1; i <= 20; ++i) {
    const std::size_t before = test::allocations();
    Frame sent = frame(i);
    sent.wish = {.landmarks = true, .picture = true};
    channel->submit(std::move(sent));
    if (i > 3) taken_by_sender += test::allocations() - before;
    for (auto done = watch->results.load(); done < i; done = watch->results.load()) {
      watch->results.wait(done);
    }
  }
  EXPECT_EQ(watch->taken, 0U);
  EXPECT_EQ(taken_by_sender, 0U);
}

/// What the listeners of all sessions have seen.
struct Totals {
  std::atomic<std::uint64_t> answered{0};
  std::atomic<bool> out_of_order{false};
};

/// One session's; one call at a time, each after the one before.
class Counting final : public ResultListener {
 public:
  explicit Counting(Totals& totals) : totals_(totals) {}
  void on_result(ResultLease result) noexcept override {
    if (result->client_number <= last_) totals_.out_of_order = true;
    last_ = result->client_number;
    ++totals_.answered;
  }

 private:
  Totals& totals_;
  std::uint32_t last_ = 0;
};

TEST_F(Threads, EveryFrameIsAccountedForUnderContention) {
  constexpr int kSenders = 4;
  constexpr int kSessions = 5;
  constexpr std::uint32_t kFrames = 40;
  start(3);
  Totals totals;
  const auto sender = [&](bool keep) {
    for (int s = 0; s < kSessions; ++s) {
      const auto listener = std::make_shared<Counting>(totals);
      const auto channel = pipeline_->open(listener);
      for (std::uint32_t i = 1; i <= kFrames; ++i) {
        channel->submit(keep ? kept(i) : frame(i));
        if (i % 8 == 0) std::this_thread::yield();
      }
      // Every other session leaves without waiting for its answers.
      while (s % 2 == 0 && channel->pending() > 0) std::this_thread::yield();
    }
  };
  {
    std::vector<std::jthread> senders;
    senders.reserve(kSenders);
    for (int i = 0; i < kSenders; ++i) senders.emplace_back(sender, i % 2 == 0);
  }
  pipeline_.reset();
  EXPECT_FALSE(totals.out_of_order);
  EXPECT_EQ(counted(FrameEvent::kReceived), kSenders * kSessions * kFrames);
  EXPECT_EQ(counted(FrameEvent::kReceived), counted(FrameEvent::kInferred) +
                                                counted(FrameEvent::kReplaced) +
                                                counted(FrameEvent::kAbandoned));
  EXPECT_LE(totals.answered, counted(FrameEvent::kInferred));
  EXPECT_GE(totals.answered + kSenders * kSessions, counted(FrameEvent::kInferred))
      << "one result a session at most is lost by closing";
}

/// Keeps the landmarks of the last result.
class LandmarkKeeper final : public ResultListener {
 public:
  void on_result(ResultLease result) noexcept override {
    last = result->landmarks;
    ++results;
    results.notify_all();
  }
  void wait_for(std::uint32_t count) const {
    for (auto done = results.load(); done < count; done = results.load()) results.wait(done);
  }

  vision::FrameLandmarks last;
  std::atomic<std::uint32_t> results{0};
};

TEST_F(Threads, IdleWorkersTakePartsOfAFrame) {
  vision::testing::Scene scene;
  engine_ = engine::make_null_engine(&scene);
  PipelineOptions options;
  options.workers = 3;
  options.max_wait = std::chrono::hours(1);
  options.tracker.tracker = vision::TrackerKind::kHolistic;
  options.metrics = &metrics_;
  start(options);
  const auto keeper = std::make_shared<LandmarkKeeper>();
  const auto channel = pipeline_->open(keeper);
  const auto shared = [&] { return metrics_.snapshot().value(telemetry::Counter::kPartsShared); };
  // A worker whose networks take no time often does all by itself: go on until parts were shared.
  constexpr std::uint32_t kMost = 100'000;
  std::uint32_t frames = 0;
  while (frames < 10 || (shared() < 3 && frames < kMost)) {
    channel->submit(frame(++frames));
    keeper->wait_for(frames);
    ASSERT_TRUE(keeper->last.pose && keeper->last.left_hand && keeper->last.right_hand &&
                keeper->last.face)
        << frames;
  }
  EXPECT_GE(shared(), 3U);
  EXPECT_EQ(scene.calls[engine::Model::kFaceLandmark], static_cast<int>(frames))
      << "each part once, whoever did it";
  EXPECT_EQ(scene.calls[engine::Model::kHandLandmarkFull], 2 * static_cast<int>(frames));
}

}  // namespace
}  // namespace storysign::pipeline::testing
