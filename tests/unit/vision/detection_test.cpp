#include "vision/detection.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace storysign::vision {
namespace {

constexpr std::array<AnchorLayer, 2> kLayers = {{{8, 2}, {16, 6}}};
constexpr std::size_t kKeypoints = 1;
constexpr std::size_t kRow = 6;

/// A detector of 16 x 16 pixels: 2 x 2 cells of 2 anchors, then 1 cell of 6.
class Decoder : public testing::Test {
 protected:
  DetectionDecoder decoder_{16, kLayers, kKeypoints};
  std::vector<float> boxes_ = std::vector<float>(14 * kRow, 0.0F);
  std::vector<float> logits_ = std::vector<float>(14, -50.0F);

  /// Places a box of `side` pixels with its centre and keypoint `dx` pixels beside the anchor's.
  void put(std::size_t anchor, float dx, float side, float logit) {
    float* row = boxes_.data() + anchor * kRow;
    row[0] = dx;
    row[2] = side;
    row[3] = side;
    row[4] = dx;
    logits_[anchor] = logit;
  }
};

TEST_F(Decoder, LaysAnchorsRowByRow) {
  ASSERT_EQ(decoder_.anchors(), 14U);
  put(2, 0.0F, 4.0F, 3.0F);  // Second cell of the first row.
  const auto found = decoder_.decode(boxes_, logits_, 0.5F, 9);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NEAR(found[0].keypoints[0].x, 0.75, 1e-6);
  EXPECT_NEAR(found[0].keypoints[0].y, 0.25, 1e-6);
  EXPECT_NEAR(found[0].x0, 0.75 - 0.125, 1e-6);
  EXPECT_NEAR(found[0].y1, 0.25 + 0.125, 1e-6);
}

TEST_F(Decoder, FindsNothingWhereNoAnchorPasses) {
  EXPECT_TRUE(decoder_.decode(boxes_, logits_, 0.5F, 9).empty());
}

TEST_F(Decoder, KeepsAScoreThatJustReachesTheThreshold) {
  put(0, 0.0F, 4.0F, 0.0F);
  EXPECT_EQ(decoder_.decode(boxes_, logits_, 0.5F, 9).size(), 1U);
  put(0, 0.0F, 4.0F, -0.001F);
  EXPECT_TRUE(decoder_.decode(boxes_, logits_, 0.5F, 9).empty());
}

TEST_F(Decoder, AcceptsTheExtremesOfConfidence) {
  put(0, 0.0F, 4.0F, 1000.0F);
  EXPECT_EQ(decoder_.decode(boxes_, logits_, 1.0F, 9).size(), 1U);
  EXPECT_LE(decoder_.decode(boxes_, logits_, 0.0F, 99).size(), 14U);
}

TEST_F(Decoder, MergesOverlappingBoxesByScore) {
  put(0, 0.0F, 8.0F, 100.0F);  // Score 1.
  put(1, 2.0F, 8.0F, 0.0F);    // Score 0.5, overlaps by 0.6.
  const auto found = decoder_.decode(boxes_, logits_, 0.5F, 9);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FLOAT_EQ(found[0].score, 1.0F);
  // Centres at 4 and 6 pixels, weighted 2 to 1.
  EXPECT_NEAR(found[0].keypoints[0].x, (4.0 * 2.0 + 6.0) / 3.0 / 16.0, 1e-6);
  EXPECT_NEAR((found[0].x0 + found[0].x1) / 2.0, (4.0 * 2.0 + 6.0) / 3.0 / 16.0, 1e-6);
}

TEST_F(Decoder, KeepsSeparateBoxesBestFirstUpToTheLimit) {
  put(0, 0.0F, 4.0F, 1.0F);
  put(2, 0.0F, 4.0F, 2.0F);
  put(6, 0.0F, 4.0F, 3.0F);
  const auto all = decoder_.decode(boxes_, logits_, 0.5F, 9);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_GT(all[0].score, all[1].score);
  EXPECT_GT(all[1].score, all[2].score);
  EXPECT_EQ(decoder_.decode(boxes_, logits_, 0.5F, 2).size(), 2U);
}

TEST_F(Decoder, DropsBoxesOfNegativeSizeAndBrokenNumbers) {
  put(0, 0.0F, -4.0F, 3.0F);
  put(2, 0.0F, 4.0F, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(decoder_.decode(boxes_, logits_, 0.5F, 9).empty());
}

TEST_F(Decoder, HasTheAnchorCountsOfTheNetworks) {
  EXPECT_EQ(
      DetectionDecoder(224, std::array<AnchorLayer, 3>{{{8, 2}, {16, 2}, {32, 6}}}, 4).anchors(),
      2254U);
  EXPECT_EQ(DetectionDecoder(128, kLayers, 6).anchors(), 896U);
  EXPECT_EQ(DetectionDecoder(192, kLayers, 7).anchors(), 2016U);
}

}  // namespace
}  // namespace storysign::vision
