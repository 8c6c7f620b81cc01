#include "store/write_behind.hpp"

#include "backends.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace storysign::store::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class WriteBehindTest : public ::testing::Test {
 protected:
  void open(std::size_t capacity = 100, std::size_t batch = 10) {
    queue_ = std::make_unique<WriteBehind>(got(open_store(options_, at(0))),
                                           WriteBehindOptions{.capacity = capacity, .batch = batch},
                                           metrics_, log_);
  }

  /// Holds the store's thread until the returned promise is kept.
  std::promise<void> hold() {
    std::promise<void> release;
    auto released = std::make_shared<std::future<void>>(release.get_future());
    auto held = std::make_shared<std::promise<void>>();
    auto is_held = held->get_future();
    EXPECT_TRUE(queue_->ask([released, held](Store&) {
      held->set_value();
      released->wait();
    }));
    is_held.wait();
    return release;
  }

  std::int64_t accounts() {
    std::int64_t found = -1;
    EXPECT_TRUE(queue_->ask_and_wait([&](Store& store) { found = got(store.counts()).accounts; }));
    return found;
  }

  std::uint64_t counted(telemetry::StoreWrite which) { return metrics_.snapshot().value(which); }

  TempFolder folder_;
  StoreOptions options_{.url = "", .directory = folder_.path(), .password = {}};
  telemetry::Metrics metrics_;
  telemetry::Log log_{{.level = telemetry::LogLevel::kOff, .form = {}, .sink = nullptr}};
  std::unique_ptr<WriteBehind> queue_;
};

TEST_F(WriteBehindTest, AcknowledgesWhatIsCommitted) {
  open();
  // Another connection sees only what is committed.
  const auto other = got(open_store(options_, at(0)));
  std::promise<bool> seen;
  ASSERT_TRUE(queue_->write([](Store& store) { return store.add_account(account("1", "ada")); },
                            [&](const base::Result<void>& result) {
                              must(result);
                              seen.set_value(got(other->find_account("1")).has_value());
                            }));
  EXPECT_TRUE(seen.get_future().get());
  EXPECT_EQ(counted(telemetry::StoreWrite::kDone), 1U);
}

TEST_F(WriteBehindTest, RefusesAtOnceWhenItIsFull) {
  open(2);
  auto release = hold();
  const auto add = [&](const char* id) {
    return queue_->write([id](Store& store) { return store.add_account(account(id, id)); }, {});
  };
  EXPECT_TRUE(add("1"));
  EXPECT_TRUE(add("2"));
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Gauge::kStoreQueue), 2);
  EXPECT_FALSE(add("3"));
  EXPECT_FALSE(queue_->ask([](Store&) { FAIL(); }));
  EXPECT_EQ(counted(telemetry::StoreWrite::kRefused), 2U);
  release.set_value();
  while (metrics_.snapshot().value(telemetry::Gauge::kStoreQueue) > 0) std::this_thread::yield();
  EXPECT_EQ(accounts(), 2);
}

TEST_F(WriteBehindTest, UndoesOneThatFailsAndKeepsTheOthers) {
  open();
  std::vector<bool> outcomes;
  auto release = hold();
  const auto note = [&](const base::Result<void>& result) {
    outcomes.push_back(result.has_value());
  };
  ASSERT_TRUE(
      queue_->write([](Store& store) { return store.add_account(account("1", "ada")); }, note));
  ASSERT_TRUE(queue_->write(
      [](Store& store) {
        must(store.add_account(account("2", "bo")));
        return store.add_login({"hash", "nobody", at(1), at(2), at(1)});
      },
      note));
  ASSERT_TRUE(
      queue_->write([](Store& store) { return store.add_account(account("3", "cy")); }, note));
  release.set_value();
  EXPECT_EQ(accounts(), 2);
  EXPECT_THAT(outcomes, ElementsAre(true, false, true));
  EXPECT_EQ(counted(telemetry::StoreWrite::kDone), 2U);
  EXPECT_EQ(counted(telemetry::StoreWrite::kFailed), 1U);
}

TEST_F(WriteBehindTest, PutsManyIntoOneTransaction) {
  open(100, 10);
  auto release = hold();
  for (int i = 0; i < 25; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(
        queue_->write([id](Store& store) { return store.add_account(account(id, id)); }, {}));
  }
  release.set_value();
  EXPECT_EQ(accounts(), 25);
  EXPECT_EQ(metrics_.snapshot().of(telemetry::Timing::kStoreCommit).count, 3U);
}

TEST_F(WriteBehindTest, AnswersAQuestionAfterTheWritesBeforeIt) {
  open();
  auto release = hold();
  ASSERT_TRUE(queue_->write([](Store& store) { return store.add_account(account("1", "a")); }, {}));
  std::promise<std::int64_t> first;
  ASSERT_TRUE(queue_->ask([&](Store& store) { first.set_value(got(store.counts()).accounts); }));
  ASSERT_TRUE(queue_->write([](Store& store) { return store.add_account(account("2", "b")); }, {}));
  release.set_value();
  EXPECT_EQ(first.get_future().get(), 1);
  EXPECT_EQ(accounts(), 2);
}

TEST_F(WriteBehindTest, WritesWhatItHasTakenBeforeItEnds) {
  open();
  auto release = hold();
  std::atomic<int> done = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string id = std::to_string(i);
    ASSERT_TRUE(queue_->write([id](Store& store) { return store.add_account(account(id, id)); },
                              [&](const base::Result<void>& result) { done += result ? 1 : 0; }));
  }
  release.set_value();
  queue_.reset();
  EXPECT_EQ(done, 30);
  EXPECT_EQ(got(got(open_store(options_, at(0)))->counts()).accounts, 30);
}

TEST_F(WriteBehindTest, SaysSoWhenTheDiskDoesNotTakeIt) {
  open();
  // A table that is gone stands for a disk that fails: the statement cannot be run.
  ASSERT_TRUE(queue_->ask_and_wait([&](Store& store) {
    must(store.atomically([&] { return store.add_account(account("1", "ada")); }));
  }));
  std::promise<base::Result<void>> result;
  ASSERT_TRUE(queue_->write(
      [](Store&) -> base::Result<void> {
        return base::fail(base::ErrorCode::kIo, "The disk is full.");
      },
      [&](const base::Result<void>& outcome) { result.set_value(outcome); }));
  EXPECT_THAT(failure_of(result.get_future().get()).message, HasSubstr("The disk is full."));
  EXPECT_EQ(counted(telemetry::StoreWrite::kFailed), 1U);
  EXPECT_EQ(accounts(), 1);
}

TEST_F(WriteBehindTest, TakesFromManyThreads) {
  open(1000, 64);
  std::atomic<int> done = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 50; ++i) {
          const std::string id = std::to_string(thread) + "-" + std::to_string(i);
          EXPECT_TRUE(
              queue_->write([id](Store& store) { return store.add_account(account(id, id)); },
                            [&](const base::Result<void>& result) { done += result ? 1 : 0; }));
        }
      });
    }
  }
  EXPECT_EQ(accounts(), 200);
  EXPECT_EQ(done, 200);
}

}  // namespace
}  // namespace storysign::store::testing
