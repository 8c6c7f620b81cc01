#include "app/media/video_reader.hpp"

#include "app/media/input_file.hpp"
#include "app/media/rotate.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <utility>

extern "C" {
#include <libavutil/frame.h>
}

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

/// Rows start at multiples of this, so that swscale's vector code may write whole blocks.
constexpr std::ptrdiff_t kRowAlignment = 64;

std::ptrdiff_t padded_stride(int width) {
  return (std::ptrdiff_t{width} * 3 + kRowAlignment - 1) / kRowAlignment * kRowAlignment +
         kRowAlignment;
}

void swap_red_and_blue(const base::MutableImageView& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* pixel = image.row(y);
    for (int x = 0; x < image.width; ++x, pixel += 3) {
      std::swap(pixel[0], pixel[2]);
    }
  }
}

}  // namespace

VideoReader::VideoReader(fs::path path, const VideoInfo& info, OpenedVideo video)
    : path_(std::move(path)),
      info_(info),
      video_(std::move(video)),
      packet_(av_packet_alloc()),
      frame_(av_frame_alloc()) {}

base::Result<std::unique_ptr<VideoReader>> VideoReader::open(const fs::path& path,
                                                             const VideoInfo& info) {
  auto video = open_video(path);
  if (!video) {
    return tl::unexpected(video.error());
  }
  std::unique_ptr<VideoReader> reader(new VideoReader(path, info, std::move(*video)));
  if (auto started = reader->start(); !started) {
    return tl::unexpected(started.error());
  }
  return reader;
}

base::Result<void> VideoReader::start() {
  decoder_.reset(avcodec_alloc_context3(video_.decoder));
  if (!decoder_ || !packet_ || !frame_) {
    return fail(ErrorCode::kInternal, "Out of memory while opening a video.");
  }
  const AVStream& stream = *video_.format->streams[video_.stream];
  int code = avcodec_parameters_to_context(decoder_.get(), stream.codecpar);
  decoder_->pkt_timebase = stream.time_base;
  decoder_->max_pixels = std::int64_t{kMaxSide} * kMaxSide;
  decoder_->thread_count = 0;
  if (code >= 0) {
    code = avcodec_open2(decoder_.get(), video_.decoder, nullptr);
  }
  if (code < 0) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("The video {} cannot be decoded ({}: {}); convert it to H.264 first.",
                    quoted(path_), avcodec_get_name(stream.codecpar->codec_id), libav_error(code)));
  }
  for (unsigned i = 0; i < video_.format->nb_streams; ++i) {
    if (static_cast<int>(i) != video_.stream) {
      video_.format->streams[i]->discard = AVDISCARD_ALL;
    }
  }
  return {};
}

base::Error VideoReader::damaged(int code) const {
  std::string detail = code < 0 ? fmt::format(" ({})", libav_error(code)) : std::string();
  return {ErrorCode::kInvalidInput,
          fmt::format(
              "The video {} is damaged at frame {}{}; copy or download it again, or repair it by "
              "converting it with ffmpeg.",
              quoted(path_), next_index_, detail)};
}

base::Result<bool> VideoReader::feed() {
  while (true) {
    const int read = av_read_frame(video_.format.get(), packet_.get());
    if (read == AVERROR_EOF) {
      drained_ = true;
      avcodec_send_packet(decoder_.get(), nullptr);
      return true;
    }
    if (read < 0) {
      return tl::unexpected(damaged(read));
    }
    if (packet_->stream_index != video_.stream) {
      av_packet_unref(packet_.get());
      continue;
    }
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    av_packet_unref(packet_.get());
    if (sent < 0) {
      return tl::unexpected(damaged(sent));
    }
    return true;
  }
}

base::Result<bool> VideoReader::decode() {
  while (true) {
    const int received = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (received == AVERROR_EOF) {
      return false;
    }
    if (received == AVERROR(EAGAIN) && !drained_) {
      if (auto fed = feed(); !fed) {
        return fed;
      }
      continue;
    }
    if (received < 0) {
      return tl::unexpected(damaged(received));
    }
    if (frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0) {
      return tl::unexpected(damaged(0));
    }
    stamp();
    return true;
  }
}

void VideoReader::stamp() {
  current_.index = next_index_++;
  std::int64_t pts = frame_->best_effort_timestamp;
  if (pts == AV_NOPTS_VALUE && info_.frame_rate.num > 0) {
    // Raw streams carry no times: count frames instead.
    pts = av_rescale_q(current_.index, AVRational{info_.frame_rate.den, info_.frame_rate.num},
                       info_.time_base);
  }
  if (first_pts_ == AV_NOPTS_VALUE) {
    first_pts_ = pts;
  }
  current_.pts = pts == AV_NOPTS_VALUE ? current_.index : pts - first_pts_;
  current_.time = std::chrono::microseconds(
      av_rescale_q(current_.pts, info_.time_base, AVRational{1, 1000000}));
}

base::Result<void> VideoReader::convert() {
  const bool sideways = info_.rotation % 180 != 0;
  const int width = sideways ? info_.height : info_.width;
  const int height = sideways ? info_.width : info_.height;
  if (frame_->width != width || frame_->height != height) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The video {} changes its picture size at frame {} from {} x {} to {} x {}; "
                    "storysign needs one size, so cut the video there or convert it with ffmpeg.",
                    quoted(path_), current_.index, width, height, frame_->width, frame_->height));
  }
  const auto format = static_cast<AVPixelFormat>(frame_->format);
  // OpenCV converts to BGR. For 8-bit 4:2:0 swscale gives the same values in either order; its
  // general path does not.
  const bool direct = format == AV_PIX_FMT_YUV420P || format == AV_PIX_FMT_YUVJ420P;
  scaler_.reset(sws_getCachedContext(scaler_.release(), width, height, format, width, height,
                                     direct ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_BGR24, SWS_BICUBIC,
                                     nullptr, nullptr, nullptr));
  if (!scaler_) {
    return fail(
        ErrorCode::kUnsupported,
        fmt::format("The pixel format of the video {} cannot be converted; convert it to H.264 "
                    "yuv420p first.",
                    quoted(path_)));
  }
  const std::ptrdiff_t stride = padded_stride(width);
  rgb_.resize(static_cast<std::size_t>(stride * (height + 1)));
  const std::array<std::uint8_t*, 4> planes = {rgb_.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides = {static_cast<int>(stride), 0, 0, 0};
  sws_scale(scaler_.get(), frame_->data, frame_->linesize, 0, height, planes.data(),
            strides.data());
  const base::MutableImageView upright{rgb_.data(), width, height, stride};
  if (!direct) {
    swap_red_and_blue(upright);
  }
  current_.image = upright;
  if (info_.rotation != 0) {
    const std::ptrdiff_t turned_stride = std::ptrdiff_t{info_.width} * 3;
    turned_.resize(static_cast<std::size_t>(turned_stride * info_.height));
    current_.image = {turned_.data(), info_.width, info_.height, turned_stride};
    rotate_clockwise(upright.view(), info_.rotation, current_.image);
  }
  return {};
}

base::Result<std::optional<VideoFrame>> VideoReader::read() {
  auto more = decode();
  if (!more) {
    return tl::unexpected(more.error());
  }
  if (!*more) {
    return std::optional<VideoFrame>{};
  }
  if (auto converted = convert(); !converted) {
    return tl::unexpected(converted.error());
  }
  return std::optional<VideoFrame>{current_};
}

base::Result<bool> VideoReader::skip() {
  return decode();
}

}  // namespace storysign::app
