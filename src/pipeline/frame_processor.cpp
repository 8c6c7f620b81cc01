#include "pipeline/frame_processor.hpp"

#include "base/half_gray.hpp"
#include "codec/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace storysign::pipeline {
namespace {

using std::chrono::microseconds;

/// Adds the time of a scope to a stage, however the scope is left.
class StageTimer {
 public:
  StageTimer(base::SteadyTime (*now)() noexcept, microseconds& stage) noexcept
      : now_(now), stage_(stage), begin_(now()) {}
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;
  StageTimer(StageTimer&&) = delete;
  StageTimer& operator=(StageTimer&&) = delete;
  ~StageTimer() { stage_ += std::chrono::duration_cast<microseconds>(now_() - begin_); }

 private:
  base::SteadyTime (*now_)() noexcept;
  microseconds& stage_;
  base::SteadyTime begin_;
};

/// Of a JPEG that could not be decoded: the client's fault if it is damaged.
Outcome undecoded(base::ErrorCode error) noexcept {
  return error == base::ErrorCode::kInvalidInput ? Outcome::kUndecoded : Outcome::kFailed;
}

bool fail(FrameResult& result, Outcome outcome, std::string error) {
  result.outcome = outcome;
  result.error = std::move(error);
  return false;
}

}  // namespace

/// A JPEG whose planes are decoded, for the tracker's fast mode: colours only if they are asked
/// for. What that takes is added to `time`.
class FrameProcessor::JpegPicture final : public vision::Picture {
 public:
  JpegPicture(FrameProcessor& owner, microseconds& time) noexcept : owner_(owner), time_(time) {}

  [[nodiscard]] int width() const noexcept override { return owner_.planes_.width(); }
  [[nodiscard]] int height() const noexcept override { return owner_.planes_.height(); }

  base::Result<base::GrayView> small_gray() override {
    const StageTimer timer(owner_.now_, time_);
    base::GrayView gray = owner_.planes_.brightness();
    for (int left = vision::gray_reduction(width(), height()); left > 1; left /= 2) {
      base::half_gray(gray, owner_.gray_);
      std::swap(owner_.gray_, owner_.larger_gray_);
      gray = owner_.larger_gray_.view();
    }
    return gray;
  }

  base::Result<base::ImageView> colours() override {
    if (!has_colours_) {
      const StageTimer timer(owner_.now_, time_);
      if (auto done = owner_.decoder_.planes_to_rgb(owner_.planes_, owner_.image_); !done) {
        return tl::unexpected(std::move(done).error());
      }
      has_colours_ = true;
    }
    return owner_.image_.view();
  }

 private:
  FrameProcessor& owner_;
  microseconds& time_;
  bool has_colours_ = false;
};

FrameProcessor::FrameProcessor(const PipelineOptions& options,
                               std::unique_ptr<vision::Networks> networks)
    : segmentation_(options.tracker.segmentation),
      now_(options.now),
      networks_(std::move(networks)),
      gate_(options.gate) {}

base::Result<std::unique_ptr<FrameProcessor>> FrameProcessor::create(
    engine::Engine& engine, const PipelineOptions& options) {
  auto networks = vision::Networks::create(engine, options.tracker);
  if (!networks) return tl::unexpected(std::move(networks).error());
  return std::unique_ptr<FrameProcessor>(new FrameProcessor(options, std::move(*networks)));
}

void FrameProcessor::process(const Frame& frame, vision::HolisticTracker& tracker,
                             vision::PartsHelper* helper, FrameResult& result) {
  const auto header = check(frame, result);
  if (!header) return;
  const bool tracked = frame.quality.is_fast
                           ? track_fast(frame, *header, tracker, helper, result)
                           : track_reference(frame, *header, tracker, helper, result);
  if (!tracked) return;
  if (frame.wish.picture && (!draw(tracker, result) || !encode(result))) return;
  result.outcome = result.landmarks.inferred.any() || !frame.quality.is_fast ? Outcome::kInferred
                                                                             : Outcome::kPropagated;
}

std::optional<codec::JpegHeader> FrameProcessor::check(const Frame& frame, FrameResult& result) {
  const StageTimer timer(now_, result.times.decode);
  auto header = codec::check_jpeg(frame.jpeg(), gate_);
  if (!header) {
    result.reason = codec::gate_reason_name(header.error().reason);
    fail(result, Outcome::kRejected, std::move(header.error().message));
    return std::nullopt;
  }
  result.width = header->width;
  result.height = header->height;
  const auto differs = [](int declared, int real) { return declared != 0 && declared != real; };
  if (differs(frame.declared_width, header->width) ||
      differs(frame.declared_height, header->height)) {
    result.reason = "size_mismatch";
    fail(result, Outcome::kRejected,
         fmt::format("The frame says that its JPEG has {} x {} pixels, but it has {} x {}; "
                     "send the size of the JPEG, or none.",
                     frame.declared_width, frame.declared_height, header->width, header->height));
    return std::nullopt;
  }
  return *header;
}

bool FrameProcessor::track_reference(const Frame& frame, const codec::JpegHeader& header,
                                     vision::HolisticTracker& tracker, vision::PartsHelper* helper,
                                     FrameResult& result) {
  {
    const StageTimer timer(now_, result.times.decode);
    if (auto decoded = decoder_.decode(frame.jpeg(), header, image_); !decoded) {
      return fail(result, undecoded(decoded.error().code), std::move(decoded.error().message));
    }
  }
  const StageTimer timer(now_, result.times.vision);
  auto found = tracker.process(image_.view(), frame.track_time, *networks_, helper);
  if (!found) return fail(result, Outcome::kFailed, std::move(found.error().message));
  result.landmarks = **found;
  return true;
}

bool FrameProcessor::track_fast(const Frame& frame, const codec::JpegHeader& header,
                                vision::HolisticTracker& tracker, vision::PartsHelper* helper,
                                FrameResult& result) {
  {
    const StageTimer timer(now_, result.times.decode);
    if (auto decoded = decoder_.decode_planes(frame.jpeg(), header, planes_); !decoded) {
      return fail(result, undecoded(decoded.error().code), std::move(decoded.error().message));
    }
  }
  JpegPicture picture(*this, result.times.decode);
  const microseconds decoded_before = result.times.decode;
  base::Result<const vision::FrameLandmarks*> found;
  {
    const StageTimer timer(now_, result.times.vision);
    found = tracker.process_fast(picture, frame.track_time, *networks_, frame.quality.pace, helper);
  }
  // The tracker has the picture decoded as far as it needs it.
  result.times.vision -= result.times.decode - decoded_before;
  if (!found) return fail(result, Outcome::kFailed, std::move(found.error().message));
  result.landmarks = **found;
  if (!frame.wish.picture) return true;
  auto colours = picture.colours();
  return colours || fail(result, Outcome::kFailed, std::move(colours.error().message));
}

bool FrameProcessor::draw(const vision::HolisticTracker& tracker, FrameResult& result) {
  const StageTimer timer(now_, result.times.render);
  if (segmentation_) {
    if (auto blurred = blur_.apply(image_.mutable_view(), tracker.mask()); !blurred) {
      return fail(result, Outcome::kFailed, std::move(blurred.error().message));
    }
  }
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(side * result.quality.resolution_scale)));
  };
  result.picture_width = scaled(result.width);
  result.picture_height = scaled(result.height);
  const bool shrinks = result.picture_width < result.width || result.picture_height < result.height;
  if (shrinks) {
    scaled_.resize(result.picture_width, result.picture_height);
    scaler_.shrink(image_.view(), scaled_.mutable_view());
  }
  overlay_.draw(result.landmarks, drawn(result).mutable_view());
  return true;
}

base::Image& FrameProcessor::drawn(const FrameResult& result) noexcept {
  const bool whole = result.picture_width == result.width && result.picture_height == result.height;
  return whole ? image_ : scaled_;
}

bool FrameProcessor::encode(FrameResult& result) {
  const StageTimer timer(now_, result.times.encode);
  auto jpeg = encoder_.encode(drawn(result).view(), result.quality.encode);
  if (!jpeg) return fail(result, Outcome::kFailed, std::move(jpeg.error().message));
  result.picture.assign(jpeg->bytes.begin(), jpeg->bytes.end());
  result.jpeg_quality = jpeg->quality;
  return true;
}

}  // namespace storysign::pipeline
