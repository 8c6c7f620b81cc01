#include "app/media/picture_header.hpp"

#include <cstdlib>
#include <cstring>

namespace storysign::app {
namespace {

using Head = std::span<const std::uint8_t>;

std::int64_t little(Head head, std::size_t at, std::size_t count) {
  std::int64_t value = 0;
  for (std::size_t i = count; i-- > 0;) {
    value = (value << 8) | head[at + i];
  }
  return value;
}

std::int64_t big(Head head, std::size_t at, std::size_t count) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    value = (value << 8) | head[at + i];
  }
  return value;
}

std::optional<PictureSize> webp_size(Head head) {
  if (std::memcmp(head.data() + 12, "VP8X", 4) == 0) {
    return PictureSize{little(head, 24, 3) + 1, little(head, 27, 3) + 1};
  }
  if (std::memcmp(head.data() + 12, "VP8L", 4) == 0) {
    const std::int64_t bits = little(head, 21, 4);
    return PictureSize{(bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1};
  }
  if (std::memcmp(head.data() + 12, "VP8 ", 4) == 0) {
    return PictureSize{little(head, 26, 2) & 0x3FFF, little(head, 28, 2) & 0x3FFF};
  }
  return std::nullopt;
}

std::optional<PictureSize> bmp_size(Head head) {
  constexpr std::int64_t kCoreHeader = 12;
  if (little(head, 14, 4) == kCoreHeader) {
    return PictureSize{little(head, 18, 2), little(head, 20, 2)};
  }
  // A negative height means that the rows run from top to bottom.
  const auto height = static_cast<std::int32_t>(little(head, 22, 4));
  return PictureSize{static_cast<std::int32_t>(little(head, 18, 4)),
                     std::llabs(static_cast<std::int64_t>(height))};
}

}  // namespace

std::optional<PictureSize> picture_size(FileKind kind, Head head) {
  if (head.size() < kPictureHeadBytes) {
    return std::nullopt;
  }
  switch (kind) {
    case FileKind::kPng:
      return PictureSize{big(head, 16, 4), big(head, 20, 4)};
    case FileKind::kWebp:
      return webp_size(head);
    case FileKind::kBmp:
      return bmp_size(head);
    case FileKind::kJpeg:
    case FileKind::kVideo:
      break;
  }
  return std::nullopt;
}

}  // namespace storysign::app
