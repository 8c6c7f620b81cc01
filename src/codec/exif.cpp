#include "codec/exif.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace storysign::codec {
namespace {

constexpr std::array<std::uint8_t, 6> kExifTag{'E', 'x', 'i', 'f', 0, 0};
constexpr std::uint16_t kOrientationTag = 0x0112;
constexpr std::uint16_t kTypeShort = 3;
constexpr std::size_t kEntryBytes = 12;

/// A TIFF body (the part of APP1 behind "Exif\0\0") with bounded reads in its byte order.
struct Tiff {
  std::span<const std::uint8_t> bytes;
  bool little_endian = false;

  [[nodiscard]] std::optional<std::uint32_t> read(std::size_t at, std::size_t count) const {
    if (at > bytes.size() || bytes.size() - at < count) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      value = (value << 8U) | bytes[at + (little_endian ? count - 1 - i : i)];
    }
    return value;
  }
};

std::optional<int> orientation_of_tiff(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 8 || bytes[0] != bytes[1] || (bytes[0] != 'I' && bytes[0] != 'M')) {
    return std::nullopt;
  }
  const Tiff tiff{bytes, bytes[0] == 'I'};
  const auto directory = tiff.read(4, 4);
  if (tiff.read(2, 2) != 42U || !directory) return std::nullopt;
  const auto entries = tiff.read(*directory, 2);
  if (!entries) return std::nullopt;
  for (std::uint32_t i = 0; i < *entries; ++i) {
    const std::size_t at = *directory + 2 + i * kEntryBytes;
    const auto tag = tiff.read(at, 2);
    if (!tag) return std::nullopt;
    if (*tag != kOrientationTag) continue;
    const auto value = tiff.read(at + 8, 2);
    if (tiff.read(at + 2, 2) != kTypeShort || tiff.read(at + 4, 4) != 1U || !value) {
      return std::nullopt;
    }
    return *value >= 1 && *value <= 8 ? std::optional(static_cast<int>(*value)) : std::nullopt;
  }
  return std::nullopt;
}

/// Where the pixel of the first row and column goes, and how far one step right or down in the
/// source moves in the target.
struct Mapping {
  std::ptrdiff_t start;
  std::ptrdiff_t step_x;
  std::ptrdiff_t step_y;
};

Mapping mapping_for(int orientation, std::ptrdiff_t width, std::ptrdiff_t height) {
  const std::ptrdiff_t last_x = width - 1;
  const std::ptrdiff_t last_y = height - 1;
  // Offsets in pixels; the target has rows of `width` for 1 to 4 and of `height` for 5 to 8.
  switch (orientation) {
    case 2:  // Mirrored left to right.
      return {last_x, -1, width};
    case 3:  // Upside down.
      return {last_y * width + last_x, -1, -width};
    case 4:  // Mirrored top to bottom.
      return {last_y * width, 1, -width};
    case 5:  // Rows and columns exchanged.
      return {0, height, 1};
    case 6:  // To be turned a quarter clockwise.
      return {last_y, height, -1};
    case 7:  // Exchanged along the other diagonal.
      return {last_x * height + last_y, -height, -1};
    case 8:  // To be turned a quarter counter-clockwise.
      return {last_x * height, -height, 1};
    default:
      return {0, 1, width};
  }
}

}  // namespace

int exif_orientation(std::span<const std::uint8_t> jpeg) noexcept {
  if (jpeg.size() < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8) return 1;
  std::size_t at = 2;
  while (jpeg.size() - at >= 4 && jpeg[at] == 0xFF) {
    const std::uint8_t marker = jpeg[at + 1];
    if (marker == 0xFF) {  // A fill byte.
      ++at;
      continue;
    }
    if (marker == 0xDA || marker == 0xD9) break;  // The picture itself; EXIF stands before it.
    const std::size_t length = static_cast<std::size_t>(jpeg[at + 2]) * 256U + jpeg[at + 3];
    if (length < 2 || jpeg.size() - at - 2 < length) break;
    const auto payload = jpeg.subspan(at + 4, length - 2);
    if (marker == 0xE1 && payload.size() > kExifTag.size() &&
        std::equal(kExifTag.begin(), kExifTag.end(), payload.begin())) {
      return orientation_of_tiff(payload.subspan(kExifTag.size())).value_or(1);
    }
    at += 2 + length;
  }
  return 1;
}

void apply_orientation(const base::ImageView& image, int orientation, base::Image& out) {
  const bool swapped = orientation >= 5 && orientation <= 8;
  out.resize(swapped ? image.height : image.width, swapped ? image.width : image.height);
  const Mapping map = mapping_for(orientation, image.width, image.height);
  std::uint8_t* const target = out.mutable_view().data;
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* from = image.row(y);
    std::uint8_t* to = target + (map.start + y * map.step_y) * 3;
    for (int x = 0; x < image.width; ++x, from += 3, to += map.step_x * 3) {
      to[0] = from[0];
      to[1] = from[1];
      to[2] = from[2];
    }
  }
}

}  // namespace storysign::codec
