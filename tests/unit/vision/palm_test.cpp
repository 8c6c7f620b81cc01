#include "vision/palm.hpp"

#include <gtest/gtest.h>

#include <array>

namespace storysign::vision {
namespace {

Rois rois(std::initializer_list<Roi> list) {
  Rois all;
  for (const Roi& roi : list) {
    all.push(roi);
  }
  return all;
}

HandEstimate hand(float right_probability) {
  HandEstimate h;
  h.right_probability = right_probability;
  return h;
}

TEST(Associate, ATrackedRegionReplacesTheFreshOneOfTheSameHand) {
  const Rois chosen = PalmHandsTracker::associate(rois({{0, 0, 10, 10, 0}, {100, 0, 10, 10, 0}}),
                                                  rois({{1, 0, 10, 10, 0.5}}));
  ASSERT_EQ(chosen.size(), 2U);
  EXPECT_EQ(chosen[0].cx, 100.0);
  EXPECT_EQ(chosen[1].cx, 1.0);
}

TEST(Associate, TwoPalmsOnOneHandBecomeOne) {
  EXPECT_EQ(PalmHandsTracker::associate(rois({{0, 0, 10, 10, 0}, {1, 1, 10, 10, 0}}), {}).size(),
            1U);
}

TEST(Associate, HalfAnOverlapIsNotEnough) {
  // 20/3 of 10 pixels in common: an overlap of exactly one half.
  EXPECT_EQ(
      PalmHandsTracker::associate(rois({{0, 0, 10, 10, 0}, {10.0 / 3.0 + 0.01, 0, 10, 10, 0}}), {})
          .size(),
      2U);
}

TEST(Associate, AThirdHandHasRoom) {
  const Rois chosen = PalmHandsTracker::associate(rois({{0, 0, 10, 10, 0}, {50, 0, 10, 10, 0}}),
                                                  rois({{100, 0, 10, 10, 0}}));
  EXPECT_EQ(chosen.size(), 3U);
}

TEST(Sides, EachHandTakesItsOwn) {
  const std::array hands{hand(0.9F), hand(0.2F)};
  const HandPair pair = PalmHandsTracker::assign_sides(hands);
  EXPECT_EQ(pair.right, &hands[0]);
  EXPECT_EQ(pair.left, &hands[1]);
}

TEST(Sides, TheSurerOfTwoEqualOnesKeepsItsSide) {
  const std::array hands{hand(0.6F), hand(0.95F)};
  const HandPair pair = PalmHandsTracker::assign_sides(hands);
  EXPECT_EQ(pair.right, &hands[1]);
  EXPECT_EQ(pair.left, &hands[0]);
}

TEST(Sides, OneHandOrNone) {
  const std::array one{hand(0.1F)};
  EXPECT_EQ(PalmHandsTracker::assign_sides(one).left, one.data());
  EXPECT_EQ(PalmHandsTracker::assign_sides(one).right, nullptr);
  EXPECT_EQ(PalmHandsTracker::assign_sides({}).left, nullptr);
}

TEST(Sides, OfThreeTheLeastSureIsLeftOut) {
  const std::array hands{hand(0.55F), hand(0.9F), hand(0.05F)};
  const HandPair pair = PalmHandsTracker::assign_sides(hands);
  EXPECT_EQ(pair.left, &hands[2]);
  EXPECT_EQ(pair.right, &hands[1]);
}

}  // namespace
}  // namespace storysign::vision
