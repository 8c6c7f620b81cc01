#include "app/media/picture_reader.hpp"

#include "app/media/libav.hpp"
#include "app/media/picture_header.hpp"
#include "codec/exif.hpp"
#include "codec/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

/// More than any picture of kMaxSide x kMaxSide takes uncompressed.
constexpr std::uintmax_t kMaxFileBytes = 512ULL * 1024 * 1024;

base::Error unreadable(const fs::path& path, std::string_view why) {
  // The codec's sentences begin with a capital and end with a dot; here they follow a colon.
  std::string reason(why);
  if (!reason.empty()) {
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  }
  if (!reason.empty() && reason.back() == '.') {
    reason.pop_back();
  }
  return {ErrorCode::kInvalidInput,
          fmt::format("The picture {} cannot be read: {}.", quoted(path), reason)};
}

base::Error damaged(const fs::path& path) {
  return unreadable(path, "it is damaged or cut off; copy or download it again");
}

/// Size limits are checked by check_sides(), which names them the same way for all kinds of files.
codec::GateLimits jpeg_limits() {
  codec::GateLimits limits = codec::file_gate_limits();
  limits.min_side = 1;
  limits.max_side = std::numeric_limits<int>::max();
  limits.max_pixels = std::numeric_limits<std::int64_t>::max();
  return limits;
}

base::Result<codec::JpegHeader> jpeg_header(const fs::path& path,
                                            std::span<const std::uint8_t> bytes) {
  const auto header = codec::check_jpeg(bytes, jpeg_limits());
  if (!header) {
    return tl::unexpected(unreadable(path, header.error().message));
  }
  if (auto fits = check_sides(path, "picture", header->width, header->height); !fits) {
    return tl::unexpected(fits.error());
  }
  return *header;
}

base::Result<void> check_header(const fs::path& path, FileKind kind,
                                std::span<const std::uint8_t> bytes) {
  if (kind == FileKind::kJpeg) {
    return jpeg_header(path, bytes).map([](const codec::JpegHeader&) {});
  }
  const auto size = picture_size(kind, bytes);
  if (!size) {
    return tl::unexpected(damaged(path));
  }
  return check_sides(path, "picture", size->width, size->height);
}

AVCodecID codec_of(FileKind kind) {
  switch (kind) {
    case FileKind::kPng:
      return AV_CODEC_ID_PNG;
    case FileKind::kWebp:
      return AV_CODEC_ID_WEBP;
    case FileKind::kBmp:
      return AV_CODEC_ID_BMP;
    case FileKind::kJpeg:
    case FileKind::kVideo:
      break;
  }
  return AV_CODEC_ID_NONE;
}

/// The one frame that `bytes` hold (followed by AV_INPUT_BUFFER_PADDING_SIZE spare bytes), or null.
Frame decode_still(AVCodecID id, std::span<std::uint8_t> bytes) {
  const AVCodec* codec = avcodec_find_decoder(id);
  const CodecContext decoder(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
  const Packet packet(av_packet_alloc());
  Frame frame(av_frame_alloc());
  if (!decoder || !packet || !frame) {
    return nullptr;
  }
  decoder->thread_count = 1;
  decoder->max_pixels = std::int64_t{kMaxSide} * kMaxSide;
  decoder->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  packet->data = bytes.data();
  packet->size = static_cast<int>(bytes.size());
  if (avcodec_open2(decoder.get(), codec, nullptr) < 0 ||
      avcodec_send_packet(decoder.get(), packet.get()) < 0) {
    return nullptr;
  }
  avcodec_send_packet(decoder.get(), nullptr);
  if (avcodec_receive_frame(decoder.get(), frame.get()) < 0 || frame->decode_error_flags != 0) {
    return nullptr;
  }
  return frame;
}

bool to_rgb(const AVFrame& frame, base::Image& out) {
  const Scaler scaler(sws_getContext(
      frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width,
      frame.height, AV_PIX_FMT_RGB24, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr,
      nullptr, nullptr));
  if (!scaler) {
    return false;
  }
  // Spare bytes at the end of each row, because swscale's vector code writes whole blocks.
  const int stride = (frame.width * 3 + 127) / 64 * 64;
  std::vector<std::uint8_t> padded(static_cast<std::size_t>(stride) *
                                   (static_cast<std::size_t>(frame.height) + 1));
  const std::array<std::uint8_t*, 4> planes = {padded.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides = {stride, 0, 0, 0};
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes.data(),
            strides.data());
  out.resize(frame.width, frame.height);
  const base::ImageView rows{padded.data(), frame.width, frame.height, stride};
  for (int y = 0; y < frame.height; ++y) {
    std::memcpy(out.mutable_view().row(y), rows.row(y), static_cast<std::size_t>(frame.width) * 3);
  }
  return true;
}

}  // namespace

base::Result<FileKind> PictureReader::load(const fs::path& path) {
  const auto input = inspect_input(path);
  if (!input) {
    return tl::unexpected(input.error());
  }
  if (input->is_folder || input->kind == FileKind::kVideo) {
    return tl::unexpected(
        unreadable(path, "it is not a JPEG, PNG, WebP or BMP, whatever its name says"));
  }
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error || size > kMaxFileBytes) {
    return tl::unexpected(unreadable(path, error ? error.message() : "the file is over 512 MiB"));
  }
  std::ifstream file(path, std::ios::binary);
  bytes_.resize(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(bytes_.data()), static_cast<std::streamsize>(size));
  if (!file) {
    return tl::unexpected(unreadable(path, "reading it failed; check the disk and try again"));
  }
  return input->kind;
}

base::Result<void> PictureReader::check(const fs::path& path) {
  const auto kind = load(path);
  if (!kind) {
    return tl::unexpected(kind.error());
  }
  return check_header(path, *kind, bytes_);
}

base::Result<void> PictureReader::read(const fs::path& path, base::Image& out) {
  const auto kind = load(path);
  if (!kind) {
    return tl::unexpected(kind.error());
  }
  return *kind == FileKind::kJpeg ? read_jpeg(path, out) : read_other(path, *kind, out);
}

base::Result<void> PictureReader::read_jpeg(const fs::path& path, base::Image& out) {
  const auto header = jpeg_header(path, bytes_);
  if (!header) {
    return tl::unexpected(header.error());
  }
  if (auto decoded = decoder_.decode(bytes_, *header, coded_); !decoded) {
    return tl::unexpected(unreadable(path, decoded.error().message));
  }
  const int orientation = codec::exif_orientation(bytes_);
  if (orientation == 1) {
    std::swap(coded_, out);
  } else {
    codec::apply_orientation(coded_.view(), orientation, out);
  }
  return {};
}

base::Result<void> PictureReader::read_other(const fs::path& path, FileKind kind,
                                             base::Image& out) {
  if (auto fits = check_header(path, kind, bytes_); !fits) {
    return fits;
  }
  const std::size_t size = bytes_.size();
  bytes_.resize(size + AV_INPUT_BUFFER_PADDING_SIZE, 0);
  const Frame frame = decode_still(codec_of(kind), {bytes_.data(), size});
  if (!frame) {
    return tl::unexpected(damaged(path));
  }
  if (auto fits = check_sides(path, "picture", frame->width, frame->height); !fits) {
    return fits;
  }
  if (!to_rgb(*frame, out)) {
    return tl::unexpected(unreadable(path, "its colour format is not supported; save it as JPEG"));
  }
  return {};
}

}  // namespace storysign::app
