#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "codec/gate.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace storysign::codec {

struct DecodeOptions {
  /// Size of the result in eighths of the picture, 1 to 8, rounded up: 4 is half size. Scaling
  /// happens inside the inverse transform, so smaller is also faster.
  int eighths = 8;
  /// Quick transform and plain chroma instead of libjpeg-turbo's defaults: a little faster, not the
  /// same pixels.
  bool fast = false;
  /// Take what can be had of a damaged or cut-off picture instead of refusing it.
  bool lenient = false;
};

/// A gray picture, rows packed. Reuse it: its memory only grows.
struct GrayImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< width * height bytes.
};

/// One side of the result, in pixels, for a picture whose side is `side`.
[[nodiscard]] constexpr int scaled_side(int side, int eighths) noexcept {
  return (side * eighths + 7) / 8;
}

/// Decodes pictures that have passed the gate. Owned by one worker; one thread at a time. Keeps its
/// state from picture to picture; memory for the result is the caller's, and reused if the caller
/// keeps it.
class JpegDecoder {
 public:
  JpegDecoder();
  JpegDecoder(JpegDecoder&&) noexcept;
  JpegDecoder& operator=(JpegDecoder&&) noexcept;
  JpegDecoder(const JpegDecoder&) = delete;
  JpegDecoder& operator=(const JpegDecoder&) = delete;
  ~JpegDecoder();

  /// Decodes `jpeg` to RGB. `header` is what check_jpeg() returned for the same bytes. Fails with
  /// kInvalidInput if the picture is damaged, cut off (both unless lenient) or not as its header
  /// says; `out` is then unspecified.
  base::Result<void> decode(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                            base::Image& out, const DecodeOptions& options = {});

  /// The same, brightness (Y) only, which leaves the work for colours out.
  base::Result<void> decode_gray(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                 GrayImage& out, const DecodeOptions& options = {});

 private:
  struct Handle;
  struct Target;

  base::Result<void> run(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                         const Target& target, const DecodeOptions& options);
  /// What libjpeg-turbo complained of; the next picture gets a fresh decoder.
  base::Result<void> fail();

  std::unique_ptr<Handle> handle_;
};

}  // namespace storysign::codec
