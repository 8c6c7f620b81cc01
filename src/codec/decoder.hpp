#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "codec/gate.hpp"
#include "codec/planes.hpp"

#include <cstdint>
#include <memory>
#include <span>

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
                                 base::GrayImage& out, const DecodeOptions& options = {});

  /// The first step of two, for those who need the colours of few pictures: decodes `jpeg` without
  /// turning it into RGB. Fails as decode().
  base::Result<void> decode_planes(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                   YuvPlanes& out);

  /// The second step. The colours of neighbours are not blended as decode() does where they are
  /// smaller than the brightness, so the pixels are not the same. Fails with kInvalidInput if
  /// `planes` is empty, kInternal if libjpeg-turbo does.
  base::Result<void> planes_to_rgb(const YuvPlanes& planes, base::Image& out);

 private:
  struct Handle;
  struct Target;

  /// What the JPEG says of itself, as TurboJPEG's numbers.
  struct Kind {
    int subsampling = 0;
    int colours = 0;
  };

  /// Fails if the JPEG is not as `header` says.
  base::Result<Kind> read_kind(std::span<const std::uint8_t> jpeg, const JpegHeader& header);
  base::Result<void> run(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                         const Target& target, const DecodeOptions& options);
  base::Result<void> rgb_to_planes(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                   YuvPlanes& out);
  /// What libjpeg-turbo complained of; the next picture gets a fresh decoder.
  base::Result<void> fail();

  std::unique_ptr<Handle> handle_;
};

}  // namespace storysign::codec
