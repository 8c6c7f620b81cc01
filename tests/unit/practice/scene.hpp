#pragma once

#include "practice/observation.hpp"

#include <chrono>
#include <cmath>
#include <random>

namespace storysign::practice::test {

/// A made-up signer: shoulders a quarter of the picture's width apart, hips below, one frame every
/// thirtieth of a second, landmarks with a little jitter.
class Scene {
 public:
  static constexpr float kAspect = 4.0F / 3.0F;
  static constexpr float kShoulderWidth = 0.25F;  ///< Of the picture's width.
  static constexpr std::chrono::microseconds kFrame{33333};

  /// The next frame: the right palm at (x, y), in shoulder widths from between the shoulders.
  Observation right_hand_at(float x, float y) {
    Observation seen = empty();
    seen.right_hand = hand(x, y);
    auto& wrist = (*seen.pose)[16];
    wrist.x = seen.right_hand->landmarks[0].x;
    wrist.y = seen.right_hand->landmarks[0].y;
    return seen;
  }
  /// The next frame, without hands.
  Observation empty() {
    time_ += kFrame;
    Observation seen;
    seen.time = time_;
    seen.aspect = kAspect;
    seen.pose.emplace();
    for (auto& point : *seen.pose) {
      point = {.x = 0.5F, .y = 0.5F, .z = 0.0F, .visibility = 1.0F};
    }
    const auto set = [&](std::size_t index, float x, float y) {
      (*seen.pose)[index].x = 0.5F + x * kShoulderWidth + jitter();
      (*seen.pose)[index].y = 0.4F + y * kShoulderWidth * kAspect + jitter();
    };
    set(11, 0.5F, 0.0F);
    set(12, -0.5F, 0.0F);
    set(23, 0.35F, 1.45F);
    set(24, -0.35F, 1.45F);
    // The arms hang down.
    set(13, 0.6F, 0.8F);
    set(14, -0.6F, 0.8F);
    set(15, 0.5F, 1.7F);
    set(16, -0.5F, 1.7F);
    return seen;
  }
  vision::Hand hand(float x, float y) {
    vision::Hand hand;
    hand.score = 1.0F;
    for (std::size_t i = 0; i < hand.landmarks.size(); ++i) {
      const float finger = static_cast<float>(i % 5) * 0.05F;
      hand.landmarks[i] = {
          .x = 0.5F + (x + finger) * kShoulderWidth + jitter(),
          .y = 0.4F + (y - static_cast<float>(i) * 0.01F) * kShoulderWidth * kAspect + jitter(),
          .z = 0.0F};
    }
    return hand;
  }
  void wait(std::chrono::microseconds time) { time_ += time; }
  void set_jitter(float deviation) { deviation_ = deviation; }

 private:
  float jitter() { return deviation_ * normal_(random_); }

  std::mt19937 random_{7};
  std::normal_distribution<float> normal_;
  float deviation_ = 0.001F;
  std::chrono::microseconds time_{1'000'000};
};

}  // namespace storysign::practice::test
