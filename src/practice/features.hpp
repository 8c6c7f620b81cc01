#pragma once

#include "practice/sign_clip.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

// Numbers that say what a hand does in one frame of a clip, and how far two of them are apart.
// Lengths are shoulder widths unless said. Pure functions, any thread. The weights and limits are
// ours, chosen on the recordings of docs/signs.md.
namespace storysign::practice {

/// Places of the face that signs refer to.
enum class FacePlace : std::uint8_t { kForehead, kNose, kMouth, kChin };
inline constexpr std::size_t kFacePlaces = 4;

/// Where they are, from the face mesh or else from the body's nose, eyes and mouth corners; nothing
/// where neither is there.
[[nodiscard]] std::optional<std::array<Point2, kFacePlaces>> face_places(
    const ClipFrame& frame) noexcept;

/// "thumb", "index", "middle", "ring", "pinky".
inline constexpr std::size_t kFingers = 5;

struct HandFeatures {
  /// Palm x, y; index tip x, y; how near palm, thumb or index tip is to each FacePlace.
  std::array<float, 8> location{};
  /// Directions of the lower and the upper part of each finger in the palm's own frame: across,
  /// along, out of it. Fingers x parts x 3, then two zeros.
  std::array<float, 32> shape{};
  /// The same from x and y alone, for clips without depth: positions of middle joint and tip of
  /// each finger in palm lengths, palm upright. Fingers x joints x 2.
  std::array<float, 20> flat_shape{};
  /// Where the hand points (x, y, foreshortened) and how far the palm's inside faces the camera
  /// (-1..1).
  std::array<float, 3> orientation{};
  /// Where the palm goes: velocity over the clip's own typical speed, so that tempo drops out.
  std::array<float, 2> direction{};
  float speed = 0.0F;  ///< Shoulder widths a second.
  bool has_location = false;
  bool has_shape = false;
};

struct FrameFeatures {
  std::array<HandFeatures, 2> hands;  ///< By Side.
  /// How much the frame counts, 0.3..1: what is raised or lowered says little.
  float weight = 1.0F;
};

struct ClipFeatures {
  std::vector<FrameFeatures> frames;
  std::array<bool, 2> used{};
  bool has_depth = false;
};

/// As many frames as the clip. A hand that is not in view has no shape, and no location either
/// where the body's wrist does not say it.
[[nodiscard]] ClipFeatures features_of(const Clip& clip);

/// What the palm weighs beside the index tip in the distance of two places.
inline constexpr float kPalmShare = 0.7F;

/// How far two frames are apart by channel, each 0 (the same) to 1 (as different as counts).
struct ChannelDistances {
  float shape = 0.0F;
  float location = 0.0F;
  float movement = 0.0F;
};

/// What of a hand is compared, and how.
struct Comparison {
  std::array<bool, 2> hands{};    ///< By Side: those that the reference uses.
  std::array<bool, 2> surplus{};  ///< By Side: the reference does not use it, the attempt does.
  bool use_depth = false;
};

/// Of the hands that are compared the mean; what is not in view in one of the two counts as
/// neither alike nor different.
[[nodiscard]] ChannelDistances distances(const FrameFeatures& reference,
                                         const FrameFeatures& attempt,
                                         const Comparison& what) noexcept;

/// Angle between two directions of one finger's parts, 0..180 degrees: how far it is bent. From
/// HandFeatures::shape.
[[nodiscard]] float bend_of(const HandFeatures& hand, std::size_t finger) noexcept;

}  // namespace storysign::practice
