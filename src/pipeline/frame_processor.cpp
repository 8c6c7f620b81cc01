#include "pipeline/frame_processor.hpp"

#include "codec/gate.hpp"

#include <fmt/format.h>

#include <chrono>
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

bool fail(FrameResult& result, Outcome outcome, std::string error) {
  result.outcome = outcome;
  result.error = std::move(error);
  return false;
}

}  // namespace

FrameProcessor::FrameProcessor(const PipelineOptions& options,
                               std::unique_ptr<vision::Networks> networks)
    : gate_(options.gate),
      encode_(options.encode),
      segmentation_(options.tracker.segmentation),
      now_(options.now),
      networks_(std::move(networks)) {}

base::Result<std::unique_ptr<FrameProcessor>> FrameProcessor::create(
    engine::Engine& engine, const PipelineOptions& options) {
  auto networks = vision::Networks::create(engine, options.tracker);
  if (!networks) return tl::unexpected(std::move(networks).error());
  return std::unique_ptr<FrameProcessor>(new FrameProcessor(options, std::move(*networks)));
}

void FrameProcessor::process(const Frame& frame, vision::HolisticTracker& tracker,
                             vision::PartsHelper* helper, FrameResult& result) {
  if (!decode(frame, result) || !track(frame, tracker, helper, result)) return;
  if (frame.wish.picture && (!draw(tracker, result) || !encode(result))) return;
  result.outcome = Outcome::kInferred;
}

bool FrameProcessor::decode(const Frame& frame, FrameResult& result) {
  const StageTimer timer(now_, result.times.decode);
  auto header = codec::check_jpeg(frame.jpeg(), gate_);
  if (!header) {
    result.reason = codec::gate_reason_name(header.error().reason);
    return fail(result, Outcome::kRejected, std::move(header.error().message));
  }
  result.width = header->width;
  result.height = header->height;
  const auto differs = [](int declared, int real) { return declared != 0 && declared != real; };
  if (differs(frame.declared_width, header->width) ||
      differs(frame.declared_height, header->height)) {
    result.reason = "size_mismatch";
    return fail(
        result, Outcome::kRejected,
        fmt::format("The frame says that its JPEG has {} x {} pixels, but it has {} x {}; "
                    "send the size of the JPEG, or none.",
                    frame.declared_width, frame.declared_height, header->width, header->height));
  }
  if (auto decoded = decoder_.decode(frame.jpeg(), *header, image_); !decoded) {
    const bool damaged = decoded.error().code == base::ErrorCode::kInvalidInput;
    return fail(result, damaged ? Outcome::kUndecoded : Outcome::kFailed,
                std::move(decoded.error().message));
  }
  return true;
}

bool FrameProcessor::track(const Frame& frame, vision::HolisticTracker& tracker,
                           vision::PartsHelper* helper, FrameResult& result) {
  const StageTimer timer(now_, result.times.vision);
  auto found = tracker.process(image_.view(), frame.track_time, *networks_, helper);
  if (!found) return fail(result, Outcome::kFailed, std::move(found.error().message));
  result.landmarks = **found;
  return true;
}

bool FrameProcessor::draw(const vision::HolisticTracker& tracker, FrameResult& result) {
  const StageTimer timer(now_, result.times.render);
  if (segmentation_) {
    if (auto blurred = blur_.apply(image_.mutable_view(), tracker.mask()); !blurred) {
      return fail(result, Outcome::kFailed, std::move(blurred.error().message));
    }
  }
  overlay_.draw(result.landmarks, image_.mutable_view());
  return true;
}

bool FrameProcessor::encode(FrameResult& result) {
  const StageTimer timer(now_, result.times.encode);
  auto jpeg = encoder_.encode(image_.view(), encode_);
  if (!jpeg) return fail(result, Outcome::kFailed, std::move(jpeg.error().message));
  result.picture.assign(jpeg->bytes.begin(), jpeg->bytes.end());
  result.jpeg_quality = jpeg->quality;
  return true;
}

}  // namespace storysign::pipeline
