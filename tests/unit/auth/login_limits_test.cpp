// How often somebody may try to sign in.

#include "auth/login_limits.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

namespace storysign::auth {
namespace {

using std::chrono::seconds;

const base::SteadyTime kStart{seconds(1000)};

base::SteadyTime at(int second) {
  return kStart + seconds(second);
}

TEST(LoginLimits, LetsSoManyThroughAndThenMakesWaitLongerEachTime) {
  LoginLimits limits(6);  // One more every 10 s.
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(limits.begin("10.0.0.1", fmt::format("name{}", i), at(0)).count(), 0) << i;
  }
  EXPECT_EQ(limits.begin("10.0.0.1", "x", at(0)).count(), 10);
  EXPECT_EQ(limits.begin("10.0.0.2", "x", at(0)).count(), 0) << "another address";
  EXPECT_EQ(limits.begin("10.0.0.1", "x", at(9)).count(), 1);
  EXPECT_EQ(limits.begin("10.0.0.1", "y", at(10)).count(), 0);
  EXPECT_EQ(limits.begin("10.0.0.1", "y", at(10)).count(), 20) << "the next wait is longer";
  EXPECT_EQ(limits.begin("10.0.0.1", "y", at(29)).count(), 1);
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(limits.begin("10.0.0.3", std::to_string(i), at(0)));
  }
  EXPECT_EQ(limits.begin("10.0.0.1", "z", at(1000)).count(), 0) << "all forgotten";
}

TEST(LoginLimits, WaitsDoubleUpToABound) {
  LoginLimits limits(1);  // One more every minute.
  EXPECT_EQ(limits.begin("a", "1", at(0)).count(), 0);
  EXPECT_EQ(limits.begin("a", "2", at(0)).count(), 60);
  int now = 60;
  for (const int expected : {120, 240, 480, 900, 900}) {
    ASSERT_EQ(limits.begin("a", fmt::format("n{}", expected), at(now)).count(), 0);
    EXPECT_EQ(limits.begin("a", "x", at(now)).count(), expected);
    now += expected;
  }
  now += 61;
  EXPECT_EQ(limits.begin("a", "y", at(now)).count(), 0);
  EXPECT_EQ(limits.begin("a", "x", at(now)).count(), 60) << "after a rest all is forgotten";
}

TEST(LoginLimits, CountTriesThatTakeTimeToo) {
  LoginLimits limits(3);
  const auto later = [](int milliseconds) {
    return kStart + std::chrono::milliseconds(milliseconds);
  };
  EXPECT_EQ(limits.begin("a", "1", later(0)).count(), 0);
  EXPECT_EQ(limits.begin("a", "2", later(300)).count(), 0);
  EXPECT_EQ(limits.begin("a", "3", later(600)).count(), 0);
  EXPECT_EQ(limits.begin("a", "4", later(900)).count(), 20);
}

TEST(LoginLimits, SlowsGuessesAtOneNameFromManyAddresses) {
  LoginLimits limits(2);
  int granted = 0;
  for (int i = 0; i < 100; ++i) {
    const auto wait = limits.begin(fmt::format("10.0.1.{}", i), "ada", at(0));
    granted += wait.count() == 0 ? 1 : 0;
    EXPECT_LE(wait, LoginLimits::kLongestWaitOfName) << "its owner is not locked out for long";
  }
  EXPECT_EQ(granted, 6);
  EXPECT_EQ(limits.begin("10.0.1.1", "bob", at(0)).count(), 0);
}

TEST(LoginLimits, RightOnesDoNotCount) {
  LoginLimits limits(2);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(limits.begin("a", "ada", at(0)).count(), 0);
    limits.succeeded("a", "ada", at(0));
  }
}

TEST(LoginLimits, RememberABoundedNumber) {
  LoginLimits limits(1);
  for (int i = 0; i < 20000; ++i) {
    static_cast<void>(limits.begin(fmt::format("a{}", i), fmt::format("n{}", i), at(i / 1000)));
  }
  EXPECT_LE(limits.records(), 2 * LoginLimits::kMostRecords);
  EXPECT_GT(limits.begin("a19999", "other", at(20)).count(), 0) << "the last ones are remembered";
}

TEST(ClientKey, TakesAnIpv6NetworkForOne) {
  EXPECT_EQ(client_key("2001:db8:1:2::1"), client_key("2001:db8:1:2:ffff::9"));
  EXPECT_NE(client_key("2001:db8:1:2::1"), client_key("2001:db8:1:3::1"));
  EXPECT_EQ(client_key("10.0.0.1"), "10.0.0.1");
}

}  // namespace
}  // namespace storysign::auth
