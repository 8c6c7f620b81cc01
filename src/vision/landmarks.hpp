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
inline constexpr std::size_t kRefinedFaceLandmarks = 478;  ///< With five of each iris at the end.

/// x and y as fractions of the picture's width and height, z in the unit of x (smaller is nearer).
/// May lie outside 0..1.
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

/// The points of a face: 468, or 478 where the irises are known too.
template <class T>
class FaceArray {
 public:
  void set_refined(bool refined) noexcept {
    size_ = refined ? kRefinedFaceLandmarks : kFaceLandmarks;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return points_[i]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return points_[i]; }
  [[nodiscard]] T* begin() noexcept { return points_.data(); }
  [[nodiscard]] T* end() noexcept { return points_.data() + size_; }
  [[nodiscard]] const T* begin() const noexcept { return points_.data(); }
  [[nodiscard]] const T* end() const noexcept { return points_.data() + size_; }

 private:
  std::array<T, kRefinedFaceLandmarks> points_{};
  std::size_t size_ = kFaceLandmarks;
};

using Face = FaceArray<Landmark>;

struct Hand {
  std::array<Landmark, kHandLandmarks> landmarks{};
  float score = 0.0F;  ///< The hand network's probability that this is a hand.
};

/// The probability that a pixel belongs to the person: width * height floats, 0..1, row by row.
struct MaskView {
  const float* data = nullptr;
  int width = 0;
  int height = 0;
};

/// How a frame was tracked: with the body leading to hands and face, or hands on their own.
enum class TrackingMode : std::uint8_t { kBody, kHands };

/// The parts whose networks ran on a frame; the others were moved from the frame before, or are
/// absent.
struct PartsInferred {
  bool pose = false;
  bool left_hand = false;
  bool right_hand = false;
  bool face = false;

  [[nodiscard]] bool any() const noexcept { return pose || left_hand || right_hand || face; }
};

/// Everything found in one frame. "left" and "right" are the signer's own. The picture is not
/// mirrored.
struct FrameLandmarks {
  TrackingMode mode = TrackingMode::kBody;
  std::optional<Pose> pose;
  std::optional<Hand> left_hand;
  std::optional<Hand> right_hand;
  std::optional<Face> face;
  PartsInferred inferred;
  bool held = false;  ///< A part had something new to say, but frame skip or its least age kept it.
};

}  // namespace storysign::vision
