#include "practice/alignment.hpp"

#include "made_signer.hpp"
#include "practice/sign_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

namespace storysign::practice {
namespace {

using test::made;
using test::MadeSign;
using test::Place;

MadeSign sign_of(int kind) {
  MadeSign sign;
  sign.jitter = 0.002F;
  sign.seed = static_cast<std::size_t>(kind) + 1;
  if (kind == 0) sign.right = [](float t) { return Place{-0.3F, 0.8F - 0.6F * t}; };
  if (kind == 1) {
    sign.right = [](float t) {
      return Place{-0.3F + 0.2F * std::cos(12.0F * t), 0.4F + 0.2F * std::sin(12.0F * t)};
    };
  }
  if (kind == 2) sign.right_held.open = {0, 1, 0, 0, 0};
  if (kind == 3) sign.left = [](float t) { return Place{0.3F, 0.8F - 0.3F * t}; };
  if (kind == 4) sign.right = [](float) { return Place{-0.1F, -0.6F}; };
  return sign;
}

ClipFeatures features(const MadeSign& sign) {
  return features_of(*make_clip(made(sign)).clip);
}

TEST(Alignment, OfTheSameIsNothing) {
  const ClipFeatures clip = features(sign_of(0));
  EXPECT_NEAR(align_distance(clip, clip), 0.0F, 1e-6F);
  const Alignment found = align(clip, clip);
  for (const auto& [i, j] : found.path) EXPECT_EQ(i, j);
}

TEST(Alignment, TempoCostsLittle) {
  const ClipFeatures usual = features(sign_of(1));
  for (const double tempo : {0.6, 1.6}) {
    MadeSign sign = sign_of(1);
    sign.seconds *= tempo;
    EXPECT_LT(align_distance(usual, features(sign)), 0.16F) << tempo;
  }
}

TEST(Alignment, EachChannelSeesWhatDiffers) {
  const ClipFeatures still = features({});
  const ChannelDistances shape = align(still, features(sign_of(2))).channels;
  EXPECT_GT(shape.shape, 0.3F);
  EXPECT_LT(shape.movement, 0.1F);
  const ChannelDistances place = align(still, features(sign_of(4))).channels;
  EXPECT_GT(place.location, 0.6F);
  EXPECT_LT(place.shape, 0.05F);
  const ChannelDistances movement = align(features(sign_of(1)), still).channels;
  EXPECT_GT(movement.movement, 0.15F);
  EXPECT_LT(movement.shape, 0.05F);
}

TEST(Alignment, ThePathGoesOnAndStaysNearTheEnds) {
  MadeSign slow = sign_of(1);
  slow.seconds = 1.7;
  const ClipFeatures a = features(sign_of(1));
  const ClipFeatures b = features(slow);
  const auto path = align(a, b).path;
  ASSERT_GT(path.size(), 10U);
  EXPECT_LE(path.front().reference, a.frames.size() / 5);
  EXPECT_LE(path.front().attempt, b.frames.size() / 5);
  EXPECT_GE(path.back().reference + 1 + a.frames.size() / 5, a.frames.size());
  for (std::size_t k = 1; k < path.size(); ++k) {
    EXPECT_LE(path[k].reference - path[k - 1].reference, 1U);
    EXPECT_LE(path[k].attempt - path[k - 1].attempt, 1U);
    EXPECT_NE(path[k].reference + path[k].attempt, path[k - 1].reference + path[k - 1].attempt);
  }
}

TEST(Alignment, GivingUpEarlyAndTheLowerBoundChangeNothing) {
  std::vector<ClipFeatures> all;
  all.reserve(5);
  for (int kind = 0; kind < 5; ++kind) all.push_back(features(sign_of(kind)));
  for (const ClipFeatures& a : all) {
    for (const ClipFeatures& b : all) {
      const float full = align(a, b).distance;
      EXPECT_LE(lower_bound(a, b), full + 1e-6F);
      EXPECT_EQ(align_distance(a, b), full);
      EXPECT_EQ(align_distance(a, b, full + 0.01F), full);
      EXPECT_GE(align_distance(a, b, full * 0.9F), full * 0.9F);
    }
  }
}

TEST(Alignment, GivingUpWaitsForPathsThatStartLater) {
  ClipFeatures a = features({});
  a.frames.resize(5);
  ClipFeatures b = a;
  // The first frame is nothing like it and is left out.
  a.frames[0] = features(sign_of(4)).frames[5];
  const float full = align(a, b).distance;
  EXPECT_LT(full, 0.05F);
  EXPECT_EQ(align_distance(a, b, full + 0.001F), full);
}

TEST(Alignment, AHandTooManyCosts) {
  const ClipFeatures one = features({});
  MadeSign both;
  both.left = [](float t) { return Place{0.3F, 0.8F - 0.3F * t}; };
  EXPECT_GT(align_distance(one, features(both)), align_distance(one, one) + 0.04F);
}

TEST(Alignment, OfNothingIsAllThereIs) {
  const ClipFeatures clip = features({});
  EXPECT_EQ(align_distance(clip, ClipFeatures{}), 1.0F);
  EXPECT_TRUE(align(ClipFeatures{}, clip).path.empty());
  ClipFeatures one = clip;
  one.frames.resize(1);
  EXPECT_LE(align_distance(one, clip), 1.0F);
  EXPECT_FALSE(align(clip, one).path.empty());
}

}  // namespace
}  // namespace storysign::practice
