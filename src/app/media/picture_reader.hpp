#pragma once

#include "app/media/input_file.hpp"
#include "base/image.hpp"
#include "base/result.hpp"
#include "codec/decoder.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace storysign::app {

/// Reads picture files to RGB, upright (EXIF orientation of JPEGs is applied; transparency is
/// dropped). Keeps its memory from picture to picture. One thread at a time.
class PictureReader {
 public:
  /// Looks at the header only. Fails with kInvalidInput if the file is no picture, its header is
  /// damaged, or a side is outside kMinSide..kMaxSide; nothing has been set aside for its pixels
  /// then.
  [[nodiscard]] base::Result<void> check(const std::filesystem::path& path);

  /// Decodes the whole picture into `out`. Fails as check() does, and if the picture is damaged or
  /// cut off.
  [[nodiscard]] base::Result<void> read(const std::filesystem::path& path, base::Image& out);

 private:
  base::Result<FileKind> load(const std::filesystem::path& path);
  base::Result<void> read_jpeg(const std::filesystem::path& path, base::Image& out);
  base::Result<void> read_other(const std::filesystem::path& path, FileKind kind, base::Image& out);

  codec::JpegDecoder decoder_;
  std::vector<std::uint8_t> bytes_;
  base::Image coded_;
};

}  // namespace storysign::app
