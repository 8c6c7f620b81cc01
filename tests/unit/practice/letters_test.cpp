#include "practice/letters.hpp"

#include "engine/null_engine.hpp"
#include "hand_shapes.hpp"
#include "letter_network.hpp"
#include "practice/letter_features.hpp"
#include "support/allocation_count.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <memory>
#include <string>

namespace storysign::practice {
namespace {

using Json = nlohmann::json;

/// The hands that the training script wrote, with what it computed of them.
Json golden_hands() {
  std::ifstream file(std::string(STORYSIGN_SOURCE_DIR) + "/tests/unit/practice/letter_hands.json");
  return Json::parse(file);
}

vision::Hand hand_of(const Json& golden) {
  vision::Hand hand;
  for (std::size_t i = 0; i < vision::kHandLandmarks; ++i) {
    hand.landmarks[i].x = golden["points"][i][0];
    hand.landmarks[i].y = golden["points"][i][1];
    hand.landmarks[i].z = golden["points"][i][2];
  }
  return hand;
}

class Letters : public test::WithLetterNetwork {
 protected:
  LetterReading read(const vision::Hand& hand, float aspect, bool is_left) {
    auto reading = reader_->read(hand, aspect, is_left);
    EXPECT_TRUE(reading);
    return reading.value_or(LetterReading{});
  }

  test::HandShapes shapes_;
};

TEST(LetterFeatures, AreThoseOfTheTrainingScript) {
  const Json hands = golden_hands();
  ASSERT_GE(hands.size(), 10U);
  for (const Json& golden : hands) {
    std::array<float, kLetterFeatures> features{};
    ASSERT_EQ(golden["features"].size(), features.size());
    ASSERT_TRUE(letter_features(hand_of(golden), golden["aspect"], golden["left"], features));
    for (std::size_t i = 0; i < features.size(); ++i) {
      ASSERT_NEAR(features[i], golden["features"][i].get<float>(), 2e-4F) << "feature " << i;
    }
  }
}

TEST(LetterFeatures, DoNotChangeWithPlaceSizeAndSide) {
  const test::HandShapes shapes;
  std::array<float, kLetterFeatures> first{};
  std::array<float, kLetterFeatures> other{};
  ASSERT_TRUE(letter_features(shapes.hand('K', 1.0F), 1.0F, false, first));
  vision::Hand small = shapes.hand('K', 1.6F, true, 0.2F, 0.9F);
  for (auto& point : small.landmarks) {
    point.x *= 0.3F;
    point.y *= 0.3F;
    point.z *= 0.3F;
  }
  ASSERT_TRUE(letter_features(small, 1.6F, true, other));
  for (std::size_t i = 0; i < first.size(); ++i) ASSERT_NEAR(first[i], other[i], 2e-3F) << i;
}

TEST(LetterFeatures, AHandWithoutSizeOrWithNoNumbersHasNone) {
  std::array<float, kLetterFeatures> features{};
  EXPECT_FALSE(letter_features(vision::Hand{}, 1.0F, false, features));
  vision::Hand broken = test::HandShapes().hand('A', 1.0F);
  broken.landmarks[7].y = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(letter_features(broken, 1.0F, false, features));
  broken.landmarks[7].y = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(letter_features(broken, 1.0F, false, features));
}

TEST_F(Letters, OurEngineAnswersWhatTheTrainingScriptDid) {
  for (const Json& golden : golden_hands()) {
    const LetterReading reading = read(hand_of(golden), golden["aspect"], golden["left"]);
    for (const LetterGuess& guess : reading.top) {
      const auto index = static_cast<std::size_t>(guess.letter - 'A');
      EXPECT_NEAR(guess.confidence, golden["letters"][index].get<float>(), 2e-3F) << guess.letter;
    }
    EXPECT_GE(reading.top[0].confidence, reading.top[1].confidence);
    EXPECT_GE(reading.top[1].confidence, reading.top[2].confidence);
    EXPECT_EQ(reading.is_sure, reading.top[0].confidence >= kSureLetter);
  }
}

TEST_F(Letters, TypicalHandsOfBothSidesAreRead) {
  for (const char letter : std::string("ABCDEFGHIKLMNOPQRSTUVWXY")) {
    for (const bool is_left : {false, true}) {
      const LetterReading reading =
          read(shapes_.hand(letter, 4.0F / 3.0F, is_left), 4.0F / 3.0F, is_left);
      EXPECT_EQ(reading.top[0].letter, letter) << (is_left ? "left" : "right");
    }
  }
}

TEST_F(Letters, AHandThatCannotBeLookedAtIsNotSure) {
  const LetterReading reading = read(vision::Hand{}, 1.0F, false);
  EXPECT_FALSE(reading.is_sure);
  EXPECT_NEAR(reading.top[0].confidence, 1.0F / 26.0F, 1e-6F);
}

TEST_F(Letters, ReadingAllocatesNothingOfItsOwn) {
  // What the runtime allocates in infer() is not ours: a network that answers at once shows the
  // rest.
  const auto null = engine::make_null_engine();
  auto reader = LetterReader::create(*null);
  ASSERT_TRUE(reader);
  const vision::Hand hand = shapes_.hand('B', 1.0F);
  const std::size_t before = test::allocations();
  ASSERT_TRUE((*reader)->read(hand, 1.0F, false));
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::practice
