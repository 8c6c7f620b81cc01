// One session's quality, on a virtual clock: the answers are made up, the controller is real.

#include "adapt/quality.hpp"

#include "support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <functional>
#include <optional>

namespace storysign::adapt {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

AnswerObservation answer_of(double queue_ms, double service_ms, double elsewhere_ms = 0.0) {
  const auto micros = [](double ms) { return microseconds(std::llround(ms * 1000.0)); };
  AnswerObservation answer;
  answer.queue = micros(queue_ms);
  answer.service = micros(service_ms);
  answer.age = micros(queue_ms + service_ms + elsewhere_ms);
  answer.backlog = elsewhere_ms > 0.0;
  answer.bytes = 20'000;
  return answer;
}

class QualityTest : public testing::Test {
 protected:
  using Answers = std::function<AnswerObservation(const Quality&)>;

  void use(const QualityOptions& options) { controller_ = QualityController(options, now_); }

  /// 25 answers a second; returns how many profile changes there were.
  std::uint64_t run(double for_seconds, const Answers& answers) {
    const std::uint64_t before = controller_.quality().changes;
    const auto count = static_cast<int>(for_seconds * 25.0);
    for (int i = 0; i < count; ++i) {
      now_ += milliseconds(40);
      controller_.on_ceiling(ceiling_, ceiling_reason_, now_);
      controller_.on_answer(answers(controller_.quality()), now_);
    }
    return controller_.quality().changes - before;
  }
  std::uint64_t run(double for_seconds, const AnswerObservation& answer) {
    return run(for_seconds, [&](const Quality&) { return answer; });
  }
  [[nodiscard]] Profile profile() const { return controller_.quality().profile; }
  [[nodiscard]] Reason reason() const { return controller_.quality().reason; }

  base::SteadyTime now_{seconds(100)};
  QualityController controller_{{}, now_};
  int ceiling_ = kHighestLevel;
  Reason ceiling_reason_ = Reason::kHeadroom;
};

const AnswerObservation kCalm = answer_of(2.0, 10.0);

TEST_F(QualityTest, StartsBalanced) {
  const Quality& quality = controller_.quality();
  EXPECT_EQ(quality.profile, Profile::kBalanced);
  EXPECT_EQ(quality.frame_skip, 1);
  EXPECT_EQ(quality.jpeg_quality, 65);
  EXPECT_DOUBLE_EQ(quality.resolution_scale, 0.85);
  EXPECT_EQ(quality.reason, Reason::kStart);
  EXPECT_EQ(quality.changes, 0U);
  EXPECT_TRUE(quality.is_auto);
}

TEST_F(QualityTest, RisesAfterSecondsOfCalm) {
  EXPECT_EQ(run(3.0, kCalm), 0U);
  EXPECT_EQ(run(3.0, kCalm), 1U);
  EXPECT_EQ(profile(), Profile::kHighQuality);
  EXPECT_EQ(reason(), Reason::kHeadroom);
  EXPECT_EQ(run(60.0, kCalm), 0U);
}

TEST_F(QualityTest, HeavyFramesLowerItWithinASecond) {
  run(1.0, kCalm);
  EXPECT_EQ(run(1.0, answer_of(5.0, 90.0)), 1U);
  EXPECT_EQ(profile(), Profile::kHighPerformance);
  EXPECT_EQ(reason(), Reason::kLatency);
}

TEST_F(QualityTest, FarBeyondTheTargetItFallsTwoLevelsAtOnce) {
  run(1.3, answer_of(5.0, 200.0));
  EXPECT_EQ(profile(), Profile::kUltraPerformance);
  EXPECT_EQ(controller_.quality().changes, 1U);
}

TEST_F(QualityTest, OneSlowFrameChangesNothing) {
  int number = 0;
  const auto answers = [&](const Quality&) {
    return ++number % 100 == 0 ? answer_of(5.0, 300.0) : answer_of(2.0, 30.0);
  };
  EXPECT_EQ(run(30.0, answers), 0U);
}

TEST_F(QualityTest, BetweenCalmAndTargetNothingChanges) {
  EXPECT_EQ(run(60.0, answer_of(32.0, 30.0)), 0U);
}

TEST_F(QualityTest, GrowthCountsBeforeTheTargetIsReached) {
  double age = 50.0;
  while (profile() == Profile::kBalanced && age < 200.0) {
    age += 0.7;
    run(0.04, answer_of(0.0, age));
  }
  EXPECT_LT(age, 75.0);
}

TEST_F(QualityTest, WaitingIsLeftToTheProcessForThreeSeconds) {
  EXPECT_EQ(run(2.8, answer_of(90.0, 10.0)), 0U);
  EXPECT_EQ(run(1.5, answer_of(90.0, 10.0)), 1U);
  EXPECT_EQ(reason(), Reason::kLatency);
}

TEST_F(QualityTest, DropsCount) {
  AnswerObservation answer = answer_of(2.0, 10.0);
  answer.dropped = 1;
  EXPECT_EQ(run(4.5, answer), 1U);
  EXPECT_EQ(reason(), Reason::kDrops);
}

TEST_F(QualityTest, TheTargetIsTheSetting) {
  use({.target = milliseconds(150)});
  EXPECT_EQ(run(20.0, answer_of(5.0, 65.0, 0.0)), 0U);
  use({.target = milliseconds(50)});
  EXPECT_GE(run(2.0, answer_of(5.0, 65.0, 0.0)), 1U);
}

// A machine on which high_quality takes too long and balanced does not.
TEST_F(QualityTest, DoesNotTryWhatCannotFit) {
  const auto answers = [](const Quality& quality) {
    return answer_of(2.0, quality.profile == Profile::kHighQuality ? 80.0 : 33.0);
  };
  EXPECT_EQ(run(120.0, answers), 0U);
  EXPECT_EQ(profile(), Profile::kBalanced);
}

TEST_F(QualityTest, TriesAgainTenSecondsAfterAFailure) {
  run(1.0, answer_of(5.0, 90.0));
  ASSERT_EQ(profile(), Profile::kHighPerformance);
  EXPECT_EQ(run(8.5, kCalm), 0U);
  EXPECT_EQ(run(2.5, kCalm), 1U);
}

TEST_F(QualityTest, RemembersTheLevelThatFailed) {
  // Nothing at balanced tells that high_quality fails here.
  const auto answers = [](const Quality& quality) {
    return answer_of(2.0, quality.profile == Profile::kHighQuality ? 120.0 : 8.0);
  };
  EXPECT_GE(run(6.0, answers), 2U);
  EXPECT_EQ(profile(), Profile::kBalanced);
  run(60.0, answers);
  for (int minute = 0; minute < 5; ++minute) EXPECT_LE(run(60.0, answers), 2U);
}

TEST_F(QualityTest, ForgetsAFailureAfterMinutesOfCalm) {
  bool fails = true;
  const auto answers = [&](const Quality& quality) {
    return answer_of(2.0, fails && quality.profile == Profile::kHighQuality ? 120.0 : 8.0);
  };
  run(60.0, answers);
  fails = false;
  run(200.0, answers);
  EXPECT_EQ(profile(), Profile::kHighQuality);
}

/// A client whose network takes so many KB a second.
class SlowNetwork {
 public:
  explicit SlowNetwork(double kb_per_second) : kb_per_second_(kb_per_second) {}
  AnswerObservation operator()(const Quality& quality) {
    // As pictures of these profiles are, KB.
    constexpr std::array<double, kProfiles> kSize{9.0, 16.0, 28.0, 52.0};
    const double kb = kSize[static_cast<std::size_t>(level_of(quality.profile))];
    waiting_ = std::clamp(waiting_ + kb / kb_per_second_ - 0.04, 0.0, 0.4);
    AnswerObservation answer = answer_of(2.0, 10.0, 1000.0 * waiting_);
    answer.bytes = static_cast<std::size_t>(1000.0 * std::min(kb, kb_per_second_ * 0.04));
    return answer;
  }

 private:
  double kb_per_second_;
  double waiting_ = 0.0;
};

TEST_F(QualityTest, SlowNetworkGetsSmallerAnswers) {
  SlowNetwork network(500.0);
  run(4.0, std::ref(network));
  EXPECT_LE(level_of(profile()), level_of(Profile::kHighPerformance));
  EXPECT_EQ(reason(), Reason::kNetwork);
  run(60.0, std::ref(network));
  for (int minute = 0; minute < 3; ++minute) {
    EXPECT_LE(run(60.0, std::ref(network)), 2U);
  }
}

TEST_F(QualityTest, SlowNetworkIsToldFromASlowServer) {
  run(2.0, answer_of(5.0, 10.0, 150.0));
  EXPECT_TRUE(controller_.network_bound());
  use({});
  run(2.0, answer_of(150.0, 10.0));
  EXPECT_FALSE(controller_.network_bound());
}

TEST_F(QualityTest, WithoutPicturesALowerProfileDoesNotHelpTheNetwork) {
  AnswerObservation answer = answer_of(5.0, 10.0, 150.0);
  answer.has_picture = false;
  EXPECT_EQ(run(20.0, answer), 0U);
  EXPECT_TRUE(controller_.network_bound());
}

TEST_F(QualityTest, BelievesTheClientsReportForAWhile) {
  controller_.on_report({.network_latency = milliseconds(300), .throughput = std::nullopt}, now_);
  run(2.0, kCalm);
  EXPECT_EQ(reason(), Reason::kNetwork);
  run(60.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighQuality);
}

TEST_F(QualityTest, AReportOfTooLittleThroughputCounts) {
  controller_.on_report({.network_latency = std::nullopt, .throughput = 100'000.0}, now_);
  run(2.0, kCalm);
  EXPECT_EQ(reason(), Reason::kNetwork);
}

TEST_F(QualityTest, CeilingCountsAtOnceAndRisesLater) {
  controller_.on_ceiling(0, Reason::kCpu, now_);
  EXPECT_EQ(profile(), Profile::kUltraPerformance);
  EXPECT_EQ(reason(), Reason::kCpu);
  ceiling_ = 2;
  ceiling_reason_ = Reason::kCpu;
  EXPECT_EQ(run(55.0, kCalm), 0U);
  EXPECT_EQ(run(10.0, kCalm), 1U);
  EXPECT_EQ(profile(), Profile::kBalanced);
  EXPECT_EQ(reason(), Reason::kHeadroom);
}

TEST_F(QualityTest, WhenAllMayHaveTheHighestItRisesSoon) {
  controller_.on_ceiling(0, Reason::kCpu, now_);
  EXPECT_EQ(run(4.5, kCalm), 0U);
  EXPECT_EQ(run(2.0, kCalm), 1U);
  EXPECT_EQ(profile(), Profile::kBalanced);
}

TEST_F(QualityTest, WhenTheLoadHasGoneWhatFailedIsTriedAgain) {
  const auto lost_and_taken_again = [&](bool eases) {
    use({.start = Profile::kBalanced});
    run(20.0, kCalm);
    EXPECT_EQ(profile(), Profile::kHighQuality);
    run(20.0, answer_of(120.0, 20.0));
    EXPECT_EQ(profile(), Profile::kUltraPerformance);
    if (eases) controller_.on_eased();
    run(20.0, kCalm);
    return profile();
  };
  EXPECT_NE(lost_and_taken_again(false), Profile::kHighQuality);
  EXPECT_EQ(lost_and_taken_again(true), Profile::kHighQuality);
}

TEST_F(QualityTest, ACeilingThatMovesUpAndDownMovesNobodyTwiceAMinute) {
  ceiling_reason_ = Reason::kCpu;
  std::uint64_t changes = 0;
  for (int i = 0; i < 60; ++i) {
    ceiling_ = i % 2;
    changes += run(5.0, kCalm);
  }
  EXPECT_LE(changes, 2U * 5 + 2);
}

TEST_F(QualityTest, IsBackAtHighQualityWithinHalfAMinute) {
  ceiling_ = 0;
  ceiling_reason_ = Reason::kCpu;
  run(5.0, answer_of(150.0, 10.0));
  ceiling_ = kHighestLevel;
  ceiling_reason_ = Reason::kHeadroom;
  run(25.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighQuality);
}

TEST_F(QualityTest, ConfiguredProfileIsPinned) {
  use({.pinned = Profile::kHighPerformance});
  ceiling_ = 0;
  EXPECT_EQ(run(20.0, answer_of(5.0, 200.0)), 0U);
  EXPECT_EQ(profile(), Profile::kHighPerformance);
  EXPECT_EQ(reason(), Reason::kPinned);
  EXPECT_FALSE(controller_.quality().is_auto);
}

TEST_F(QualityTest, OperatorsChoiceStandsAgainstTheCeiling) {
  ceiling_ = 0;
  controller_.pin(Profile::kHighQuality, Reason::kOperator, now_);
  run(5.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighQuality);
  EXPECT_EQ(reason(), Reason::kOperator);
  controller_.set_auto(now_);
  run(1.0, kCalm);
  EXPECT_EQ(profile(), Profile::kUltraPerformance);
  EXPECT_TRUE(controller_.quality().is_auto);
}

TEST_F(QualityTest, ClientsChoiceGivesWayToTheCeiling) {
  controller_.pin(Profile::kHighQuality, Reason::kClient, now_);
  EXPECT_EQ(profile(), Profile::kHighQuality);
  EXPECT_EQ(reason(), Reason::kClient);
  ceiling_ = 1;
  ceiling_reason_ = Reason::kCpu;
  run(1.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighPerformance);
  ceiling_ = 3;
  ceiling_reason_ = Reason::kHeadroom;
  run(7.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighQuality);
}

TEST_F(QualityTest, WithoutAdaptationItStaysAtTheStart) {
  use({.adaptive = false});
  ceiling_ = 0;
  EXPECT_EQ(run(20.0, answer_of(5.0, 200.0)), 0U);
  EXPECT_EQ(run(20.0, kCalm), 0U);
  EXPECT_EQ(profile(), Profile::kBalanced);
}

TEST_F(QualityTest, SkipIsTheProfilesUnlessSet) {
  controller_.set_skip(5);
  EXPECT_EQ(controller_.quality().frame_skip, 5);
  run(6.0, kCalm);
  EXPECT_EQ(profile(), Profile::kHighQuality);
  EXPECT_EQ(controller_.quality().frame_skip, 5);
  controller_.set_skip(std::nullopt);
  EXPECT_EQ(controller_.quality().frame_skip, 0);
}

TEST_F(QualityTest, WhoSendsMoreThanIsAllowedGetsTheNetworksMoreRarely) {
  controller_.on_ceiling(0, Reason::kCpu, now_);
  EXPECT_EQ(controller_.quality().frame_skip, 3);
  controller_.set_excess(1.1);
  EXPECT_EQ(controller_.quality().frame_skip, 3);
  controller_.set_excess(2.0);
  EXPECT_EQ(controller_.quality().frame_skip, 6);
  controller_.set_excess(100.0);
  EXPECT_EQ(controller_.quality().frame_skip, 30);
  controller_.set_skip(10);
  controller_.set_excess(1.5);
  EXPECT_EQ(controller_.quality().frame_skip, 15);
  controller_.set_excess(0.5);
  EXPECT_EQ(controller_.quality().frame_skip, 10);
  controller_.set_skip(1);
  controller_.pin(Profile::kUltraPerformance, Reason::kOperator, now_);
  controller_.set_excess(3.0);
  EXPECT_EQ(controller_.quality().frame_skip, 1);
}

TEST_F(QualityTest, VideoQualityBoundsTheJpegQuality) {
  use({.max_jpeg_quality = 50});
  EXPECT_EQ(controller_.quality().jpeg_quality, 50);
  controller_.on_ceiling(0, Reason::kCpu, now_);
  EXPECT_EQ(controller_.quality().jpeg_quality, 40);
  controller_.set_options({.max_jpeg_quality = 30}, now_);
  EXPECT_EQ(controller_.quality().jpeg_quality, 30);
}

TEST_F(QualityTest, ANewModePinsAndLetsGo) {
  use({});
  controller_.set_options({.pinned = Profile::kUltraPerformance}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kUltraPerformance);
  EXPECT_EQ(controller_.quality().reason, Reason::kPinned);
  EXPECT_FALSE(controller_.quality().is_auto);
  controller_.set_options({.pinned = Profile::kHighQuality}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kHighQuality);
  controller_.set_options({}, now_);
  EXPECT_TRUE(controller_.quality().is_auto);
  EXPECT_EQ(controller_.quality().profile, Profile::kHighQuality) << "goes on from there";
}

TEST_F(QualityTest, ANewModeLeavesWhatAClientOrAnOperatorChose) {
  use({});
  controller_.pin(Profile::kHighPerformance, Reason::kClient, now_);
  controller_.set_options({.pinned = Profile::kUltraPerformance}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kHighPerformance);
  controller_.set_options({}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kHighPerformance);
  EXPECT_FALSE(controller_.quality().is_auto);
}

TEST_F(QualityTest, WithoutAdaptiveQualityItGoesBackToTheStart) {
  use({});
  controller_.on_ceiling(0, Reason::kCpu, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kUltraPerformance);
  controller_.set_options({.adaptive = false}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kBalanced);
  EXPECT_EQ(controller_.quality().reason, Reason::kOperator);
  controller_.set_options({.adaptive = true}, now_);
  EXPECT_EQ(controller_.quality().profile, Profile::kUltraPerformance)
      << "the ceiling counts again";
}

TEST_F(QualityTest, TakesNoMemoryFromTheHeap) {
  const std::size_t before = test::allocations();
  for (int i = 0; i < 1000; ++i) {
    now_ += milliseconds(40);
    controller_.on_ceiling(i / 200 % 4, Reason::kCpu, now_);
    controller_.on_answer(answer_of(2.0, i % 300 < 100 ? 90.0 : 8.0), now_);
  }
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::adapt
