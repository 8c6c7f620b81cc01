#include "practice/gesture.hpp"

#include "clip_landmarks.hpp"
#include "scene.hpp"
#include "support/npz.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using std::chrono::milliseconds;

class Gestures : public ::testing::Test {
 protected:
  GestureChange feed(const Observation& seen) {
    const GestureChange change = detector_.on_observation(seen);
    if (change != GestureChange::kNone) changes_.push_back(change);
    return change;
  }
  void rest(int frames) {
    for (int i = 0; i < frames; ++i) feed(scene_.right_hand_at(-0.2F, 1.6F));
  }
  void hold(int frames, float y = 0.5F) {
    for (int i = 0; i < frames; ++i) feed(scene_.right_hand_at(-0.2F, y));
  }
  /// From the lap to the chest, up and down there, and back.
  void sign(int frames) {
    for (int i = 0; i < frames; ++i) {
      const float part = static_cast<float>(i) / static_cast<float>(frames);
      const float y = part < 0.2F   ? 1.6F - part * 5.5F
                      : part > 0.8F ? 0.5F + (part - 0.8F) * 5.5F
                                    : 0.5F + 0.2F * std::sin(part * 30.0F);
      feed(scene_.right_hand_at(-0.2F, y));
    }
  }

  test::Scene scene_;
  GestureDetector detector_{GestureRules{}};
  std::vector<GestureChange> changes_;
};

TEST_F(Gestures, ASignFromTheLapAndBackIsOne) {
  rest(30);
  sign(45);
  rest(45);
  EXPECT_EQ(changes_, (std::vector{GestureChange::kStarted, GestureChange::kCompleted}));
  ASSERT_GE(detector_.recording().size(), 45U);
  const auto length = detector_.recording().back().time - detector_.recording().front().time;
  EXPECT_NEAR(std::chrono::duration<double>(length).count(), 1.5 + 0.5, 0.35);
}

TEST_F(Gestures, HandsAtRestAreNone) {
  scene_.set_jitter(0.002F);
  rest(300);
  hold(300);
  rest(300);
  // Up and down again are two movements; neither the rest nor the hold is one.
  for (const GestureChange change : changes_) EXPECT_NE(change, GestureChange::kCompleted);
  EXPECT_EQ(detector_.speed(), 0.0);
}

TEST_F(Gestures, AShortMovementIsNone) {
  rest(30);
  hold(3);
  rest(45);
  EXPECT_EQ(changes_, (std::vector{GestureChange::kStarted, GestureChange::kTooShort}));
  EXPECT_FALSE(detector_.is_detecting());
}

TEST_F(Gestures, TheSpeedIsInShoulderWidthsASecond) {
  scene_.set_jitter(0.0F);
  for (int i = 0; i < 20; ++i) {
    feed(scene_.right_hand_at(-0.5F + 0.05F * static_cast<float>(i), 0.5F));
  }
  // 0.05 a frame at 30 frames a second, less tremor.
  EXPECT_NEAR(detector_.speed(), 1.5 - 0.15, 0.02);
}

TEST_F(Gestures, AHandThatIsLostForMomentsDoesNotEndIt) {
  rest(30);
  for (int round = 0; round < 3; ++round) {
    sign(20);
    for (int i = 0; i < 10; ++i) feed(scene_.empty());
  }
  rest(45);
  EXPECT_EQ(changes_, (std::vector{GestureChange::kStarted, GestureChange::kCompleted}));
}

TEST_F(Gestures, ALongOneIsKeptWholeWithFewerFrames) {
  rest(30);
  for (int round = 0; round < 20; ++round) sign(30);
  EXPECT_LE(detector_.buffered(), 100U);
  rest(45);
  ASSERT_EQ(changes_.back(), GestureChange::kCompleted);
  const Recording& kept = detector_.recording();
  EXPECT_LE(kept.size(), 100U);
  EXPECT_GT(kept.size(), 40U);
  EXPECT_GT(kept.back().time - kept.front().time, std::chrono::seconds(19));
}

TEST_F(Gestures, AGapInTimeBeginsAnew) {
  rest(30);
  sign(20);
  EXPECT_TRUE(detector_.is_detecting());
  scene_.wait(std::chrono::seconds(5));
  rest(3);
  EXPECT_FALSE(detector_.is_detecting());
  EXPECT_EQ(changes_, (std::vector{GestureChange::kStarted, GestureChange::kTooShort}))
      << "whoever follows the changes hears of it";
}

TEST_F(Gestures, TimesMayBeTheLastThatThereAre) {
  // Frames from `start` on until the gesture is complete; how many that were.
  const auto complete = [&](std::chrono::microseconds start) {
    scene_ = test::Scene();
    scene_.wait(start);
    detector_ = GestureDetector({.pause = milliseconds(100)});
    for (int i = 0; i < 100; ++i) {
      const float way = 0.05F * static_cast<float>(std::clamp(i - 30, 0, 25));
      const auto change = feed(scene_.right_hand_at(-0.5F + way, i < 30 ? 1.6F : 0.5F));
      if (change == GestureChange::kCompleted) return i;
    }
    return 100;
  };
  const int frames = complete(milliseconds(0));
  ASSERT_LT(frames, 100);
  const auto last = std::chrono::microseconds::max() - std::chrono::seconds(1);
  complete(last - (frames + 3) * test::Scene::kFrame);
  EXPECT_EQ(changes_.back(), GestureChange::kCompleted);
  EXPECT_GT(detector_.recording().size(), 20U);
}

TEST_F(Gestures, TimesThatGoBackAreLeftOut) {
  rest(10);
  Observation old = scene_.right_hand_at(3.0F, -2.0F);
  old.time = milliseconds(1);
  EXPECT_EQ(feed(old), GestureChange::kNone);
  EXPECT_EQ(detector_.speed(), 0.0);
}

TEST_F(Gestures, NumbersThatAreNoneAreNoMovement) {
  rest(10);
  for (int i = 0; i < 40; ++i) {
    Observation broken = scene_.right_hand_at(0.0F, 0.5F);
    broken.right_hand->landmarks[4].x = std::numeric_limits<float>::quiet_NaN();
    (*broken.pose)[11].x = std::numeric_limits<float>::infinity();
    feed(broken);
  }
  EXPECT_EQ(detector_.speed(), 0.0);
}

TEST_F(Gestures, WithoutABodyThePalmIsTheMeasure) {
  for (int i = 0; i < 40; ++i) {
    Observation seen = scene_.right_hand_at(-0.5F + 0.03F * static_cast<float>(i), 0.5F);
    seen.pose.reset();
    feed(seen);
  }
  EXPECT_EQ(changes_, std::vector{GestureChange::kStarted});
}

TEST_F(Gestures, EveryKeyHasAnEffect) {
  const auto changes = [](const GestureRules& rules) {
    test::Scene scene;
    GestureDetector detector(rules);
    std::vector<GestureChange> seen_changes;
    const auto feed = [&](const Observation& seen) {
      const GestureChange change = detector.on_observation(seen);
      if (change != GestureChange::kNone) seen_changes.push_back(change);
    };
    for (int i = 0; i < 20; ++i) feed(scene.right_hand_at(0.0F, 1.6F));
    for (int i = 0; i < 30; ++i) {
      feed(scene.right_hand_at(0.0F, 0.5F + 0.02F * static_cast<float>(i % 30)));
    }
    for (int i = 0; i < 45; ++i) feed(scene.right_hand_at(0.0F, 1.6F));
    return seen_changes;
  };
  const std::vector whole = {GestureChange::kStarted, GestureChange::kCompleted};
  EXPECT_EQ(changes({}), whole);
  EXPECT_TRUE(changes({.enabled = false}).empty());
  EXPECT_TRUE(changes({.velocity_threshold = 50.0}).empty());
  EXPECT_EQ(changes({.pause = std::chrono::milliseconds(5000)}),
            std::vector{GestureChange::kStarted});
  EXPECT_EQ(changes({.min_gesture = std::chrono::milliseconds(5000)}).back(),
            GestureChange::kTooShort);
}

TEST_F(Gestures, TheBufferAndTheWindowAreTheSettings) {
  GestureDetector small({.buffer = 20});
  GestureDetector quick({.smoothing_window = 2});
  GestureDetector slow({.smoothing_window = 15});
  scene_.set_jitter(0.0F);
  for (int i = 0; i < 60; ++i) {
    const Observation seen =
        scene_.right_hand_at(0.0F, i < 30 ? 0.5F : 0.5F + 0.05F * static_cast<float>(i - 29));
    small.on_observation(seen);
    quick.on_observation(seen);
    slow.on_observation(seen);
    EXPECT_LE(small.buffered(), 20U);
    if (i == 31) {
      EXPECT_GT(quick.speed(), slow.speed());
    }
  }
}

/// The 14 signs of the clips: each begins and ends with the hands down.
TEST(GesturesOfClips, EachSignIsOne) {
  const std::filesystem::path folder = std::filesystem::path(STORYSIGN_SHARED_DATA_DIR) / "gold";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is missing";
  for (const std::string gloss : {"again", "book", "brother", "eat", "hungry", "learn", "milk",
                                  "no", "please", "school", "sister", "student", "thanks", "yes"}) {
    const auto clip = storysign::test::read_npz(folder / (gloss + ".c0.npz"));
    ASSERT_TRUE(clip) << clip.error().message;
    GestureDetector detector{GestureRules{}};
    int completed = 0;
    int others = 0;
    const std::size_t frames = clip->at("pose").rows();
    // The last frame stands for two more seconds.
    for (std::size_t i = 0; i < frames + 60; ++i) {
      const Observation seen = test::observation_of(*clip, std::min(i, frames - 1), i);
      const GestureChange change = detector.on_observation(seen);
      completed += change == GestureChange::kCompleted ? 1 : 0;
      others += change == GestureChange::kTooShort ? 1 : 0;
    }
    EXPECT_EQ(completed, 1) << gloss;
    EXPECT_LE(others, 1) << gloss;
    EXPECT_GE(detector.recording().size(), 15U) << gloss;
    EXPECT_LE(detector.recording().size(), frames + 10) << gloss;
  }
}

}  // namespace
}  // namespace storysign::practice
