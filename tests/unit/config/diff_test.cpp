#include "config/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace storysign::config {
namespace {

using testing::ElementsAre;

std::vector<std::string_view> names(const std::vector<const Key*>& keys) {
  std::vector<std::string_view> out;
  out.reserve(keys.size());
  for (const Key* const key : keys) out.push_back(key->name);
  return out;
}

/// A value that the key may have and that is not its default.
Value another(const Key& key) {
  const Value preset = key.get(Settings{});
  switch (key.type) {
    case ValueType::kBoolean:
      return !std::get<bool>(preset);
    case ValueType::kInteger: {
      const auto most = static_cast<std::int64_t>(key.max);
      const auto value = std::get<std::int64_t>(preset);
      return value == most ? value - 1 : value + 1;
    }
    case ValueType::kReal:
      return (std::get<double>(preset) + key.max) / 2.0;
    case ValueType::kChoice:
      return std::string(std::get<std::string>(preset) == key.choices[0] ? key.choices[1]
                                                                         : key.choices[0]);
    case ValueType::kText:
      break;
  }
  return std::string("another.example");
}

TEST(Difference, OfTheSameIsNothing) {
  EXPECT_TRUE(difference(Settings{}, Settings{}).empty());
}

TEST(Difference, NamesEachKeyOfTheServerInItsList) {
  for (const Key& key : keys()) {
    Settings after;
    key.set(after, another(key));
    ASSERT_NE(key.get(after), key.get(Settings{})) << key.name;
    const Difference found = difference(Settings{}, after);
    const bool is_servers = (key.readers & kServer) != 0;
    using Names = std::vector<std::string_view>;
    EXPECT_EQ(names(found.live), is_servers && key.is_live() ? Names{key.name} : Names{});
    EXPECT_EQ(names(found.restart), is_servers && !key.is_live() ? Names{key.name} : Names{});
  }
}

TEST(Difference, IsInTheOrderOfTheTable) {
  Settings after;
  after.log.level = LogLevel::kDebug;
  after.video.fps = 20;
  after.server.port = 9000;
  after.gpu = GpuUse::kAuto;
  const Difference found = difference(Settings{}, after);
  EXPECT_THAT(names(found.live), ElementsAre("video.fps", "log.level"));
  EXPECT_THAT(names(found.restart), ElementsAre("gpu", "server.port"));
}

TEST(Difference, OnlyLiveValuesAreTakenOver) {
  Settings wanted;
  for (const Key& key : keys()) key.set(wanted, another(key));
  const Settings out = with_live_values(Settings{}, wanted);
  for (const Key& key : keys()) {
    EXPECT_EQ(key.get(out), key.get(key.is_live() ? wanted : Settings{})) << key.name;
  }
}

TEST(Live, AreTheKeysThatAServerCanTakeWhileItRuns) {
  for (const Key& key : keys()) {
    EXPECT_TRUE(!key.is_live() || (key.readers & kServer) != 0) << key.name;
  }
  // A file is opened, and a network loaded, at the start.
  constexpr std::array<std::string_view, 10> kAtTheStart = {"server.host",
                                                            "server.port",
                                                            "server.tls_certificate",
                                                            "server.tls_key",
                                                            "server.io_threads",
                                                            "models.directory",
                                                            "gpu",
                                                            "mediapipe.model_complexity",
                                                            "log.file",
                                                            "performance.quick_hands"};
  const auto is_at_the_start = [&](std::string_view name) {
    return std::find(kAtTheStart.begin(), kAtTheStart.end(), name) != kAtTheStart.end();
  };
  for (const std::string_view name : kAtTheStart) {
    EXPECT_FALSE(find_key(name)->is_live()) << name;
  }
  constexpr std::array<std::string_view, 6> kAllLive = {"performance", "video", "websocket",
                                                        "limits",      "log",   "alerts"};
  for (const Key& key : keys()) {
    const bool all_live =
        std::find(kAllLive.begin(), kAllLive.end(), key.section) != kAllLive.end();
    EXPECT_TRUE(key.is_live() || !all_live || is_at_the_start(key.name)) << key.name;
  }
}

}  // namespace
}  // namespace storysign::config
