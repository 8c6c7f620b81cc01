#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <limits>
#include <string>
#include <thread>
#include <vector>

namespace storysign::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class Lines final : public LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

class LogTest : public testing::Test {
 protected:
  Lines lines_;
  Log text_{{.sink = &lines_}};
  Log json_{{.level = LogLevel::kDebug, .form = LogForm::kJson, .sink = &lines_}};
};

TEST_F(LogTest, TextLine) {
  text_.warning("A session ended.", {{"code", 1000},
                                     {"bytes", std::uint64_t{5}},
                                     {"share", 0.25},
                                     {"clean", true},
                                     {"client", "c-1"},
                                     {"why", "it left"}});
  ASSERT_THAT(lines_.lines, SizeIs(1));
  EXPECT_THAT(lines_.lines[0],
              EndsWith("Z warning A session ended. code=1000 bytes=5 share=0.25 clean=true "
                       "client=c-1 why=\"it left\"\n"));
}

TEST_F(LogTest, JsonLine) {
  json_.error("It \"failed\".",
              {{"n", -3}, {"x", std::numeric_limits<double>::infinity()}, {"text", "a\nb\\"}});
  ASSERT_THAT(lines_.lines, SizeIs(1));
  const auto line = nlohmann::json::parse(lines_.lines[0]);
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "It \"failed\".");
  EXPECT_EQ(line["n"], -3);
  EXPECT_TRUE(line["x"].is_null());
  EXPECT_EQ(line["text"], "a\nb\\");
  EXPECT_EQ(line["time"].get<std::string>().size(), std::string("2000-01-01T00:00:00.000Z").size());
}

TEST_F(LogTest, LevelsBelowAreLeftOut) {
  text_.debug("Nothing.");
  EXPECT_THAT(lines_.lines, SizeIs(0));
  EXPECT_FALSE(text_.enabled(LogLevel::kDebug));
  EXPECT_TRUE(json_.enabled(LogLevel::kDebug));
  json_.debug("Something.");
  EXPECT_THAT(lines_.lines, SizeIs(1));
  Log off({.level = LogLevel::kOff, .sink = &lines_});
  off.error("Nothing.");
  EXPECT_THAT(lines_.lines, SizeIs(1));
}

TEST_F(LogTest, ATextCannotBeginALineOfItsOwnNorHoldAPicture) {
  const std::string hostile =
      "x\n2026-01-01T00:00:00.000Z error forged\x1b[31m\xff" + std::string(100000, 'A');
  text_.info("Client said", {{"text", hostile}});
  json_.info("Client said", {{"text", hostile}});
  ASSERT_THAT(lines_.lines, SizeIs(2));
  for (const std::string& line : lines_.lines) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
    EXPECT_LT(line.size(), 1000U);
  }
  EXPECT_TRUE(nlohmann::json::accept(lines_.lines[1]));
}

TEST_F(LogTest, RepeatedWarningsAreCountedInstead) {
  RepeatLimit limit(seconds(5));
  const base::SteadyTime start{seconds(100)};
  for (int i = 0; i < 10; ++i) text_.warning(limit, start + i * milliseconds(100), "Again.");
  ASSERT_THAT(lines_.lines, SizeIs(1));
  EXPECT_THAT(lines_.lines[0], EndsWith("Again.\n"));
  text_.warning(limit, start + seconds(6), "Again.", {{"n", 1}});
  ASSERT_THAT(lines_.lines, SizeIs(2));
  EXPECT_THAT(lines_.lines[1], EndsWith("Again. n=1 left_out=9\n"));
}

TEST_F(LogTest, ManyThreadsWriteWholeLines) {
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) text_.info("One line.", {{"i", i}});
      });
    }
  }
  ASSERT_THAT(lines_.lines, SizeIs(200));
  for (const std::string& line : lines_.lines) {
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_THAT(line, HasSubstr("info One line. i="));
  }
}

}  // namespace
}  // namespace storysign::telemetry
