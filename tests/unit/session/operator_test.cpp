// What operators see of sessions, and what they can order.

#include "session/live_sessions.hpp"
#include "unit/session/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <string>
#include <utility>

namespace storysign::session::testing {
namespace {

using adapt::Profile;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = OperatorOrder::Kind;

class OperatorTest : public SessionFixture {
 protected:
  void SetUp() override {
    SessionFixture::SetUp();
    open(true);
    session_.reset();
    context_->live = &live_;
    session_ = std::make_unique<Session>(
        *context_, Client{.number = 7, .is_binary = true, .address = "10.0.0.9", .account = "ada"},
        bell_, now_);
    // The greeting.
    static_cast<void>(heard());
  }

  OrderDone order(OperatorOrder order) {
    auto done = live_.send(7, std::move(order));
    EXPECT_EQ(done.wait_for(seconds(0)), std::future_status::timeout) << "not before its strand";
    session_->collect(now_);
    return done.get();
  }
  OrderDone profile(std::optional<Profile> wanted) {
    return order({.kind = Kind::kProfile, .profile = wanted, .frame_skip = {}, .reason = {}});
  }
  OrderDone skip(std::optional<int> wanted) {
    return order({.kind = Kind::kFrameSkip, .profile = {}, .frame_skip = wanted, .reason = {}});
  }
  Json set_quality(const Json& data) {
    say_json({{"type", "control"}, {"action", "set_quality"}, {"data", data}});
    return heard()["result"];
  }
  SessionView view() {
    session_->on_tick(now_);
    return live_.list().at(0);
  }

  LiveSessions live_;
};

TEST_F(OperatorTest, SeesWhoIsThere) {
  const SessionView seen = live_.list().at(0);
  EXPECT_EQ(seen.client.number, 7U);
  EXPECT_EQ(seen.client.address, "10.0.0.9");
  EXPECT_EQ(seen.client.account, "ada");
  EXPECT_TRUE(seen.is_auto);
  EXPECT_FALSE(seen.last_latency);
  EXPECT_EQ(live_.by_profile()[static_cast<std::size_t>(Profile::kBalanced)], 1U);
  session_.reset();
  EXPECT_THAT(live_.list(), IsEmpty());
}

TEST_F(OperatorTest, SeesWhatASessionDoes) {
  for (std::uint32_t number = 1; number <= 4; ++number) {
    send(binary_frame(number));
    bell_->wait_for(static_cast<int>(number));
    session_->collect(now_);
    now_ += std::chrono::milliseconds(40);
    static_cast<void>(session_->next(now_));
  }
  now_ += seconds(2) - std::chrono::milliseconds(160);
  const SessionView seen = view();
  EXPECT_EQ(seen.answered, 4U);
  EXPECT_DOUBLE_EQ(seen.sent_fps, 2.0);
  EXPECT_EQ(seen.last_latency, std::chrono::milliseconds(40));
  EXPECT_EQ(seen.mean_latency, std::chrono::milliseconds(40));
}

TEST_F(OperatorTest, SetsAProfileThatTheClientCannotChange) {
  ASSERT_TRUE(profile(Profile::kUltraPerformance));
  EXPECT_EQ(view().profile, Profile::kUltraPerformance);
  EXPECT_EQ(view().reason, adapt::Reason::kOperator);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::QualityChange::kOperator), 1U);
  const Json refused = set_quality({{"profile", "high_quality"}});
  EXPECT_EQ(refused["success"], false);
  EXPECT_THAT(refused["error"].get<std::string>(), HasSubstr("operator"));
  EXPECT_EQ(view().profile, Profile::kUltraPerformance);
  ASSERT_TRUE(profile(std::nullopt));
  EXPECT_TRUE(view().is_auto);
  EXPECT_EQ(set_quality({{"profile", "high_quality"}})["success"], true);
}

TEST_F(OperatorTest, SetsTheSkipThatTheClientCannotChange) {
  ASSERT_TRUE(set_quality({{"frame_skip", 4}})["success"]);
  ASSERT_TRUE(skip(9));
  EXPECT_EQ(view().frame_skip, 9);
  EXPECT_EQ(set_quality({{"frame_skip", 0}})["success"], false);
  ASSERT_TRUE(skip(std::nullopt));
  EXPECT_EQ(view().frame_skip, 4) << "the client's again";
}

TEST_F(OperatorTest, WhatIsSetForEverybodyGoesBefore) {
  ASSERT_TRUE(profile(Profile::kHighPerformance));
  governor_.set_profile(Profile::kHighQuality);
  governor_.set_frame_skip(2);
  EXPECT_EQ(view().profile, Profile::kHighQuality);
  EXPECT_THAT(profile(Profile::kBalanced).error().message, HasSubstr("everybody"));
  EXPECT_THAT(skip(1).error().message, HasSubstr("everybody"));
  governor_.set_profile(std::nullopt);
  governor_.set_frame_skip(std::nullopt);
  EXPECT_EQ(view().profile, Profile::kHighPerformance) << "its own order stands again";
}

TEST_F(OperatorTest, ClosesASessionWithItsReason) {
  ASSERT_TRUE(order({.kind = Kind::kKick, .profile = {}, .frame_skip = {}, .reason = "Lunch."}));
  ASSERT_TRUE(session_->closing());
  EXPECT_EQ(session_->closing()->code, 1008);
  EXPECT_EQ(session_->closing()->reason, "Lunch.");
}

TEST_F(OperatorTest, AnOrderToNobodyIsSaidToBeOne) {
  auto nobody = live_.send(8, {});
  EXPECT_EQ(nobody.get().error().code, base::ErrorCode::kNotFound);
  auto late = live_.send(7, {});
  session_.reset();
  EXPECT_EQ(late.get().error().code, base::ErrorCode::kNotFound);
}

}  // namespace
}  // namespace storysign::session::testing
