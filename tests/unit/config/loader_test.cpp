#include "config/loader.hpp"

#include "temporary_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace storysign::config {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Kind = Origin::Kind;

/// The origin of one key.
const Origin& origin(const Loaded& loaded, std::string_view key) {
  return loaded.origins.at(static_cast<std::size_t>(find_key(key) - keys().data()));
}

/// load() with sources that must be fine.
Loaded loaded(const TemporaryFile* file, const Pairs& environment, const Pairs& overrides) {
  Sources sources;
  if (file != nullptr) sources.file = file->path();
  sources.environment = environment;
  sources.overrides = overrides;
  auto result = load(sources);
  if (!result) {
    for (const auto& error : result.error()) ADD_FAILURE() << error.message;
    return {{}, std::vector<Origin>(keys().size())};
  }
  return *std::move(result);
}

TEST(Load, WithoutSourcesEverythingIsDefault) {
  const Loaded result = loaded(nullptr, {}, {});
  ASSERT_EQ(result.origins.size(), keys().size());
  for (const Key& key : keys()) {
    EXPECT_EQ(key.get(result.settings), key.get(Settings{})) << key.name;
    EXPECT_EQ(origin(result, key.name).kind, Kind::kDefault) << key.name;
  }
}

TEST(Load, ALaterSourceWinsKeyByKeyAndIsRemembered) {
  const TemporaryFile file("video:\n  quality: 60\n  width: 800\n  height: 600\ngpu: require\n");
  const Pairs environment = {{"STORYSIGN_VIDEO__WIDTH", "1024"},
                             {"STORYSIGN_VIDEO__HEIGHT", "768"}};
  const Loaded result = loaded(&file, environment, {{"video.height", "720"}});
  const Settings& settings = result.settings;
  EXPECT_EQ(settings.video.fps, 30);
  EXPECT_EQ(settings.video.quality, 60);
  EXPECT_EQ(settings.video.width, 1024);
  EXPECT_EQ(settings.video.height, 720);
  EXPECT_EQ(settings.gpu, GpuUse::kRequire);
  EXPECT_EQ(to_string(origin(result, "video.fps")), "default");
  EXPECT_EQ(to_string(origin(result, "video.quality")), file.path().string() + ":2");
  EXPECT_EQ(to_string(origin(result, "video.width")), "environment STORYSIGN_VIDEO__WIDTH");
  EXPECT_EQ(to_string(origin(result, "video.height")), "command line");
  EXPECT_EQ(origin(result, "gpu").line, 5);
}

TEST(Load, EveryKeyCanBeSetByItsVariableAndByItsFlag) {
  for (const Key& key : keys()) {
    // Taken together only.
    if (key.name.starts_with("server.tls_") || key.name == "stories.model_kind") continue;
    SCOPED_TRACE(key.name);
    // A value other than the default that no rule across keys forbids.
    std::string text = "other";
    if (key.form == TextForm::kUrl) text = "https://other.example/";
    if (key.type == ValueType::kBoolean) text = std::get<bool>(key.get(Settings{})) ? "0" : "1";
    if (key.type == ValueType::kChoice) text = key.choices.back();
    if (key.type == ValueType::kReal) {
      text = key.leaf.find("critical") < key.leaf.size() ? "99.5" : "0.75";
    }
    if (key.type == ValueType::kInteger) {
      const auto now = std::get<std::int64_t>(key.get(Settings{}));
      text = std::to_string(static_cast<double>(now) < key.max ? now + 1 : now - 1);
    }
    const Loaded by_variable = loaded(nullptr, {{environment_name(key), text}}, {});
    const Loaded by_flag = loaded(nullptr, {}, {{std::string(key.name), text}});
    EXPECT_EQ(key.get(by_variable.settings), key.get(by_flag.settings));
    EXPECT_NE(key.get(by_flag.settings), key.get(Settings{}));
    EXPECT_EQ(origin(by_variable, key.name).kind, Kind::kEnvironment);
    EXPECT_EQ(origin(by_flag, key.name).kind, Kind::kCommandLine);
  }
}

TEST(Load, OtherNamesOfVariables) {
  EXPECT_EQ(
      loaded(nullptr, {{"STORYSIGN_PERFORMANCE_MODE", "balanced"}}, {}).settings.performance.mode,
      PerformanceMode::kBalanced);
  for (const char* const name : {"STORYSIGN_USE_GPU", "STORYSIGN_MEDIAPIPE_GPU"}) {
    const Loaded on = loaded(nullptr, {{name, "true"}}, {});
    EXPECT_EQ(on.settings.gpu, GpuUse::kAuto) << name;
    EXPECT_EQ(to_string(origin(on, "gpu")), std::string("environment ") + name);
    EXPECT_EQ(loaded(nullptr, {{name, "false"}}, {}).settings.gpu, GpuUse::kOff) << name;
  }
  const Pairs agreeing = {{"STORYSIGN_USE_GPU", "1"}, {"STORYSIGN_GPU", "auto"}};
  EXPECT_EQ(loaded(nullptr, agreeing, {}).settings.gpu, GpuUse::kAuto);
}

TEST(Load, PassesOverWhatBelongsToOthers) {
  const Pairs environment = {{"HOST", "example"},    {"PORT", "1"},      {"PATH", "/bin"},
                             {"STORYSIGN_BIN", "x"}, {"STORYSIGN", "x"}, {"OTHER_VIDEO__FPS", "x"},
                             {"storysignal__x", "1"}};
  const Loaded result = loaded(nullptr, environment, {});
  EXPECT_EQ(result.settings.server.host, "127.0.0.1");
  EXPECT_EQ(result.settings.server.port, 8000);
}

TEST(Load, FilesThatSetNothingAreFine) {
  for (const char* const text : {"", "# a comment\n", "---\n", "video:\n", "video: {}\n", "{}\n",
                                 "\xef\xbb\xbf# with a byte order mark\nvideo:\n"}) {
    const TemporaryFile file(text);
    EXPECT_EQ(loaded(&file, {}, {}).settings.video.fps, 30) << text;
  }
}

TEST(Load, YamlInItsOtherForms) {
  const TemporaryFile file(
      "---\r\n\"video\": {fps: 25, 'width': 800}\r\nserver:\r\n    host: '::1' # local\r\n"
      "mediapipe:\t# a tab that indents nothing\n\t# nor does this\n  model_complexity: 2\n");
  const Settings settings = loaded(&file, {}, {}).settings;
  EXPECT_EQ(settings.video.fps, 25);
  EXPECT_EQ(settings.video.width, 800);
  EXPECT_EQ(settings.server.host, "::1");
  EXPECT_EQ(settings.mediapipe.model_complexity, 2);
}

TEST(Load, TheSameFlagTwiceIsFineIfItSaysTheSame) {
  EXPECT_EQ(loaded(nullptr, {}, {{"video.fps", "25"}, {"video.fps", "25"}}).settings.video.fps, 25);
}

TEST(Load, ValuesThatFitTogetherAreTaken) {
  const Loaded result = loaded(nullptr, {},
                               {{"websocket.ping_timeout_ms", "20000"},
                                {"gesture_detection.smoothing_window", "100"},
                                {"gesture_detection.min_gesture_duration_ms", "3334"}});
  EXPECT_EQ(result.settings.websocket.ping_timeout_ms, 20000);
}

TEST(Load, CertificateAndKeyAreGivenTogether) {
  constexpr const char* kCertificate = "server.tls_certificate";
  constexpr const char* kPrivateKey = "server.tls_key";
  const Loaded both = loaded(nullptr, {}, {{kCertificate, "a.pem"}, {kPrivateKey, "b.pem"}});
  EXPECT_EQ(both.settings.server.tls_certificate, "a.pem");
  EXPECT_EQ(both.settings.server.tls_key, "b.pem");
  for (const char* const alone : {kCertificate, kPrivateKey}) {
    const Pairs overrides = {{alone, "a.pem"}};
    Sources sources;
    sources.overrides = overrides;
    const auto refused = load(sources);
    ASSERT_FALSE(refused) << alone;
    EXPECT_THAT(refused.error().front().message, testing::HasSubstr("TLS needs both files"));
  }
}

}  // namespace
}  // namespace storysign::config
