#pragma once

#include "vision/landmarks.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace storysign::practice {

/// The points of the face mesh that practice looks at. Numbers as in MediaPipe's face mesh
/// (canonical_face_model.obj); left and right are the signer's own.
inline constexpr std::array<std::uint16_t, 32> kFacePointIndices = {
    // Eyebrows: right 70, 63, 105, 66, 107 from outside to inside; left 300, 293, 334, 296, 336.
    70, 63, 105, 66, 107, 300, 293, 334, 296, 336,
    // Eyes: right corner outside 33, inside 133, upper lid 159, lower 145; left 263, 362, 386, 374.
    33, 133, 159, 145, 263, 362, 386, 374,
    // Mouth: corners 61 and 291; inner lips above 13 and below 14; outer lips above 0 and below 17.
    61, 291, 13, 14, 0, 17,
    // Nose: tip 1, bridge 168; chin 152, forehead 10; temples 234 and 454; cheeks 50 and 280.
    1, 168, 152, 10, 234, 454, 50, 280};
inline constexpr std::size_t kFacePoints = kFacePointIndices.size();
using FacePoints = std::array<vision::Landmark, kFacePoints>;

/// Where a point of the face mesh stands in FacePoints; kFacePoints if it is none of them.
[[nodiscard]] constexpr std::size_t face_point(std::uint16_t index) noexcept {
  for (std::size_t i = 0; i < kFacePoints; ++i) {
    if (kFacePointIndices[i] == index) return i;
  }
  return kFacePoints;
}

/// What practice keeps of one frame. Coordinates as in vision::FrameLandmarks.
struct Observation {
  std::chrono::microseconds time{};  ///< When the frame was taken.
  float aspect = 4.0F / 3.0F;        ///< Width of the picture, of its height.
  bool inferred = true;              ///< A network ran on it; else it was moved from before.
  std::optional<vision::Pose> pose;
  std::optional<vision::Hand> left_hand;  ///< The signer's own left.
  std::optional<vision::Hand> right_hand;
  std::optional<FacePoints> face;
};

/// Observations of one attempt or example, in the order of their times.
using Recording = std::vector<Observation>;

/// Takes what practice keeps out of `found`. `width` and `height` are the picture's, above 0.
/// Allocates nothing.
[[nodiscard]] Observation observe(const vision::FrameLandmarks& found,
                                  std::chrono::microseconds time, int width, int height) noexcept;

}  // namespace storysign::practice
