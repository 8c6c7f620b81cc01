#include "base/token_bucket.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace storysign::base {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kStart{seconds(100)};

TEST(TokenBucket, AllowsABurstAndThenTheRate) {
  TokenBucket bucket(10.0, 3.0, kStart);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(1.0, kStart));
  EXPECT_FALSE(bucket.take(1.0, kStart));
  EXPECT_FALSE(bucket.take(1.0, kStart + milliseconds(99)));
  EXPECT_TRUE(bucket.take(1.0, kStart + milliseconds(101)));
  EXPECT_FALSE(bucket.take(1.0, kStart + milliseconds(102)));
}

TEST(TokenBucket, SavesUpNoMoreThanTheBurst) {
  TokenBucket bucket(10.0, 3.0, kStart);
  const SteadyTime later = kStart + seconds(60);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bucket.take(1.0, later));
  EXPECT_FALSE(bucket.take(1.0, later));
}

TEST(TokenBucket, ARefusalTakesNothing) {
  TokenBucket bucket(10.0, 3.0, kStart);
  EXPECT_FALSE(bucket.take(4.0, kStart));
  EXPECT_TRUE(bucket.take(3.0, kStart));
}

TEST(TokenBucket, SaysWhenADebtIsPaid) {
  TokenBucket bucket(1000.0, 500.0, kStart);
  EXPECT_EQ(bucket.owe(500.0, kStart), milliseconds(0));
  EXPECT_EQ(bucket.owe(250.0, kStart), milliseconds(250));
  EXPECT_EQ(bucket.owe(0.0, kStart + milliseconds(100)), milliseconds(150));
  EXPECT_FALSE(bucket.take(1.0, kStart + milliseconds(249)));
  EXPECT_TRUE(bucket.take(1.0, kStart + milliseconds(252)));
}

TEST(TokenBucket, TimeThatStandsStillGivesNothing) {
  TokenBucket bucket(10.0, 1.0, kStart);
  EXPECT_TRUE(bucket.take(1.0, kStart));
  EXPECT_FALSE(bucket.take(1.0, kStart - seconds(5)));
}

}  // namespace
}  // namespace storysign::base
