#include "practice/exercise.hpp"

#include "scene.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace storysign::practice {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string next_id() {
  static int number = 0;
  return fmt::format("attempt-{}", ++number);
}

ExercisePlan plan() {
  ExercisePlan out;
  out.session_id = "session";
  out.sentences = {{"Eat, Bo.", {{ItemKind::kSign, "EAT"}, {ItemKind::kLetters, "BO"}}},
                   {"Please.", {{ItemKind::kSign, "PLEASE"}}}};
  return out;
}

Judgement judged(bool accepted, double score) {
  Judgement out;
  out.accepted = accepted;
  out.score = score;
  if (!accepted) {
    out.findings.push_back({Aspect::kLocation, "right_hand", "Start higher.", {}});
  }
  return out;
}

class Story : public ::testing::Test {
 protected:
  /// Signs something; the attempt that comes of it.
  std::optional<Attempt> sign() {
    std::optional<Attempt> attempt;
    const auto show = [&](float y, int frames) {
      for (int i = 0; i < frames && !attempt; ++i) {
        attempt = exercise_.on_observation(scene_.right_hand_at(-0.2F, y), &next_id);
      }
    };
    show(1.7F, 10);
    for (int i = 0; i < 30 && !attempt; ++i) {
      attempt = exercise_.on_observation(
          scene_.right_hand_at(-0.2F + 0.03F * static_cast<float>(i), 0.3F), &next_id);
    }
    show(1.7F, 60);
    return attempt;
  }
  /// Reads one letter for a while.
  std::optional<Verdict> show_letter(char letter, float confidence, int frames,
                                     bool is_left = false) {
    std::optional<Verdict> verdict;
    for (int i = 0; i < frames && !verdict; ++i) {
      const Observation seen = scene_.right_hand_at(0.0F, 0.3F);
      LetterReading reading;
      reading.top[0] = {letter, confidence};
      reading.top[1] = {'Q', 1.0F - confidence};
      reading.top[2] = {'X', 0.0F};
      reading.is_sure = confidence > 0.5F;
      verdict = exercise_.on_letter(&reading, &*seen.right_hand, is_left, seen.aspect, seen.time,
                                    &next_id);
    }
    return verdict;
  }
  std::optional<Verdict> no_hand(int frames) {
    std::optional<Verdict> verdict;
    for (int i = 0; i < frames && !verdict; ++i) {
      const Observation seen = scene_.empty();
      verdict = exercise_.on_letter(nullptr, nullptr, false, seen.aspect, seen.time, &next_id);
    }
    return verdict;
  }

  test::Scene scene_;
  Exercise exercise_{plan(), GestureRules{}};
};

TEST_F(Story, GoesFromListeningToFeedbackAndOn) {
  EXPECT_EQ(exercise_.mode(), PracticeMode::kListening);
  const auto attempt = sign();
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->target, (Item{ItemKind::kSign, "EAT"}));
  EXPECT_EQ(exercise_.mode(), PracticeMode::kAnalyzing);
  EXPECT_FALSE(sign()) << "one at a time";
  EXPECT_FALSE(exercise_.on_judgement("another", judged(true, 0.9)));
  const auto verdict = exercise_.on_judgement(attempt->id, judged(true, 0.9));
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->sentence_done);
  EXPECT_EQ(exercise_.mode(), PracticeMode::kFeedback);
  EXPECT_FALSE(exercise_.on_judgement(attempt->id, judged(false, 0.1))) << "once";
  ASSERT_TRUE(exercise_.try_again(std::nullopt));
  EXPECT_EQ(exercise_.item_index(), 1U);
  EXPECT_TRUE(exercise_.wants_letters());
}

TEST_F(Story, ListensAgainWhenAGestureIsLost) {
  for (int i = 0; i < 40; ++i) {
    const float x = 0.03F * static_cast<float>(i);
    EXPECT_FALSE(exercise_.on_observation(scene_.right_hand_at(x, 0.3F), &next_id));
  }
  EXPECT_EQ(exercise_.mode(), PracticeMode::kDetecting);
  scene_.wait(seconds(5));
  EXPECT_FALSE(exercise_.on_observation(scene_.right_hand_at(0.0F, 1.7F), &next_id));
  EXPECT_EQ(exercise_.mode(), PracticeMode::kListening);
}

TEST_F(Story, AVerdictOfWhatWasBeforeIsIgnored) {
  const auto attempt = sign();
  ASSERT_TRUE(attempt);
  ASSERT_TRUE(exercise_.try_again(0));
  EXPECT_FALSE(exercise_.on_judgement(attempt->id, judged(true, 1.0)));
  EXPECT_FALSE(exercise_.items()[0].accepted);
}

TEST_F(Story, AWordIsReadToItsEnd) {
  ASSERT_TRUE(exercise_.try_again(1));
  EXPECT_FALSE(show_letter('B', 0.9F, 40));
  EXPECT_EQ(exercise_.mode(), PracticeMode::kDetecting);
  EXPECT_FALSE(no_hand(5));
  const auto verdict = show_letter('O', 0.7F, 40);
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->judgement.accepted);
  EXPECT_EQ(verdict->spelled, "BO");
  EXPECT_NEAR(verdict->judgement.score, 0.9, 0.01) << "half, and half of how sure it was";
  EXPECT_GT(verdict->duration, seconds(0));
  EXPECT_EQ(feedback_of(*verdict), "You spelled BO.");
}

TEST_F(Story, AWordThatIsGivenUpIsSaidToBeIncomplete) {
  ASSERT_TRUE(exercise_.try_again(1));
  EXPECT_FALSE(no_hand(300)) << "nothing was begun";
  show_letter('B', 0.9F, 40);
  const auto verdict = no_hand(120);
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->judgement.accepted);
  EXPECT_LT(verdict->judgement.score, 0.5);
  EXPECT_EQ(feedback_of(*verdict), "You spelled B; O of BO is still missing.");
  EXPECT_EQ(verdict->judgement.findings[0].part, "right_hand");
}

TEST_F(Story, AWordThatIsGivenUpNamesTheHandThatSpelled) {
  ASSERT_TRUE(exercise_.try_again(1));
  show_letter('B', 0.9F, 40, true);
  const auto verdict = no_hand(120);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->judgement.findings[0].part, "left_hand");
}

TEST_F(Story, SpellsWithTheHandThatIsKnownOrHigher) {
  Observation seen = scene_.right_hand_at(0.0F, 0.2F);
  EXPECT_FALSE(exercise_.spelling_hand(seen).is_left);
  seen.left_hand = scene_.hand(0.5F, 1.0F);
  EXPECT_EQ(exercise_.spelling_hand(seen).hand, &*seen.right_hand);
  exercise_.set_handedness(Handedness::kLeft);
  EXPECT_EQ(exercise_.spelling_hand(seen).hand, &*seen.left_hand);
  EXPECT_TRUE(exercise_.spelling_hand(seen).is_left);
  seen.left_hand.reset();
  EXPECT_EQ(exercise_.spelling_hand(seen).hand, &*seen.right_hand);
  seen.right_hand.reset();
  EXPECT_EQ(exercise_.spelling_hand(seen).hand, nullptr);
}

TEST_F(Story, SaysWhenTheOtherHandThanTheSettingSaysIsUp) {
  ASSERT_TRUE(exercise_.try_again(1));
  const auto advice = [&](float left, float right) {
    const LetterReading unsure{.top = {{{'B', 0.3F}, {'Q', 0.2F}, {'X', 0.1F}}}, .is_sure = false};
    for (int i = 0; i < 40; ++i) {
      Observation seen = scene_.right_hand_at(-0.3F, right);
      seen.left_hand = scene_.hand(0.3F, left);
      EXPECT_FALSE(exercise_.on_observation(seen, &next_id));
      const auto [hand, is_left] = exercise_.spelling_hand(seen);
      EXPECT_FALSE(exercise_.on_letter(&unsure, hand, is_left, seen.aspect, seen.time, &next_id));
    }
    return exercise_.spelling_advice();
  };
  EXPECT_THAT(advice(0.2F, 1.6F), HasSubstr("Not sure")) << "not known which hand it is";
  exercise_.set_handedness(Handedness::kRight);
  EXPECT_EQ(advice(0.2F, 1.6F),
            "Only your left hand is up; your setting says that you spell with your right hand. "
            "Raise your right hand, or change the setting.");
  EXPECT_THAT(advice(0.3F, 0.3F), HasSubstr("Not sure"));
  EXPECT_THAT(advice(1.6F, 0.2F), HasSubstr("Not sure"));
  exercise_.set_handedness(Handedness::kLeft);
  EXPECT_THAT(advice(1.6F, 0.2F), HasSubstr("Only your right hand is up"));
}

TEST_F(Story, EndsAfterTheLastSentence) {
  EXPECT_FALSE(exercise_.is_last_sentence());
  EXPECT_TRUE(exercise_.next_sentence());
  EXPECT_TRUE(exercise_.is_last_sentence());
  EXPECT_FALSE(exercise_.next_sentence());
  EXPECT_EQ(exercise_.mode(), PracticeMode::kCompleted);
  EXPECT_FALSE(sign());
  EXPECT_FALSE(exercise_.next_sentence());
  exercise_.restart();
  EXPECT_EQ(exercise_.mode(), PracticeMode::kListening);
  EXPECT_EQ(exercise_.sentence_index(), 0U);
}

TEST_F(Story, RefusesAnItemThatIsNotThere) {
  const auto done = exercise_.try_again(2);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("no item 2"));
}

TEST_F(Story, IsSummedUp) {
  EXPECT_THAT(completion_message(exercise_.summary()), HasSubstr("nothing was signed"));
  for (const bool right : {false, false, true}) {
    ASSERT_TRUE(exercise_.try_again(0));
    const auto attempt = sign();
    ASSERT_TRUE(attempt);
    ASSERT_TRUE(exercise_.on_judgement(attempt->id, judged(right, right ? 0.8 : 0.2)));
  }
  const Summary summary = exercise_.summary();
  EXPECT_EQ(summary.items, 3U);
  EXPECT_EQ(summary.tried, 1U);
  EXPECT_EQ(summary.accepted, 1U);
  EXPECT_DOUBLE_EQ(summary.score, 0.8) << "the best of an item";
  EXPECT_NEAR(summary.mean_confidence, 0.4, 1e-9) << "all attempts";
  EXPECT_THAT(summary.suggestions, ElementsAre("Start higher."));
  EXPECT_GT(summary.time, seconds(5));
  EXPECT_EQ(completion_message(summary), "You tried 1 of 3 signs and words; 1 matched.");
}

TEST_F(Story, GoesOnWhereSomebodyWas) {
  exercise_.go_to(0, {{.accepted = true, .score = 0.7, .best = 0.9}});
  EXPECT_EQ(exercise_.item_index(), 1U);
  EXPECT_EQ(exercise_.items()[0].score, 0.7);
  exercise_.go_to(99, {});
  EXPECT_EQ(exercise_.sentence_index(), 1U) << "never past the end";
}

TEST(Feedback, SaysWhatMattersFirst) {
  Verdict verdict;
  verdict.target = {ItemKind::kSign, "EAT"};
  verdict.judgement = judged(false, 0.2);
  EXPECT_EQ(feedback_of(verdict), "Not yet EAT. Start higher.");
  verdict.judgement.likelier = "DRINK";
  EXPECT_EQ(feedback_of(verdict), "Not yet EAT. It looks more like DRINK. Start higher.");
  verdict.judgement = judged(true, 0.9);
  EXPECT_EQ(feedback_of(verdict), "EAT matches the example.");
}

}  // namespace
}  // namespace storysign::practice
