#include "session/governor.hpp"
#include "session/session_quality.hpp"
#include "unit/session/fixture.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace storysign::session {
namespace {

using adapt::Profile;
using adapt::Reason;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::Json;

class QualityTest : public ::testing::Test {
 protected:
  base::SteadyTime now_ = base::steady_now();
  Governor governor_{{.max_cpu = 0.8, .max_memory_mib = 1000.0}, now_};
  QualitySettings settings_;

  SessionQuality session(std::uint64_t number = 1) { return {settings_, governor_, number, now_}; }
  /// So many half seconds with this load; frames of all sessions took `service`.
  void work(int steps, double cpu, microseconds queue, microseconds service = milliseconds(10)) {
    for (int i = 0; i < steps; ++i) {
      now_ += milliseconds(500);
      for (int frame = 0; frame < 80; ++frame) {
        governor_.report({.profile = Profile::kBalanced, .contended = queue, .service = service});
      }
      governor_.observe({.cpu = cpu, .workers = 2, .cores = 2, .memory_mib = 300.0, .sessions = 4},
                        now_);
    }
  }
  /// One answer that took `age`.
  void answer(SessionQuality& quality, milliseconds age) {
    pipeline::FrameResult result;
    result.received = now_ - age;
    result.times.vision = age;
    quality.on_sent(result, false, 0, now_);
  }
};

TEST_F(QualityTest, StartsBalancedAndFast) {
  const SessionQuality quality = session();
  const pipeline::FrameQuality frame = quality.for_frame();
  EXPECT_TRUE(frame.is_fast);
  EXPECT_EQ(frame.pace.profile, vision::FastProfile::kBalanced);
  EXPECT_EQ(frame.pace.frame_skip, 1);
  EXPECT_EQ(frame.resolution_scale, 0.85);
  EXPECT_EQ(frame.encode.max_quality, 65);
}

TEST_F(QualityTest, TheReferenceWayIsASetting) {
  settings_.is_fast = false;
  EXPECT_FALSE(session().for_frame().is_fast);
}

TEST_F(QualityTest, TheLowestOfThreeQualitiesCounts) {
  settings_.compression = codec::CompressionStrategy::kQuality;
  settings_.controller.pinned = Profile::kHighQuality;
  EXPECT_EQ(session().current().jpeg_quality, 80);
  settings_.controller.pinned = Profile::kHighPerformance;
  EXPECT_EQ(session().current().jpeg_quality, 50);
  settings_.controller.max_jpeg_quality = 45;
  EXPECT_EQ(session().current().jpeg_quality, 45);
  settings_.compression = codec::CompressionStrategy::kUltraFast;
  EXPECT_EQ(session().current().jpeg_quality, 35);
}

TEST_F(QualityTest, AClientMayChooseAProfileASkipAndAStrategy) {
  SessionQuality quality = session();
  ASSERT_TRUE(quality.apply(
      {{"profile", "high_performance"}, {"frame_skip", 7}, {"compression", "quality"}}, now_));
  const pipeline::FrameQuality frame = quality.for_frame();
  EXPECT_EQ(frame.pace.profile, vision::FastProfile::kHighPerformance);
  EXPECT_EQ(frame.pace.frame_skip, 7);
  EXPECT_EQ(frame.resolution_scale, 0.75);
  EXPECT_EQ(frame.encode.strategy, codec::CompressionStrategy::kQuality);
  EXPECT_EQ(quality.describe(), (Json{{"success", true},
                                      {"profile", "high_performance"},
                                      {"auto", false},
                                      {"reason", "client"},
                                      {"frame_skip", 7},
                                      {"jpeg_quality", 50},
                                      {"resolution_scale", 0.75},
                                      {"compression", "quality"}}));
  ASSERT_TRUE(quality.apply({{"auto", true}, {"frame_skip", nullptr}}, now_));
  EXPECT_EQ(quality.describe()["auto"], true);
  EXPECT_EQ(quality.for_frame().pace.frame_skip, 2) << "the profile's again";
  ASSERT_TRUE(quality.apply({{"profile", "balanced"}}, now_));
  ASSERT_TRUE(quality.apply({{"profile", "auto"}}, now_));
  EXPECT_EQ(quality.describe()["auto"], true);
}

TEST_F(QualityTest, WishesThatMakeNoSenseChangeNothing) {
  SessionQuality quality = session();
  const Json before = quality.describe();
  for (const Json& wishes :
       {Json::object(), Json{{"profile", "best"}}, Json{{"profile", 3}}, Json{{"auto", false}},
        Json{{"auto", true}, {"profile", "balanced"}}, Json{{"frame_skip", -1}},
        Json{{"frame_skip", 31}}, Json{{"frame_skip", 1.5}}, Json{{"frame_skip", "2"}},
        Json{{"compression", "zip"}}, Json{{"compression", nullptr}},
        Json{{"profile", "high_quality"}, {"frame_skip", 99}}}) {
    const auto refused = quality.apply(wishes, now_);
    ASSERT_FALSE(refused) << wishes;
    EXPECT_EQ(refused.error().message.back(), '.') << wishes;
    EXPECT_EQ(quality.describe(), before) << wishes;
  }
}

TEST_F(QualityTest, AnOperatorsChoiceReachesEverySessionAndStandsAgainstTheClients) {
  SessionQuality old = session(1);
  governor_.set_profile(Profile::kUltraPerformance);
  governor_.set_frame_skip(9);
  SessionQuality young = session(2);
  answer(old, milliseconds(10));
  for (const SessionQuality* quality : {&old, &young}) {
    EXPECT_EQ(quality->quality().profile, Profile::kUltraPerformance);
    EXPECT_EQ(quality->quality().reason, Reason::kOperator);
    EXPECT_EQ(quality->for_frame().pace.frame_skip, 9);
  }
  EXPECT_FALSE(old.apply({{"profile", "high_quality"}}, now_));
  EXPECT_FALSE(old.apply({{"auto", true}}, now_));
  EXPECT_FALSE(old.apply({{"frame_skip", 1}}, now_));
  EXPECT_TRUE(old.apply({{"compression", "fast"}}, now_));
  governor_.set_profile(std::nullopt);
  governor_.set_frame_skip(std::nullopt);
  answer(old, milliseconds(10));
  EXPECT_TRUE(old.quality().is_auto);
  EXPECT_TRUE(old.apply({{"profile", "high_quality"}}, now_));
  EXPECT_EQ(old.for_frame().pace.frame_skip, 0);
}

TEST_F(QualityTest, NewSettingsReachEverySessionWithItsNextAnswer) {
  SessionQuality quality = session();
  SessionQuality choosy = session(2);
  ASSERT_TRUE(choosy.apply({{"profile", "high_quality"}, {"compression", "quality"}}, now_));
  QualitySettings fresh;
  fresh.is_fast = false;
  fresh.compression = codec::CompressionStrategy::kUltraFast;
  fresh.controller.pinned = Profile::kHighPerformance;
  fresh.controller.max_jpeg_quality = 45;
  governor_.set_quality(fresh);
  answer(quality, milliseconds(10));
  answer(choosy, milliseconds(10));
  EXPECT_FALSE(quality.for_frame().is_fast);
  EXPECT_EQ(quality.quality().profile, Profile::kHighPerformance);
  EXPECT_EQ(quality.quality().reason, Reason::kPinned);
  EXPECT_EQ(quality.compression(), codec::CompressionStrategy::kUltraFast);
  EXPECT_EQ(quality.for_frame().encode.max_quality, 45);
  // What a client has chosen stays, within the new bounds.
  EXPECT_EQ(choosy.quality().profile, Profile::kHighQuality);
  EXPECT_EQ(choosy.compression(), codec::CompressionStrategy::kQuality);
  EXPECT_EQ(choosy.for_frame().encode.max_quality, 45);
  // Whoever comes later begins with them, even by an older context.
  EXPECT_EQ(session(3).quality().profile, Profile::kHighPerformance);
}

TEST_F(QualityTest, OnlyWhatAClientHasWishedIsKept) {
  SessionQuality quality = session();
  EXPECT_EQ(quality.wishes(), Json::object());
  const Json wishes = {{"profile", "balanced"}, {"frame_skip", 2}, {"compression", "fast"}};
  ASSERT_TRUE(quality.apply(wishes, now_));
  EXPECT_EQ(quality.wishes(), wishes);
}

TEST_F(QualityTest, NewLimitsOfTheProcessCount) {
  work(20, 0.7, microseconds(0));
  EXPECT_EQ(governor_.orders_for(1).ceiling, adapt::kHighestLevel);
  governor_.set_options({.max_cpu = 0.3, .max_memory_mib = 1000.0});
  EXPECT_EQ(governor_.options().max_cpu, 0.3);
  work(20, 0.7, microseconds(0));
  EXPECT_LT(governor_.orders_for(1).ceiling, adapt::kHighestLevel);
  EXPECT_EQ(governor_.orders_for(1).reason, Reason::kCpu);
}

TEST_F(QualityTest, TooMuchCpuLowersTheSessionsAndRoomRaisesThemAgain) {
  SessionQuality quality = session();
  for (int i = 0; i < 20; ++i) {
    work(1, 0.99, milliseconds(60), milliseconds(30));
    answer(quality, milliseconds(90));
  }
  EXPECT_EQ(quality.quality().profile, Profile::kUltraPerformance);
  EXPECT_LT(governor_.standing().ceiling, 1.0);
  EXPECT_NE(governor_.standing().reason, Reason::kHeadroom);
  for (int i = 0; i < 30 * 25; ++i) {
    now_ += milliseconds(40);
    governor_.report({.profile = quality.quality().profile,
                      .contended = milliseconds(1),
                      .service = milliseconds(5)});
    if (i % 12 == 0) {
      governor_.observe({.cpu = 0.08, .workers = 2, .cores = 2, .memory_mib = 300.0, .sessions = 1},
                        now_);
    }
    answer(quality, milliseconds(8));
  }
  EXPECT_EQ(governor_.standing().ceiling, adapt::kHighestLevel);
  EXPECT_EQ(quality.quality().profile, Profile::kHighQuality);
  EXPECT_EQ(quality.quality().reason, Reason::kHeadroom);
}

TEST_F(QualityTest, AClientThatIgnoresTheAdviceGetsTheNetworksMoreRarely) {
  SessionQuality quality = session();
  for (int i = 0; i < 20; ++i) {
    work(1, 0.99, milliseconds(60), milliseconds(30));
    for (int frame = 0; frame < 13; ++frame) answer(quality, milliseconds(30));
  }
  EXPECT_LE(quality.advised_fps(), 15);
  EXPECT_EQ(quality.quality().profile, Profile::kUltraPerformance);
  EXPECT_GE(quality.for_frame().pace.frame_skip, 6);
  EXPECT_EQ(quality.describe()["frame_skip"], quality.for_frame().pace.frame_skip);
}

TEST_F(QualityTest, ALearnerForWhomThereIsNoRoomIsRefusedInWords) {
  work(40, 0.99, milliseconds(90), milliseconds(40));
  const adapt::Admission admission = governor_.admit(4, now_);
  EXPECT_FALSE(admission.admitted());
  EXPECT_FALSE(admission.sentence.empty());
}

TEST(QualityReasons, HaveACounterEach) {
  for (std::size_t i = 0; i < adapt::kReasons; ++i) {
    const auto name = adapt::reason_name(static_cast<Reason>(i));
    EXPECT_NE(telemetry::case_of<telemetry::QualityChange>(name), telemetry::QualityChange::kOther)
        << name;
  }
}

TEST(QualityProfiles, HaveACounterEach) {
  for (int level = 0; level <= adapt::kHighestLevel; ++level) {
    const auto name = adapt::profile_name(adapt::profile_at(level));
    EXPECT_NE(telemetry::case_of<telemetry::AnswerProfile>(name), telemetry::AnswerProfile::kOther)
        << name;
  }
}

using JsonQuality = testing::SessionFixture;

TEST_F(JsonQuality, SetQualityAnswersWhatIsInForce) {
  open(false);
  heard();
  say_json({{"type", "control"},
            {"action", "set_quality"},
            {"data", {{"profile", "ultra_performance"}}}});
  const Json reply = heard();
  EXPECT_EQ(reply["type"], "control_response");
  EXPECT_EQ(reply["action"], "set_quality");
  EXPECT_EQ(reply["result"]["success"], true);
  EXPECT_EQ(reply["result"]["profile"], "ultra_performance");
  say_json(raw_frame(1));
  const Json metadata = answer_after(1)["metadata"];
  EXPECT_EQ(metadata["quality_profile"], "ultra_performance");
  EXPECT_EQ(metadata["quality_reason"], "client");
  EXPECT_EQ(metadata["resolution_scale"], 0.6);
  EXPECT_EQ(metadata["frame_skip"], 3);
  EXPECT_EQ(metadata["jpeg_quality"], 40);
  EXPECT_EQ(metadata["encoding_info"]["strategy"], "fast");
  say_json({{"type", "control"}, {"action", "set_quality"}, {"data", {{"profile", "x"}}}});
  EXPECT_EQ(heard()["result"]["success"], false);
  say_json({{"type", "get_stats"}});
  EXPECT_EQ(heard()["current_quality"]["profile"], "ultra_performance");
  EXPECT_EQ(metrics_.snapshot().value(telemetry::QualityChange::kClient), 1U);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::AnswerProfile::kUltraPerformance), 1U);
}

}  // namespace
}  // namespace storysign::session
