#pragma once

#include "app/media/libav.hpp"
#include "app/media/video_probe.hpp"
#include "base/image.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace storysign::app {

/// Whether a video can be written under this name: .mp4, .m4v, .mov or .mkv. Fails with
/// kInvalidInput.
[[nodiscard]] base::Result<void> check_video_name(const std::filesystem::path& path);

/// Writes H.264 (libx264, yuv420p, crf 20, preset veryfast) without sound. An odd width or height
/// grows by one pixel, because 4:2:0 has none; the last column or row is repeated. Frames keep the
/// time stamps of the input. The matrix for RGB to YUV is BT.601, as in VideoReader, and the
/// input's own colour tags are passed on, so that colours look as they did. One thread at a time.
class VideoWriter {
 public:
  /// `target` is the final name: its ending decides the format, and messages name it. Bytes go to
  /// `writing_path`. Fails with kIo, kInvalidInput (ending) or kUnsupported (no libx264 in this
  /// libavcodec).
  [[nodiscard]] static base::Result<std::unique_ptr<VideoWriter>> create(
      const std::filesystem::path& target, const std::filesystem::path& writing_path,
      const VideoInfo& info);

  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;
  VideoWriter(VideoWriter&&) = delete;
  VideoWriter& operator=(VideoWriter&&) = delete;
  ~VideoWriter() = default;

  /// Adds a frame of the size of `info`. `pts` is VideoFrame::pts; the first one written becomes
  /// time 0. Fails with kIo as soon as libav notices that the disk takes no more.
  [[nodiscard]] base::Result<void> write(const base::ImageView& image, std::int64_t pts);

  /// Writes what the encoder still holds and the index, and closes the file. Call it once, last.
  [[nodiscard]] base::Result<void> finish();

 private:
  VideoWriter(std::filesystem::path target, const VideoInfo& info);

  base::Result<void> start(const std::filesystem::path& writing_path);
  base::Result<void> open_encoder();
  base::Result<void> convert(const base::ImageView& image);
  base::Result<void> drain();
  [[nodiscard]] base::ImageView padded(const base::ImageView& image);
  [[nodiscard]] std::int64_t encoder_pts(std::int64_t pts);
  [[nodiscard]] base::Error failed(int code) const;

  // Given.
  std::filesystem::path target_;
  VideoInfo info_;
  // Owned.
  OutputContext format_;
  CodecContext encoder_;
  Frame frame_;
  Packet packet_;
  Scaler scaler_;
  std::vector<std::uint8_t> padded_;
  AVStream* stream_ = nullptr;  ///< Belongs to format_.
  // State.
  std::int64_t first_pts_ = AV_NOPTS_VALUE;
  std::int64_t last_pts_ = -1;
};

}  // namespace storysign::app
