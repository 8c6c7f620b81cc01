#pragma once

#include <cstdint>
#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace storysign::app {

/// Owning handles for what libav allocates; each frees in the one right way.
struct FormatInputCloser {
  void operator()(AVFormatContext* context) const noexcept { avformat_close_input(&context); }
};
struct FormatOutputFreer {
  void operator()(AVFormatContext* context) const noexcept {
    if (context != nullptr) {
      avio_closep(&context->pb);
    }
    avformat_free_context(context);
  }
};
struct CodecFreer {
  void operator()(AVCodecContext* context) const noexcept { avcodec_free_context(&context); }
};
struct PacketFreer {
  void operator()(AVPacket* packet) const noexcept { av_packet_free(&packet); }
};
struct FrameFreer {
  void operator()(AVFrame* frame) const noexcept { av_frame_free(&frame); }
};
struct ScalerFreer {
  void operator()(SwsContext* context) const noexcept { sws_freeContext(context); }
};

using InputContext = std::unique_ptr<AVFormatContext, FormatInputCloser>;
using OutputContext = std::unique_ptr<AVFormatContext, FormatOutputFreer>;
using CodecContext = std::unique_ptr<AVCodecContext, CodecFreer>;
using Packet = std::unique_ptr<AVPacket, PacketFreer>;
using Frame = std::unique_ptr<AVFrame, FrameFreer>;
using Scaler = std::unique_ptr<SwsContext, ScalerFreer>;

/// What libav says about an error number, for the end of a sentence. Any thread.
[[nodiscard]] std::string libav_error(int code);

/// Stops libav from printing on its own: every failure reaches the caller as a value. Process-wide.
void silence_libav() noexcept;

}  // namespace storysign::app
