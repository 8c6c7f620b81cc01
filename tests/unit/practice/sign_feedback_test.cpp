#include "made_signer.hpp"
#include "practice/non_manual.hpp"
#include "practice/palm_path.hpp"
#include "practice/sign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::practice {

void PrintTo(const Finding& finding, std::ostream* out) {
  *out << name_of(finding.aspect) << ' ' << finding.part << ": " << finding.sentence;
}

namespace {

using test::made;
using test::MadeSign;
using test::Place;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

auto says(Aspect aspect, std::string_view part, const std::string& words) {
  return AllOf(Field(&Finding::aspect, aspect), Field(&Finding::part, part),
               Field(&Finding::sentence, HasSubstr(words)));
}

std::vector<Finding> findings(const MadeSign& example, const Recording& attempt,
                              Handedness handedness = Handedness::kRight) {
  SignLibrary signs;
  const std::vector<Recording> one = {made(example)};
  signs.add(*make_reference("SIGN", one, {}, {}));
  return judge(attempt, "SIGN", signs, handedness).findings;
}
std::vector<Finding> findings(const MadeSign& example, const MadeSign& attempt,
                              Handedness handedness = Handedness::kRight) {
  return findings(example, made(attempt), handedness);
}

MadeSign held_at(float x, float y) {
  MadeSign sign;
  sign.right = [x, y](float) { return Place{x, y}; };
  return sign;
}

MadeSign moving(std::function<Place(float)> right) {
  MadeSign sign;
  sign.right = std::move(right);
  return sign;
}

TEST(Feedback, OfTheSameIsNone) {
  EXPECT_THAT(findings(held_at(-0.3F, 0.4F), held_at(-0.3F, 0.4F)), IsEmpty());
}

TEST(Feedback, SaysWhereTheHandShouldBe) {
  EXPECT_THAT(findings(held_at(-0.05F, -0.75F), held_at(-0.05F, 0.4F)),
              Contains(says(Aspect::kLocation, "right_hand", "higher, at the forehead")));
  EXPECT_THAT(findings(held_at(-0.3F, 0.6F), held_at(-0.3F, -0.2F)),
              Contains(says(Aspect::kLocation, "right_hand", "lower, in front of the chest")));
  // The signer's right is the left of the picture.
  EXPECT_THAT(findings(held_at(-0.7F, 0.4F), held_at(0.1F, 0.4F)),
              Contains(says(Aspect::kLocation, "right_hand", "further to your right")));
}

TEST(Feedback, SaysWhereTheMovementShouldStart) {
  const auto down = [](float from) {
    return moving([from](float t) { return Place{-0.05F, t < 0.4F ? from : 0.3F}; });
  };
  EXPECT_THAT(
      findings(down(-0.75F), down(0.0F)),
      Contains(says(Aspect::kLocation, "right_hand", "Start the movement higher, at the ")));
}

TEST(Feedback, NamesTheFinger) {
  MadeSign example = held_at(-0.3F, 0.4F);
  MadeSign attempt = example;
  attempt.right_held.open = {1, 0, 1, 1, 1};
  EXPECT_THAT(findings(example, attempt),
              Contains(says(Aspect::kHandshape, "right_index", "Open the index finger")));
  EXPECT_THAT(findings(attempt, example),
              Contains(says(Aspect::kHandshape, "right_index", "Close the index finger")));
  attempt.right_held.open = {1, 0, 0, 0, 0};
  EXPECT_THAT(findings(example, attempt),
              Contains(says(Aspect::kHandshape, "right_hand", "Open the fingers")));
}

TEST(Feedback, SaysHowToTurnThePalm) {
  MadeSign example = held_at(-0.3F, 0.4F);
  MadeSign attempt = example;
  attempt.right_held.palm_to_camera = false;
  EXPECT_THAT(findings(example, attempt),
              Contains(says(Aspect::kHandshape, "right_hand",
                            "Turn the palm of your right hand to the front")));
  EXPECT_THAT(findings(attempt, example),
              Contains(says(Aspect::kHandshape, "right_hand", "to yourself")));
}

TEST(Feedback, SaysWhichWayToMove) {
  const MadeSign circle = moving([](float t) {
    return Place{-0.1F + 0.25F * std::cos(12.0F * t), 0.5F + 0.25F * std::sin(12.0F * t)};
  });
  const MadeSign down = moving([](float t) { return Place{-0.1F, 0.1F + 0.7F * t}; });
  EXPECT_THAT(findings(circle, down),
              Contains(says(Aspect::kMovement, "right_hand",
                            "Move your right hand in a circle; yours went straight down")));
  EXPECT_THAT(findings(held_at(-0.1F, 0.5F), circle),
              Contains(says(Aspect::kMovement, "right_hand", "still")));
}

TEST(Feedback, SaysWhichHandIsMissingOrTooMany) {
  MadeSign both = held_at(-0.3F, 0.4F);
  both.left = [](float t) { return Place{0.3F, 0.7F - 0.4F * t}; };
  EXPECT_THAT(findings(both, held_at(-0.3F, 0.4F)),
              Contains(says(Aspect::kLocation, "left_hand", "Use your left hand too")));
  EXPECT_THAT(findings(held_at(-0.3F, 0.4F), both),
              Contains(says(Aspect::kLocation, "left_hand", "Keep your left hand down")));
}

TEST(Feedback, SaysSlowerAndFaster) {
  const auto sign = [](double seconds) {
    MadeSign made_sign = moving([](float t) { return Place{-0.3F, 0.8F - 0.6F * t}; });
    made_sign.seconds = seconds;
    return made_sign;
  };
  EXPECT_THAT(findings(sign(2.0), sign(0.9)),
              Contains(says(Aspect::kTiming, "body", "Slower: yours took")));
  EXPECT_THAT(findings(sign(1.0), sign(2.4)),
              Contains(says(Aspect::kTiming, "body", "Faster: yours took")));
}

TEST(Feedback, WhatWasOutOfViewIsNotCalledWrong) {
  MadeSign attempt = held_at(-0.3F, 0.4F);
  attempt.right_held.open = {0, 0, 0, 0, 0};
  Recording recording = made(attempt);
  for (std::size_t i = 11; i < recording.size() - 11; ++i) recording[i].right_hand.reset();
  const auto found = findings(held_at(-0.3F, 0.4F), recording);
  EXPECT_THAT(found, Contains(says(Aspect::kLocation, "right_hand", "out of view")));
  EXPECT_THAT(found, Each(Field(&Finding::aspect, Not(Aspect::kHandshape))));
}

TEST(Feedback, OfAMirroredAttemptNamesTheLearnersOwnHand) {
  MadeSign attempt;
  attempt.right = [](float) { return Place{-0.35F, 1.55F}; };
  attempt.left = [](float) { return Place{0.9F, 0.4F}; };
  attempt.left_held.open = {1, 0, 1, 1, 1};
  const auto found = findings(held_at(-0.2F, 0.4F), attempt, Handedness::kLeft);
  EXPECT_THAT(found,
              Contains(says(Aspect::kHandshape, "left_index", "index finger of your left hand")));
  EXPECT_THAT(found, Contains(says(Aspect::kLocation, "left_hand", "further to your right")));
}

TEST(Feedback, ComesAtATimeOfTheAttempt) {
  const MadeSign attempt = held_at(-0.05F, 0.4F);
  for (const Finding& finding : findings(held_at(-0.05F, -0.75F), attempt)) {
    EXPECT_GE(finding.at.count(), 0);
    EXPECT_LE(finding.at.count(), 2'000'000);
  }
}

TEST(PalmPath, IsDescribed) {
  const auto path = [](const std::function<Place(float)>& at) {
    std::vector<Point2> points;
    for (int i = 0; i <= 20; ++i) {
      const Place p = at(static_cast<float>(i) / 20.0F);
      points.push_back({.x = p.x, .y = p.y});
    }
    return describe_path(points).kind;
  };
  EXPECT_EQ(describe_path({}).kind, PathKind::kStill);
  EXPECT_EQ(path([](float) { return Place{}; }), PathKind::kStill);
  EXPECT_EQ(path([](float t) { return Place{t, 0}; }), PathKind::kStraight);
  EXPECT_EQ(path([](float t) { return Place{0.3F * std::cos(7 * t), 0.3F * std::sin(7 * t)}; }),
            PathKind::kCircle);
  EXPECT_EQ(path([](float t) { return Place{0, 0.3F * std::sin(13 * t)}; }),
            PathKind::kBackAndForth);
  EXPECT_EQ(path([](float t) { return Place{0.5F * std::cos(3 * t), 0.5F * std::sin(3 * t)}; }),
            PathKind::kCurve);
}

NonManualResult face(const std::function<test::FaceMade(float)>& at, const NonManual& asked,
                     float width = 0.3F) {
  MadeSign sign;
  sign.face = at;
  sign.width = width;
  sign.jitter = 0.0003F;
  return judge_non_manual(made(sign), asked);
}

TEST(NonManuals, AreMeasuredAgainstTheLearnersOwnStart) {
  // Brows that are always high are not raised.
  const auto always = [](float) { return test::FaceMade{.brows = 0.05F}; };
  const auto raised = [](float t) { return test::FaceMade{.brows = t > 0.2F ? 0.05F : 0.0F}; };
  for (const float width : {0.15F, 0.3F}) {
    EXPECT_LT(*face(always, {.eyebrows = "raised"}, width).score, 0.5);
    EXPECT_GT(*face(raised, {.eyebrows = "raised"}, width).score, 0.9);
  }
  EXPECT_THAT(face(raised, {.eyebrows = "raised"}).findings, IsEmpty());
  EXPECT_THAT(face(raised, {.eyebrows = "lowered"}).findings,
              Contains(says(Aspect::kNonManual, "eyebrows", "Lower your eyebrows")));
}

TEST(NonManuals, MouthAndHead) {
  const auto open = [](float t) { return test::FaceMade{.mouth = t > 0.3F ? 0.12F : 0.0F}; };
  const auto shake = [](float t) { return test::FaceMade{.yaw = 0.12F * std::sin(14.0F * t)}; };
  const auto nod = [](float t) { return test::FaceMade{.pitch = 0.06F * std::sin(9.0F * t)}; };
  const auto turned_once = [](float t) { return test::FaceMade{.yaw = 0.15F * t}; };
  EXPECT_GT(*face(open, {.mouth = "open"}).score, 0.9);
  EXPECT_LT(*face(open, {.mouth = "closed"}).score, 0.5);
  EXPECT_GT(*face(shake, {.mouth = "closed"}).score, 0.9);
  EXPECT_GT(*face(shake, {.head = "shake"}).score, 0.9);
  EXPECT_LT(*face(nod, {.head = "shake"}).score, 0.5);
  EXPECT_GT(*face(nod, {.head = "nod"}).score, 0.9);
  EXPECT_LT(*face(shake, {.head = "nod"}).score, 0.5);
  EXPECT_LT(*face(turned_once, {.head = "shake"}).score, 0.5);
  EXPECT_THAT(face(turned_once, {.head = "shake"}).findings,
              Contains(says(Aspect::kNonManual, "head", "Shake your head")));
}

TEST(NonManuals, OfAFaceOutOfViewAreNotJudged) {
  const NonManualResult result = judge_non_manual(made({}), {.mouth = "open"});
  EXPECT_FALSE(result.score);
  EXPECT_THAT(result.findings, Contains(says(Aspect::kNonManual, "head", "out of view")));
  EXPECT_FALSE(judge_non_manual({}, {.mouth = "open"}).score);
}

}  // namespace
}  // namespace storysign::practice
