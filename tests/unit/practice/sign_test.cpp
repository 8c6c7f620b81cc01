#include "practice/sign.hpp"

#include "made_signer.hpp"
#include "practice/sign_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace storysign::practice {
namespace {

using test::made;
using test::MadeSign;
using test::Place;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// Three signs that differ in handshape, place and movement.
MadeSign circle() {
  MadeSign sign;
  sign.right = [](float t) {
    return Place{-0.1F + 0.2F * std::cos(12.0F * t), 0.5F + 0.2F * std::sin(12.0F * t)};
  };
  return sign;
}
MadeSign point_at_chin() {
  MadeSign sign;
  sign.right = [](float) { return Place{-0.05F, -0.1F}; };
  sign.right_held.open = {0, 1, 0, 0, 0};
  return sign;
}
MadeSign both_up() {
  MadeSign sign;
  sign.right = [](float t) { return Place{-0.3F, 0.8F - 0.5F * t}; };
  sign.left = [](float t) { return Place{0.3F, 0.8F - 0.5F * t}; };
  sign.right_held.open = sign.left_held.open = {0, 0, 0, 0, 0};
  return sign;
}

std::vector<Recording> three_of(MadeSign sign) {
  std::vector<Recording> out;
  for (std::size_t i = 0; i < 3; ++i) {
    sign.seconds *= 1.0 + 0.08 * static_cast<double>(i);
    sign.jitter = 0.002F;
    sign.seed = i + 1;
    out.push_back(made(sign));
  }
  return out;
}

SignReference reference(const std::string& gloss, const MadeSign& sign,
                        const SignLibrary& others = {}) {
  return *make_reference(gloss, three_of(sign), {}, others);
}

SignLibrary library() {
  SignLibrary out;
  out.add(reference("PLEASE", circle(), out));
  out.add(reference("CHIN", point_at_chin(), out));
  out.add(reference("UP", both_up(), out));
  return out;
}

Judgement judged(const MadeSign& sign, std::string_view target,
                 Handedness handedness = Handedness::kUnknown) {
  return judge(made(sign), target, library(), handedness);
}

TEST(Judge, AcceptsTheSignAndRefusesOthers) {
  const SignLibrary signs = library();
  const std::vector<std::pair<std::string, MadeSign>> all = {
      {"PLEASE", circle()}, {"CHIN", point_at_chin()}, {"UP", both_up()}};
  for (const auto& [truth, sign] : all) {
    MadeSign attempt = sign;
    attempt.seconds = 1.7;
    attempt.jitter = 0.003F;
    attempt.seed = 99;
    for (const auto& [target, unused] : all) {
      const Judgement found = judge(made(attempt), target, signs, Handedness::kRight);
      EXPECT_EQ(found.accepted, truth == target) << truth << " for " << target;
      EXPECT_EQ(found.score >= 0.5, found.accepted);
      EXPECT_EQ(found.likelier, truth == target ? "" : truth);
      EXPECT_LE(found.findings.size(), kMostFindings);
      EXPECT_EQ(found.findings.empty(), truth == target);
      EXPECT_FALSE(found.non_manual);
    }
  }
}

TEST(Judge, OfAloneLibraryRefusesWhatIsFarAway) {
  SignLibrary alone;
  alone.add(reference("PLEASE", circle()));
  EXPECT_TRUE(judge(made(circle()), "PLEASE", alone, Handedness::kRight).accepted);
  const Judgement other = judge(made(both_up()), "PLEASE", alone, Handedness::kRight);
  EXPECT_FALSE(other.accepted);
  EXPECT_EQ(other.likelier, "");
}

TEST(Judge, TheNearerOfTwoSignsWins) {
  MadeSign lower = point_at_chin();
  lower.right = [](float) { return Place{-0.05F, 0.25F}; };
  SignLibrary signs;
  signs.add(reference("CHIN", point_at_chin()));
  EXPECT_TRUE(judge(made(lower), "CHIN", signs, Handedness::kRight).accepted);
  signs.add(reference("CHEST", lower));
  const Judgement found = judge(made(lower), "CHIN", signs, Handedness::kRight);
  EXPECT_FALSE(found.accepted);
  EXPECT_EQ(found.likelier, "CHEST");
  EXPECT_TRUE(judge(made(lower), "CHEST", signs, Handedness::kRight).accepted);
}

TEST(Judge, SaysTheSameEveryTime) {
  const SignLibrary signs = library();
  const Recording attempt = made(both_up());
  const Judgement first = judge(attempt, "PLEASE", signs, Handedness::kUnknown);
  for (int i = 0; i < 3; ++i) {
    const Judgement again = judge(attempt, "PLEASE", signs, Handedness::kUnknown);
    EXPECT_EQ(again.score, first.score);
    ASSERT_EQ(again.findings.size(), first.findings.size());
    for (std::size_t k = 0; k < first.findings.size(); ++k) {
      EXPECT_EQ(again.findings[k].sentence, first.findings[k].sentence);
      EXPECT_EQ(again.findings[k].at, first.findings[k].at);
    }
  }
}

/// The same movement by somebody whose left hand does what the right one does.
MadeSign mirrored_of(const MadeSign& sign) {
  MadeSign out = sign;
  out.left = [right = sign.right](float t) {
    const Place p = right(t);
    return Place{-p.x, p.y};
  };
  out.left_held = sign.right_held;
  out.right_held = {};
  out.right = sign.left ? std::function<Place(float)>([left = sign.left](float t) {
    const Place p = left(t);
    return Place{-p.x, p.y};
  })
                        : [](float) { return Place{-0.35F, 1.55F}; };
  return out;
}

TEST(Judge, TheLeftHandOfALeftHanderIsAsGood) {
  const MadeSign left = mirrored_of(point_at_chin());
  EXPECT_TRUE(judged(left, "CHIN", Handedness::kUnknown).accepted);
  EXPECT_TRUE(judged(left, "CHIN", Handedness::kLeft).accepted);
  const Judgement right = judged(left, "CHIN", Handedness::kRight);
  EXPECT_FALSE(right.accepted);
  ASSERT_THAT(right.findings, Not(IsEmpty()));
  EXPECT_THAT(right.findings[0].sentence, HasSubstr("right hand"));
}

TEST(Judge, TheOtherHandThanTheSettingSaysIsToldAsThat) {
  const auto told = [](const Judgement& found) {
    EXPECT_FALSE(found.accepted);
    EXPECT_LT(found.score, 0.5);
    std::string sentences;
    for (const Finding& finding : found.findings) sentences += finding.sentence + "\n";
    return sentences;
  };
  // Nothing else was wrong, and nothing else is said.
  const Judgement left = judged(mirrored_of(point_at_chin()), "CHIN", Handedness::kRight);
  EXPECT_EQ(told(left),
            "You used your left hand; your setting says that you sign with your right hand. "
            "Sign it with your right hand, or change the setting.\n");
  EXPECT_EQ(left.findings[0].part, "left_hand");
  EXPECT_GE(left.handshape, 0.5);
  EXPECT_GE(left.location, 0.5);
  EXPECT_EQ(left.likelier, "");
  const Judgement right = judged(point_at_chin(), "CHIN", Handedness::kLeft);
  EXPECT_THAT(told(right), StartsWith("You used your right hand; your setting says that you sign "
                                      "with your left hand."));
  EXPECT_EQ(right.findings[0].part, "right_hand");
  // What else is wrong is said of the hand that was used.
  MadeSign closed = mirrored_of(point_at_chin());
  closed.left_held.open = {0, 0, 0, 0, 0};
  EXPECT_THAT(told(judged(closed, "CHIN", Handedness::kRight)),
              AllOf(StartsWith("You used your left hand;"),
                    HasSubstr("Open the index finger of your left hand")));
  // A sign of two hands lacks one.
  EXPECT_THAT(told(judged(mirrored_of(point_at_chin()), "UP", Handedness::kRight)),
              AllOf(HasSubstr("Use your right hand too"), Not(HasSubstr("setting"))));
}

TEST(Judge, ATeacherMayBeLeftHandedToo) {
  SignLibrary signs;
  signs.add(reference("CHIN", mirrored_of(point_at_chin())));
  EXPECT_TRUE(judge(made(point_at_chin()), "CHIN", signs, Handedness::kRight).accepted);
  EXPECT_TRUE(judge(made(mirrored_of(point_at_chin())), "CHIN", signs, Handedness::kLeft).accepted);
}

TEST(Judge, WithoutAnythingToJudgeSaysWhatIsMissing) {
  const SignLibrary signs = library();
  const auto sentence = [&](const Recording& attempt, std::string_view target) {
    const Judgement found = judge(attempt, target, signs, Handedness::kRight);
    EXPECT_FALSE(found.accepted);
    EXPECT_EQ(found.score, 0.0);
    EXPECT_EQ(found.findings.size(), 1U);
    return found.findings.empty() ? "" : found.findings[0].sentence;
  };
  EXPECT_THAT(sentence(made(circle()), "NOBODY"), HasSubstr("no example of NOBODY"));
  EXPECT_THAT(sentence({}, "PLEASE"), HasSubstr("Nothing was recorded"));
  EXPECT_THAT(sentence(Recording(1), "PLEASE"), HasSubstr("Nothing was recorded"));
  MadeSign headless = circle();
  headless.has_pose = false;
  EXPECT_THAT(sentence(made(headless), "PLEASE"), HasSubstr("shoulders and face"));
  Recording no_hands = made(circle());
  for (Observation& seen : no_hands) seen.right_hand = seen.left_hand = std::nullopt;
  EXPECT_THAT(sentence(no_hands, "PLEASE"), HasSubstr("No raised hand"));
}

TEST(Judge, AFaceThatIsAskedForCountsAndRefusesNothing) {
  SignLibrary signs;
  signs.add(*make_reference("WHAT", three_of(circle()), {.eyebrows = "lowered"}, {}));
  MadeSign attempt = circle();
  attempt.face = [](float) { return test::FaceMade{}; };
  const Judgement still = judge(made(attempt), "WHAT", signs, Handedness::kRight);
  ASSERT_TRUE(still.non_manual);
  EXPECT_LT(*still.non_manual, 0.5);
  EXPECT_TRUE(still.accepted);
  ASSERT_THAT(still.findings, Not(IsEmpty()));
  EXPECT_EQ(still.findings[0].aspect, Aspect::kNonManual);
  attempt.face = [](float t) { return test::FaceMade{.brows = t > 0.2F ? -0.05F : 0.0F}; };
  const Judgement lowered = judge(made(attempt), "WHAT", signs, Handedness::kRight);
  EXPECT_GT(*lowered.non_manual, 0.9);
  EXPECT_GT(lowered.score, still.score);
  const Judgement faceless = judge(made(circle()), "WHAT", signs, Handedness::kRight);
  EXPECT_FALSE(faceless.non_manual);
  EXPECT_TRUE(faceless.accepted);
}

TEST(SignReferences, SayWhatIsWrongWithAnExample) {
  const auto refusal = [](std::string gloss, const std::vector<Recording>& examples,
                          const NonManual& face) {
    const auto made_of = make_reference(std::move(gloss), examples, face, {});
    return made_of ? std::string() : made_of.error().message;
  };
  const std::vector<Recording> good = three_of(circle());
  EXPECT_EQ(refusal("PLEASE", good, {}), "");
  EXPECT_THAT(refusal("", good, {}), HasSubstr("1 to 64 characters"));
  EXPECT_THAT(refusal(std::string(65, 'A'), good, {}), HasSubstr("1 to 64 characters"));
  EXPECT_THAT(refusal("PLEASE", {}, {}), HasSubstr("has no example"));
  EXPECT_THAT(refusal("PLEASE", good, {.eyebrows = "up"}), HasSubstr("\"eyebrows\""));
  EXPECT_THAT(refusal("PLEASE", good, {.mouth = "raised"}), HasSubstr("\"mouth\""));
  EXPECT_THAT(refusal("PLEASE", good, {.head = "no"}), HasSubstr("\"head\""));
  EXPECT_THAT(refusal("PLEASE", {good[0], {}}, {}), HasSubstr("example 2 of PLEASE"));
}

TEST(SignReferences, ProblemsOfARecordingAreSentences) {
  EXPECT_THAT(problems(made(circle())), IsEmpty());
  EXPECT_THAT(problems({}), ElementsAre(HasSubstr("Nothing was recorded")));
  MadeSign sign = circle();
  sign.seconds = 10;
  EXPECT_THAT(problems(made(sign)), ElementsAre(HasSubstr("a sign takes less than 8 s")));
  sign = circle();
  sign.fps = 5;
  EXPECT_THAT(problems(made(sign)), ElementsAre(HasSubstr("pictures a second")));
  Recording hidden = made(circle());
  for (std::size_t i = 12; i < 42; ++i) hidden[i].right_hand.reset();
  EXPECT_THAT(problems(hidden), ElementsAre(HasSubstr("right hand was out of view in")));
}

TEST(SignReferences, LikenessIsHighForOneSignAndLowForTwo) {
  const auto both = three_of(circle());
  EXPECT_GT(likeness(both[0], both[2]), 0.8);
  EXPECT_LT(likeness(both[0], made(point_at_chin())), 0.3);
  EXPECT_LT(likeness(both[0], made(both_up())), 0.3);
  EXPECT_EQ(likeness(both[0], {}), 0.0);
}

TEST(SignReferences, ExamplesThatDifferAllowMore) {
  std::vector<Recording> differing;
  for (const float x : {-0.4F, -0.1F, 0.2F}) {
    MadeSign sign = circle();
    sign.right = [x](float t) { return Place{x, 0.9F - 0.8F * t}; };
    differing.push_back(made(sign));
  }
  const auto wide = make_reference("WIDE", differing, {}, {});
  ASSERT_TRUE(wide);
  EXPECT_GE(wide->model().thresholds.distance,
            reference("A", circle()).model().thresholds.distance);
  EXPECT_EQ(wide->examples(), 3U);
  EXPECT_NEAR(static_cast<double>(wide->duration().count()), 1300.0, 250.0);
}

TEST(SignReferences, ANearSignMakesTheThresholdNarrower) {
  MadeSign near = circle();
  near.right = [](float t) {
    return Place{-0.1F + 0.2F * std::cos(12.0F * t), 0.4F + 0.2F * std::sin(12.0F * t)};
  };
  SignLibrary others;
  others.add(reference("NEAR", near));
  EXPECT_LT(reference("PLEASE", circle(), others).model().thresholds.distance,
            reference("PLEASE", circle()).model().thresholds.distance);
}

TEST(SignLibraries, ReplaceASignOfTheSameGloss) {
  SignLibrary signs = library();
  EXPECT_THAT(signs.glosses(), ElementsAre("CHIN", "PLEASE", "UP"));
  signs.add(reference("UP", circle()));
  EXPECT_EQ(signs.size(), 3U);
  EXPECT_FALSE(signs.find("UP")->model().examples[0].features.used[kLeftHand]);
  EXPECT_EQ(signs.find("DOWN"), nullptr);
}

TEST(BuiltInSigns, AreTenWordsThatKnowThemselves) {
  const auto signs = built_in_signs();
  ASSERT_TRUE(signs) << signs.error().message;
  EXPECT_THAT(signs->glosses(), ElementsAre("CAN", "COFFEE", "HELLO", "LARGE", "MUFFIN", "NO",
                                            "PLEASE", "TEA", "THANK-YOU", "WATER"));
  for (const auto& [gloss, sign] : signs->signs()) {
    EXPECT_EQ(sign.source(), "built_in");
    EXPECT_EQ(sign.examples(), 4U);
    for (const SignExample& example : sign.model().examples) {
      // Not 0 where a hand was out of view: that is no evidence either way.
      EXPECT_LT(distance_to(sign.model(), example.features), 0.05F);
    }
    EXPECT_FALSE(drawing(sign)["frames"].empty());
  }
}

}  // namespace
}  // namespace storysign::practice
