// The hand's network in fewer digits: whose answer counts, and in which profiles it is asked.

#include "base/image.hpp"
#include "engine/network.hpp"
#include "vision/fast_rules.hpp"
#include "vision/hand.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace storysign::vision {
namespace {

/// Answers always the same.
class Fixed final : public engine::Network {
 public:
  explicit Fixed(std::size_t inputs, std::vector<std::vector<float>> outputs)
      : input_(inputs), outputs_(std::move(outputs)) {}

  [[nodiscard]] std::span<float> input() noexcept override { return input_; }
  base::Result<void> infer() override {
    ++runs;
    return {};
  }
  [[nodiscard]] std::span<const float> output(std::size_t index) const noexcept override {
    return outputs_[index];
  }
  void set_score(float score) { outputs_[1][0] = score; }

  int runs = 0;

 private:
  std::vector<float> input_;
  std::vector<std::vector<float>> outputs_;
};

Fixed hand_network(float score) {
  return Fixed(std::size_t{224} * 224 * 3,
               {std::vector<float>(3 * kHandLandmarks, 112.0F), {score}, {0.5F}});
}

class QuickHand : public ::testing::Test {
 protected:
  QuickHand() {
    for (std::size_t i = 0; i < body_.landmarks.size(); ++i) {
      body_.landmarks[i].x = 100.0F + static_cast<float>(i);
      body_.landmarks[i].y = 100.0F + 2.0F * static_cast<float>(i % 7);
      body_.visibility[i] = 1.0F;
    }
  }

  /// Whether a hand is found where the quick network and the exact one give these scores.
  bool finds(float quick_score, float exact_score) {
    quick_.set_score(quick_score);
    exact_.set_score(exact_score);
    quick_.runs = exact_.runs = 0;
    BodyHandTracker tracker(Side::kLeft);
    const auto hand = tracker.process(image_.view(), body_, recrop_, exact_, &quick_);
    EXPECT_TRUE(hand);
    return hand && *hand != nullptr;
  }

  base::Image image_ = base::Image(320, 240);
  BodyPose body_;
  Fixed recrop_ = Fixed(std::size_t{256} * 256 * 3, {{128.0F, 128.0F, 128.0F, 20.0F}});
  Fixed quick_ = hand_network(0.0F);
  Fixed exact_ = hand_network(0.0F);
};

TEST_F(QuickHand, CountsWhereItIsSure) {
  EXPECT_TRUE(finds(0.95F, 0.0F));
  EXPECT_EQ(exact_.runs, 0);
  EXPECT_FALSE(finds(0.05F, 1.0F));
  EXPECT_EQ(exact_.runs, 0);
  EXPECT_EQ(quick_.runs, 1);
}

TEST_F(QuickHand, IsOverruledWhereItIsNot) {
  EXPECT_FALSE(finds(0.6F, 0.4F));
  EXPECT_EQ(exact_.runs, 1);
  EXPECT_TRUE(finds(0.4F, 0.6F));
  EXPECT_EQ(exact_.runs, 1);
}

TEST_F(QuickHand, IsNotNeeded) {
  exact_.set_score(0.9F);
  BodyHandTracker tracker(Side::kLeft);
  const auto hand = tracker.process(image_.view(), body_, recrop_, exact_, nullptr);
  ASSERT_TRUE(hand);
  EXPECT_NE(*hand, nullptr);
  EXPECT_EQ(quick_.runs, 0);
}

TEST(QuickHands, AreLeftOutInHighQuality) {
  EXPECT_FALSE(fast_rules(FastProfile::kHighQuality).quick_hands);
  EXPECT_TRUE(fast_rules(FastProfile::kBalanced).quick_hands);
  EXPECT_TRUE(fast_rules(FastProfile::kHighPerformance).quick_hands);
  EXPECT_TRUE(fast_rules(FastProfile::kUltraPerformance).quick_hands);
}

}  // namespace
}  // namespace storysign::vision
