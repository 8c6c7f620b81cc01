#include "practice/sign_clip.hpp"

#include "made_signer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

namespace storysign::practice {
namespace {

using test::made;
using test::MadeSign;
using test::Place;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

MadeSign rising() {
  MadeSign sign;
  sign.right = [](float t) { return Place{-0.3F, 0.8F - 0.6F * t}; };
  return sign;
}

/// The greatest distance of right palms, frame by frame.
float apart(const Clip& a, const Clip& b) {
  float most = 0.0F;
  for (std::size_t i = 0; i < std::min(a.frames.size(), b.frames.size()); ++i) {
    const auto p = palm_of(a.frames[i], kRightHand);
    const auto q = palm_of(b.frames[i], kRightHand);
    if (p && q) most = std::max(most, std::hypot(p->x - q->x, p->y - q->y));
  }
  return most;
}

TEST(SignClip, IsInShoulderWidthsFromBetweenTheShoulders) {
  const ClipResult result = make_clip(made({}));
  ASSERT_TRUE(result.clip);
  const ClipFrame& frame = result.clip->frames[result.clip->frames.size() / 2];
  const auto palm = palm_of(frame, kRightHand);
  ASSERT_TRUE(palm);
  EXPECT_NEAR(palm->x, -0.3F, 0.01F);
  EXPECT_NEAR(palm->y, 0.4F, 0.01F);
  EXPECT_NEAR(frame.body[kLeftShoulder]->x, 0.5F, 0.01F);
}

TEST(SignClip, IsTheSameWhereverAndHoweverLargeTheSignerIs) {
  const ClipResult one = make_clip(made(rising()));
  MadeSign moved = rising();
  moved.x = 0.4F;
  moved.y = 0.6F;
  moved.width = 0.15F;
  moved.roll = 0.17F;  // 10 degrees.
  const ClipResult other = make_clip(made(moved));
  ASSERT_TRUE(one.clip && other.clip);
  EXPECT_EQ(one.clip->frames.size(), other.clip->frames.size());
  EXPECT_LT(apart(*one.clip, *other.clip), 0.01F);
}

TEST(SignClip, DependsOnTimesAndNotOnHowManyFramesThereWere) {
  const ClipResult full = make_clip(made(rising()));
  MadeSign slow = rising();
  slow.fps = 8.0;
  const ClipResult sparse = make_clip(made(slow));
  ASSERT_TRUE(full.clip && sparse.clip);
  EXPECT_NEAR(static_cast<double>(full.clip->frames.size()),
              static_cast<double>(sparse.clip->frames.size()), 3.0);
}

TEST(SignClip, RestBeforeAndAfterIsCutOff) {
  MadeSign sign = rising();
  sign.seconds = 1.0;
  const ClipResult result = make_clip(made(sign));
  ASSERT_TRUE(result.clip);
  EXPECT_NEAR(std::chrono::duration<double>(result.clip->duration()).count(), 1.0, 0.3);
  EXPECT_GT(result.clip->start.count(), 100'000);
}

TEST(SignClip, TheHandInTheLapDoesNotTakePart) {
  const ClipResult result = make_clip(made(rising()));
  ASSERT_TRUE(result.clip);
  EXPECT_TRUE(result.clip->used[kRightHand]);
  EXPECT_FALSE(result.clip->used[kLeftHand]);
}

TEST(SignClip, AHandThatLiesStillOnATableDoesNotTakePartEither) {
  MadeSign sign = rising();
  sign.left_rest = {0.4F, 1.0F};
  const ClipResult result = make_clip(made(sign));
  ASSERT_TRUE(result.clip);
  EXPECT_FALSE(result.clip->used[kLeftHand]);
  sign.left = [](float t) { return Place{0.4F, 1.0F - 0.4F * t}; };
  EXPECT_TRUE(make_clip(made(sign)).clip->used[kLeftHand]);
}

TEST(SignClip, AShortGapIsBridgedAndALongOneIsTold) {
  Recording recording = made(rising());
  for (std::size_t i = 20; i < 26; ++i) recording[i].right_hand.reset();
  ClipResult result = make_clip(recording);
  ASSERT_TRUE(result.clip);
  EXPECT_EQ(result.clip->out_of_view[kRightHand], 0.0F);
  EXPECT_LT(apart(*result.clip, *make_clip(made(rising())).clip), 0.02F);
  for (std::size_t i = 12; i < 35; ++i) recording[i].right_hand.reset();
  result = make_clip(recording);
  ASSERT_TRUE(result.clip);
  EXPECT_GT(result.clip->out_of_view[kRightHand], 0.4F);
}

TEST(SignClip, JitterOfTheShouldersDoesNotShakeTheHands) {
  Recording recording = made(rising());
  for (std::size_t i = 0; i < recording.size(); ++i) {
    const float shake = i % 2 == 0 ? 0.01F : -0.01F;
    for (const std::size_t shoulder : {11U, 12U}) (*recording[i].pose)[shoulder].y += shake;
  }
  const ClipResult shaken = make_clip(recording);
  ASSERT_TRUE(shaken.clip);
  EXPECT_LT(apart(*shaken.clip, *make_clip(made(rising())).clip), 0.01F);
}

TEST(SignClip, WithoutPoseTheFaceSaysWhereTheShouldersAre) {
  MadeSign sign = rising();
  sign.face = [](float) { return test::FaceMade{}; };
  const ClipResult with = make_clip(made(sign));
  sign.has_pose = false;
  const ClipResult without = make_clip(made(sign));
  ASSERT_TRUE(with.clip && without.clip);
  EXPECT_LT(apart(*with.clip, *without.clip), 0.15F);
}

TEST(SignClip, SaysWhyThereIsNone) {
  EXPECT_EQ(make_clip({}).why, NoClip::kNothing);
  EXPECT_EQ(make_clip(Recording(5)).why, NoClip::kNothing);
  MadeSign sign;
  sign.has_pose = false;
  EXPECT_EQ(make_clip(made(sign)).why, NoClip::kNoBody);
  Recording no_hands = made({});
  for (Observation& seen : no_hands) {
    seen.left_hand.reset();
    seen.right_hand.reset();
  }
  EXPECT_EQ(make_clip(no_hands).why, NoClip::kNoHands);
  sign = {};
  sign.right = [](float) { return Place{-0.3F, 1.55F}; };
  EXPECT_EQ(make_clip(made(sign)).why, NoClip::kNoHands);
  // Raised twice for a moment: neither hand is used, and whatever is compared with it would match.
  sign.seconds = 4.0;
  sign.right = [](float t) { return Place{-0.3F, t < 0.08F || t > 0.92F ? 0.4F : 1.55F}; };
  EXPECT_EQ(make_clip(made(sign)).why, NoClip::kNoHands);
  Recording one = made({});
  one = {one[20]};
  EXPECT_EQ(make_clip(one).why, NoClip::kTooShort);
}

TEST(SignClip, CoordinatesThatAreNoneCountAsMissing) {
  Recording recording = made(rising());
  recording[15].right_hand->landmarks[3].x = kNan;
  recording[17].right_hand->landmarks[0].z = std::numeric_limits<float>::infinity();
  recording[19].right_hand->landmarks[8].y = 1e30F;
  (*recording[21].pose)[11].x = kNan;
  (*recording[22].pose)[16].visibility = kNan;
  recording[23].aspect = kNan;
  const ClipResult result = make_clip(recording);
  ASSERT_TRUE(result.clip);
  EXPECT_LT(apart(*result.clip, *make_clip(made(rising())).clip), 0.03F);
  for (const ClipFrame& frame : result.clip->frames) {
    for (const auto& hand : frame.hands) {
      if (!hand) continue;
      for (const Point3& p : *hand) EXPECT_TRUE(std::isfinite(p.x + p.y + p.z));
    }
  }
}

TEST(SignClip, TimesThatGoBackwardsOrFarAreBorne) {
  Recording recording = made(rising());
  recording[20].time = recording[10].time;
  EXPECT_TRUE(make_clip(recording).clip);
  recording[40].time = std::chrono::microseconds::max();
  const ClipResult far = make_clip(recording);
  if (far.clip) {
    EXPECT_LE(far.clip->duration(), kLongestClip + std::chrono::seconds(1));
  }
  recording.front().time = std::chrono::microseconds::min();
  (void)make_clip(recording);
}

TEST(SignClip, MirroredTwiceItIsTheSame) {
  const ClipResult result = make_clip(made(rising()));
  ASSERT_TRUE(result.clip);
  const Clip once = mirrored(*result.clip);
  EXPECT_TRUE(once.used[kLeftHand]);
  EXPECT_FALSE(once.used[kRightHand]);
  EXPECT_NEAR(palm_of(once.frames[5], kLeftHand)->x, 0.3F, 0.02F);
  EXPECT_EQ(apart(mirrored(once), *result.clip), 0.0F);
}

}  // namespace
}  // namespace storysign::practice
