#pragma once

#include "app/media/input_file.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace storysign::app {

struct PictureSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
};

/// The size that a PNG, WebP or BMP states in its first bytes (kPictureHeadBytes of them are
/// enough), before any memory is set aside for its pixels. Nothing if the bytes end early or make
/// no sense. Sources: PNG (ISO/IEC 15948) section 11.2.2, the WebP container specification,
/// BITMAPCOREHEADER and BITMAPINFOHEADER.
[[nodiscard]] std::optional<PictureSize> picture_size(FileKind kind,
                                                      std::span<const std::uint8_t> head);

inline constexpr std::size_t kPictureHeadBytes = 32;

}  // namespace storysign::app
