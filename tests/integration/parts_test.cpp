// A frame whose hands and face are found by two workers at once has the landmarks that one worker
// finds, bit for bit.

#include "codec/encoder.hpp"
#include "engine/openvino_engine.hpp"
#include "pipeline/pipeline.hpp"
#include "support/clip.hpp"
#include "support/latest_result.hpp"
#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace storysign::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFrames = 20;

/// Every number of a frame's landmarks.
std::vector<float> numbers_of(const vision::FrameLandmarks& landmarks) {
  std::vector<float> numbers;
  const auto add = [&](const auto& point) {
    numbers.insert(numbers.end(), {point.x, point.y, point.z});
  };
  if (landmarks.pose) std::ranges::for_each(*landmarks.pose, add);
  for (const auto* hand : {&landmarks.left_hand, &landmarks.right_hand}) {
    numbers.push_back(*hand ? (*hand)->score : -1.0F);
    if (*hand) std::ranges::for_each((*hand)->landmarks, add);
  }
  if (landmarks.face) std::ranges::for_each(*landmarks.face, add);
  return numbers;
}

/// All landmarks of the frames, one frame after the other, and how many parts were shared.
struct Track {
  std::vector<std::vector<float>> frames;
  std::uint64_t parts_shared = 0;
};

Track follow(const std::vector<base::Bytes>& jpegs, engine::Engine& engine, bool parallel) {
  telemetry::Metrics metrics;
  PipelineOptions options;
  options.workers = 2;
  options.max_wait = std::chrono::hours(1);
  options.tracker = {.tracker = vision::TrackerKind::kHolistic, .complexity = 0};
  options.parallel_parts = parallel;
  options.metrics = &metrics;
  const auto pipeline = Pipeline::create(engine, options).value();
  const auto latest = std::make_shared<test::LatestResult>();
  const auto channel = pipeline->open(latest);
  Track track;
  for (std::size_t i = 0; i < jpegs.size(); ++i) {
    Frame frame;
    frame.buffer = pipeline->buffers().take();
    *frame.buffer = jpegs[i];
    frame.track_time = std::chrono::microseconds(33333) * (i + 1);
    frame.received = base::steady_now();
    channel->submit(std::move(frame));
    const ResultLease result = latest->wait();
    EXPECT_EQ(result->outcome, Outcome::kInferred) << result->error;
    track.frames.push_back(numbers_of(result->landmarks));
  }
  track.parts_shared = metrics.snapshot().value(telemetry::Counter::kPartsShared);
  return track;
}

TEST(Parts, FoundByTwoWorkersAreThoseOfOne) {
  const fs::path clip = fs::path(STORYSIGN_SHARED_DATA_DIR) / "clips" / "milk.mkv";
  if (!fs::exists(clip)) {
    GTEST_SKIP() << "there is no " << clip << "; this test needs shared/data";
  }
  const auto images = test::read_clip(clip).value();
  codec::JpegEncoder encoder;
  std::vector<base::Bytes> jpegs;
  for (std::size_t i = 0; i < std::min(kFrames, images.size()); ++i) {
    const auto jpeg = encoder.encode(images[i].view()).value();
    jpegs.emplace_back(jpeg.bytes.begin(), jpeg.bytes.end());
  }
  const auto engine =
      engine::make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR, .workers = 2});
  ASSERT_TRUE(engine) << engine.error().message;

  const Track alone = follow(jpegs, **engine, false);
  const Track together = follow(jpegs, **engine, true);
  EXPECT_EQ(alone.parts_shared, 0U);
  EXPECT_GT(together.parts_shared, 0U) << "nothing was done in parallel, so nothing was shown";
  ASSERT_EQ(together.frames.size(), alone.frames.size());
  std::size_t with_hands = 0;
  for (std::size_t i = 0; i < alone.frames.size(); ++i) {
    EXPECT_EQ(together.frames[i], alone.frames[i]) << "frame " << i;
    with_hands += alone.frames[i].size() > (33 + 468 + 21) * 3 ? 1U : 0U;
  }
  EXPECT_GT(with_hands, 0U) << "no frame of the clip shows body, face and a hand";
}

}  // namespace
}  // namespace storysign::pipeline
