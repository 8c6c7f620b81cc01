#pragma once

#include "app/media/libav.hpp"
#include "base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>

namespace storysign::app {

/// What is known about a video before its first frame is decoded.
struct VideoInfo {
  int width = 0;   ///< As shown, after rotation.
  int height = 0;  ///< As shown, after rotation.
  int rotation =
      0;  ///< Clockwise turn from the coded picture to the shown one: 0, 90, 180 or 270 degrees.
  std::int64_t frames =
      0;  ///< Frames in the file, counted; an estimate for the few codecs with hidden frames.
  std::chrono::microseconds duration{0};  ///< From the first frame to the end of the last.
  AVRational frame_rate{0, 1};            ///< Average frames per second; 0/1 if unknown.
  AVRational time_base{1, 1000};          ///< Unit of VideoFrame::pts.
  bool constant_rate =
      false;  ///< Frame k is shown at k / frame_rate, within rounding of time_base.
  AVRational pixel_shape{1, 1};  ///< Width to height of one pixel.
  // What the file claims about its colours.
  AVColorSpace color_space = AVCOL_SPC_UNSPECIFIED;
  AVColorPrimaries color_primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic color_transfer = AVCOL_TRC_UNSPECIFIED;
};

/// An opened input and its video stream; every other stream is still delivered.
struct OpenedVideo {
  InputContext format;
  int stream = -1;
  const AVCodec* decoder = nullptr;
};

/// Opens a local file with the demuxers that this program trusts and finds the video stream. Fails
/// with kInvalidInput (no video in it, size out of bounds) or kUnsupported (no decoder), in one
/// sentence.
[[nodiscard]] base::Result<OpenedVideo> open_video(const std::filesystem::path& path);

/// Reads the whole file once without decoding, to count its frames and to see that it is complete.
/// Fails with kInvalidInput if it is cut off or damaged, and with kCancelled as soon as `stop` is
/// set.
[[nodiscard]] base::Result<VideoInfo> probe_video(const std::filesystem::path& path,
                                                  const std::atomic<int>& stop);

}  // namespace storysign::app
