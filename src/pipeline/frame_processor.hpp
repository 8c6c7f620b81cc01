#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "codec/decoder.hpp"
#include "codec/encoder.hpp"
#include "codec/planes.hpp"
#include "pipeline/pipeline.hpp"
#include "render/blur.hpp"
#include "render/overlay.hpp"
#include "render/scaler.hpp"
#include "vision/parts_helper.hpp"
#include "vision/tracker.hpp"

#include <memory>
#include <optional>

namespace storysign::pipeline {

/// From a JPEG to a result, with the scratch memory for it: gate, size check, decode, track, blur,
/// draw, encode. Owned by a worker; one thread at a time. Allocates nothing in the steady state.
class FrameProcessor {
 public:
  /// Fails as vision::Networks::create().
  [[nodiscard]] static base::Result<std::unique_ptr<FrameProcessor>> create(
      engine::Engine& engine, const PipelineOptions& options);

  /// What JPEGs may be, from the next process() on.
  void set_gate(const codec::GateLimits& gate) noexcept { gate_ = gate; }

  /// Fills everything of `result` but the identity of the frame, its queue time, and the losses.
  /// `helper` may be null. Throws what a library throws.
  void process(const Frame& frame, vision::HolisticTracker& tracker, vision::PartsHelper* helper,
               FrameResult& result);

  /// For parts of other workers' frames.
  [[nodiscard]] vision::Networks& networks() noexcept { return *networks_; }

 private:
  FrameProcessor(const PipelineOptions& options, std::unique_ptr<vision::Networks> networks);

  class JpegPicture;

  std::optional<codec::JpegHeader> check(const Frame& frame, FrameResult& result);
  bool track_reference(const Frame& frame, const codec::JpegHeader& header,
                       vision::HolisticTracker& tracker, vision::PartsHelper* helper,
                       FrameResult& result);
  bool track_fast(const Frame& frame, const codec::JpegHeader& header,
                  vision::HolisticTracker& tracker, vision::PartsHelper* helper,
                  FrameResult& result);
  bool draw(const vision::HolisticTracker& tracker, FrameResult& result);
  /// The picture that the answer shows.
  base::Image& drawn(const FrameResult& result) noexcept;
  bool encode(FrameResult& result);

  // Given.
  bool segmentation_;
  base::SteadyTime (*now_)() noexcept;
  // Owned.
  std::unique_ptr<vision::Networks> networks_;
  codec::JpegDecoder decoder_;
  codec::JpegEncoder encoder_;
  render::BackgroundBlur blur_;
  render::Scaler scaler_;
  render::OverlayRenderer overlay_;
  // State.
  codec::GateLimits gate_;
  codec::YuvPlanes planes_;
  base::GrayImage gray_;
  base::GrayImage larger_gray_;
  base::Image image_;
  base::Image scaled_;
};

}  // namespace storysign::pipeline
