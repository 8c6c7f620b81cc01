// What outlives a session, in a real store.

#include "store/open.hpp"
#include "store/write_behind.hpp"
#include "support/temp_folder.hpp"
#include "unit/session/fixture.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace storysign::session::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kAccount = "00000000-0000-4000-8000-0000000000aa";

/// Ids in the order in which they are asked for.
std::string next_id() {
  static int last = 0;
  return fmt::format("00000000-0000-4000-8000-{:012}", ++last);
}

class KeptSession : public SessionFixture {
 public:
  KeptSession() { reopen(4096); }
  ~KeptSession() override {
    session_.reset();
    queue_.reset();
  }
  KeptSession(const KeptSession&) = delete;
  KeptSession& operator=(const KeptSession&) = delete;
  KeptSession(KeptSession&&) = delete;
  KeptSession& operator=(KeptSession&&) = delete;

 protected:
  void reopen(std::size_t capacity) {
    queue_.reset();
    auto store = store::open_store({.url = "", .directory = folder_.path(), .password = {}}, {});
    ASSERT_TRUE(store) << store.error().message;
    store::WriteBehindOptions options;
    options.capacity = capacity;
    queue_ = std::make_unique<store::WriteBehind>(std::move(*store), options, metrics_, log_);
    keeping_ = {.queue = queue_.get(), .node = "node-a", .new_id = &next_id};
  }
  void SetUp() override {
    in_store([](store::Store& store) {
      store::Account account;
      account.id = kAccount;
      account.name = "ada";
      ASSERT_TRUE(store.add_account(account));
    });
  }
  void in_store(const store::Queue::Question& question) {
    ASSERT_TRUE(queue_->ask_and_wait(question));
  }
  store::LearningSession row(const std::string& id) {
    store::LearningSession out;
    in_store([&](store::Store& store) { out = store.find_session(id).value().value(); });
    return out;
  }
  /// A learner's session; returns its id.
  std::string begin(const std::string& account = kAccount) {
    session_.reset();
    if (!context_) {
      open(false);
      session_.reset();
      bell_ = std::make_shared<Bell>();
    }
    session_ = std::make_unique<Session>(
        *context_, Client{.number = 7, .is_binary = false, .account_id = account}, bell_, now_);
    return heard()["session_id"].get<std::string>();
  }
  void wish(int skip) {
    say_json({{"type", "control"}, {"action", "set_quality"}, {"data", {{"frame_skip", skip}}}});
    EXPECT_EQ(heard()["result"]["success"], true);
  }
  Json resume(const Json& id) {
    say_json({{"type", "control"}, {"action", "resume_session"}, {"data", {{"session_id", id}}}});
    // The store has answered when it answers this.
    in_store([](store::Store&) {});
    session_->collect(now_);
    return heard()["result"];
  }

  telemetry::Log log_{{.level = telemetry::LogLevel::kOff, .form = {}, .sink = nullptr}};
  storysign::testing::TempFolder folder_;
  std::unique_ptr<store::WriteBehind> queue_;
};

TEST_F(KeptSession, IsARowFromItsGreetingToItsEnd) {
  const std::string id = begin();
  store::LearningSession found = row(id);
  EXPECT_EQ(found.account_id, kAccount);
  EXPECT_EQ(found.node, "node-a");
  EXPECT_EQ(found.started, fixed_wall());
  EXPECT_FALSE(found.ended);
  session_->ended(1001);
  session_.reset();
  found = row(id);
  EXPECT_EQ(found.close_code, 1001);
  EXPECT_EQ(found.ended, fixed_wall());
}

TEST_F(KeptSession, HasBrokenOffIfNobodySaysHowItEnded) {
  const std::string id = begin();
  session_.reset();
  EXPECT_EQ(row(id).close_code, 1006);
}

TEST_F(KeptSession, KeepsEachChangeOfQualityWithItsReason) {
  const std::string id = begin();
  say_json(
      {{"type", "control"}, {"action", "set_quality"}, {"data", {{"profile", "high_quality"}}}});
  EXPECT_EQ(heard()["result"]["success"], true);
  std::vector<store::QualityChange> found;
  in_store([&](store::Store& store) { found = store.quality_changes(id).value(); });
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].profile, "balanced");
  EXPECT_EQ(found[0].reason, "start");
  EXPECT_EQ(found[1].profile, "high_quality");
  EXPECT_EQ(found[1].reason, "client");
  EXPECT_EQ(found[1].time, fixed_wall());
}

TEST_F(KeptSession, GoesOnInANewConnection) {
  const std::string first = begin();
  say_json({{"type", "control"},
            {"action", "set_quality"},
            {"data", {{"profile", "ultra_performance"}, {"frame_skip", 7}}}});
  EXPECT_EQ(heard()["result"]["success"], true);
  say_json(raw_frame(1));
  EXPECT_EQ(answer_after(1)["type"], "processed_frame");
  session_->ended(1006);

  const std::string second = begin();
  EXPECT_NE(second, first);
  const Json result = resume(first);
  EXPECT_EQ(result["success"], true);
  EXPECT_EQ(result["resumed"], true);
  EXPECT_EQ(result["session_id"], first);
  EXPECT_EQ(result["attempts"], 0);
  EXPECT_EQ(result["answers"], 1);
  EXPECT_EQ(result["started"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(result["quality"]["profile"], "ultra_performance");
  EXPECT_EQ(result["quality"]["frame_skip"], 7);
  const store::LearningSession found = row(first);
  EXPECT_FALSE(found.ended);
  EXPECT_EQ(found.epoch, 1);
  in_store([&](store::Store& store) {
    EXPECT_FALSE(store.find_session(second).value());
    EXPECT_EQ(store.quality_changes(first).value().back().profile, "ultra_performance");
  });
  session_->ended(1000);
  EXPECT_EQ(row(first).close_code, 1000);
}

TEST_F(KeptSession, StateIsKeptTwiceASecondIfItChangesAllTheTimeAndTheLastOneAtTheEnd) {
  const std::string id = begin();
  const auto kept = [&] { return Json::parse(row(id).state)["wishes"]["frame_skip"]; };
  for (int skip = 1; skip <= 12; ++skip) wish(skip);
  EXPECT_EQ(kept(), 8);
  session_->on_tick(now_ += std::chrono::milliseconds(400));
  EXPECT_EQ(kept(), 8);
  session_->on_tick(now_ += std::chrono::milliseconds(200));
  EXPECT_EQ(kept(), 12);
  wish(13);
  EXPECT_EQ(kept(), 12);
  session_->ended(1000);
  EXPECT_EQ(kept(), 13);
}

TEST_F(KeptSession, ItsOwnStateIsNotKeptAsThatOfTheOneItGoesOnWith) {
  const std::string first = begin();
  wish(7);
  session_->ended(1006);
  begin();
  say_json({{"type", "control"}, {"action", "resume_session"}, {"data", {{"session_id", first}}}});
  wish(2);
  // Broken off before the answer.
  session_->ended(1006);
  EXPECT_EQ(Json::parse(row(first).state)["wishes"]["frame_skip"], 7);
}

TEST_F(KeptSession, IsNotForOthers) {
  const std::string first = begin("");
  const std::string second = begin();
  const Json result = resume(first);
  EXPECT_EQ(result["success"], false);
  EXPECT_THAT(result["error"].get<std::string>(), HasSubstr("There is no session " + first));
  EXPECT_EQ(row(second).account_id, kAccount);
}

TEST_F(KeptSession, SaysWhatIsWrongWithTheId) {
  begin();
  EXPECT_THAT(resume(5)["error"].get<std::string>(), HasSubstr("needs the session_id"));
  EXPECT_THAT(resume("' OR 1=1")["error"].get<std::string>(), HasSubstr("must be a uuid"));
}

/// The store's thread does nothing while there is one.
class Held {
 public:
  explicit Held(store::WriteBehind& queue) {
    std::promise<void> held;
    // By value: the store's thread may still look at it when this function has returned.
    EXPECT_TRUE(queue.ask([&held, released = release_.get_future().share()](store::Store&) {
      held.set_value();
      released.wait();
    }));
    held.get_future().wait();
  }
  ~Held() { release_.set_value(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  Held(Held&&) = delete;
  Held& operator=(Held&&) = delete;

 private:
  std::promise<void> release_;
};

TEST_F(KeptSession, IsAnsweredWhenTheStoreIsBusyAndNeverWaitsForIt) {
  reopen(1);
  const Held held(*queue_);
  // Its row takes the one place; all that follows is refused, and the learner served all the same.
  const std::string id = begin();
  say_json(raw_frame(1));
  EXPECT_EQ(answer_after(1)["type"], "processed_frame");
  say_json({{"type", "control"}, {"action", "resume_session"}, {"data", {{"session_id", id}}}});
  EXPECT_THAT(heard()["result"]["error"].get<std::string>(), HasSubstr("too much to write"));
  EXPECT_GE(metrics_.snapshot().value(telemetry::StoreWrite::kRefused), 2U);
}

TEST_F(KeptSession, WhatTheStoreHasNoRoomForIsKeptLater) {
  reopen(16);
  const std::string id = begin();
  in_store([](store::Store&) {});
  {
    const Held held(*queue_);
    while (queue_->write([](store::Store&) { return base::Result<void>(); }, {})) {
    }
    wish(3);
  }
  while (!queue_->ask_and_wait([](store::Store&) {})) std::this_thread::yield();
  EXPECT_EQ(row(id).state, "{}");
  session_->on_tick(now_ += std::chrono::seconds(1));
  EXPECT_EQ(Json::parse(row(id).state)["wishes"]["frame_skip"], 3);
}

TEST_F(SessionFixture, SaysThatNothingIsKept) {
  open(false);
  heard();
  say_json({{"type", "control"},
            {"action", "resume_session"},
            {"data", {{"session_id", "00000000-0000-4000-8000-000000000001"}}}});
  EXPECT_EQ(heard()["result"]["error"], "This server keeps no sessions.");
}

}  // namespace
}  // namespace storysign::session::testing
