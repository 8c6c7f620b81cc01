#pragma once

#include "app/media/libav.hpp"
#include "base/image.hpp"
#include "base/result.hpp"
#include "codec/encoder.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace storysign::app {

enum class PictureFormat : std::uint8_t { kJpeg, kPng };

/// By the ending of the name, in any case; nothing for other endings.
[[nodiscard]] std::optional<PictureFormat> picture_format(const std::filesystem::path& path);

/// Writes pictures as JPEG (quality 92) or PNG. One thread at a time.
class PictureWriter {
 public:
  /// Writes `image` to the file `to`. `name` is what a message calls it. Fails with kIo, or
  /// kInternal if the encoder fails; `to` is then incomplete.
  [[nodiscard]] base::Result<void> write(const base::ImageView& image, PictureFormat format,
                                         const std::filesystem::path& to,
                                         const std::filesystem::path& name);

 private:
  codec::JpegEncoder encoder_;
};

}  // namespace storysign::app
