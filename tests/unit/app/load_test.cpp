#include "app/load/client.hpp"
#include "app/load/connection.hpp"
#include "app/load/frames.hpp"
#include "app/load/landmark_coder.hpp"
#include "app/load/ledger.hpp"
#include "app/load/report.hpp"
#include "app/load/schedule.hpp"
#include "app/load/target.hpp"
#include "wire/landmark_frame.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>

namespace storysign::app {
namespace {

using base::SteadyTime;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;

const SteadyTime kStart{1000s};

TEST(LoadTarget, ReadsUrls) {
  const auto plain = parse_target("ws://localhost:8000/ws/video?a=b");
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->host, "localhost");
  EXPECT_EQ(plain->port, "8000");
  EXPECT_EQ(plain->path, "/ws/video?a=b");
  EXPECT_EQ(plain->authority(), "localhost:8000");
  const auto secure = parse_target("wss://[::1]");
  ASSERT_TRUE(secure) << secure.error().message;
  EXPECT_TRUE(secure->tls);
  EXPECT_EQ(secure->host, "::1");
  EXPECT_EQ(secure->port, "443");
  EXPECT_EQ(secure->path, "/ws/video");
  EXPECT_EQ(secure->authority(), "[::1]:443");
  EXPECT_EQ(parse_target("ws://h:65535/")->path, "/ws/video");
  EXPECT_EQ(parse_target("ws://h")->port, "80");
  EXPECT_EQ(parse_target("ws://h?x#y")->path, "/?x");
}

TEST(LoadTarget, RefusesWhatIsNoUrlInOneSentence) {
  for (const std::string_view url :
       {"", "localhost:8000", "http://localhost:8000/", "ws://", "ws:///x", "ws://:8000",
        "ws://h:0", "ws://h:65536", "ws://h:80a", "ws://h:", "ws://[::1", "ws://[::1]8000",
        "ws://a b/", "ws://user@h/"}) {
    const auto target = parse_target(url);
    ASSERT_FALSE(target) << url;
    EXPECT_THAT(target.error().message, HasSubstr("ws://127.0.0.1:8000/ws/video")) << url;
  }
}

TEST(LoadTarget, GetsATermIntoItsQueryOnce) {
  EXPECT_EQ(with_query("/ws/video", "frames=landmarks"), "/ws/video?frames=landmarks");
  EXPECT_EQ(with_query("/ws/video?a=b", "frames=landmarks"), "/ws/video?a=b&frames=landmarks");
  EXPECT_EQ(with_query("/?frames=landmarks&a", "frames=landmarks"), "/?frames=landmarks&a");
  EXPECT_EQ(with_query("/?a&frames=landmarks", "frames=landmarks"), "/?a&frames=landmarks");
  EXPECT_EQ(with_query("/?myframes=landmarks", "frames=landmarks"),
            "/?myframes=landmarks&frames=landmarks");
}

TEST(LoadSchedule, IsDueByTheClockWithoutDrift) {
  const Schedule schedule(kStart, kStart, 0.0, 30.0, 60.0);
  EXPECT_EQ(schedule.frames(), 1800U);
  EXPECT_EQ(schedule.due(0), kStart);
  EXPECT_EQ(schedule.due(30), kStart + 1s);
  EXPECT_EQ(schedule.due(1800), kStart + 60s);
  EXPECT_EQ(schedule.due(1), kStart + 33333333ns);
}

TEST(LoadSchedule, GivesEveryClientItsPlaceInTheInterval) {
  for (int client = 0; client < 4; ++client) {
    // Ready at odd times, as connections are.
    const SteadyTime ready = kStart + 1234567us * (client + 1);
    const Schedule schedule(kStart, ready, client / 4.0, 10.0, 1.0);
    EXPECT_GE(schedule.due(0), ready);
    EXPECT_LT(schedule.due(0), ready + 100ms);
    EXPECT_EQ((schedule.due(0) - kStart) % 100ms, 25ms * client);
  }
}

TEST(LoadSchedule, HasAtLeastOneFrame) {
  EXPECT_EQ(Schedule(kStart, kStart, 0.0, 0.1, 0.1).frames(), 1U);
}

TEST(LoadSamples, PercentilesAreNearestRanks) {
  Samples samples;
  EXPECT_EQ(samples.summary().max, 0.0);
  for (int i = 100; i >= 1; --i) samples.add(std::chrono::milliseconds(i));
  const Samples::Summary summary = samples.summary();
  EXPECT_EQ(summary.p50, 50.0);
  EXPECT_EQ(summary.p95, 95.0);
  EXPECT_EQ(summary.p99, 99.0);
  EXPECT_EQ(summary.max, 100.0);
  Samples one;
  one.add(7ms);
  EXPECT_EQ(one.summary().p50, 7.0);
  EXPECT_EQ(one.summary().p99, 7.0);
}

Answered inferred(std::uint32_t number) {
  return {.frame_number = number, .success = true, .inferred = true};
}

TEST(LoadLedger, CountsEveryOutcomeOnce) {
  Ledger ledger(100ms);
  for (std::uint32_t number = 1; number <= 8; ++number) {
    ledger.plan(number, kStart + 10ms * number);
    if (number < 8) ledger.send(number, kStart + 10ms * number + 2ms, 1000);
  }
  ledger.hold_back();
  EXPECT_EQ(ledger.unanswered(), 8U);
  EXPECT_EQ(ledger.answer(inferred(1), kStart + 60ms), kStart + 10ms);
  Answered propagated = inferred(2);
  propagated.inferred = false;
  ledger.answer(propagated, kStart + 70ms);
  Answered failed = inferred(3);
  failed.success = false;
  EXPECT_EQ(ledger.answer(failed, kStart + 80ms), std::nullopt);
  Answered after_skips = inferred(6);
  after_skips.replaced = 1;
  after_skips.expired = 1;
  ledger.answer(after_skips, kStart + 300ms);
  ledger.count_error();
  EXPECT_EQ(ledger.unanswered(), 2U);

  const Tally tally = ledger.close();
  EXPECT_EQ(tally.due, 9U);
  EXPECT_EQ(tally.sent, 7U);
  EXPECT_EQ(tally.held_back, 2U) << "one held back, one planned and never sent";
  EXPECT_EQ(tally.inferred, 2U);
  EXPECT_EQ(tally.propagated, 1U);
  EXPECT_EQ(tally.failed, 1U);
  EXPECT_EQ(tally.replaced, 1U);
  EXPECT_EQ(tally.expired, 1U);
  EXPECT_EQ(tally.late, 1U);
  EXPECT_EQ(tally.lost, 1U) << "frame 7";
  EXPECT_EQ(tally.errors, 1U);
  EXPECT_EQ(tally.bytes_sent, 7000U);
  EXPECT_EQ(tally.answered(), 4U);
  EXPECT_EQ(tally.sent, tally.answered() + tally.replaced + tally.expired + tally.lost);
}

TEST(LoadLedger, FramesThatDoNotCountAreOnlyUnanswered) {
  Ledger ledger(100ms);
  for (std::uint32_t number = 1; number <= 6; ++number) {
    ledger.plan(number, kStart, number > 4);
    if (number != 4) ledger.send(number, kStart + 1ms, 1000);
  }
  EXPECT_EQ(ledger.unanswered(), 6U);
  Answered early = inferred(2);
  early.replaced = 1;
  EXPECT_EQ(ledger.answer(early, kStart + 900ms), kStart) << "but it was answered";
  EXPECT_EQ(ledger.unanswered(), 4U) << "frames 3, 4, 5 and 6";
  ledger.answer(inferred(5), kStart + 20ms);
  const Tally tally = ledger.close();
  EXPECT_EQ(tally.due, 2U);
  EXPECT_EQ(tally.sent, 2U);
  EXPECT_EQ(tally.inferred, 1U);
  EXPECT_EQ(tally.lost, 1U) << "frame 6";
  EXPECT_EQ(tally.replaced, 0U);
  EXPECT_EQ(tally.held_back, 0U);
  EXPECT_EQ(tally.late, 0U);
  EXPECT_EQ(tally.bytes_sent, 2000U);
  EXPECT_EQ(tally.from_due.size(), 1U);
  EXPECT_EQ(tally.unexpected, 0U);
}

TEST(LoadLedger, MeasuresFromDueAndFromSend) {
  Ledger ledger(100ms);
  ledger.plan(1, kStart);
  ledger.send(1, kStart + 30ms, 1);
  ledger.answer(inferred(1), kStart + 90ms);
  const Tally tally = ledger.close();
  EXPECT_EQ(tally.from_due.summary().max, 90.0);
  EXPECT_EQ(tally.from_send.summary().max, 60.0);
  EXPECT_EQ(tally.send_lag.summary().max, 30.0);
  EXPECT_EQ(tally.late, 0U);
}

TEST(LoadLedger, AFrameThatTheGeneratorSentLateCountsAsLate) {
  Ledger ledger(100ms);
  ledger.plan(1, kStart);
  ledger.send(1, kStart + 95ms, 1);
  ledger.answer(inferred(1), kStart + 101ms);
  ledger.plan(2, kStart);
  ledger.send(2, kStart, 1);
  ledger.answer(inferred(2), kStart + 100ms);
  EXPECT_EQ(ledger.close().late, 1U);
}

TEST(LoadLedger, TellsAnswersToNoFrame) {
  Ledger ledger(100ms);
  ledger.plan(1, kStart);
  ledger.answer(inferred(1), kStart);
  ledger.send(1, kStart, 1);
  ledger.answer(inferred(1), kStart + 1ms);
  ledger.answer(inferred(1), kStart + 2ms);
  ledger.answer(inferred(9), kStart + 2ms);
  const Tally tally = ledger.close();
  EXPECT_EQ(tally.unexpected, 3U) << "before it was sent, a second time, and never sent";
  EXPECT_EQ(tally.inferred, 1U);
}

TEST(LoadLedger, AServerThatCountsTooMuchLosesNothing) {
  Ledger ledger(100ms);
  ledger.plan(1, kStart);
  ledger.send(1, kStart, 1);
  ledger.plan(2, kStart);
  ledger.send(2, kStart, 1);
  Answered answer = inferred(2);
  answer.replaced = 5;
  ledger.answer(answer, kStart);
  EXPECT_EQ(ledger.unanswered(), 0U);
  EXPECT_EQ(ledger.close().lost, 0U);
  EXPECT_EQ(ledger.close().replaced, 5U);
}

TEST(LoadLedger, CountsAttemptsOfPractice) {
  Ledger ledger(100ms);
  ledger.count_attempt(true, true);
  ledger.count_attempt(true, false);
  ledger.count_attempt(true, false);
  ledger.count_attempt(false, false);
  Tally both = ledger.close();
  both.add(ledger.close());
  EXPECT_EQ(both.attempts, 6U);
  EXPECT_EQ(both.accepted, 2U);
  EXPECT_EQ(both.not_judged, 2U);
}

TEST(LoadFrames, ArePickedByTheClipsOwnTimeForwardsAndBackwards) {
  Frames frames;
  frames.coded.resize(4);
  const auto picks = [&](std::size_t start, double fps) {
    std::vector<std::size_t> picked(8);
    for (std::size_t k = 0; k < picked.size(); ++k) picked[k] = pick_frame(frames, start, k, fps);
    return picked;
  };
  EXPECT_THAT(picks(0, 10.0), ElementsAre(0, 1, 2, 3, 2, 1, 0, 1));
  EXPECT_THAT(picks(3, 10.0), ElementsAre(3, 2, 1, 0, 1, 2, 3, 2));
  frames.rate = 30.0;
  EXPECT_THAT(picks(0, 30.0), ElementsAre(0, 1, 2, 3, 2, 1, 0, 1));
  EXPECT_THAT(picks(0, 10.0), ElementsAre(0, 3, 0, 3, 0, 3, 0, 3));
  EXPECT_THAT(picks(0, 60.0), ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
  frames.coded.resize(1);
  EXPECT_THAT(picks(0, 10.0), ElementsAre(0, 0, 0, 0, 0, 0, 0, 0));
}

TEST(LoadFrames, ComeFromAClipScaledAndEncoded) {
  const std::filesystem::path clip = STORYSIGN_SHARED_DATA_DIR "/clips/open_hand.mp4";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "The clips of shared/data are not here.";
  const std::atomic<int> stop{0};
  const auto coder = make_jpeg_coder(80);
  const auto plain = load_frames(clip, std::nullopt, *coder, 5, stop);
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->coded.size(), 5U);
  EXPECT_EQ(plain->size.width, 640);
  EXPECT_EQ(plain->size.height, 360);
  EXPECT_EQ(plain->rate, 25.0);
  EXPECT_EQ(plain->coded[0][0], 0xFF);
  EXPECT_EQ(plain->coded[0][1], 0xD8);
  const auto scaled = load_frames(clip, FrameSize{320, 240}, *coder, 5, stop);
  ASSERT_TRUE(scaled) << scaled.error().message;
  EXPECT_EQ(scaled->size.width, 320);
  EXPECT_LT(scaled->coded[0].size(), plain->coded[0].size());
  const std::atomic<int> stopped{1};
  const auto cancelled = load_frames(clip, std::nullopt, *coder, 5, stopped);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, base::ErrorCode::kCancelled);
  EXPECT_FALSE(load_frames("no/such/clip.mp4", std::nullopt, *coder, 5, stop));
}

TEST(LoadFrames, OfSeveralClipsHaveOneSize) {
  const std::string clips = STORYSIGN_SHARED_DATA_DIR "/clips/";
  if (!std::filesystem::exists(clips)) GTEST_SKIP() << "The clips of shared/data are not here.";
  const std::atomic<int> stop{0};
  const auto coder = make_jpeg_coder(80);
  const std::vector<std::string> two = {clips + "milk.mkv", clips + "open_hand.mp4"};
  const auto mixed = load_clips(two, std::nullopt, *coder, 2, stop);
  ASSERT_FALSE(mixed);
  EXPECT_THAT(mixed.error().message, HasSubstr("open_hand.mp4"));
  EXPECT_THAT(mixed.error().message, HasSubstr("--size"));
  const auto scaled = load_clips(two, FrameSize{320, 240}, *coder, 2, stop);
  ASSERT_TRUE(scaled) << scaled.error().message;
  ASSERT_EQ(scaled->size(), 2U);
  EXPECT_NE((*scaled)[0].coded[0], (*scaled)[1].coded[0]);
  EXPECT_EQ((*scaled)[0].coded.size(), 2U);
  EXPECT_FALSE(load_clips({two[0], "no/such/clip.mp4"}, std::nullopt, *coder, 2, stop));
}

/// A message of landmarks, read again.
wire::LandmarkFrame reread(const base::Bytes& message) {
  wire::LandmarkFrame frame;
  const auto read = wire::read_landmark_frame(message, frame);
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return frame;
}

TEST(LoadFrames, OfLandmarksHaveTheLearnerOfTheClip) {
  const std::filesystem::path clip = STORYSIGN_SHARED_DATA_DIR "/clips/please.mkv";
  if (!std::filesystem::exists(clip)) GTEST_SKIP() << "The clips of shared/data are not here.";
  const auto coder = make_landmark_coder(STORYSIGN_MODELS_DIR, false);
  ASSERT_TRUE(coder) << coder.error().message;
  const std::atomic<int> stop{0};
  const auto frames = load_frames(clip, FrameSize{320, 240}, **coder, 20, stop);
  ASSERT_TRUE(frames) << frames.error().message;
  ASSERT_EQ(frames->coded.size(), 20U);
  const wire::LandmarkFrame first = reread(frames->coded.front());
  EXPECT_TRUE(first.header.inferred);
  EXPECT_EQ(first.header.width, 320U);
  EXPECT_EQ(first.header.height, 240U);
  EXPECT_EQ(first.header.profile, wire::AnswerProfile::kBalanced);
  EXPECT_GT(first.header.vision_time.count(), 0);
  ASSERT_TRUE(first.landmarks.pose);
  EXPECT_TRUE(first.landmarks.face) << "what the eyebrows say is practised too";
  const auto& nose = first.landmarks.pose->front();
  EXPECT_TRUE(nose.x > 0.2F && nose.x < 0.8F && nose.y > 0.0F && nose.y < 0.5F);
  const auto is_inferred = [](const base::Bytes& one) { return reread(one).header.inferred; };
  EXPECT_FALSE(std::ranges::all_of(frames->coded, is_inferred)) << "the fast way";
  // Another clip, and this one again, begin as if there had been none before.
  ASSERT_TRUE(
      load_frames(STORYSIGN_SHARED_DATA_DIR "/clips/eat.mkv", std::nullopt, **coder, 3, stop));
  const auto again = load_frames(clip, FrameSize{320, 240}, **coder, 1, stop);
  ASSERT_TRUE(again) << again.error().message;
  const wire::LandmarkFrame once_more = reread(again->coded.front());
  ASSERT_TRUE(once_more.landmarks.pose);
  const auto& nose_again = once_more.landmarks.pose->front();
  EXPECT_EQ(nose.x, nose_again.x);
  EXPECT_EQ(nose.y, nose_again.y);
}

TEST(LoadFrames, OfLandmarksNeedTheModels) {
  const auto coder = make_landmark_coder("/no/such/folder", false);
  ASSERT_FALSE(coder);
  EXPECT_THAT(coder.error().message, HasSubstr("/no/such/folder"));
}

TEST(LoadTimeline, SortsAnswersIntoSeconds) {
  Timeline timeline(kStart);
  timeline.add(kStart + 900ms, kStart + 950ms);
  timeline.add(kStart + 950ms, kStart + 2100ms);
  const auto seconds = timeline.seconds();
  ASSERT_EQ(seconds.size(), 3U);
  EXPECT_EQ(seconds[0].answers, 1U);
  EXPECT_EQ(seconds[0].from_due.max, 50.0);
  EXPECT_EQ(seconds[1].answers, 0U);
  EXPECT_EQ(seconds[2].from_due.max, 1150.0);
}

LoadReport some_report() {
  LoadReport report;
  report.url = "ws://h";
  report.protocol = "json";
  report.mode = "both";
  report.practice = "signs";
  report.wall_seconds = 2.0;
  report.own_cpu_share = 0.25;
  report.clients.resize(3);
  for (std::uint32_t client = 0; client < 3; ++client) {
    Ledger ledger(100ms);
    ledger.plan(1, kStart);
    ledger.send(1, kStart, 10);
    Answered answer = inferred(1);
    answer.server[2] = 40ms;
    ledger.answer(answer, kStart + 20ms * (client + 1));
    ledger.count_attempt(client < 2, client == 0);
    report.clients[client].tally = ledger.close();
  }
  report.clients[1].failure = report.clients[2].failure = "Gone.";
  return report;
}

TEST(LoadReport, AddsUpAndIsJson) {
  const LoadReport report = some_report();
  const auto tree = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(tree["total"]["answered_inferred"], 3);
  EXPECT_EQ(tree["total"]["bytes_sent"], 30);
  EXPECT_EQ(tree["total"]["latency_ms"]["p50"], 40.0);
  EXPECT_EQ(tree["total"]["latency_ms"]["max"], 60.0);
  EXPECT_EQ(tree["total"]["server_mean_ms"]["vision"], 40.0);
  EXPECT_EQ(tree["answers_per_second"], 1.5);
  EXPECT_EQ(tree["own_cpu_share"], 0.25);
  EXPECT_EQ(tree["practice"], "signs");
  EXPECT_EQ(tree["total"]["attempts"], 2);
  EXPECT_EQ(tree["total"]["attempts_accepted"], 1);
  EXPECT_EQ(tree["total"]["attempts_not_judged"], 1);
  EXPECT_EQ(tree["per_client"].size(), 3U);
  EXPECT_EQ(tree["per_client"][0]["failure"], nullptr);
  EXPECT_EQ(tree["per_client"][2]["failure"], "Gone.");
}

TEST(LoadReport, SaysTheSameFailureOnce) {
  EXPECT_THAT(failures(some_report()), ElementsAre("2 of 3 clients: Gone."));
  LoadReport one;
  one.clients.resize(1);
  EXPECT_TRUE(failures(one).empty());
  one.clients[0].failure = "Gone.";
  EXPECT_THAT(failures(one), ElementsAre("Gone."));
}

TEST(LoadReport, TableHasARowForEachClientAndTheTotal) {
  const std::string text = to_text(some_report());
  EXPECT_THAT(text, HasSubstr("\n       1        1        1"));
  EXPECT_THAT(text, HasSubstr("\n       3        1        1"));
  EXPECT_THAT(text, HasSubstr("\n   total        3        3"));
  EXPECT_THAT(text, HasSubstr("25.0 % of one core"));
  EXPECT_THAT(text, HasSubstr("2 attempts judged, 1 of them accepted, 1 not judged"));
  LoadReport without = some_report();
  without.practice.clear();
  EXPECT_THAT(to_text(without), Not(HasSubstr("attempts")));
  EXPECT_EQ(nlohmann::json::parse(to_json(without))["practice"], nullptr);
}

TEST(LoadConnection, ShortensWhatAServerSaysWithARefusal) {
  EXPECT_EQ(refusal_text(R"({"error":"server_full","message":"All places are taken."})"),
            "All places are taken");
  EXPECT_EQ(refusal_text("try later\n"), "try later");
  EXPECT_EQ(refusal_text("<html><body>503</body></html>"), "");
  EXPECT_EQ(refusal_text(""), "");
  EXPECT_EQ(refusal_text(std::string(1000, 'x')).size(), 200U);
}

}  // namespace
}  // namespace storysign::app
