// Two workers, each with its own requests and its own learner, on one engine: the landmarks are
// those of one worker alone.

#include "engine/openvino_engine.hpp"
#include "support/clip.hpp"
#include "vision/tracker.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace storysign::vision {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFrames = 8;

/// x and y of everything found in the first frames; a failure ends the list with its message.
struct Track {
  std::vector<float> coordinates;
  std::string failure;
};

template <class Points>
void append(const Points& points, std::vector<float>& coordinates) {
  for (const auto& p : points) {
    coordinates.push_back(p.x);
    coordinates.push_back(p.y);
  }
}

void follow(const std::vector<base::Image>& frames, engine::Engine& engine, Track& track) {
  const TrackerOptions options{.tracker = TrackerKind::kHolistic, .complexity = 0};
  const auto networks = Networks::create(engine, options);
  if (!networks) {
    track.failure = networks.error().message;
    return;
  }
  HolisticTracker tracker(options);
  for (std::size_t i = 0; i < kFrames; ++i) {
    const auto found =
        tracker.process(frames[i].view(), (i + 1) * std::chrono::microseconds(33333), **networks);
    if (!found) {
      track.failure = found.error().message;
      return;
    }
    const FrameLandmarks& landmarks = **found;
    if (landmarks.pose) {
      append(*landmarks.pose, track.coordinates);
    }
    for (const auto* hand : {&landmarks.left_hand, &landmarks.right_hand}) {
      if (*hand) {
        append((*hand)->landmarks, track.coordinates);
      }
    }
    if (landmarks.face) {
      append(*landmarks.face, track.coordinates);
    }
  }
}

TEST(Workers, DoNotDisturbEachOther) {
  const fs::path clips = fs::path(STORYSIGN_SHARED_DATA_DIR) / "clips";
  if (!fs::exists(clips)) {
    GTEST_SKIP() << "there are no clips in " << clips << "; this test needs shared/data";
  }
  const std::array<std::vector<base::Image>, 2> learners = {
      test::read_clip(clips / "milk.mkv").value(), test::read_clip(clips / "yes.mkv").value()};
  const auto engine =
      engine::make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR, .workers = 2});
  ASSERT_TRUE(engine) << engine.error().message;

  std::array<Track, 2> alone;
  std::array<Track, 2> together;
  for (std::size_t i = 0; i < learners.size(); ++i) {
    follow(learners[i], **engine, alone[i]);
    ASSERT_EQ(alone[i].failure, "");
    ASSERT_GT(alone[i].coordinates.size(), kFrames * 2 * (kPoseLandmarks + kFaceLandmarks));
  }
  {
    std::jthread first(follow, std::cref(learners[0]), std::ref(**engine), std::ref(together[0]));
    std::jthread second(follow, std::cref(learners[1]), std::ref(**engine), std::ref(together[1]));
  }
  for (std::size_t i = 0; i < learners.size(); ++i) {
    EXPECT_EQ(together[i].failure, "");
    EXPECT_EQ(together[i].coordinates, alone[i].coordinates);
  }
}

}  // namespace
}  // namespace storysign::vision
