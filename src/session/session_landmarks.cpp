// Where a session's landmarks are found, and what it does with frames whose landmarks its client
// has found.

#include "session/pace.hpp"
#include "session/session.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace storysign::session {
namespace {

/// For a frame that no worker has.
void start_over(pipeline::FrameResult& result) {
  base::Bytes picture = std::move(result.picture);
  result = {};
  result.picture = std::move(picture);  // For its memory: the next one may be a worker's.
  result.picture.clear();
  result.without_worker = true;
}

}  // namespace

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
    place_.go_home();
    context_.metrics.add(telemetry::FrameEvent::kFoundByClient);
  }
  take_in(std::move(result));
  say_practice(now);
}

/// The result of a frame that no worker had, from landmark_frame_.
void Session::fill(pipeline::FrameResult& result, std::size_t bytes, base::SteadyTime now) const {
  const wire::LandmarkFrameHeader& header = landmark_frame_.header;
  start_over(result);
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

/// False if the picture was refused, which is then answered.
bool Session::takes_picture(const pipeline::Frame& frame) {
  if (!context_.governor.takes_pictures()) {
    refuse_picture(frame, "pictures_never",
                   "This server takes no pictures: the landmarks must be found on your device.");
    return false;
  }
  if (!place_.at_home()) return true;
  std::string why = place_.come_to_server(context_.pipeline.load().channels,
                                          context_.limits.admission, frame.received);
  if (why.empty()) return true;
  refuse_picture(frame, "no_room", std::move(why));
  return false;
}

void Session::refuse_picture(const pipeline::Frame& frame, std::string_view reason,
                             std::string sentence) {
  pipeline::ResultLease result = context_.pipeline.results().take();
  start_over(*result);
  result->client_number = frame.client_number;
  result->capture_time = frame.capture_time;
  result->received = frame.received;
  result->width = frame.declared_width;
  result->height = frame.declared_height;
  result->outcome = pipeline::Outcome::kRejected;
  result->reason = reason;
  result->error = std::move(sentence);
  result->quality = quality_.for_frame();
  context_.metrics.add(telemetry::FrameEvent::kReceived);
  context_.metrics.add(telemetry::FrameEvent::kRejected);
  context_.metrics.add(telemetry::case_of<telemetry::Rejection>(reason));
  take_in(std::move(result));
}

void Session::set_home(const wire::Control& control) {
  const auto capable = control.data.find("capable");
  const bool is_told = capable != control.data.end() && capable->is_boolean();
  if (is_told) place_.set_capable(capable->get<bool>());
  say_reply({.action = control.action,
             .result = is_told ? nlohmann::json{{"success", true}, {"capable", *capable}}
                               : wire::refusal("set_home needs capable, true or false, in its "
                                               "data: whether this client could find landmarks "
                                               "itself.")});
}

void Session::invite_if_due() {
  if (closing_ || shutting_down_ || !place_.take_invitation()) return;
  context_.metrics.add(telemetry::Counter::kInvitations);
  say([](wire::WallTime wall, std::string& out) {
    wire::write_invitation(wall,
                           "The server is busy. Your device can find the landmarks itself: "
                           "that makes room for others.",
                           out);
  });
}

}  // namespace storysign::session
