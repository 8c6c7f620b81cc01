#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace storysign::vision {

inline constexpr std::size_t kPoseLandmarks = 33;
inline constexpr std::size_t kHandLandmarks = 21;
inline constexpr std::size_t kFaceLandmarks = 468;

/// x and y as fractions of the picture's width and height, z in the unit of x (smaller is nearer). May lie outside 0..1.
struct Landmark {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
};

/// A body landmark with the smoothed probability (0..1) that it is in view.
struct PoseLandmark {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
  float visibility = 0.0F;
};

using Pose = std::array<PoseLandmark, kPoseLandmarks>;
using Face = std::array<Landmark, kFaceLandmarks>;

struct Hand {
  std::array<Landmark, kHandLandmarks> landmarks{};
  float score = 0.0F;  ///< The hand network's probability that this is a hand.
};

/// How a frame was tracked: with the body leading to hands and face, or hands on their own.
enum class TrackingMode : std::uint8_t { kBody, kHands };

/// Everything found in one frame. "left" and "right" are the signer's own. The picture is not mirrored.
struct FrameLandmarks {
  TrackingMode mode = TrackingMode::kBody;
  std::optional<Pose> pose;
  std::optional<Hand> left_hand;
  std::optional<Hand> right_hand;
  std::optional<Face> face;
};

}  // namespace storysign::vision
