#include "pipeline/worker.hpp"

#include "flow/lucas_kanade.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace storysign::pipeline {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using telemetry::FrameEvent;
using telemetry::PartInferred;
using telemetry::Timing;

/// Room for frames that expire at one pick: more is correct, but allocates.
constexpr std::size_t kDroppedReserve = 64;

void drop_picture(FrameResult& result) noexcept {
  result.picture.clear();
  result.picture_width = 0;
  result.picture_height = 0;
  result.jpeg_quality = 0;
}

/// A result from the pool as if new; the picture keeps its memory.
void begin_result(const Work& work, FrameResult& result) {
  const Frame& frame = work.frame;
  result.client_number = frame.client_number;
  result.capture_time = frame.capture_time;
  result.received = frame.received;
  result.wish = frame.wish;
  result.quality = frame.quality;
  result.keep = frame.keep;
  result.outcome = Outcome::kFailed;
  result.error.clear();
  result.reason = {};
  result.width = 0;
  result.height = 0;
  result.received_bytes = frame.jpeg().size();
  result.without_worker = false;
  drop_picture(result);
  result.times = {.queue = duration_cast<microseconds>(work.picked - frame.received),
                  .contended = duration_cast<microseconds>(work.picked - work.eligible),
                  .decode = {},
                  .vision = {},
                  .render = {},
                  .encode = {}};
}

FrameEvent event_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kInferred:
      return FrameEvent::kInferred;
    case Outcome::kPropagated:
      return FrameEvent::kPropagated;
    case Outcome::kRejected:
      return FrameEvent::kRejected;
    case Outcome::kUndecoded:
      return FrameEvent::kUndecoded;
    case Outcome::kFailed:
      break;
  }
  return FrameEvent::kFailed;
}

}  // namespace

Worker::Worker(const Workshop& shop, std::unique_ptr<FrameProcessor> processor, int number)
    : shop_(shop), number_(number), processor_(std::move(processor)) {
  dropped_.reserve(kDroppedReserve);
}

void Worker::run() noexcept {
  for (;;) {
    Work work;
    const bool go_on = shop_.scheduler.next(work, dropped_, number_);
    dropped_.clear();
    if (!go_on) return;
    if (work.channel != nullptr) {
      do_frame(work);
    } else if (work.part != nullptr) {
      work.part->run(processor_->networks());
      shop_.scheduler.part_done(*work.part);
    }
  }
}

void Worker::do_frame(Work& work) {
  ChannelState& channel = *work.channel;
  ResultLease result = shop_.results.take();
  begin_result(work, *result);
  compute(work, *result);
  work.frame.buffer.release();
  count(*result);
  Scheduler::Losses losses;
  if (shop_.scheduler.computed(channel, losses)) {
    result->replaced = losses.replaced;
    result->expired = losses.expired;
    channel.listener->on_result(std::move(result));
  } else {
    result.release();
  }
  shop_.scheduler.delivered(channel);
}

void Worker::compute(const Work& work, FrameResult& result) noexcept {
  ChannelState& channel = *work.channel;
  // Nothing that a frame does may end the worker: it serves other learners too.
  try {
    if (channel.tracker == nullptr) {
      channel.tracker = std::make_unique<vision::HolisticTracker>(shop_.options.tracker,
                                                                  flow::make_lucas_kanade());
    }
    processor_->set_gate(channel.gate);
    const bool share = shop_.options.parallel_parts && work.workers > 1;
    processor_->process(work.frame, *channel.tracker, share ? &shop_.scheduler : nullptr, result);
    if (result.outcome == Outcome::kFailed) {
      broke(result.error, channel, result);
    }
  } catch (const std::exception& exception) {
    broke(exception.what(), channel, result);
  } catch (...) {
    broke("unknown exception", channel, result);
  }
}

void Worker::broke(std::string_view why, ChannelState& channel, FrameResult& result) noexcept {
  if (shop_.options.log != nullptr) {
    shop_.options.log->warning(shop_.log_limit, shop_.options.now(),
                               "A frame could not be processed; the next ones are tried again.",
                               {{"why", why}});
  }
  if (channel.tracker != nullptr) {
    channel.tracker->reset();
  }
  result.outcome = Outcome::kFailed;
  drop_picture(result);
  try {
    result.error = "The server could not process this frame; send the next one.";
  } catch (const std::exception&) {
    result.error.clear();
  }
}

void Worker::count(const FrameResult& result) noexcept {
  telemetry::Metrics& metrics = shop_.metrics;
  metrics.add(event_of(result.outcome));
  if (result.outcome == Outcome::kRejected) {
    metrics.add(telemetry::case_of<telemetry::Rejection>(result.reason));
  }
  metrics.record(Timing::kQueue, result.times.queue);
  metrics.record(Timing::kDecode, result.times.decode);
  if (!result.is_tracked()) return;
  const vision::PartsInferred& parts = result.landmarks.inferred;
  metrics.add(PartInferred::kPose, parts.pose ? 1 : 0);
  metrics.add(PartInferred::kHand, (parts.left_hand ? 1U : 0U) + (parts.right_hand ? 1U : 0U));
  metrics.add(PartInferred::kFace, parts.face ? 1 : 0);
  metrics.record(Timing::kVision, result.times.vision);
  if (result.wish.picture) {
    metrics.record(Timing::kRender, result.times.render);
    metrics.record(Timing::kEncode, result.times.encode);
  }
}

}  // namespace storysign::pipeline
