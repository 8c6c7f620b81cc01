#pragma once

#include "base/pool.hpp"
#include "base/result.hpp"
#include "vision/landmarks.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

/// Landmarks in whole numbers, as binary messages carry them; docs/protocol-v1.md has every byte.
/// Safe on any thread.
namespace storysign::wire {

/// The largest plain section: body, both hands, and a face of 478 points.
inline constexpr std::size_t kMaxLandmarkBytes = 33 * 8 + 2 * (2 + 21 * 6) + 2 + 478 * 6;
/// The largest packed section: a difference takes up to three bytes where a value takes two.
inline constexpr std::size_t kMaxPackedBytes = 33 * 11 + 2 * (2 + 21 * 9) + 2 + 478 * 9;

/// How a section writes its coordinates.
enum class SectionCode : std::uint8_t {
  kPlain,   ///< Each as a number of its own: quick to read, whatever the client is written in.
  kPacked,  ///< Each as its difference from the point before, in as few bytes as it takes.
};

/// Which parts a landmark section holds.
struct LandmarkParts {
  bool pose = false;
  bool left_hand = false;
  bool right_hand = false;
  bool face = false;  ///< The points of the face.

  friend bool operator==(const LandmarkParts&, const LandmarkParts&) = default;
};

/// Appends the landmark section and returns what is in it. Coordinates become steps of 1/8192
/// between -4 and just under 4; what lies outside is clamped, NaN becomes 0.
LandmarkParts append_landmarks(const vision::FrameLandmarks& landmarks, bool face_mesh,
                               SectionCode code, base::Bytes& out);

/// The other way; `out` is overwritten, its mode stays. Fails with kInvalidInput if the section is
/// not exactly as long as its parts, or a difference leads outside what a coordinate can be.
[[nodiscard]] base::Result<void> read_landmarks(std::span<const std::uint8_t> section,
                                                const LandmarkParts& parts, SectionCode code,
                                                vision::FrameLandmarks& out);

}  // namespace storysign::wire
