// J and Z of the sequences in ../shared/data, frame by frame through the network and the speller.

#include "letter_network.hpp"
#include "practice/spelling.hpp"
#include "support/npz.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <string>

namespace storysign::practice {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kFrames = 20;
constexpr std::size_t kHands = 2;
/// training/hand_sources.py says how the pictures' shape is known; their rate is a guess.
constexpr float kAspect = 16.0F / 9.0F;
constexpr std::chrono::milliseconds kStep{60};

class AirLetterData : public test::WithLetterNetwork {
 protected:
  void SetUp() override {
    const auto path =
        std::filesystem::path(STORYSIGN_SHARED_DATA_DIR) / "letters/traduttore_sequences.npz";
    if (!std::filesystem::exists(path)) GTEST_SKIP() << "no sequences at " << path;
    auto data = test::read_npz(path);
    ASSERT_TRUE(data) << data.error().message;
    data_ = *std::move(data);
    test::WithLetterNetwork::SetUp();
  }

  [[nodiscard]] bool is_label(std::size_t sequence, char letter) const {
    const double* text = data_.at("label").row(sequence);
    return static_cast<char>(text[0]) == letter &&
           (data_.at("label").shape[1] == 1 || text[1] == 0);
  }

  /// The signer's right hand; false where it is absent.
  [[nodiscard]] bool hand_at(std::size_t sequence, std::size_t frame, vision::Hand& hand) const {
    const std::size_t points = vision::kHandLandmarks;
    const double* at = data_.at("hands_xy").row(sequence) + (frame * kHands + 1) * points * 2;
    bool seen = false;
    for (std::size_t i = 0; i < points; ++i) {
      hand.landmarks[i].x = static_cast<float>(at[2 * i]);
      hand.landmarks[i].y = static_cast<float>(at[2 * i + 1]);
      seen = seen || at[2 * i] != 0.0;
    }
    return seen;
  }

  /// Whether the speller takes the sequence for `letter`; mirrored, it is the left hand's.
  bool is_spelled(std::size_t sequence, char letter, bool mirrored) {
    Speller speller(std::string(1, letter));
    microseconds time{};
    // The first frame often is the end of the sequence before.
    for (std::size_t frame = 1; frame < kFrames; ++frame, time += kStep) {
      vision::Hand hand;
      if (!hand_at(sequence, frame, hand)) {
        speller.on_hand(nullptr, nullptr, kAspect, time);
        continue;
      }
      for (auto& point : hand.landmarks) point.x = mirrored ? 1.0F - point.x : point.x;
      const auto reading = reader_->read(hand, kAspect, mirrored);
      EXPECT_TRUE(reading);
      speller.on_hand(&*reading, &hand, kAspect, time, mirrored);
    }
    return speller.is_complete();
  }

  /// Share of the sequences of `shown`, every `every`th, that are taken for `wanted`.
  double share(char shown, char wanted, std::size_t every, bool mirrored = false) {
    std::size_t all = 0;
    std::size_t taken = 0;
    std::size_t seen = 0;
    for (std::size_t i = 0; i < data_.at("label").rows(); ++i) {
      if (!is_label(i, shown) || seen++ % every != 0) continue;
      ++all;
      if (is_spelled(i, wanted, mirrored)) ++taken;
    }
    EXPECT_GT(all, 0U) << shown;
    return static_cast<double>(taken) / static_cast<double>(std::max<std::size_t>(all, 1));
  }

  test::Npz data_;
};

TEST_F(AirLetterData, JAndZAreFoundWhereTheyAreDrawn) {
  for (const bool mirrored : {false, true}) {
    const double j = share('j', 'J', 3, mirrored);
    const double z = share('z', 'Z', 2, mirrored);
    RecordProperty(mirrored ? "left" : "right", std::to_string(j) + " " + std::to_string(z));
    std::cout << (mirrored ? "left" : "right") << ": J " << j << ", Z " << z << "\n";
    EXPECT_GE(j, 0.9);
    EXPECT_GE(z, 0.75) << "some of the sequences end before the third stroke";
  }
}

TEST_F(AirLetterData, LettersThatStandStillAreNeither) {
  double worst = 0.0;
  for (const char shown : std::string("abdgiklqxy")) {
    for (const char wanted : {'J', 'Z'}) worst = std::max(worst, share(shown, wanted, 6));
  }
  EXPECT_LE(worst, 0.05);
  EXPECT_LE(share('z', 'J', 4), 0.1);
  EXPECT_LE(share('j', 'Z', 4), 0.1);
}

}  // namespace
}  // namespace storysign::practice
