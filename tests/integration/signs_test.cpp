// Signs by example over the sign clips and the word sequences; bench/signs.cpp prints the same at
// length. Bounds lie well below what was measured (docs/signs.md).
#include "practice/sign.hpp"
#include "practice/sign_model.hpp"
#include "support/sign_data.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace storysign {
namespace {

using practice::Handedness;
using practice::Judgement;
using practice::Recording;
using practice::SignLibrary;
using test::SignCounts;

const std::filesystem::path kData = STORYSIGN_SHARED_DATA_DIR;

class SignClips : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData / "gold" / "eat.c1.npz")) {
      GTEST_SKIP() << "no reference landmarks under " << kData;
    }
    for (const std::string& gloss : test::sign_clip_glosses()) {
      auto clip = test::read_sign_clip(kData, gloss, 1);
      ASSERT_TRUE(clip);
      clips_[gloss] = std::move(*clip);
      auto sign = practice::make_reference(gloss, std::span(&clips_[gloss], 1), {}, signs_);
      ASSERT_TRUE(sign) << sign.error().message;
      signs_.add(std::move(*sign));
    }
  }

  SignCounts try_all(std::uint64_t first_seed, std::uint64_t seeds, Handedness handedness) {
    SignCounts out;
    for (const auto& [truth, clip] : clips_) {
      const auto lighter = test::read_sign_clip(kData, truth, 0);
      for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
        const Recording& from = seed % 3 == 0 ? *lighter : clip;
        const Recording attempt = test::varied(from, test::any_variation(seed), seed);
        for (const std::string& target : signs_.glosses()) {
          out.add(practice::judge(attempt, target, signs_, handedness), target == truth);
        }
      }
    }
    return out;
  }

  std::map<std::string, Recording> clips_;
  SignLibrary signs_;
};

TEST_F(SignClips, OneExampleAcceptsVariationsAndRefusesOtherSigns) {
  const SignCounts found = try_all(1000, 5, Handedness::kUnknown);
  EXPECT_GE(SignCounts::share(found.accepted, found.right), 0.95);
  EXPECT_GE(SignCounts::share(found.chosen, found.right), 0.95);
  EXPECT_LE(SignCounts::share(found.wrong_accepted, found.wrong), 0.05);
}

TEST_F(SignClips, TheFirstAcceptedVariationScoresAboveAHalf) {
  for (const auto& [gloss, clip] : clips_) {
    const Judgement judged = practice::judge(clip, gloss, signs_, Handedness::kRight);
    EXPECT_GT(judged.score, 0.9) << gloss;
    EXPECT_GT(judged.handshape, 0.9) << gloss;
    EXPECT_TRUE(judged.findings.empty()) << gloss << ": " << judged.findings[0].sentence;
  }
}

TEST_F(SignClips, MadeWithTheOtherHandTheyAreToldAsThat) {
  for (const std::string one_handed : {"eat", "hungry", "milk", "no", "please", "thanks", "yes"}) {
    const Recording left = test::varied(clips_[one_handed], {.mirrored = true}, 1);
    EXPECT_TRUE(practice::judge(left, one_handed, signs_, Handedness::kLeft).accepted);
    const Judgement judged = practice::judge(left, one_handed, signs_, Handedness::kRight);
    EXPECT_FALSE(judged.accepted) << one_handed;
    ASSERT_EQ(judged.findings.size(), 1U) << one_handed;
    EXPECT_EQ(judged.findings[0].sentence.find("You used your left hand"), 0U) << one_handed;
  }
}

TEST_F(SignClips, FeedbackKnowsTheCircleOfPlease) {
  const Judgement judged = practice::judge(clips_["please"], "brother", signs_, Handedness::kRight);
  EXPECT_FALSE(judged.accepted);
  EXPECT_EQ(judged.likelier, "please");
  bool says_circle = false;
  for (const auto& finding : judged.findings) {
    says_circle = says_circle || finding.sentence.find("went in a circle") != std::string::npos;
  }
  EXPECT_TRUE(says_circle);
}

TEST_F(SignClips, OfOtherPeopleMeetTheBuiltInWords) {
  const auto built_in = practice::built_in_signs();
  ASSERT_TRUE(built_in) << built_in.error().message;
  // The three signs that both data sets hold, by signers of whom the words know nothing.
  const std::map<std::string, std::string> both = {
      {"please", "PLEASE"}, {"thanks", "THANK-YOU"}, {"no", "NO"}};
  SignCounts found;
  for (const auto& [name, clip] : clips_) {
    const auto same = both.find(name);
    for (const std::string& gloss : built_in->glosses()) {
      found.add(practice::judge(clip, gloss, *built_in, Handedness::kRight),
                same != both.end() && same->second == gloss);
    }
  }
  // Measured: two of three, the third scores 0.46; 2 of 137. Eleven of the clips are of signs that
  // the vocabulary does not have, so that only the thresholds refuse them.
  EXPECT_EQ(found.right, 3U);
  EXPECT_GE(found.accepted, 2U);
  EXPECT_LE(SignCounts::share(found.wrong_accepted, found.wrong), 0.05);
}

TEST(WordSequences, ThreeExamplesRecogniseAnotherSigner) {
  if (!std::filesystem::exists(kData / "words" / "traduttore_sequences.npz")) {
    GTEST_SKIP() << "no word sequences under " << kData;
  }
  const auto words = test::read_words(kData);
  ASSERT_TRUE(words) << words.error().message;
  std::map<std::string, std::map<int, std::vector<const test::Word*>>> pool;
  for (const test::Word& word : *words) pool[word.label][word.signer].push_back(&word);
  SignLibrary signs;
  const std::vector<std::string> labels = {"can", "coffee", "hello", "please", "thank-you"};
  for (const std::string& label : labels) {
    std::vector<Recording> examples;
    const auto& own = pool[label][1];
    for (const std::size_t sixth : {1U, 3U, 5U}) {
      examples.push_back(own[own.size() * sixth / 6]->recording);
    }
    auto sign = practice::make_reference(label, examples, {}, signs);
    ASSERT_TRUE(sign) << sign.error().message;
    signs.add(std::move(*sign));
  }
  SignCounts found;
  for (const std::string& label : labels) {
    const auto& other = pool[label][2];
    for (std::size_t i = 0; i < other.size(); i += other.size() / 8) {
      for (const std::string& target : labels) {
        found.add(practice::judge(other[i]->recording, target, signs, Handedness::kUnknown),
                  target == label);
      }
    }
  }
  EXPECT_GE(SignCounts::share(found.accepted, found.right), 0.85);
  EXPECT_GE(SignCounts::share(found.chosen, found.right), 0.95);
  EXPECT_LE(SignCounts::share(found.wrong_accepted, found.wrong), 0.02);
}

}  // namespace
}  // namespace storysign
