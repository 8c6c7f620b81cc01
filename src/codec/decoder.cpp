#include "codec/decoder.hpp"

#include <fmt/format.h>
#include <turbojpeg.h>

#include <array>
#include <cstddef>
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

constexpr std::size_t kPlanes = 3;

tl::unexpected<base::Error> no_decoder() {
  return base::fail(base::ErrorCode::kInternal,
                    "libjpeg-turbo could not start a decoder; free some memory and try again.");
}

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
                                            const JpegHeader& header, base::GrayImage& out,
                                            const DecodeOptions& options) {
  if (auto valid = check_arguments(jpeg, header, options); !valid) return valid;
  out.resize(scaled_side(header.width, options.eighths),
             scaled_side(header.height, options.eighths));
  return run(jpeg, header, {out.row(0), out.view().width, out.view().height, TJPF_GRAY}, options);
}

base::Result<void> JpegDecoder::decode_planes(std::span<const std::uint8_t> jpeg,
                                              const JpegHeader& header, YuvPlanes& out) {
  if (auto valid = check_arguments(jpeg, header, {}); !valid) return valid;
  const auto kind = read_kind(jpeg, header);
  if (!kind) return tl::unexpected(kind.error());
  out.width_ = header.width;
  out.height_ = header.height;
  out.is_rgb_ = kind->colours == TJCS_RGB;
  if (out.is_rgb_) return rgb_to_planes(jpeg, header, out);
  out.subsampling_ = kind->subsampling;
  std::array<std::uint8_t*, kPlanes> data{};
  const std::size_t planes = kind->subsampling == TJSAMP_GRAY ? 1 : kPlanes;
  for (std::size_t i = 0; i < planes; ++i) {
    const int index = static_cast<int>(i);
    out.strides_[i] = tjPlaneWidth(index, header.width, kind->subsampling);
    out.planes_[i].resize(
        tjPlaneSizeYUV(index, header.width, out.strides_[i], header.height, kind->subsampling));
    data[i] = out.planes_[i].data();
  }
  if (tjDecompressToYUVPlanes(handle_->turbo, jpeg.data(), static_cast<unsigned long>(jpeg.size()),
                              data.data(), header.width, out.strides_.data(), header.height,
                              TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING) != 0) {
    return fail();
  }
  return {};
}

base::Result<void> JpegDecoder::rgb_to_planes(std::span<const std::uint8_t> jpeg,
                                              const JpegHeader& header, YuvPlanes& out) {
  // libjpeg makes gray of such pictures only while it decodes them; twice is all right for a
  // rarity.
  out.strides_[0] = header.width;
  out.planes_[0].resize(static_cast<std::size_t>(header.width) *
                        static_cast<std::size_t>(header.height));
  const Target gray{out.planes_[0].data(), header.width, header.height, TJPF_GRAY};
  return run(jpeg, header, gray, {}).and_then([&] { return decode(jpeg, header, out.rgb_); });
}

base::Result<void> JpegDecoder::planes_to_rgb(const YuvPlanes& planes, base::Image& out) {
  if (planes.width_ <= 0 || planes.height_ <= 0) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "There is no picture in the planes; decode one into them first.");
  }
  if (planes.is_rgb_) {
    out = planes.rgb_;
    return {};
  }
  out.resize(planes.width_, planes.height_);
  std::array<const std::uint8_t*, kPlanes> data{};
  for (std::size_t i = 0; i < kPlanes; ++i) data[i] = planes.planes_[i].data();
  if (handle_->turbo == nullptr) return no_decoder();
  if (tjDecodeYUVPlanes(handle_->turbo, data.data(), planes.strides_.data(), planes.subsampling_,
                        out.mutable_view().data, planes.width_, 0, planes.height_, TJPF_RGB,
                        0) != 0) {
    const std::string why = tjGetErrorStr2(handle_->turbo);
    handle_ = std::make_unique<Handle>();
    return base::fail(base::ErrorCode::kInternal,
                      fmt::format("The picture's colours cannot be made ({}); this is a defect of "
                                  "the program, please report it.",
                                  why));
  }
  return {};
}

base::Result<void> JpegDecoder::run(std::span<const std::uint8_t> jpeg, const JpegHeader& header,
                                    const Target& target, const DecodeOptions& options) {
  if (const auto kind = read_kind(jpeg, header); !kind) return tl::unexpected(kind.error());
  tjhandle const turbo = handle_->turbo;
  const auto size = static_cast<unsigned long>(jpeg.size());
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

base::Result<JpegDecoder::Kind> JpegDecoder::read_kind(std::span<const std::uint8_t> jpeg,
                                                       const JpegHeader& header) {
  tjhandle const turbo = handle_->turbo;
  if (turbo == nullptr) return no_decoder();
  int width = 0;
  int height = 0;
  Kind kind;
  if (tjDecompressHeader3(turbo, jpeg.data(), static_cast<unsigned long>(jpeg.size()), &width,
                          &height, &kind.subsampling, &kind.colours) != 0 &&
      tjGetErrorCode(turbo) != TJERR_WARNING) {
    return tl::unexpected(fail().error());
  }
  if (width != header.width || height != header.height) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("The JPEG says {} x {} pixels in one place and {} x {} in another; "
                    "send an undamaged JPEG.",
                    header.width, header.height, width, height));
  }
  return kind;
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
