// What a session does with frames whose landmarks its client has found.

#include "session/pace.hpp"
#include "session/session.hpp"

#include <chrono>
#include <utility>

namespace storysign::session {

void Session::on_landmark_frame(const base::Bytes& message, base::SteadyTime now) {
  pipeline::ResultLease result = context_.pipeline.results().take();
  if (const auto read = wire::read_landmark_frame(message, landmark_frame_); !read) {
    say_error(wire::ErrorCode::kInvalidMessageStructure, read.error().message);
    return;
  }
  ++totals_.received;
  totals_.last_frame = context_.wall_now();
  context_.metrics.add(telemetry::FrameEvent::kReceived);
  // Answers come in the order of their frames: the last pictures first.
  if (held_ || channel_->pending() > 0) {
    ++held_replaced_;
    ++totals_.replaced;
    context_.metrics.add(telemetry::FrameEvent::kReplaced);
    return;
  }
  fill(*result, message.size(), now);
  if (const auto why = landmark_gate_.refuse(result->landmarks, result->capture_time)) {
    result->outcome = pipeline::Outcome::kRejected;
    result->reason = name_of(*why);
    result->error = sentence_of(*why);
    context_.metrics.add(telemetry::FrameEvent::kRejected);
    context_.metrics.add(telemetry::case_of<telemetry::Rejection>(result->reason));
  } else {
    context_.metrics.add(telemetry::FrameEvent::kFoundByClient);
  }
  take_in(std::move(result));
  say_practice(now);
}

/// The result of a frame that no worker had, from landmark_frame_.
void Session::fill(pipeline::FrameResult& result, std::size_t bytes, base::SteadyTime now) {
  const wire::LandmarkFrameHeader& header = landmark_frame_.header;
  base::Bytes picture = std::move(result.picture);
  result = {};
  result.picture = std::move(picture);  // For its memory: the next one may be a worker's.
  result.picture.clear();
  result.found_by_client = true;
  result.client_number = header.frame_number;
  result.capture_time = header.capture_time;
  result.received = now;
  result.outcome = header.inferred ? pipeline::Outcome::kInferred : pipeline::Outcome::kPropagated;
  result.width = header.width;
  result.height = header.height;
  result.received_bytes = bytes;
  result.quality.pace.profile = static_cast<vision::FastProfile>(header.profile);
  result.quality.pace.behind = header.skip_reason == wire::AnswerSkip::kBehind;
  result.landmarks = landmark_frame_.landmarks;
  result.landmarks.held = header.skip_reason != wire::AnswerSkip::kNone &&
                          header.skip_reason != wire::AnswerSkip::kUnchanged;
  result.times.vision = header.vision_time;
}

}  // namespace storysign::session
