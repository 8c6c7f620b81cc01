#include "config/keys.hpp"

#include "config/suggest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <string_view>

namespace storysign::config {
namespace {

struct Required {
  std::string_view key;
  std::string_view preset;
  std::string_view accepted;  ///< What the requirements say; empty if they give no range.
};

// The requirements' table of settings, row by row, then their WebSocket section with units in the
// names.
constexpr Required kRequired[] = {
    {"performance.mode", "auto",
     "one of auto, ultra_performance, high_performance, balanced, high_quality"},
    {"performance.adaptive_quality", "true", "true or false"},
    {"performance.target_latency_ms", "75", "a whole number from 10 to 1000 ms"},
    {"performance.max_cpu_usage", "80", "a whole number from 10 to 100 %"},
    {"performance.max_memory_usage", "8192", ""},
    {"video.quality", "50", "a whole number from 30 to 100"},
    {"video.width", "640", "a whole number from 240 to 1920 pixels"},
    {"video.height", "480", "a whole number from 180 to 1080 pixels"},
    {"video.fps", "30", "a whole number from 10 to 60 frames/s"},
    {"mediapipe.model_complexity", "0", "a whole number from 0 to 2"},
    {"mediapipe.min_detection_confidence", "0.3", "a number from 0 to 1"},
    {"mediapipe.min_tracking_confidence", "0.3", "a number from 0 to 1"},
    {"mediapipe.enable_segmentation", "false", "true or false"},
    {"mediapipe.refine_face_landmarks", "false", "true or false"},
    {"server.host", "127.0.0.1", ""},
    {"server.port", "8000", "a whole number from 1 to 65535"},
    {"server.max_connections", "20", "a whole number from 1 to 10000 connections"},
    {"gpu", "off", "one of off, auto, require"},
    {"gesture_detection.velocity_threshold", "0.02", ""},
    {"gesture_detection.pause_duration_ms", "1000", ""},
    {"gesture_detection.min_gesture_duration_ms", "500", ""},
    {"gesture_detection.landmark_buffer_size", "100", ""},
    {"gesture_detection.smoothing_window", "5", ""},
    {"gesture_detection.enabled", "true", "true or false"},
    {"websocket.ping_interval_ms", "20000", ""},
    {"websocket.ping_timeout_ms", "10000", ""},
    {"websocket.close_timeout_ms", "10000", ""},
    {"websocket.max_size_bytes", "2097152", ""},
    {"websocket.max_queue", "3", ""},
    {"models.directory", "", ""},
    {"privacy.pictures", "allowed", "one of allowed, never"},
    // The limits of the design, with their defaults; the ranges are the project's own.
    {"server.max_connections_per_address", "8", ""},
    {"limits.handshake_timeout_ms", "5000", ""},
    {"limits.first_message_timeout_ms", "10000", ""},
    {"limits.header_bytes", "8192", ""},
    {"limits.body_bytes", "65536", ""},
    {"limits.min_receive_bytes_per_second", "16384", ""},
    {"limits.frames_per_second", "120", ""},
    {"limits.control_per_second", "10", ""},
    {"limits.outbox_bytes", "65536", ""},
    {"limits.outbox_timeout_ms", "5000", ""},
    {"limits.picture_side", "1920", ""},
    {"limits.picture_pixels", "2097152", ""},
};

TEST(Keys, AreThoseOfTheRequirementsWithTheirDefaultsAndRanges) {
  for (const Required& required : kRequired) {
    SCOPED_TRACE(required.key);
    const Key* const key = find_key(required.key);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(to_text(key->get(Settings{})), required.preset);
    if (!required.accepted.empty()) {
      EXPECT_EQ(accepted(*key), required.accepted);
    }
  }
}

TEST(Keys, HaveNamesDocumentationAndReaders) {
  std::set<std::string_view> names;
  for (const Key& key : keys()) {
    SCOPED_TRACE(key.name);
    EXPECT_TRUE(names.insert(key.name).second) << "twice";
    EXPECT_EQ(find_key(key.name), &key);
    EXPECT_TRUE(key.section.empty() || is_section(key.section));
    EXPECT_TRUE(key.doc.ends_with('.'));
    EXPECT_NE(key.readers, 0U);
    EXPECT_LE(key.min, key.max);
  }
  for (const Section& section : sections()) EXPECT_TRUE(section.doc.ends_with('.'));
  for (const Alias& alias : aliases()) EXPECT_NE(find_key(alias.key), nullptr) << alias.variable;
  EXPECT_EQ(find_key("video"), nullptr);
  EXPECT_FALSE(is_section("gpu"));
}

TEST(Keys, EnvironmentNamesFollowTheRule) {
  EXPECT_EQ(environment_name(*find_key("video.quality")), "STORYSIGN_VIDEO__QUALITY");
  EXPECT_EQ(environment_name(*find_key("performance.target_latency_ms")),
            "STORYSIGN_PERFORMANCE__TARGET_LATENCY_MS");
  EXPECT_EQ(environment_name(*find_key("gesture_detection.enabled")),
            "STORYSIGN_GESTURE_DETECTION__ENABLED");
  EXPECT_EQ(environment_name(*find_key("models.directory")), "STORYSIGN_MODELS__DIRECTORY");
  EXPECT_EQ(environment_name(*find_key("gpu")), "STORYSIGN_GPU");
}

TEST(Keys, NumbersAreTakenUpToBothEndsOfTheRangeAndNoFurther) {
  for (const Key& key : keys()) {
    if (key.type != ValueType::kInteger && key.type != ValueType::kReal) continue;
    SCOPED_TRACE(key.name);
    const bool whole = key.type == ValueType::kInteger;
    const double infinity = std::numeric_limits<double>::infinity();
    const double below = whole ? key.min - 1 : std::nextafter(key.min, -infinity);
    const double above = whole ? key.max + 1 : std::nextafter(key.max, infinity);
    const auto taken = [&](double number) {
      const Value written = whole ? Value(static_cast<std::int64_t>(number)) : Value(number);
      const auto value = parse(key, to_text(written), Notation::kYamlPlain);
      if (!value) return false;
      Settings settings;
      key.set(settings, *value);
      return *value == written && key.get(settings) == written;
    };
    EXPECT_TRUE(taken(key.min));
    EXPECT_TRUE(taken(key.max));
    EXPECT_FALSE(taken(below));
    EXPECT_FALSE(taken(above));
  }
}

TEST(Keys, EveryChoiceIsTakenAndKept) {
  for (const Key& key : keys()) {
    for (const std::string_view choice : key.choices) {
      const auto value = parse(key, choice, Notation::kPlainText);
      ASSERT_TRUE(value) << choice;
      Settings settings;
      key.set(settings, *value);
      EXPECT_EQ(to_text(key.get(settings)), choice);
    }
  }
  Settings settings;
  find_key("performance.mode")->set(settings, Value(std::string("high_quality")));
  EXPECT_EQ(settings.performance.mode, PerformanceMode::kHighQuality);
  find_key("gpu")->set(settings, Value(std::string("require")));
  EXPECT_EQ(settings.gpu, GpuUse::kRequire);
}

bool taken(std::string_view key, std::string_view text, Notation notation) {
  return parse(*find_key(key), text, notation).has_value();
}

TEST(Parse, BooleansAreTrueAndFalseAndOutsideOfYamlAlsoOneAndZero) {
  const std::string_view key = "video.fps";
  const std::string_view boolean = "gesture_detection.enabled";
  for (const std::string_view text : {"true", "false"}) {
    EXPECT_TRUE(taken(boolean, text, Notation::kYamlPlain));
    EXPECT_FALSE(taken(boolean, text, Notation::kYamlQuoted));
    EXPECT_TRUE(taken(boolean, text, Notation::kPlainText));
    EXPECT_FALSE(taken(key, text, Notation::kPlainText));
  }
  for (const std::string_view text : {"1", "0"}) {
    EXPECT_FALSE(taken(boolean, text, Notation::kYamlPlain));
    EXPECT_TRUE(taken(boolean, text, Notation::kPlainText));
  }
  for (const std::string_view text : {"True", "TRUE", "yes", "no", "on", "off", "y", "", " true"}) {
    EXPECT_FALSE(taken(boolean, text, Notation::kYamlPlain)) << text;
    EXPECT_FALSE(taken(boolean, text, Notation::kPlainText)) << text;
  }
  EXPECT_EQ(*parse(*find_key(boolean), "0", Notation::kPlainText), Value(false));
}

TEST(Parse, NumbersAreDecimalAndNothingElse) {
  for (const std::string_view text : {"30", "+30"}) {
    EXPECT_TRUE(taken("video.fps", text, Notation::kYamlPlain)) << text;
  }
  for (const std::string_view text :
       {"", "30.0", "3e1", "0x1e", "0o36", "030", "3_0", "30 ", " 30", "30fps", "-30", "--30",
        "+-30", "+", "99999999999999999999", "NaN"}) {
    EXPECT_FALSE(taken("video.fps", text, Notation::kPlainText)) << text;
  }
  const std::string_view real = "mediapipe.min_detection_confidence";
  for (const std::string_view text : {"0", "1", "0.5", ".5", "1.", "5e-1", "+0.5"}) {
    EXPECT_TRUE(taken(real, text, Notation::kYamlPlain)) << text;
  }
  for (const std::string_view text :
       {"", ".", "nan", ".nan", "inf", ".inf", "0x1p-1", "0,5", "1e-", "1e999", "-0.1", "1.01"}) {
    EXPECT_FALSE(taken(real, text, Notation::kYamlPlain)) << text;
  }
  EXPECT_FALSE(taken(real, "0.5", Notation::kYamlQuoted));
}

TEST(Parse, TextMustNotLookLikeSomethingElseInYaml) {
  for (const std::string_view text : {"127.0.0.1", "localhost", "::1", "a.example"}) {
    EXPECT_TRUE(taken("server.host", text, Notation::kYamlPlain)) << text;
  }
  for (const std::string_view text : {"8000", "1.5", "true"}) {
    EXPECT_FALSE(taken("server.host", text, Notation::kYamlPlain)) << text;
    EXPECT_TRUE(taken("server.host", text, Notation::kYamlQuoted)) << text;
    EXPECT_TRUE(taken("server.host", text, Notation::kPlainText)) << text;
  }
  for (const std::string_view text : {"", "a b", "a/b", "http://x"}) {
    EXPECT_FALSE(taken("server.host", text, Notation::kYamlQuoted)) << text;
  }
  EXPECT_FALSE(taken("server.host", std::string(254, 'a'), Notation::kPlainText));
  EXPECT_TRUE(taken("models.directory", "", Notation::kYamlQuoted));
  EXPECT_TRUE(taken("models.directory", "/a b/c", Notation::kYamlPlain));
  EXPECT_FALSE(taken("models.directory", std::string(4097, 'a'), Notation::kPlainText));
}

TEST(Suggest, SeesThroughSlips) {
  EXPECT_EQ(nearest_key("video.qualty"), "video.quality");
  EXPECT_EQ(nearest_key("video.qaulity"), "video.quality");
  EXPECT_EQ(nearest_key("VIDEO.FPS"), "video.fps");
  // Others have this key too, and stand before it.
  EXPECT_EQ(nearest_key("gesture_detektion.enabled"), "gesture_detection.enabled");
  EXPECT_EQ(nearest_key("server.max-connections"), "server.max_connections");
  EXPECT_EQ(nearest_key("video.model_complexity"), "mediapipe.model_complexity");
  EXPECT_EQ(nearest_key("fps"), "video.fps");
  EXPECT_EQ(nearest_key("gpus"), "gpu");
  EXPECT_EQ(nearest_key("gup"), "gpu");
  EXPECT_EQ(nearest_section("medaipipe"), "mediapipe");
  EXPECT_EQ(nearest_section("Video"), "video");
}

TEST(Suggest, IsSilentWhereNothingIsNear) {
  EXPECT_EQ(nearest_key("database.password"), "");
  EXPECT_EQ(nearest_key(""), "");
  EXPECT_EQ(nearest_key("x"), "");
  EXPECT_EQ(nearest_key(std::string(100'000, 'a')), "");
  EXPECT_EQ(nearest_section("database"), "");
}

TEST(Suggest, PrintsOneShortLineOfAnything) {
  EXPECT_EQ(printable("a\nb\x1b"), "a\\x0ab\\x1b");
  EXPECT_EQ(printable(std::string(70, 'a')), std::string(60, 'a') + "...");
  // A character of two bytes across the cut goes as a whole.
  EXPECT_EQ(printable(std::string(59, 'a') + "\xc3\xa9"), std::string(59, 'a') + "...");
}

}  // namespace
}  // namespace storysign::config
