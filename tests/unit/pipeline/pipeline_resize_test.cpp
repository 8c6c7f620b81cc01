// Workers that come and go while frames do. Run under the thread sanitizer too.

#include "pipeline/pipeline.hpp"
#include "unit/pipeline/fixture.hpp"
#include "unit/vision/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>
#include <vector>

namespace storysign::pipeline::testing {
namespace {

using telemetry::FrameEvent;
using ::testing::ElementsAre;

class Resize : public PipelineFixture {
 protected:
  /// So many learners, each with a frame that a worker is at until stage_.release().
  std::vector<std::unique_ptr<Channel>> occupy(int workers) {
    stage_.hold();
    std::vector<std::unique_ptr<Channel>> channels;
    const int before = stage_.calls();
    for (int i = 0; i < workers; ++i) {
      channels.push_back(pipeline_->open(inbox_));
      channels.back()->submit(frame(static_cast<std::uint32_t>(i)));
      stage_.wait_for_calls(before + i + 1);
    }
    return channels;
  }
  void set_workers(int count) {
    const auto set = pipeline_->set_workers(count);
    ASSERT_TRUE(set) << set.error().message;
    EXPECT_EQ(pipeline_->load().workers, count);
  }
};

TEST_F(Resize, RefusesNumbersOutOfRange) {
  start(2);
  for (const int count : {-1, 0, kMaxWorkers + 1}) {
    const auto set = pipeline_->set_workers(count);
    ASSERT_FALSE(set) << count;
    EXPECT_EQ(set.error().code, base::ErrorCode::kInvalidInput);
    EXPECT_NE(set.error().message.find("from 1 to 256"), std::string::npos);
  }
  EXPECT_EQ(pipeline_->load().workers, 2);
}

TEST_F(Resize, ANewWorkerTakesWhatWaits) {
  start(1);
  const auto busy = occupy(1);
  const auto channel = pipeline_->open(inbox_);
  channel->submit(frame(1));
  EXPECT_EQ(pipeline_->load().waiting, 1U);
  set_workers(2);
  stage_.wait_for_calls(2);
  EXPECT_EQ(pipeline_->load().busy, 2);
  stage_.release();
  inbox_->wait_for(2);
}

TEST_F(Resize, ASurplusWorkerFinishesWhatItHasAndTheOthersDoTheRest) {
  start(3, 8);
  const auto channels = occupy(3);
  for (std::uint32_t round = 1; round <= 2; ++round) {
    for (std::uint32_t i = 0; i < 3; ++i) channels[i]->submit(kept(round * 10 + i));
  }
  std::jthread shrinking([this] { set_workers(1); });
  while (pipeline_->load().workers != 1) std::this_thread::yield();
  EXPECT_EQ(pipeline_->load().busy, 3);
  EXPECT_EQ(pipeline_->load().waiting, 6U);
  stage_.release();
  shrinking.join();
  const auto numbers = inbox_->numbers(9);
  for (std::uint32_t i = 0; i < 3; ++i) {
    std::vector<std::uint32_t> of_one;
    std::ranges::copy_if(numbers, std::back_inserter(of_one),
                         [i](std::uint32_t number) { return number % 10 == i; });
    EXPECT_THAT(of_one, ElementsAre(i, 10 + i, 20 + i));
  }
}

/// As PipelineFixture's stage, and can refuse to make more networks.
class Refusing final : public engine::NullScript {
 public:
  base::Result<void> on_create(engine::Model /*model*/) override {
    if (!refuse) return {};
    return base::fail(base::ErrorCode::kUnavailable, "the model file is gone");
  }
  base::Result<void> answer(engine::Model /*model*/, std::span<const float> /*input*/,
                            std::span<const engine::NullOutput> outputs) override {
    std::ranges::fill(outputs.back().values, -100.0F);
    return {};
  }

  std::atomic<bool> refuse{false};
};

TEST_F(Resize, AllIsAsItWasIfANetworkCannotBeLoaded) {
  Refusing script;
  engine_ = engine::make_null_engine(&script);
  start(2);
  script.refuse = true;
  const auto set = pipeline_->set_workers(4);
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().message.find("the model file is gone"), std::string::npos);
  EXPECT_EQ(pipeline_->load().workers, 2);
  const auto channel = pipeline_->open(inbox_);
  channel->submit(frame(1));
  EXPECT_THAT(inbox_->numbers(1), ElementsAre(1));
  script.refuse = false;
  set_workers(3);
}

/// One session's results: every one of them, in order.
class Ordered final : public ResultListener {
 public:
  void on_result(ResultLease result) noexcept override {
    if (result->client_number != last + 1 || result->replaced + result->expired > 0) wrong = true;
    last = result->client_number;
  }
  std::atomic<bool> wrong{false};
  std::atomic<std::uint32_t> last{0};
};

TEST_F(Resize, NoFrameIsLostOrOvertakenWhileWorkersComeAndGo) {
  constexpr int kSenders = 3;
  constexpr std::uint32_t kFrames = 150;
  constexpr std::size_t kQueue = 4;
  start(2, kQueue);
  std::atomic<bool> sending{true};
  std::vector<std::jthread> resizers;
  // Two at once: the calls must come one after the other.
  for (const int first : {1, 3}) {
    resizers.emplace_back([&, first] {
      for (int i = first; sending; ++i) {
        EXPECT_TRUE(pipeline_->set_workers(1 + i % 4));
        std::this_thread::yield();
      }
    });
  }
  std::vector<std::shared_ptr<Ordered>> listeners;
  {
    std::vector<std::jthread> senders;
    for (int s = 0; s < kSenders; ++s) {
      listeners.push_back(std::make_shared<Ordered>());
      senders.emplace_back([&, listener = listeners.back()] {
        const auto channel = pipeline_->open(listener);
        for (std::uint32_t i = 1; i <= kFrames; ++i) {
          channel->submit(kept(i));
          while (channel->pending() >= kQueue) std::this_thread::yield();
        }
        while (channel->pending() > 0) std::this_thread::yield();
      });
    }
  }
  sending = false;
  resizers.clear();
  pipeline_.reset();
  for (const auto& listener : listeners) {
    EXPECT_FALSE(listener->wrong);
    EXPECT_EQ(listener->last, kFrames);
  }
  EXPECT_EQ(metrics_.snapshot().value(FrameEvent::kInferred), kSenders * kFrames);
}

TEST_F(Resize, PartsAreSharedAsLongAsThereAreOthers) {
  vision::testing::Scene scene;
  engine_ = engine::make_null_engine(&scene);
  PipelineOptions options;
  options.max_wait = std::chrono::hours(1);
  options.tracker.tracker = vision::TrackerKind::kHolistic;
  options.metrics = &metrics_;
  start(options);
  const auto channel = pipeline_->open(inbox_);
  const auto shared = [&] { return metrics_.snapshot().value(telemetry::Counter::kPartsShared); };
  std::uint32_t frames = 0;
  const auto run = [&](int count) {
    for (int i = 0; i < count; ++i) {
      channel->submit(frame(++frames));
      inbox_->wait_for(frames);
    }
  };
  run(20);
  EXPECT_EQ(shared(), 0U) << "nobody to share with";
  set_workers(3);
  // A worker whose networks take no time often does all by itself: go on until parts were shared.
  constexpr std::uint32_t kMost = 20'000;
  while (shared() == 0 && frames < kMost) run(1);
  EXPECT_GT(shared(), 0U);
  set_workers(1);
  const auto before = shared();
  run(20);
  EXPECT_EQ(shared(), before) << "alone again";
}

/// On how many processors the threads that deliver may run.
class MaskWatch final : public ResultListener {
 public:
  void on_result(ResultLease /*result*/) noexcept override {
    cpu_set_t mask;
    CPU_ZERO(&mask);
    EXPECT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
    cores = CPU_COUNT(&mask);
    ++results;
    results.notify_all();
  }
  std::atomic<int> cores{0};
  std::atomic<int> results{0};
};

TEST_F(Resize, WorkersRunWhereTheThreadThatAddsThemMay) {
  cpu_set_t all;
  CPU_ZERO(&all);
  ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "this process may run on one processor only";
  const auto narrow = [&] {
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &all) && CPU_COUNT(&one) == 0) CPU_SET(i, &one);
    }
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  };
  start(1);
  const auto wide = std::make_shared<MaskWatch>();
  const auto slim = std::make_shared<MaskWatch>();
  stage_.hold();
  const auto first = pipeline_->open(wide);
  first->submit(frame(1));
  stage_.wait_for_calls(1);
  std::jthread([&] {
    narrow();
    set_workers(2);
  }).join();
  const auto second = pipeline_->open(slim);  // The other worker is busy: this is the new one's.
  second->submit(frame(2));
  stage_.wait_for_calls(2);
  stage_.release();
  for (const auto& watch : {wide, slim}) watch->results.wait(0);
  EXPECT_EQ(wide->cores, CPU_COUNT(&all));
  EXPECT_EQ(slim->cores, 1);
}

}  // namespace
}  // namespace storysign::pipeline::testing
