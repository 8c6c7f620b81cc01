#include "telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
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

TEST_F(LogTest, LevelAndFormMayChange) {
  text_.set_level(LogLevel::kWarning);
  EXPECT_FALSE(text_.enabled(LogLevel::kInfo));
  text_.info("Not this.");
  text_.warning("This.");
  text_.set_form(LogForm::kJson);
  text_.set_level(LogLevel::kDebug);
  text_.debug("And this.", {{"n", 1}});
  text_.set_form(LogForm::kText);
  text_.set_level(LogLevel::kOff);
  text_.error("Nothing.");
  EXPECT_EQ(text_.level(), LogLevel::kOff);
  EXPECT_EQ(text_.form(), LogForm::kText);
  ASSERT_THAT(lines_.lines, SizeIs(2));
  EXPECT_THAT(lines_.lines[0], EndsWith(" warning This.\n"));
  EXPECT_THAT(lines_.lines[1], HasSubstr(R"("level":"debug","message":"And this.","n":1})"));
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

TEST_F(LogTest, ARoomHasALevelOfItsOwn) {
  Log server(text_, "server");
  Log store(text_, "store");
  server.info("A listener opened.", {{"port", 1}});
  ASSERT_THAT(lines_.lines, SizeIs(1));
  EXPECT_THAT(lines_.lines[0], EndsWith("info A listener opened. room=server port=1\n"));
  EXPECT_EQ(text_.levels(), (Log::Levels{{"all", LogLevel::kInfo}}));

  ASSERT_TRUE(text_.set_level("server", LogLevel::kDebug));
  EXPECT_TRUE(server.enabled(LogLevel::kDebug));
  EXPECT_FALSE(store.enabled(LogLevel::kDebug));
  EXPECT_FALSE(text_.enabled(LogLevel::kDebug));
  ASSERT_TRUE(store.set_level("all", LogLevel::kError)) << "any view sets them";
  EXPECT_TRUE(server.enabled(LogLevel::kDebug)) << "its own level stands";
  EXPECT_FALSE(store.enabled(LogLevel::kWarning));
  EXPECT_EQ(text_.levels(), (Log::Levels{{"all", LogLevel::kError}, {"server", LogLevel::kDebug}}));

  ASSERT_TRUE(text_.set_level("server", std::nullopt));
  EXPECT_FALSE(server.enabled(LogLevel::kWarning));
  ASSERT_TRUE(text_.set_level("all", std::nullopt));
  EXPECT_TRUE(server.enabled(LogLevel::kInfo)) << "as it was made";
  ASSERT_TRUE(text_.set_level("all", LogLevel::kOff));
  EXPECT_FALSE(server.enabled(LogLevel::kError));
  EXPECT_FALSE(text_.set_level("kitchen", LogLevel::kInfo));
  EXPECT_EQ(parse_level("warning"), LogLevel::kWarning);
  EXPECT_EQ(parse_level("loud"), std::nullopt);
}

TEST_F(LogTest, AFileIsAppendedToAndOpenedAgain) {
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("storysign-log-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const fs::path file = folder / "log";
  const auto text = [](const fs::path& path) {
    std::ifstream in(path);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  std::ofstream(file) << "before\n";
  {
    Log log({.file = file});
    ASSERT_TRUE(log.failure());
    log.info("One.");
    fs::rename(file, folder / "moved");
    log.info("Two.");
    ASSERT_TRUE(log.reopen());
    log.info("Three.");
    EXPECT_THAT(text(folder / "moved"), testing::StartsWith("before\n"));
    EXPECT_THAT(text(folder / "moved"), HasSubstr("Two."));
    EXPECT_THAT(text(file), HasSubstr("Three."));
    EXPECT_THAT(text(file), Not(HasSubstr("Two.")));
    fs::rename(file, folder / "moved");
    fs::create_directories(file);
    EXPECT_THAT(log.reopen().error().message, HasSubstr("log.file"));
    log.info("Four.");
    EXPECT_THAT(text(folder / "moved"), HasSubstr("Four.")) << "goes on where it was";
  }
  EXPECT_FALSE(Log({.file = folder / "none" / "log"}).failure());
  EXPECT_TRUE(text_.reopen()) << "nothing to open";
  fs::remove_all(folder);
}

}  // namespace
}  // namespace storysign::telemetry
