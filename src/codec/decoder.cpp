#include "codec/decoder.hpp"

#include <fmt/format.h>
#include <turbojpeg.h>

#include <limits>
#include <string>

namespace storysign::codec {

struct JpegDecoder::Handle {
  Handle() : turbo(tjInitDecompress()) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&&) = delete;
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (turbo != nullptr) tjDestroy(turbo);
  }

  tjhandle turbo;
};

struct JpegDecoder::Target {
  std::uint8_t* data;
  int width;
  int height;
  int format;  // TJPF_RGB or TJPF_GRAY.
};

namespace {

base::Result<void> check_arguments(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                   const DecodeOptions& options) {
  const bool sides =
      header.width > 0 && header.width <= 65535 && header.height > 0 && header.height <= 65535;
  if (jpeg.empty() || !sides) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The JPEG has no valid header; check it with the gate before decoding.");
  }
  if (options.eighths < 1 || options.eighths > 8) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("A JPEG cannot be decoded at {}/8 of its size; ask for 1/8 to 8/8.",
                    options.eighths));
  }
  return {};
}

}  // namespace

JpegDecoder::JpegDecoder() : handle_(std::make_unique<Handle>()) {}
JpegDecoder::JpegDecoder(JpegDecoder&&) noexcept = default;
JpegDecoder& JpegDecoder::operator=(JpegDecoder&&) noexcept = default;
JpegDecoder::~JpegDecoder() = default;

base::Result<void> JpegDecoder::decode(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                       base::Image& out, const DecodeOptions& options) {
  if (auto valid = check_arguments(jpeg, header, options); !valid) return valid;
  out.resize(scaled_side(header.width, options.eighths),
             scaled_side(header.height, options.eighths));
  return run(jpeg, header, {out.mutable_view().data, out.width(), out.height(), TJPF_RGB}, options);
}

base::Result<void> JpegDecoder::decode_gray(std::span<const std::uint8_t> jpeg,
                                            const JpegHeader& header, GrayImage& out,
                                            const DecodeOptions& options) {
  if (auto valid = check_arguments(jpeg, header, options); !valid) return valid;
  out.width = scaled_side(header.width, options.eighths);
  out.height = scaled_side(header.height, options.eighths);
  out.pixels.resize(static_cast<std::size_t>(out.width) * static_cast<std::size_t>(out.height));
  return run(jpeg, header, {out.pixels.data(), out.width, out.height, TJPF_GRAY}, options);
}

base::Result<void> JpegDecoder::run(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                    const Target& target, const DecodeOptions& options) {
  tjhandle const turbo = handle_->turbo;
  if (turbo == nullptr) {
    return base::fail(base::ErrorCode::kInternal,
                      "libjpeg-turbo could not start a decoder; free some memory and try again.");
  }
  const auto size = static_cast<unsigned long>(jpeg.size());
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colours = 0;
  if (tjDecompressHeader3(turbo, jpeg.data(), size, &width, &height, &subsampling, &colours) != 0 &&
      tjGetErrorCode(turbo) != TJERR_WARNING) {
    return fail();
  }
  if (width != header.width || height != header.height) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("The JPEG says {} x {} pixels in one place and {} x {} in another; "
                    "send an undamaged JPEG.",
                    header.width, header.height, width, height));
  }
  // Accurate DCT and fancy upsampling are what libjpeg-turbo does unless told otherwise.
  int flags = TJFLAG_LIMITSCANS;
  if (options.fast) flags |= TJFLAG_FASTDCT | TJFLAG_FASTUPSAMPLE;
  if (!options.lenient) flags |= TJFLAG_STOPONWARNING;
  if (tjDecompress2(turbo, jpeg.data(), size, target.data, target.width, 0, target.height,
                    target.format, flags) != 0 &&
      !(options.lenient && tjGetErrorCode(turbo) == TJERR_WARNING)) {
    return fail();
  }
  return {};
}

base::Result<void> JpegDecoder::fail() {
  auto failure =
      base::fail(base::ErrorCode::kInvalidInput,
                 fmt::format("The JPEG cannot be decoded ({}); send a complete, undamaged JPEG.",
                             tjGetErrorStr2(handle_->turbo)));
  // After an error in the header libjpeg-turbo would go on there with the next picture.
  handle_ = std::make_unique<Handle>();
  return failure;
}

}  // namespace storysign::codec
