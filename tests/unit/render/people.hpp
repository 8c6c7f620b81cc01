#pragma once

#include "base/image.hpp"
#include "render/raster.hpp"
#include "vision/landmarks.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

namespace storysign::render::testing {

/// A made-up person who stands in the middle and holds both hands up: hands the width of a sixth of
/// the picture, all body points in view. Joints are far enough apart to be looked at one by one at
/// 640 x 480.
inline vision::Hand open_hand(float wrist_x, float wrist_y, float side) {
  vision::Hand hand;
  hand.score = 1.0F;
  hand.landmarks[0] = {wrist_x, wrist_y, 0.0F};
  for (int finger = 0; finger < 5; ++finger) {
    for (int joint = 0; joint < 4; ++joint) {
      const float reach = (finger == 0 ? 0.07F : 0.14F) + 0.05F * static_cast<float>(joint);
      const float lean = side * 0.04F * static_cast<float>(finger - 2);
      hand.landmarks.at(static_cast<unsigned>(1 + finger * 4 + joint)) = {
          wrist_x + lean * (1.0F + 0.2F * static_cast<float>(joint)), wrist_y - reach, 0.0F};
    }
  }
  return hand;
}

inline vision::Pose standing_pose() {
  vision::Pose pose{};
  pose.fill({0.5F, 0.2F, 0.0F, 0.9F});
  for (std::size_t i = 0; i <= 10; ++i) {
    const float turn = static_cast<float>(i) * 0.57F;
    pose[i].x = 0.5F + 0.05F * std::sin(turn);
    pose[i].y = 0.2F - 0.07F * std::cos(turn);
  }
  for (std::size_t i = 11; i < pose.size(); ++i) {
    // Left parts stand on the right of the picture.
    const float side = i % 2 == 1 ? 1.0F : -1.0F;
    pose[i].x = 0.5F + side * 0.12F;
  }
  const auto put = [&pose](std::size_t index, float x, float y) {
    pose[index].x = x;
    pose[index].y = y;
  };
  for (std::size_t i = 11; i <= 12; ++i) pose[i].y = 0.42F;
  put(13, 0.75F, 0.62F);
  put(14, 0.25F, 0.62F);
  for (std::size_t i = 15; i <= 22; ++i) {
    const float up = 0.04F * std::floor(static_cast<float>(i - 15) / 2.0F);
    put(i, i % 2 == 1 ? 0.8F : 0.2F, 0.55F - up);
  }
  for (std::size_t i = 23; i < pose.size(); ++i) {
    pose[i].y = 0.75F + 0.05F * std::floor(static_cast<float>(i - 23) / 2.0F);
  }
  return pose;
}

inline vision::Face round_face() {
  vision::Face face{};
  for (std::size_t i = 0; i < face.size(); ++i) {
    const float turn = static_cast<float>(i) * 2.0F * std::numbers::pi_v<float> / 468.0F;
    face[i] = {0.5F + 0.06F * std::cos(turn), 0.2F + 0.1F * std::sin(turn), 0.0F};
  }
  return face;
}

inline vision::FrameLandmarks person() {
  vision::FrameLandmarks out;
  out.pose = standing_pose();
  out.left_hand = open_hand(0.8F, 0.55F, -1.0F);
  out.right_hand = open_hand(0.2F, 0.55F, 1.0F);
  out.face = round_face();
  return out;
}

inline Color color_at(const base::Image& image, int x, int y) {
  const std::uint8_t* pixel = image.view().row(y) + static_cast<std::ptrdiff_t>(x) * 3;
  return {pixel[0], pixel[1], pixel[2]};
}

/// The pixel in which a landmark lies.
inline Color color_at(const base::Image& image, float x, float y) {
  return color_at(image, static_cast<int>(x * static_cast<float>(image.width())),
                  static_cast<int>(y * static_cast<float>(image.height())));
}

inline base::Image plain(int width, int height, Color color = kPlainGround) {
  base::Image image(width, height);
  fill(image.mutable_view(), color);
  return image;
}

/// How many pixels are no longer of the ground's colour.
inline int touched(const base::Image& image, Color ground = kPlainGround) {
  int count = 0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) count += color_at(image, x, y) == ground ? 0 : 1;
  }
  return count;
}

}  // namespace storysign::render::testing
