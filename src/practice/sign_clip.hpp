#pragma once

#include "practice/observation.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

// What is kept of a recording to compare it: landmarks in the signer's own frame, at a fixed rate.
// Pure functions, any thread.
namespace storysign::practice {

/// Frames of a Clip in a second. Hands of signers move below about 5 Hz; twice that and a half.
inline constexpr int kClipRate = 15;
inline constexpr std::chrono::microseconds kClipStep{1'000'000 / kClipRate};
/// A clip is cut after this; no sign takes that long.
inline constexpr std::chrono::seconds kLongestClip{12};

/// Shoulder widths; x as in the picture, y down.
struct Point2 {
  float x = 0.0F;
  float y = 0.0F;
};

/// Likewise, z away from the camera.
struct Point3 {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
};

/// The body points of a clip, by MediaPipe's numbers: nose; left and right eye, ear, mouth corner,
/// shoulder, elbow, wrist.
inline constexpr std::array<std::uint8_t, 13> kBodyPoints = {0,  2,  5,  7,  8,  9, 10,
                                                             11, 12, 13, 14, 15, 16};
/// Where those stand in ClipFrame::body; the right one of each pair is the next.
enum BodyPoint : std::uint8_t {
  kNose = 0,
  kLeftEye = 1,
  kLeftEar = 3,
  kLeftMouth = 5,
  kLeftShoulder = 7,
  kLeftElbow = 9,
  kLeftWrist = 11,
};

enum Side : std::uint8_t { kRightHand = 0, kLeftHand = 1 };

using ClipHand = std::array<Point3, vision::kHandLandmarks>;
using ClipFace = std::array<Point2, kFacePoints>;

struct ClipFrame {
  std::array<std::optional<Point2>, kBodyPoints.size()> body;
  std::array<std::optional<ClipHand>, 2> hands;  ///< By Side; the signer's own.
  std::optional<ClipFace> face;
};

/// A recording in the signer's own frame: origin between the shoulders, shoulder width 1, shoulders
/// level, kClipRate frames a second, rest before and after cut off.
struct Clip {
  std::vector<ClipFrame> frames;
  std::chrono::microseconds start{};  ///< Of the first frame, from the recording's first.
  bool has_depth = false;             ///< z of the hands was measured.
  std::array<bool, 2> used = {};      ///< By Side: the hand takes part, it does not rest.
  /// By Side: share of the frames in which the hand takes part in which it was not in view.
  std::array<float, 2> out_of_view = {};

  [[nodiscard]] std::chrono::microseconds duration() const noexcept {
    return kClipStep * static_cast<std::int64_t>(frames.size());
  }
};

/// Why there is no clip.
enum class NoClip : std::uint8_t {
  kNothing,   ///< No observation, or all at one time.
  kNoBody,    ///< Neither shoulders nor face were in view.
  kNoHands,   ///< No hand was raised, or none for a quarter of the time.
  kTooShort,  ///< The movement took less than kShortestClip.
};

inline constexpr std::chrono::milliseconds kShortestClip{200};

/// Clip or reason. Anything may be missing in `recording`: pose (shoulders are then put where the
/// face says), face, a hand for some time (up to 0.4 s are bridged); coordinates that are no
/// numbers or far outside of the picture count as missing, and so do times that go backwards.
struct ClipResult {
  std::optional<Clip> clip;
  NoClip why = NoClip::kNothing;  ///< Only without clip.
};
[[nodiscard]] ClipResult make_clip(const Recording& recording);

/// Left and right exchanged.
[[nodiscard]] Clip mirrored(const Clip& clip);

/// Where the middle of the palm is, or where the wrist of the body says that it must be; nothing
/// where neither is known.
[[nodiscard]] std::optional<Point2> palm_of(const ClipFrame& frame, Side side) noexcept;

/// Whether a palm there hangs or lies in the lap: lower than this below the shoulders. In the
/// sign clips hands rest at 1.4 to 1.7 and sign above 1.2.
inline constexpr float kRestHeight = 1.3F;

/// Sets `used` and `out_of_view` from the frames. make_clip and what reads clips call it.
void find_used_hands(Clip& clip);

}  // namespace storysign::practice
