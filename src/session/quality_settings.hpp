#pragma once

#include "adapt/quality.hpp"
#include "codec/encoder.hpp"

namespace storysign::session {

/// How the quality of answers is chosen; the same for all sessions of a server.
struct QualitySettings {
  adapt::QualityOptions controller;
  codec::CompressionStrategy compression = codec::CompressionStrategy::kFast;
  bool is_fast = true;  ///< Track the fast way; else every network runs on every frame.
  int max_fps = 30;     ///< What a client is advised to send at first.
};

}  // namespace storysign::session
