#pragma once

#include "practice/observation.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numbers>
#include <optional>
#include <random>

namespace storysign::practice::test {

struct Place {
  float x = 0.0F;  ///< Shoulder widths from between the shoulders, as in the picture.
  float y = 0.0F;
};

/// A hand as it may be held: each finger 0 (closed) to 1 (open), thumb first.
struct HandHeld {
  std::array<float, 5> open = {1, 1, 1, 1, 1};
  bool palm_to_camera = true;
};

struct FaceMade {
  float brows = 0.0F;  ///< Up, of the face's height.
  float mouth = 0.0F;  ///< Gap of the lips, of it.
  float yaw = 0.0F;    ///< Nose to the side, of its width.
  float pitch = 0.0F;
};

/// A made-up signer who signs with the hands at given places at each time, 0 to 1 of the sign.
/// Before and after that the hands lie in the lap for a quarter of a second.
struct MadeSign {
  std::function<Place(float)> right = [](float) { return Place{-0.3F, 0.4F}; };
  std::function<Place(float)> left;  ///< Lies in the lap if not given.
  Place left_rest = {0.35F, 1.55F};
  HandHeld right_held, left_held;
  std::function<FaceMade(float)> face;  ///< No face mesh if not given.
  double seconds = 1.2;
  double fps = 30.0;
  float jitter = 0.0F;
  bool has_pose = true;
  /// Where the middle of the shoulders is, how wide they are (picture heights), how far they tilt.
  float x = 0.66F, y = 0.45F, width = 0.3F, roll = 0.0F;
  std::size_t seed = 1;
};

class MadeSigner {
 public:
  explicit MadeSigner(const MadeSign& sign) : sign_(sign), random_(sign.seed) {}

  Recording make() {
    Recording out;
    const double rest = 0.25;
    const double all = sign_.seconds + 2 * rest;
    for (std::size_t i = 0; static_cast<double>(i) / sign_.fps <= all; ++i) {
      const double time = static_cast<double>(i) / sign_.fps;
      const auto share = static_cast<float>((time - rest) / sign_.seconds);
      Observation& seen = out.emplace_back();
      seen.time = std::chrono::microseconds(static_cast<std::int64_t>(time * 1e6) + 5'000'000);
      seen.aspect = kAspect;
      const bool signs = share >= 0.0F && share <= 1.0F;
      const Place right = signs ? sign_.right(share) : Place{-0.35F, 1.55F};
      const Place left = signs && sign_.left ? sign_.left(share) : sign_.left_rest;
      if (sign_.has_pose) seen.pose = pose(right, left);
      seen.right_hand = hand(right, sign_.right_held, 1.0F);
      seen.left_hand = hand(left, sign_.left_held, -1.0F);
      if (sign_.face) seen.face = face(sign_.face(std::clamp(share, 0.0F, 1.0F)));
    }
    return out;
  }

 private:
  static constexpr float kAspect = 4.0F / 3.0F;

  /// From the body's frame to the picture.
  vision::Landmark at(float x, float y, float z = 0.0F) {
    const float cosine = std::cos(sign_.roll) * sign_.width;
    const float sine = std::sin(sign_.roll) * sign_.width;
    return {.x = (sign_.x + x * cosine - y * sine + noise()) / kAspect,
            .y = sign_.y + x * sine + y * cosine + noise(),
            .z = z * sign_.width / kAspect};
  }
  float noise() { return sign_.jitter > 0.0F ? sign_.jitter * normal_(random_) : 0.0F; }

  vision::Pose pose(Place right, Place left) {
    vision::Pose out{};
    const auto set = [&](std::size_t i, float x, float y) {
      const vision::Landmark p = at(x, y);
      out[i] = {.x = p.x, .y = p.y, .z = 0.0F, .visibility = 1.0F};
    };
    for (std::size_t i = 0; i < out.size(); ++i) set(i, 0.0F, 2.0F);
    set(0, 0.0F, -0.55F);
    set(2, 0.08F, -0.66F), set(5, -0.08F, -0.66F);
    set(7, 0.2F, -0.6F), set(8, -0.2F, -0.6F);
    set(9, 0.07F, -0.46F), set(10, -0.07F, -0.46F);
    set(11, 0.5F, 0.0F), set(12, -0.5F, 0.0F);
    set(13, 0.6F, 0.8F), set(14, -0.6F, 0.8F);
    set(15, left.x, left.y + 0.2F), set(16, right.x, right.y + 0.2F);
    return out;
  }

  /// The palm's middle at `place`; `side` is -1 for the left hand, which is the right one mirrored.
  vision::Hand hand(Place place, const HandHeld& held, float side) {
    vision::Hand out;
    out.score = 1.0F;
    const float facing = held.palm_to_camera ? 1.0F : -1.0F;
    const auto put = [&](std::size_t i, float x, float y, float z) {
      out.landmarks[i] = at(place.x + x * side * facing, place.y + 0.23F + y, z * facing);
    };
    put(0, 0.0F, 0.0F, 0.0F);
    constexpr std::array<float, 5> kRoots = {0.1F, 0.12F, 0.04F, -0.04F, -0.12F};
    for (std::size_t f = 1; f < 5; ++f) {
      const float closed = (1.0F - held.open[f]) * std::numbers::pi_v<float> / 2;
      const std::array<float, 3> parts = {0.15F, 0.1F, 0.08F};
      float y = -0.35F;
      float z = 0.0F;
      put(4 * f + 1, kRoots[f], y, z);
      for (std::size_t k = 0; k < 3; ++k) {
        const float angle = k == 0 ? closed : 2 * closed;
        y -= parts[k] * std::cos(angle);
        z -= parts[k] * std::sin(angle);
        put(4 * f + 2 + k, kRoots[f], y, z);
      }
    }
    const float out_to = 2.0F * held.open[0] - 1.0F;
    for (std::size_t k = 0; k < 4; ++k) {
      const auto step = static_cast<float>(k);
      put(1 + k, 0.08F + 0.07F * step * out_to, -0.08F - 0.05F * step, -0.01F * step);
    }
    return out;
  }

  FacePoints face(const FaceMade& made) {
    FacePoints out{};
    const auto set = [&](int index, float x, float y) {
      out[face_point(static_cast<std::uint16_t>(index))] = at(0.36F * x, -0.8F + 0.49F * y);
    };
    for (const int index : kFacePointIndices) set(index, 0.0F, 0.5F);
    for (const int index : {70, 63, 105, 66, 107}) set(index, -0.25F, 0.25F - made.brows);
    for (const int index : {300, 293, 334, 296, 336}) set(index, 0.25F, 0.25F - made.brows);
    for (const int index : {33, 133, 159, 145}) set(index, -0.2F, 0.35F);
    for (const int index : {263, 362, 386, 374}) set(index, 0.2F, 0.35F);
    set(61, -0.15F, 0.75F), set(291, 0.15F, 0.75F);
    set(13, 0.0F, 0.75F - made.mouth / 2), set(14, 0.0F, 0.75F + made.mouth / 2);
    set(0, 0.0F, 0.72F), set(17, 0.0F, 0.78F);
    set(1, made.yaw, 0.55F + made.pitch), set(168, 0.0F, 0.35F);
    set(152, 0.0F, 1.0F), set(10, 0.0F, 0.0F);
    set(234, -0.5F, 0.5F), set(454, 0.5F, 0.5F);
    set(50, -0.3F, 0.6F), set(280, 0.3F, 0.6F);
    return out;
  }

  MadeSign sign_;
  std::mt19937_64 random_;
  std::normal_distribution<float> normal_;
};

inline Recording made(const MadeSign& sign) {
  return MadeSigner(sign).make();
}

}  // namespace storysign::practice::test
