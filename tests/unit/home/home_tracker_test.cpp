#include "home/home_tracker.hpp"

#include "config/settings.hpp"
#include "engine/null_engine.hpp"
#include "wire/binary.hpp"
#include "wire/landmark_frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace storysign::home {
namespace {

using namespace std::chrono_literals;
using std::chrono::microseconds;

/// The clock, which a frame's networks move on.
base::SteadyTime clock_now{1h};
base::SteadyTime now() noexcept {
  return clock_now;
}

/// Networks that see nothing, take their time, and remember what they were shown.
class Script final : public engine::NullScript {
 public:
  base::Result<void> answer(engine::Model model, std::span<const float> input,
                            std::span<const engine::NullOutput> /*outputs*/) override {
    clock_now += takes;
    if (model == engine::Model::kPoseDetection) seen = input[3 * (112 * 224 + 112)];
    if (fails) return base::fail(base::ErrorCode::kInternal, "It broke.");
    return {};
  }
  std::chrono::milliseconds takes{1};
  float seen = 0.0F;  ///< The middle's red, -1 to 1.
  bool fails = false;
};

class HomeTrackerTest : public ::testing::Test {
 protected:
  HomeTrackerTest() : engine_(engine::make_null_engine(&script_)) {
    auto made = HomeTracker::create(*engine_, now);
    if (made) tracker_ = std::move(*made);
  }

  void SetUp() override { ASSERT_NE(tracker_, nullptr); }

  /// A picture of one colour.
  void show(std::uint8_t red, int width = 320, int height = 240) {
    const auto pixels = tracker_->picture(width, height);
    for (std::size_t i = 0; i < pixels.size(); i += 4) {
      pixels[i] = red;
      pixels[i + 1] = 20;
      pixels[i + 2] = 30;
      pixels[i + 3] = 255;
    }
  }

  /// One frame; 40 ms after the one before.
  base::Result<void> track() {
    ++number_;
    clock_now += 40ms;
    return tracker_->track({.number = number_,
                            .capture_time = 40ms * number_,
                            .latency = 70ms,
                            .dropped = 3,
                            .spent = spent_});
  }

  wire::Answer answer() {
    auto read = wire::read_answer(tracker_->answer());
    EXPECT_TRUE(read);
    return read ? *read : wire::Answer{};
  }

  Script script_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<HomeTracker> tracker_;
  std::uint32_t number_ = 0;
  microseconds spent_{2000};
};

TEST_F(HomeTrackerTest, TracksAsAServerWhoseConfigurationChangesNothing) {
  const config::Settings settings;
  const vision::TrackerOptions options = home_options();
  EXPECT_EQ(options.complexity, settings.mediapipe.model_complexity);
  EXPECT_EQ(options.min_detection_confidence,
            static_cast<float>(settings.mediapipe.min_detection_confidence));
  EXPECT_EQ(options.min_tracking_confidence,
            static_cast<float>(settings.mediapipe.min_tracking_confidence));
  EXPECT_EQ(options.refine_face, settings.mediapipe.refine_face_landmarks);
  EXPECT_EQ(options.segmentation, settings.mediapipe.enable_segmentation);
  EXPECT_EQ(adapt::QualityOptions{}.target.count(), settings.performance.target_latency_ms);
}

TEST_F(HomeTrackerTest, SaysTheSameToServerAndPage) {
  show(200);
  ASSERT_TRUE(track());
  wire::LandmarkFrame message;
  ASSERT_TRUE(wire::read_landmark_frame(tracker_->message(), message));
  EXPECT_EQ(message.header.frame_number, 1U);
  EXPECT_EQ(message.header.capture_time, 40ms);
  EXPECT_EQ(message.header.width, 320);
  EXPECT_EQ(message.header.height, 240);
  EXPECT_EQ(message.header.latency, 70ms);
  EXPECT_EQ(message.header.client_dropped, 3U);
  EXPECT_EQ(message.header.profile, wire::AnswerProfile::kBalanced);
  const wire::Answer said = answer();
  EXPECT_TRUE(said.header.success);
  EXPECT_TRUE(said.has_landmarks);
  EXPECT_EQ(said.header.inferred, message.header.inferred);
  EXPECT_EQ(said.header.skip_reason, message.header.skip_reason);
  EXPECT_EQ(said.header.frame_number, 1U);
  EXPECT_EQ(said.header.capture_time, 40ms);
  EXPECT_EQ(said.header.width, 320);
  EXPECT_EQ(said.header.height, 240);
  EXPECT_EQ(said.header.profile, wire::AnswerProfile::kBalanced);
  EXPECT_EQ(said.header.quality_reason, static_cast<std::uint8_t>(adapt::Reason::kStart));
  EXPECT_EQ(said.header.frame_skip, 1);
  EXPECT_GT(said.header.vision_time, 0ms);
  EXPECT_EQ(said.header.total_time, said.header.vision_time + 2ms);
}

TEST_F(HomeTrackerTest, ShowsNetworksTheColours) {
  show(255);
  ASSERT_TRUE(track());
  EXPECT_NEAR(script_.seen, 1.0F, 0.01F);
  tracker_->reset();
  show(0);
  ASSERT_TRUE(track());
  EXPECT_NEAR(script_.seen, -1.0F, 0.01F);
}

TEST_F(HomeTrackerTest, ObeysTheLearnersChoice) {
  show(100);
  tracker_->choose(adapt::Profile::kHighPerformance);
  ASSERT_TRUE(track());
  EXPECT_EQ(answer().header.profile, wire::AnswerProfile::kHighPerformance);
  EXPECT_EQ(answer().header.quality_reason, static_cast<std::uint8_t>(adapt::Reason::kClient));
  EXPECT_EQ(answer().header.frame_skip, 2);
}

/// The profile after three seconds of frames.
wire::AnswerProfile settle(const std::function<wire::AnswerProfile()>& one) {
  wire::AnswerProfile profile{};
  for (int i = 0; i < 75; ++i) profile = one();
  return profile;
}

TEST_F(HomeTrackerTest, LowersQualityWhereFramesTakeTooLong) {
  const auto one = [this] {
    show(100);
    EXPECT_TRUE(track());
    return answer().header.profile;
  };
  EXPECT_GE(settle(one), wire::AnswerProfile::kBalanced);
  // Reading the pixels counts as well: a device may be slow there.
  spent_ = 100ms;
  EXPECT_LT(settle(one), wire::AnswerProfile::kBalanced);
  EXPECT_EQ(answer().header.quality_reason, static_cast<std::uint8_t>(adapt::Reason::kLatency));
  // Unless the learner has chosen.
  tracker_->choose(adapt::Profile::kHighQuality);
  EXPECT_EQ(settle(one), wire::AnswerProfile::kHighQuality);
  tracker_->choose(std::nullopt);
  EXPECT_LT(settle(one), wire::AnswerProfile::kHighQuality);
}

TEST_F(HomeTrackerTest, FailsWithoutAPictureOrNetwork) {
  EXPECT_FALSE(track());
  show(100);
  script_.fails = true;
  EXPECT_FALSE(track());
  script_.fails = false;
  EXPECT_TRUE(track());
}

}  // namespace
}  // namespace storysign::home
