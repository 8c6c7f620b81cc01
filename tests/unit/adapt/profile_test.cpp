// The profiles' table and names.

#include "adapt/profile.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string_view>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;

TEST(Profile, TableIsThatOfTheRequirements) {
  const ProfileSettings& ultra = settings_of(Profile::kUltraPerformance);
  EXPECT_EQ(ultra.jpeg_quality, 40);
  EXPECT_DOUBLE_EQ(ultra.resolution_scale, 0.6);
  EXPECT_EQ(ultra.frame_skip, 3);
  EXPECT_EQ(ultra.target_latency, milliseconds(30));
  const ProfileSettings& high = settings_of(Profile::kHighPerformance);
  EXPECT_EQ(high.jpeg_quality, 50);
  EXPECT_DOUBLE_EQ(high.resolution_scale, 0.75);
  EXPECT_EQ(high.frame_skip, 2);
  EXPECT_EQ(high.target_latency, milliseconds(50));
  const ProfileSettings& balanced = settings_of(Profile::kBalanced);
  EXPECT_EQ(balanced.jpeg_quality, 65);
  EXPECT_DOUBLE_EQ(balanced.resolution_scale, 0.85);
  EXPECT_EQ(balanced.frame_skip, 1);
  EXPECT_EQ(balanced.target_latency, milliseconds(75));
  const ProfileSettings& quality = settings_of(Profile::kHighQuality);
  EXPECT_EQ(quality.jpeg_quality, 80);
  EXPECT_DOUBLE_EQ(quality.resolution_scale, 1.0);
  EXPECT_EQ(quality.frame_skip, 0);
  EXPECT_EQ(quality.target_latency, milliseconds(100));
}

TEST(Profile, NamesGoBothWays) {
  EXPECT_EQ(profile_name(Profile::kUltraPerformance), "ultra_performance");
  EXPECT_EQ(profile_name(Profile::kHighQuality), "high_quality");
  for (int level = 0; level <= kHighestLevel; ++level) {
    EXPECT_EQ(parse_profile(profile_name(profile_at(level))), profile_at(level));
  }
}

TEST(Profile, OtherNamesAreNone) {
  for (const std::string_view name : {"", "auto", "Balanced", "high", "high_quality "}) {
    EXPECT_EQ(parse_profile(name), std::nullopt) << name;
  }
}

TEST(Profile, LevelsOutsideAreTheNearest) {
  EXPECT_EQ(profile_at(-1), Profile::kUltraPerformance);
  EXPECT_EQ(profile_at(9), Profile::kHighQuality);
}

TEST(Reason, EachHasItsOwnWord) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kReasons; ++i) names.insert(reason_name(static_cast<Reason>(i)));
  EXPECT_EQ(names.size(), kReasons);
  EXPECT_EQ(reason_name(Reason::kHeadroom), "headroom");
  EXPECT_EQ(reason_name(Reason::kStart), "start");
}

}  // namespace
}  // namespace storysign::adapt
