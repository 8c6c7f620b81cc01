#include "practice/spelling.hpp"

#include "hand_shapes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <string>

namespace storysign::practice {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr float kAspect = 4.0F / 3.0F;
constexpr milliseconds kFrame{40};

LetterReading sure(char letter) {
  return {.top = {{{letter, 0.9F}, {letter == 'S' ? 'A' : 'S', 0.04F}, {'T', 0.01F}}},
          .is_sure = true};
}

LetterReading unsure(char letter) {
  return {.top = {{{letter, 0.4F}, {letter == 'S' ? 'A' : 'S', 0.3F}, {'T', 0.1F}}},
          .is_sure = false};
}

/// A speller with a hand before a camera of 25 frames a second.
class Spelling : public ::testing::Test {
 protected:
  void spell(const std::string& word) { speller_ = Speller(word); }

  void frame(const LetterReading& reading, char shape, float x = 0.5F, float y = 0.6F,
             std::size_t step = 0) {
    const vision::Hand hand = shapes_.hand(shape, kAspect, is_left_, x, y, step);
    speller_.on_hand(&reading, &hand, kAspect, time_, is_left_);
    time_ += kFrame;
  }
  void hold(char letter, int frames, float x = 0.5F) {
    for (int i = 0; i < frames; ++i) frame(sure(letter), letter, x);
  }
  void no_hand(int frames) {
    for (int i = 0; i < frames; ++i) {
      speller_.on_hand(nullptr, nullptr, kAspect, time_);
      time_ += kFrame;
    }
  }
  /// The movement of letter_shapes.json, with readings that know only its beginning.
  void draw(char letter) {
    const LetterReading first = sure(letter == 'J' ? 'I' : 'D');
    for (int i = 0; i < 4; ++i) frame(first, letter);
    for (std::size_t i = 0; i < shapes_.frames(letter); ++i) {
      frame(i == 0 ? first : unsure('O'), letter, 0.5F, 0.6F, i);
    }
  }

  test::HandShapes shapes_;
  Speller speller_{""};
  bool is_left_ = false;
  microseconds time_{1'000'000};
};

TEST_F(Spelling, AWordIsMadeOfItsLettersOnly) {
  spell("An-n 1");
  EXPECT_EQ(speller_.next(), 'A');
  EXPECT_EQ(speller_.confirmed(), "");
  EXPECT_FALSE(speller_.is_complete());
  spell("");
  EXPECT_TRUE(speller_.is_complete());
  EXPECT_EQ(speller_.next(), 0);
  hold('A', 30);
  EXPECT_EQ(speller_.hold(), 0.0);
}

TEST_F(Spelling, HalfASecondConfirms) {
  spell("AB");
  hold('A', 12);
  EXPECT_EQ(speller_.confirmed(), "");
  EXPECT_NEAR(speller_.hold(), 0.88, 0.01);
  hold('A', 2);
  EXPECT_EQ(speller_.confirmed(), "A");
  EXPECT_EQ(speller_.next(), 'B');
  EXPECT_EQ(speller_.hold(), 0.0);
  hold('B', 13);
  EXPECT_EQ(speller_.confirmed(), "AB");
  EXPECT_TRUE(speller_.is_complete());
  ASSERT_TRUE(speller_.latest());
  EXPECT_EQ(speller_.latest()->top[0].letter, 'B');
}

TEST_F(Spelling, WhatIsNotSureOrAnotherLetterConfirmsNothing) {
  spell("A");
  for (int i = 0; i < 100; ++i) frame(unsure('A'), 'A');
  hold('S', 100);
  EXPECT_EQ(speller_.confirmed(), "");
  EXPECT_EQ(speller_.hold(), 0.0);
}

TEST_F(Spelling, OneWrongFrameDoesNotStartAgain) {
  spell("A");
  hold('A', 9);
  hold('S', 1);
  EXPECT_GT(speller_.hold(), 0.3);
  hold('A', 8);
  EXPECT_EQ(speller_.confirmed(), "A");
}

TEST_F(Spelling, AHandOnItsWayIsNotHeld) {
  spell("A");
  for (int i = 0; i < 30; ++i) frame(sure('A'), 'A', 0.2F + 0.02F * static_cast<float>(i));
  EXPECT_EQ(speller_.confirmed(), "");
}

TEST_F(Spelling, FewFramesASecondAreEnough) {
  spell("A");
  for (int i = 0; i < 4; ++i) {
    frame(sure('A'), 'A');
    time_ += milliseconds(160);
  }
  EXPECT_EQ(speller_.confirmed(), "A");
}

TEST_F(Spelling, APauseIsNoHold) {
  spell("A");
  hold('A', 1);
  time_ += std::chrono::seconds(10);
  hold('A', 1);
  EXPECT_EQ(speller_.confirmed(), "");
  EXPECT_LE(speller_.hold(), 0.5);
}

TEST_F(Spelling, ADoubleLetterIsLetGoFirst) {
  spell("LL");
  hold('L', 60);
  EXPECT_EQ(speller_.confirmed(), "L");
  EXPECT_THAT(speller_.advice(), HasSubstr("comes again"));
  no_hand(2);
  hold('L', 14);
  EXPECT_EQ(speller_.confirmed(), "LL");
}

TEST_F(Spelling, ADoubleLetterIsMovedOrOpened) {
  spell("LLL");
  hold('L', 20);
  EXPECT_EQ(speller_.confirmed(), "L");
  hold('L', 20, 0.58F);  // 0.08 of the width is 0.9 palms.
  EXPECT_EQ(speller_.confirmed(), "LL");
  hold('B', 2, 0.58F);
  hold('L', 14, 0.58F);
  EXPECT_EQ(speller_.confirmed(), "LLL");
}

TEST_F(Spelling, JAndZAreDrawnWithEitherHand) {
  for (const bool is_left : {false, true}) {
    is_left_ = is_left;
    for (const char letter : {'J', 'Z'}) {
      spell({letter, 'A'});
      draw(letter);
      EXPECT_EQ(speller_.confirmed(), std::string(1, letter)) << (is_left ? "left" : "right");
    }
  }
}

TEST_F(Spelling, FramesThatAreNotNewerAreLeftOut) {
  spell("J");
  hold('I', 1);
  const LetterReading reading = sure('I');
  // A clock that stands still, and one that goes back, would be remembered for ever.
  for (const milliseconds back : {milliseconds(0), milliseconds(1)}) {
    const microseconds start = time_;
    for (std::size_t i = 0; i < shapes_.frames('J'); ++i, time_ -= back) {
      const vision::Hand hand = shapes_.hand('J', kAspect, false, 0.5F, 0.6F, i);
      speller_.on_hand(&reading, &hand, kAspect, time_);
    }
    EXPECT_EQ(speller_.confirmed(), "");
    time_ = start + kFrame;
  }
}

TEST_F(Spelling, NumbersThatAreNoneAreLeftOut) {
  spell("J");
  const LetterReading reading = sure('I');
  for (std::size_t i = 0; i < shapes_.frames('J'); ++i) {
    frame(reading, 'J', 0.5F, 0.6F, i);
    for (const std::size_t point : {5U, 9U, 17U, 20U}) {
      vision::Hand broken = shapes_.hand('J', kAspect, false, 0.5F, 0.6F, i);
      broken.landmarks[point].x = point == 20 ? std::numeric_limits<float>::quiet_NaN()
                                              : std::numeric_limits<float>::infinity();
      speller_.on_hand(&reading, &broken, kAspect, time_);
      time_ += milliseconds(1);
    }
  }
  EXPECT_EQ(speller_.confirmed(), "J");
}

TEST_F(Spelling, AHandThatStandsStillIsNoJ) {
  spell("J");
  hold('I', 50);
  for (int i = 0; i < 50; ++i) frame(sure('J'), 'J');
  EXPECT_EQ(speller_.confirmed(), "");
  EXPECT_LT(speller_.hold(), 0.3);
  EXPECT_THAT(speller_.advice(), HasSubstr("draw the J"));
  draw('Z');
  EXPECT_EQ(speller_.confirmed(), "") << "another movement";
}

TEST_F(Spelling, AHookWithAnotherShapeIsNoJ) {
  spell("J");
  for (std::size_t i = 0; i < shapes_.frames('J'); ++i) frame(sure('Y'), 'J', 0.5F, 0.6F, i);
  EXPECT_EQ(speller_.confirmed(), "");
}

TEST_F(Spelling, AMirroredHookIsNoJ) {
  spell("J");
  is_left_ = true;
  for (std::size_t i = 0; i < shapes_.frames('J'); ++i) {
    const vision::Hand hand = shapes_.hand('J', kAspect, true, 0.5F, 0.6F, i);
    const LetterReading reading = sure('I');
    speller_.on_hand(&reading, &hand, kAspect, time_, false);
    time_ += kFrame;
  }
  EXPECT_EQ(speller_.confirmed(), "");
}

TEST_F(Spelling, AStillHandThatLooksLikeAJIsAnI) {
  spell("I");
  for (int i = 0; i < 14; ++i) {
    frame({.top = {{{'J', 0.5F}, {'I', 0.4F}, {'Y', 0.1F}}}, .is_sure = false}, 'I');
  }
  EXPECT_EQ(speller_.confirmed(), "I");
}

TEST_F(Spelling, AdviceNamesWhatIsSeenAndWhatToDo) {
  spell("NO");
  hold('M', 10);
  EXPECT_THAT(speller_.advice(), IsEmpty()) << "too early";
  hold('M', 20);
  EXPECT_EQ(speller_.advice(), "That looks like an M; for an N fold two fingers over the thumb.");
  hold('N', 1);
  EXPECT_THAT(speller_.advice(), IsEmpty());
  no_hand(40);
  EXPECT_THAT(speller_.advice(), IsEmpty());
  for (int i = 0; i < 40; ++i) frame(unsure('N'), 'N');
  EXPECT_THAT(speller_.advice(), HasSubstr("Not sure which letter this is; for an N "));
}

TEST_F(Spelling, TheSameFramesGiveTheSameAnswers) {
  for (int run = 0; run < 2; ++run) {
    spell("JIZ");
    draw('J');
    hold('I', 14);
    no_hand(3);
    draw('Z');
    EXPECT_EQ(speller_.confirmed(), "JIZ");
  }
}

}  // namespace
}  // namespace storysign::practice
