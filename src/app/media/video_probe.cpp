#include "app/media/video_probe.hpp"

#include "app/media/container_check.hpp"
#include "app/media/input_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

extern "C" {
#include <libavutil/display.h>
#include <libavutil/opt.h>
}

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

/// Formats that hold one video in one file. Left out on purpose: playlists and scripts that name
/// other files (hls, concat), and formats that take any text for video (tty).
constexpr const char* kFormats =
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,m4v,gif,"
    "ivf,"
    "mjpeg,mxf,nut,yuv4mpegpipe";

constexpr AVRational kMicroseconds{1, 1000000};

/// av_dict is a C list that must be freed on every path.
class Options {
 public:
  Options() = default;
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { av_dict_free(&entries_); }

  void set(const char* key, const char* value) { av_dict_set(&entries_, key, value, 0); }
  void set(const char* key, std::int64_t value) { av_dict_set_int(&entries_, key, value, 0); }
  AVDictionary** get() noexcept { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

int rotation_of(const AVStream& stream) {
  const std::uint8_t* matrix = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (matrix == nullptr) {
    return 0;
  }
  // The function gives the counter-clockwise angle, or NaN for a matrix that is no rotation.
  const double angle = av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  if (!std::isfinite(angle)) {
    return 0;
  }
  const long clockwise = std::lround(-angle / 90.0) * 90L;
  return static_cast<int>(((clockwise % 360L) + 360L) % 360L);
}

/// The container may state the size before anything is decoded: refuse a bad one first.
base::Result<void> check_declared_sizes(const fs::path& path, const AVFormatContext& format) {
  for (unsigned i = 0; i < format.nb_streams; ++i) {
    const AVCodecParameters& codec = *format.streams[i]->codecpar;
    if (codec.codec_type == AVMEDIA_TYPE_VIDEO && codec.width > 0 && codec.height > 0) {
      if (auto fits = check_sides(path, "video", codec.width, codec.height); !fits) {
        return fits;
      }
    }
  }
  return {};
}

base::Result<void> find_streams(const fs::path& path, AVFormatContext& format) {
  std::vector<AVDictionary*> per_stream(format.nb_streams, nullptr);
  for (AVDictionary*& entries : per_stream) {
    av_dict_set_int(&entries, "max_pixels", std::int64_t{kMaxSide} * kMaxSide, 0);
  }
  const int found =
      avformat_find_stream_info(&format, per_stream.empty() ? nullptr : per_stream.data());
  for (AVDictionary*& entries : per_stream) {
    av_dict_free(&entries);
  }
  if (found < 0) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The video {} is damaged: {}.", quoted(path), libav_error(found)));
  }
  return {};
}

std::string codec_label(AVCodecID id, unsigned tag) {
  if (id != AV_CODEC_ID_NONE) {
    return fmt::format("'{}'", avcodec_get_name(id));
  }
  char text[AV_FOURCC_MAX_STRING_SIZE] = {};
  return fmt::format("'{}'", av_fourcc_make_string(text, tag));
}

base::Error unknown_codec(const fs::path& path, const AVCodecParameters& codec) {
  return {ErrorCode::kUnsupported,
          fmt::format(
              "The video {} is coded with {}, which storysign cannot decode; convert it to H.264, "
              "for example with ffmpeg -i IN -c:v libx264 OUT.mp4.",
              quoted(path), codec_label(codec.codec_id, codec.codec_tag))};
}

/// What one pass over the packets found.
struct PacketCount {
  std::vector<std::int64_t> shown_at;  ///< Time stamps of the video's packets, in stream units.
  std::int64_t video = 0;              ///< Video packets that are shown.
  std::int64_t video_end = AV_NOPTS_VALUE;  ///< End of the last one, in stream units.
  std::int64_t all_end_us =
      AV_NOPTS_VALUE;  ///< End of the last packet of any stream, microseconds.
};

void count_packet(const AVFormatContext& format, int video_stream, const AVPacket& packet,
                  PacketCount& count) {
  const AVStream& stream = *format.streams[packet.stream_index];
  const std::int64_t start = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (start != AV_NOPTS_VALUE) {
    const std::int64_t end = start + std::max<std::int64_t>(packet.duration, 0);
    count.all_end_us =
        std::max(count.all_end_us, av_rescale_q(end, stream.time_base, kMicroseconds));
    if (packet.stream_index == video_stream) {
      count.video_end = std::max(count.video_end, end);
    }
  }
  if (packet.stream_index == video_stream && (packet.flags & AV_PKT_FLAG_DISCARD) == 0) {
    ++count.video;
    if (packet.pts != AV_NOPTS_VALUE) {
      count.shown_at.push_back(packet.pts);
    }
  }
}

base::Error damaged(const fs::path& path, std::int64_t frame) {
  return {
      ErrorCode::kInvalidInput,
      fmt::format("The video {} is cut off or damaged after frame {}; copy or download it again.",
                  quoted(path), frame)};
}

base::Result<PacketCount> count_packets(const fs::path& path, OpenedVideo& video,
                                        const std::atomic<int>& stop) {
  const Packet packet(av_packet_alloc());
  PacketCount count;
  if (!packet) {
    return fail(ErrorCode::kInternal, "Out of memory while reading a video.");
  }
  while (true) {
    if (stop.load(std::memory_order_relaxed) != 0) {
      return fail(ErrorCode::kCancelled, "Stopped.");
    }
    const int read = av_read_frame(video.format.get(), packet.get());
    if (read == AVERROR_EOF) {
      // A demuxer may turn a failed read into the end of the file; the byte stream knows better.
      if (video.format->pb != nullptr && video.format->pb->error < 0) {
        return tl::unexpected(damaged(path, count.video));
      }
      return count;
    }
    if (read < 0 || (packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
      return tl::unexpected(damaged(path, count.video));
    }
    count_packet(*video.format, video.stream, *packet, count);
    av_packet_unref(packet.get());
  }
}

/// The file says how long it lasts; fewer frames than that means that its end is missing. Half a
/// second is allowed, because the duration of some formats is itself rounded or estimated; exact
/// byte counts are container_check's job.
base::Result<void> check_duration(const fs::path& path, const AVFormatContext& format,
                                  const PacketCount& count) {
  constexpr std::int64_t kSlackUs = 500000;
  if (format.duration == AV_NOPTS_VALUE || count.all_end_us == AV_NOPTS_VALUE) {
    return {};
  }
  const std::int64_t start = format.start_time != AV_NOPTS_VALUE ? format.start_time : 0;
  const std::int64_t lasts = count.all_end_us - std::min<std::int64_t>(start, 0);
  if (lasts + kSlackUs < format.duration) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format(
            "The video {} is cut off: it should last {:.1f} s and ends after {:.1f} s; copy "
            "or download it again.",
            quoted(path), static_cast<double>(format.duration) / 1e6,
            static_cast<double>(lasts) / 1e6));
  }
  return {};
}

bool has_constant_rate(std::vector<std::int64_t>& shown_at, AVRational rate, AVRational time_base) {
  if (shown_at.empty() || rate.num <= 0 || rate.den <= 0) {
    return false;
  }
  std::sort(shown_at.begin(), shown_at.end());
  const AVRational frame{rate.den, rate.num};
  for (std::size_t k = 0; k < shown_at.size(); ++k) {
    const std::int64_t ideal = av_rescale_q(static_cast<std::int64_t>(k), frame, time_base);
    if (std::llabs(shown_at[k] - shown_at.front() - ideal) > 1) {
      return false;
    }
  }
  return true;
}

VideoInfo describe(AVFormatContext& format, AVStream& stream, PacketCount& count) {
  VideoInfo info;
  const AVCodecParameters& codec = *stream.codecpar;
  info.rotation = rotation_of(stream);
  info.width = codec.width;
  info.height = codec.height;
  info.pixel_shape = av_guess_sample_aspect_ratio(&format, &stream, nullptr);
  if (info.rotation % 180 != 0) {
    std::swap(info.width, info.height);
    std::swap(info.pixel_shape.num, info.pixel_shape.den);
  }
  if (info.pixel_shape.num <= 0 || info.pixel_shape.den <= 0) {
    info.pixel_shape = {1, 1};
  }
  info.frames = count.video;
  info.time_base = stream.time_base;
  info.color_space = codec.color_space;
  info.color_primaries = codec.color_primaries;
  info.color_transfer = codec.color_trc;
  info.frame_rate = stream.avg_frame_rate;
  if (info.frame_rate.num <= 0 || info.frame_rate.den <= 0) {
    info.frame_rate = stream.r_frame_rate;
  }
  info.constant_rate = has_constant_rate(count.shown_at, info.frame_rate, info.time_base);
  if (!info.constant_rate && stream.r_frame_rate.num > 0 && stream.r_frame_rate.den > 0 &&
      has_constant_rate(count.shown_at, stream.r_frame_rate, info.time_base)) {
    info.frame_rate = stream.r_frame_rate;
    info.constant_rate = true;
  }
  if (!count.shown_at.empty() && count.video_end != AV_NOPTS_VALUE) {
    const std::int64_t first = *std::min_element(count.shown_at.begin(), count.shown_at.end());
    info.duration = std::chrono::microseconds(
        av_rescale_q(count.video_end - first, info.time_base, kMicroseconds));
  }
  return info;
}

}  // namespace

base::Result<OpenedVideo> open_video(const fs::path& path) {
  Options options;
  options.set("format_whitelist", kFormats);
  options.set("protocol_whitelist", "file");
  AVFormatContext* raw = nullptr;
  // The prefix keeps a name like "http:x" from being taken for an address.
  const std::string url = "file:" + path.string();
  const int opened = avformat_open_input(&raw, url.c_str(), nullptr, options.get());
  if (opened < 0) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} is not a video or picture that storysign can read; give it an MP4, MOV, "
                    "MKV, WebM or AVI video, or a JPEG, PNG, WebP or BMP picture.",
                    quoted(path)));
  }
  OpenedVideo video{InputContext(raw), -1, nullptr};
  auto ready = check_declared_sizes(path, *raw)
                   .and_then([&] { return find_streams(path, *raw); })
                   .and_then([&] { return check_declared_sizes(path, *raw); });
  if (!ready) {
    return tl::unexpected(ready.error());
  }
  // Without a decoder argument an undecodable stream is found too, and can be named.
  video.stream = av_find_best_stream(raw, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (video.stream < 0) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("{} has no video in it, only sound or data.", quoted(path)));
  }
  const AVCodecParameters& codec = *raw->streams[video.stream]->codecpar;
  video.decoder = avcodec_find_decoder(codec.codec_id);
  if (video.decoder == nullptr) {
    return tl::unexpected(unknown_codec(path, codec));
  }
  if (codec.width <= 0 || codec.height <= 0) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The video {} holds no frame that can be decoded; copy or download it again.",
                    quoted(path)));
  }
  return video;
}

base::Result<VideoInfo> probe_video(const fs::path& path, const std::atomic<int>& stop) {
  if (auto complete = check_container_complete(path); !complete) {
    return tl::unexpected(complete.error());
  }
  auto video = open_video(path);
  if (!video) {
    return tl::unexpected(video.error());
  }
  auto count = count_packets(path, *video, stop);
  if (!count) {
    return tl::unexpected(count.error());
  }
  if (count->video == 0) {
    return fail(ErrorCode::kInvalidInput, fmt::format("The video {} has no frames.", quoted(path)));
  }
  if (auto whole = check_duration(path, *video->format, *count); !whole) {
    return tl::unexpected(whole.error());
  }
  return describe(*video->format, *video->format->streams[video->stream], *count);
}

}  // namespace storysign::app
