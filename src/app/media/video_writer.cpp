#include "app/media/video_writer.hpp"

#include "app/media/input_file.hpp"
#include "app/media/output_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <utility>

extern "C" {
#include <libavutil/opt.h>
}

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

struct Muxer {
  const char* ending;
  const char* format;
  bool index_first;  ///< The index can be moved to the front, so that a browser can start playing
                     ///< at once.
};

constexpr std::array<Muxer, 4> kMuxers = {{{".mp4", "mp4", true},
                                           {".m4v", "mp4", true},
                                           {".mov", "mov", true},
                                           {".mkv", "matroska", false}}};

const Muxer* find_muxer(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto* found = std::find_if(kMuxers.begin(), kMuxers.end(),
                                   [&](const Muxer& muxer) { return ending == muxer.ending; });
  return found != kMuxers.end() ? found : nullptr;
}

int even(int side) {
  return side + side % 2;
}

AVRational inverse(AVRational value) {
  return {value.den, value.num};
}

}  // namespace

base::Result<void> check_video_name(const fs::path& path) {
  if (find_muxer(path) == nullptr) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("Cannot tell from the name {} which video format to write; end it in .mp4, "
                    ".mov or .mkv.",
                    quoted(path)));
  }
  return {};
}

VideoWriter::VideoWriter(fs::path target, const VideoInfo& info)
    : target_(std::move(target)),
      info_(info),
      frame_(av_frame_alloc()),
      packet_(av_packet_alloc()) {}

base::Result<std::unique_ptr<VideoWriter>> VideoWriter::create(const fs::path& target,
                                                               const fs::path& writing_path,
                                                               const VideoInfo& info) {
  if (auto named = check_video_name(target); !named) {
    return tl::unexpected(named.error());
  }
  std::unique_ptr<VideoWriter> writer(new VideoWriter(target, info));
  if (auto started = writer->start(writing_path); !started) {
    return tl::unexpected(started.error());
  }
  return writer;
}

base::Error VideoWriter::failed(int code) const {
  const int number = AVUNERROR(code);
  // libav's own codes are large; small ones are errno values.
  if (number > 0 && number < 4096) {
    return cannot_write(target_, number);
  }
  return {ErrorCode::kInternal,
          fmt::format("Encoding {} failed ({}); this is a defect, please report it.",
                      quoted(target_), libav_error(code))};
}

base::Result<void> VideoWriter::open_encoder() {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (codec == nullptr) {
    return fail(ErrorCode::kUnsupported,
                "This libavcodec was built without libx264, so no video can be written; install "
                "Debian's libavcodec59.");
  }
  encoder_.reset(avcodec_alloc_context3(codec));
  if (!encoder_ || !frame_ || !packet_) {
    return fail(ErrorCode::kInternal, "Out of memory while preparing the output video.");
  }
  encoder_->width = even(info_.width);
  encoder_->height = even(info_.height);
  encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder_->sample_aspect_ratio = info_.pixel_shape;
  encoder_->time_base = info_.constant_rate ? inverse(info_.frame_rate) : info_.time_base;
  encoder_->framerate = info_.frame_rate;
  encoder_->color_range = AVCOL_RANGE_MPEG;
  encoder_->colorspace =
      info_.color_space == AVCOL_SPC_RGB ? AVCOL_SPC_SMPTE170M : info_.color_space;
  encoder_->color_primaries = info_.color_primaries;
  encoder_->color_trc = info_.color_transfer;
  if ((format_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
    encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  }
  av_opt_set(encoder_->priv_data, "preset", "veryfast", 0);
  av_opt_set(encoder_->priv_data, "crf", "20", 0);
  const int opened = avcodec_open2(encoder_.get(), codec, nullptr);
  if (opened < 0) {
    return tl::unexpected(failed(opened));
  }
  return {};
}

base::Result<void> VideoWriter::start(const fs::path& writing_path) {
  const Muxer& muxer = *find_muxer(target_);
  const std::string url = "file:" + writing_path.string();
  AVFormatContext* raw = nullptr;
  if (const int made = avformat_alloc_output_context2(&raw, nullptr, muxer.format, url.c_str());
      made < 0) {
    return tl::unexpected(failed(made));
  }
  format_.reset(raw);
  if (auto opened = open_encoder(); !opened) {
    return opened;
  }
  stream_ = avformat_new_stream(raw, nullptr);
  if (stream_ == nullptr) {
    return fail(ErrorCode::kInternal, "Out of memory while preparing the output video.");
  }
  stream_->time_base = encoder_->time_base;
  stream_->avg_frame_rate = info_.frame_rate;
  stream_->sample_aspect_ratio = info_.pixel_shape;
  avcodec_parameters_from_context(stream_->codecpar, encoder_.get());
  int code = avio_open(&raw->pb, url.c_str(), AVIO_FLAG_WRITE);
  if (code < 0) {
    return tl::unexpected(failed(code));
  }
  AVDictionary* options = nullptr;
  if (muxer.index_first) {
    av_dict_set(&options, "movflags", "+faststart", 0);
  }
  code = avformat_write_header(raw, &options);
  av_dict_free(&options);
  if (code < 0) {
    return tl::unexpected(failed(code));
  }
  return {};
}

base::ImageView VideoWriter::padded(const base::ImageView& image) {
  if (image.width % 2 == 0 && image.height % 2 == 0) {
    return image;
  }
  const int width = even(image.width);
  const int height = even(image.height);
  const std::ptrdiff_t stride = std::ptrdiff_t{width} * 3;
  padded_.resize(static_cast<std::size_t>(stride * height));
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = image.row(std::min(y, image.height - 1));
    std::uint8_t* to = padded_.data() + stride * y;
    const std::size_t row = static_cast<std::size_t>(image.width) * 3;
    std::memcpy(to, from, row);
    std::memcpy(to + stride - 3, from + row - 3, 3);
  }
  return {padded_.data(), width, height, stride};
}

base::Result<void> VideoWriter::convert(const base::ImageView& image) {
  const base::ImageView even_image = padded(image);
  av_frame_unref(frame_.get());
  frame_->format = AV_PIX_FMT_YUV420P;
  frame_->width = even_image.width;
  frame_->height = even_image.height;
  // A fresh buffer each time: the encoder looks ahead and keeps its own references.
  if (const int code = av_frame_get_buffer(frame_.get(), 0); code < 0) {
    return tl::unexpected(failed(code));
  }
  scaler_.reset(sws_getCachedContext(scaler_.release(), even_image.width, even_image.height,
                                     AV_PIX_FMT_RGB24, even_image.width, even_image.height,
                                     AV_PIX_FMT_YUV420P, SWS_BICUBIC, nullptr, nullptr, nullptr));
  if (!scaler_) {
    return fail(ErrorCode::kInternal, "Out of memory while encoding a video.");
  }
  const std::array<const std::uint8_t*, 4> planes = {even_image.data, nullptr, nullptr, nullptr};
  const std::array<int, 4> strides = {static_cast<int>(even_image.stride), 0, 0, 0};
  sws_scale(scaler_.get(), planes.data(), strides.data(), 0, even_image.height, frame_->data,
            frame_->linesize);
  return {};
}

std::int64_t VideoWriter::encoder_pts(std::int64_t pts) {
  if (first_pts_ == AV_NOPTS_VALUE) {
    first_pts_ = pts;
  }
  // Time stamps must grow; the few files where they do not are nudged.
  const std::int64_t wanted = av_rescale_q(pts - first_pts_, info_.time_base, encoder_->time_base);
  last_pts_ = std::max(wanted, last_pts_ + 1);
  return last_pts_;
}

base::Result<void> VideoWriter::write(const base::ImageView& image, std::int64_t pts) {
  if (auto converted = convert(image); !converted) {
    return converted;
  }
  frame_->pts = encoder_pts(pts);
  if (const int code = avcodec_send_frame(encoder_.get(), frame_.get()); code < 0) {
    return tl::unexpected(failed(code));
  }
  return drain();
}

base::Result<void> VideoWriter::drain() {
  while (true) {
    int code = avcodec_receive_packet(encoder_.get(), packet_.get());
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
      return {};
    }
    if (code >= 0) {
      if (info_.constant_rate) {
        packet_->duration = 1;
      }
      av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
      packet_->stream_index = stream_->index;
      code = av_interleaved_write_frame(format_.get(), packet_.get());
    }
    if (code < 0) {
      return tl::unexpected(failed(code));
    }
    if (format_->pb->error < 0) {
      return tl::unexpected(failed(format_->pb->error));
    }
  }
}

base::Result<void> VideoWriter::finish() {
  if (const int code = avcodec_send_frame(encoder_.get(), nullptr); code < 0) {
    return tl::unexpected(failed(code));
  }
  if (auto drained = drain(); !drained) {
    return drained;
  }
  int code = av_write_trailer(format_.get());
  avio_flush(format_->pb);
  const int buffered = format_->pb->error;
  const int closed = avio_closep(&format_->pb);
  for (const int step : {buffered, closed}) {
    code = code < 0 ? code : step;
  }
  if (code < 0) {
    return tl::unexpected(failed(code));
  }
  return {};
}

}  // namespace storysign::app
