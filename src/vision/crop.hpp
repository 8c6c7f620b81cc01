#pragma once

#include "base/image.hpp"
#include "vision/geometry.hpp"

#include <cstdint>
#include <span>

namespace storysign::vision {

/// What lies outside the picture: black, or its edge repeated.
enum class Border : std::uint8_t { kZero, kReplicate };

/// The range of values that a network wants for 0..255.
struct ValueRange {
  float low;
  float high;
};
inline constexpr ValueRange kUnitRange{0.0F, 1.0F};
inline constexpr ValueRange kSymmetricRange{-1.0F, 1.0F};

/// Samples `roi` of the picture into a tensor of side * side RGB pixels (side * side * 3 floats,
/// row by row). Tensor pixel (u, v) samples the picture at centre + R(rotation) * ((u/side - 1/2) *
/// w, (v/side - 1/2) * h), bilinear on a grid of 1/32 pixel, rounded to 8 bits, and then scaled to
/// `range`: the fixed-point recipe of the reference (vision.md 3), bit for bit. side is at most
/// kMaxCropSide.
void crop(const base::ImageView& image, const Roi& roi, int side, Border border, ValueRange range,
          std::span<float> tensor) noexcept;

/// The same result, pixel by pixel without vector instructions: what crop() is tested against.
void crop_plain(const base::ImageView& image, const Roi& roi, int side, Border border,
                ValueRange range, std::span<float> tensor) noexcept;

inline constexpr int kMaxCropSide = 256;

}  // namespace storysign::vision
