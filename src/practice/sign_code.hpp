#pragma once

#include "base/result.hpp"
#include "practice/sign_clip.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Clips as bytes, for the JSON of a sign. Pure functions, any thread.
namespace storysign::practice {

/// Little-endian, frame by frame: u16 of what is there (bits 0..12 the body's points, 13 and 14
/// right and left hand, 15 the face); x and y of those points, i16 in 1/4096 shoulder widths; of a
/// hand the wrist (three such numbers), u8 of the hand's reach in 1/64, and 20 points from the
/// wrist, three i8 in 1/127 of the reach; of the face likewise the first point, reach, and 31
/// points of two. Without depth z is left out.
[[nodiscard]] std::vector<std::uint8_t> encode_frames(const Clip& clip);

/// Reads `frames` frames, of finite numbers whatever the bytes are; fails with kInvalidInput where
/// the bytes are not exactly that many.
[[nodiscard]] base::Result<std::vector<ClipFrame>> decode_frames(
    std::span<const std::uint8_t> bytes, std::size_t frames, bool has_depth);

/// RFC 4648, section 4, with padding.
[[nodiscard]] std::string to_base64(std::span<const std::uint8_t> bytes);
/// Fails with kInvalidInput where it is no such text.
[[nodiscard]] base::Result<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace storysign::practice
