#pragma once

#include "base/image.hpp"

#include <cstdint>
#include <span>

namespace storysign::codec {

/// How a camera was held: the EXIF orientation (tag 0x0112, EXIF 2.3 section 4.6.4) of a JPEG, 1
/// to 8. 1 (upright) where there is none or it is damaged. Reads no byte past the end; any thread.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> jpeg) noexcept;

/// Writes `image` upright into `out`, resized as needed: sides are swapped for orientations 5 to 8.
/// Values other than 1 to 8 copy. `out` must not own the pixels of `image`.
void apply_orientation(const base::ImageView& image, int orientation, base::Image& out);

}  // namespace storysign::codec
