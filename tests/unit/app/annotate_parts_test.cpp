#include "app/landmark_writer.hpp"
#include "app/progress.hpp"
#include "app/stage_times.hpp"
#include "app/stop_signal.hpp"
#include "app/summary.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>

namespace storysign::app {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;
using testing::read_all;
using testing::TempFolder;

Json record(const vision::FrameLandmarks& landmarks, std::string_view file = {}) {
  fmt::memory_buffer out;
  append_record(out, {7, 233333us, file, &landmarks});
  EXPECT_EQ(out[out.size() - 1], '\n');
  return Json::parse(out.begin(), out.end());
}

TEST(LandmarkRecord, NothingFoundIsNull) {
  const Json line = record({});
  EXPECT_EQ(line["frame"], 7);
  EXPECT_DOUBLE_EQ(line["t_ms"], 233.333);
  EXPECT_EQ(line["mode"], "body");
  EXPECT_FALSE(line.contains("file"));
  for (const char* part : {"pose", "left_hand", "right_hand", "face"}) {
    EXPECT_TRUE(line.at(part).is_null()) << part;
  }
}

TEST(LandmarkRecord, HasEveryPointInOrderWithSixDecimals) {
  vision::FrameLandmarks found;
  found.mode = vision::TrackingMode::kHands;
  found.pose.emplace();
  (*found.pose)[32] = {0.123456F, -1.5F, 2.0F, 0.75F};
  found.left_hand.emplace();
  found.left_hand->landmarks[20] = {0.25F, 0.5F, -0.000001F};
  found.right_hand.emplace();
  found.right_hand->landmarks[0] = {1.0F, 0.0F, std::numeric_limits<float>::quiet_NaN()};
  found.face.emplace();
  (*found.face)[467] = {0.1F, 0.2F, 0.3F};
  const Json line = record(found, "a \"b\"\\\n.jpg");
  EXPECT_EQ(line["mode"], "hands");
  EXPECT_EQ(line["file"], "a \"b\"\\\n.jpg");
  ASSERT_EQ(line["pose"].size(), vision::kPoseLandmarks);
  EXPECT_EQ(line["pose"][32], Json({0.123456, -1.5, 2.0, 0.75}));
  ASSERT_EQ(line["left_hand"].size(), vision::kHandLandmarks);
  EXPECT_EQ(line["left_hand"][20], Json({0.25, 0.5, -0.000001}));
  EXPECT_TRUE(line["right_hand"][0][2].is_null());
  ASSERT_EQ(line["face"].size(), vision::kFaceLandmarks);
  EXPECT_EQ(line["face"][467], Json({0.1, 0.2, 0.3}));
}

TEST(LandmarkRecord, LettersAreThereWhenAskedFor) {
  const vision::FrameLandmarks nothing;
  HandLetters letters;
  letters.right.emplace();
  letters.right->top = {{{'A', 0.93F}, {'S', 0.04F}, {'T', 0.0123456F}}};
  fmt::memory_buffer out;
  append_record(out, {0, 0us, {}, &nothing, &letters});
  const Json line = Json::parse(out.begin(), out.end());
  EXPECT_TRUE(line["letters"]["left"].is_null());
  EXPECT_EQ(line["letters"]["right"], Json::parse(R"([["A", 0.93], ["S", 0.04], ["T", 0.0123]])"));
  EXPECT_FALSE(record(nothing).contains("letters"));
}

TEST(LandmarkWriter, LinesAppearAtTheCommit) {
  const TempFolder folder;
  const vision::FrameLandmarks nothing;
  {
    auto abandoned = LandmarkWriter::create(folder / "a.jsonl", false);
    ASSERT_TRUE(abandoned);
    ASSERT_TRUE(abandoned->write({0, 0us, {}, &nothing}));
  }
  EXPECT_TRUE(folder.names().empty());
  auto writer = LandmarkWriter::create(folder / "a.jsonl", false);
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write({0, 0us, {}, &nothing}));
  ASSERT_TRUE(writer->write({1, 33333us, {}, &nothing}));
  ASSERT_TRUE(writer->finish());
  ASSERT_TRUE(writer->commit());
  const std::string text = read_all(folder / "a.jsonl");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(LandmarkWriter, NoticesAFullDisk) {
  const vision::FrameLandmarks nothing;
  auto writer = LandmarkWriter::create("/dev/full", false);
  ASSERT_TRUE(writer);
  static_cast<void>(writer->write({0, 0us, {}, &nothing}));
  const auto done = writer->finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("'/dev/full': No space left"));
}

TEST(StageTimes, QuantilesAreNearestRank) {
  StageTimes times;
  EXPECT_TRUE(times.empty(Stage::kVision));
  EXPECT_EQ(times.quantile_ms(Stage::kVision, 0.5), 0.0);
  for (int i = 20; i >= 1; --i) {
    times.add(Stage::kVision, std::chrono::milliseconds(i));
  }
  EXPECT_NEAR(times.quantile_ms(Stage::kVision, 0.5), 10.0, 1e-5);
  EXPECT_NEAR(times.quantile_ms(Stage::kVision, 0.95), 19.0, 1e-5);
  EXPECT_NEAR(times.quantile_ms(Stage::kVision, 1.0), 20.0, 1e-5);
  EXPECT_TRUE(times.empty(Stage::kRender));
}

/// A stream that collects what is printed.
class Printed {
 public:
  Printed() : file_(std::tmpfile()) {}
  Printed(const Printed&) = delete;
  Printed& operator=(const Printed&) = delete;
  ~Printed() { std::fclose(file_); }

  std::FILE* file() { return file_; }
  std::string text() {
    std::string out(static_cast<std::size_t>(std::ftell(file_)), '\0');
    EXPECT_EQ(std::fseek(file_, 0, SEEK_SET), 0);
    EXPECT_EQ(std::fread(out.data(), 1, out.size(), file_), out.size());
    return out;
  }

 private:
  std::FILE* file_;
};

TEST(Progress, SaysHowFarAndHowLong) {
  Printed out;
  const base::SteadyTime start{100s};
  const Progress progress(100, "frame", out.file(), false, start);
  EXPECT_EQ(progress.line(25, start + 5s, 8),
            "[##......] 25 %, frame 25 of 100, 5.0 per second, 0:15 left");
  EXPECT_EQ(progress.line(100, start + 10s, 4), "[####] 100 %, frame 100 of 100, 10.0 per second");
  EXPECT_EQ(progress.line(120, start + 10s, 0), "100 %, frame 120 of 100, 12.0 per second");
}

TEST(Progress, PlainLinesAreRare) {
  Printed out;
  const base::SteadyTime start{};
  {
    Progress progress(1000, "frame", out.file(), false, start);
    for (int i = 1; i <= 1000; ++i) {
      progress.update(i, start + i * 10ms);  // 10 s in all, 10 % a second.
    }
  }
  const std::string text = out.text();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("[")));
}

TEST(Progress, TheTerminalsLineIsClearedAtTheEnd) {
  Printed out;
  const base::SteadyTime start{};
  {
    Progress progress(10, "frame", out.file(), true, start);
    progress.update(1, start + 10ms);
    progress.update(2, start + 20ms);  // Too soon to be drawn.
    progress.update(3, start + 200ms);
  }
  const std::string text = out.text();
  EXPECT_THAT(text, HasSubstr("frame 1 of 10"));
  EXPECT_THAT(text, Not(HasSubstr("frame 2 of 10")));
  EXPECT_THAT(text, HasSubstr("frame 3 of 10"));
  EXPECT_TRUE(text.ends_with("\r\x1b[K"));
}

TEST(Progress, ClockText) {
  EXPECT_EQ(clock_text(7s), "0:07");
  EXPECT_EQ(clock_text(750s), "12:30");
  EXPECT_EQ(clock_text(3723s), "1:02:03");
}

TEST(Summary, CountsPartsAndModeSwitches) {
  PartCounts counts;
  vision::FrameLandmarks body;
  body.pose.emplace();
  body.left_hand.emplace();
  vision::FrameLandmarks hands;
  hands.mode = vision::TrackingMode::kHands;
  hands.right_hand.emplace();
  counts.add(body, vision::TrackingMode::kBody);
  counts.add(hands, vision::TrackingMode::kBody);
  counts.add(hands, vision::TrackingMode::kHands);
  EXPECT_EQ(counts.pose, 1);
  EXPECT_EQ(counts.left_hand, 1);
  EXPECT_EQ(counts.right_hand, 2);
  EXPECT_EQ(counts.face, 0);
  EXPECT_EQ(counts.mode_switches, 1);
}

TEST(Summary, SaysWhatWasWritten) {
  Summary summary;
  summary.input = "in.mp4";
  summary.device = "CPU";
  summary.frames = 1;
  summary.planned = 9;
  summary.seconds = 0.5;
  summary.times.add(Stage::kVision, 20ms);
  EXPECT_THAT(to_text(summary),
              HasSubstr("Annotated 1 frame of 'in.mp4' in 0.50 s: 2.0 per second"));
  EXPECT_THAT(to_text(summary), HasSubstr("Wrote no file"));
  EXPECT_THAT(to_text(summary), Not(HasSubstr("render")));
  summary.outputs = {"out.mp4", "out.jsonl"};
  EXPECT_THAT(to_text(summary), HasSubstr("Wrote 'out.mp4' and 'out.jsonl'."));
  summary.stopped = true;
  EXPECT_THAT(to_text(summary),
              HasSubstr("Stopped after 1 of 9 frames; 'out.mp4' and 'out.jsonl' hold them."));
  EXPECT_THAT(to_text(summary), Not(HasSubstr("Annotated")));
  const Json json = Json::parse(to_json(summary));
  EXPECT_EQ(json["frames"], 1);
  EXPECT_EQ(json["stopped"], true);
  EXPECT_EQ(json["outputs"], Json({"out.mp4", "out.jsonl"}));
  EXPECT_NEAR(json["ms"]["vision"]["p95"], 20.0, 1e-5);
}

TEST(StopSignal, CountsAndRestores) {
  {
    const StopSignal stop;
    EXPECT_FALSE(stop.stopped());
    ASSERT_EQ(std::raise(SIGINT), 0);
    EXPECT_TRUE(stop.stopped());
    ASSERT_EQ(std::raise(SIGTERM), 0);
    EXPECT_EQ(stop.count(), 2);
  }
  const StopSignal fresh;
  EXPECT_FALSE(fresh.stopped());
}

TEST(StopSignalDeathTest, TheThirdOneKills) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        const StopSignal stop;
        for (int i = 0; i < 3; ++i) {
          static_cast<void>(std::raise(SIGINT));
        }
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace storysign::app
