#pragma once

#include "app/media/libav.hpp"
#include "app/media/video_probe.hpp"
#include "base/image.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace storysign::app {

/// One decoded frame. The picture belongs to the reader, may be drawn on, and is valid until the
/// next call.
struct VideoFrame {
  base::MutableImageView image;
  std::int64_t index = 0;             ///< Number in the file, from 0.
  std::int64_t pts = 0;               ///< Time since the first frame, in VideoInfo::time_base.
  std::chrono::microseconds time{0};  ///< The same in microseconds.
};

/// Decodes the video of a file frame by frame to RGB. The pixel values equal those of OpenCV's
/// VideoCapture with its FFmpeg backend (swscale, bicubic, the default BT.601 matrix whatever the
/// file claims), because the networks' reference results were made with that. One thread at a time.
class VideoReader {
 public:
  /// `info` is what probe_video() said about the same file.
  [[nodiscard]] static base::Result<std::unique_ptr<VideoReader>> open(
      const std::filesystem::path& path, const VideoInfo& info);

  VideoReader(const VideoReader&) = delete;
  VideoReader& operator=(const VideoReader&) = delete;
  VideoReader(VideoReader&&) = delete;
  VideoReader& operator=(VideoReader&&) = delete;
  ~VideoReader() = default;

  /// The next frame, or nothing at the end. Fails with kInvalidInput if a frame is damaged or
  /// changes its size.
  [[nodiscard]] base::Result<std::optional<VideoFrame>> read();

  /// Decodes the next frame without making its picture; false at the end. Fails as read() does.
  [[nodiscard]] base::Result<bool> skip();

 private:
  VideoReader(std::filesystem::path path, const VideoInfo& info, OpenedVideo video);

  base::Result<void> start();
  base::Result<bool> decode();
  base::Result<bool> feed();
  base::Result<void> convert();
  void stamp();
  [[nodiscard]] base::Error damaged(int code) const;

  // Given.
  std::filesystem::path path_;
  VideoInfo info_;
  // Owned.
  OpenedVideo video_;
  CodecContext decoder_;
  Packet packet_;
  Frame frame_;
  Scaler scaler_;
  std::vector<std::uint8_t> rgb_;
  std::vector<std::uint8_t> turned_;
  // State.
  VideoFrame current_;
  std::int64_t next_index_ = 0;
  std::int64_t first_pts_ = AV_NOPTS_VALUE;
  bool drained_ = false;
};

}  // namespace storysign::app
