#include "app/media/picture_writer.hpp"

#include "app/media/input_file.hpp"
#include "app/media/output_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <string>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

constexpr int kJpegQuality = 92;

base::Result<void> write_bytes(std::span<const std::uint8_t> bytes, const fs::path& to,
                               const fs::path& name) {
  std::FILE* file = std::fopen(to.c_str(), "wb");
  if (file == nullptr) {
    return tl::unexpected(cannot_write(name, errno));
  }
  int number = 0;
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
    number = errno;
  }
  if (std::fclose(file) != 0 && number == 0) {
    number = errno;
  }
  if (number != 0) {
    return tl::unexpected(cannot_write(name, number));
  }
  return {};
}

/// The PNG bytes of `image`, or null if libav fails.
Packet encode_png(const base::ImageView& image) {
  const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_PNG);
  const CodecContext encoder(codec != nullptr ? avcodec_alloc_context3(codec) : nullptr);
  const Frame frame(av_frame_alloc());
  Packet packet(av_packet_alloc());
  if (!encoder || !frame || !packet) {
    return nullptr;
  }
  encoder->width = frame->width = image.width;
  encoder->height = frame->height = image.height;
  encoder->pix_fmt = AV_PIX_FMT_RGB24;
  encoder->time_base = {1, 1};
  frame->format = AV_PIX_FMT_RGB24;
  if (avcodec_open2(encoder.get(), codec, nullptr) < 0 || av_frame_get_buffer(frame.get(), 0) < 0) {
    return nullptr;
  }
  for (int y = 0; y < image.height; ++y) {
    std::memcpy(frame->data[0] + std::ptrdiff_t{frame->linesize[0]} * y, image.row(y),
                static_cast<std::size_t>(image.width) * 3);
  }
  if (avcodec_send_frame(encoder.get(), frame.get()) < 0 ||
      avcodec_send_frame(encoder.get(), nullptr) < 0 ||
      avcodec_receive_packet(encoder.get(), packet.get()) < 0) {
    return nullptr;
  }
  return packet;
}

}  // namespace

std::optional<PictureFormat> picture_format(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (ending == ".jpg" || ending == ".jpeg") {
    return PictureFormat::kJpeg;
  }
  if (ending == ".png") {
    return PictureFormat::kPng;
  }
  return std::nullopt;
}

base::Result<void> PictureWriter::write(const base::ImageView& image, PictureFormat format,
                                        const fs::path& to, const fs::path& name) {
  if (format == PictureFormat::kJpeg) {
    auto jpeg = encoder_.encode(
        image, {.strategy = codec::CompressionStrategy::kBalanced, .quality = kJpegQuality});
    if (!jpeg) {
      return tl::unexpected(jpeg.error());
    }
    return write_bytes(jpeg->bytes, to, name);
  }
  const Packet png = encode_png(image);
  if (!png) {
    return fail(ErrorCode::kInternal,
                fmt::format("The picture {} could not be encoded as PNG; try .jpg.", quoted(name)));
  }
  return write_bytes({png->data, static_cast<std::size_t>(png->size)}, to, name);
}

}  // namespace storysign::app
