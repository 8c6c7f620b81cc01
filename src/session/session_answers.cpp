#include "codec/encoder.hpp"
#include "session/pace.hpp"
#include "session/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace storysign::session {
namespace {

constexpr std::uint16_t kPolicyViolation = 1008;

std::chrono::microseconds since(base::SteadyTime then, base::SteadyTime now) {
  return std::chrono::duration_cast<std::chrono::microseconds>(now - then);
}

std::chrono::microseconds processing_time(const pipeline::StageTimes& times) {
  return times.decode + times.vision + times.render + times.encode;
}

/// How sure the networks were: the mean of what they say of each part that was found.
double confidence(const vision::FrameLandmarks& found) {
  double sum = 0.0;
  int parts = 0;
  if (found.pose) {
    double visible = 0.0;
    for (const auto& point : *found.pose) {
      visible += point.visibility;
    }
    sum += visible / static_cast<double>(found.pose->size());
    ++parts;
  }
  for (const auto* hand : {&found.left_hand, &found.right_hand}) {
    if (*hand) {
      sum += (*hand)->score;
      ++parts;
    }
  }
  return parts == 0 ? 0.0 : std::clamp(sum / parts, 0.0, 1.0);
}

/// The error of a result as a clause, to stand after a colon.
std::string_view clause(std::string_view sentence) {
  while (!sentence.empty() && sentence.back() == '.') {
    sentence.remove_suffix(1);
  }
  return sentence;
}

wire::AnswerError answer_error(pipeline::Outcome outcome) {
  switch (outcome) {
    case pipeline::Outcome::kInferred:
    case pipeline::Outcome::kPropagated:
      return wire::AnswerError::kNone;
    case pipeline::Outcome::kRejected:
      return wire::AnswerError::kRefused;
    case pipeline::Outcome::kUndecoded:
      return wire::AnswerError::kUndecoded;
    case pipeline::Outcome::kFailed:
      break;
  }
  return wire::AnswerError::kFailed;
}

wire::AnswerSkip answer_skip(const pipeline::FrameResult& result) {
  if (result.outcome != pipeline::Outcome::kPropagated) {
    return wire::AnswerSkip::kNone;
  }
  if (!result.landmarks.held) return wire::AnswerSkip::kUnchanged;
  return result.quality.pace.behind ? wire::AnswerSkip::kBehind : wire::AnswerSkip::kFrameSkip;
}

/// The same in words; empty for none.
std::string_view skip_reason(const pipeline::FrameResult& result) {
  switch (answer_skip(result)) {
    case wire::AnswerSkip::kUnchanged:
      return "unchanged";
    case wire::AnswerSkip::kFrameSkip:
      return "frame_skip";
    case wire::AnswerSkip::kBehind:
      return "behind";
    case wire::AnswerSkip::kNone:
      break;
  }
  return {};
}

telemetry::ClientError error_case(wire::ErrorCode code) {
  return telemetry::case_of<telemetry::ClientError>(wire::error_code_name(code));
}

}  // namespace

void Session::overflow() {
  if (!closing_) {
    finish(kPolicyViolation, "Messages are not being read.");
  }
}

void Session::say_error(wire::ErrorCode code, std::string_view sentence) {
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_error(wall, client_id_, code, sentence, out);
  });
  count_error(error_case(code));
}

void Session::end_with_error(wire::ErrorCode code, std::uint16_t close_code,
                             std::string_view sentence) {
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_critical_error(wall, client_id_, code, sentence, out);
  });
  context_.metrics.add(error_case(code));
  finish(close_code, wire::error_code_name(code));
}

void Session::finish(std::uint16_t close_code, std::string_view reason) {
  if (!closing_) {
    closing_ = Closing{close_code, std::string(reason)};
    channel_.reset();
    held_.reset();
    arrivals_->close();
  }
}

void Session::count_error(telemetry::ClientError error) {
  context_.metrics.add(error);
  if (++errors_in_a_row_ >= context_.limits.errors_in_a_row && !closing_) {
    end_with_error(wire::ErrorCode::kTooManyErrors, kPolicyViolation,
                   fmt::format("{} messages in a row could not be used.", errors_in_a_row_));
  }
}

void Session::collect(base::SteadyTime now) {
  if (closing_) {
    return;
  }
  obey_operator(now);
  if (closing_) {
    return;
  }
  if (const auto resumed = record_.take_resumed()) go_on(*resumed, now);
  arrivals_->take(arrived_);
  for (pipeline::ResultLease& result : arrived_) {
    take_in(std::move(result));
    if (closing_) {
      break;
    }
  }
  arrived_.clear();
  say_practice(now);
  close_if_drained();
}

void Session::take_in(pipeline::ResultLease result) {
  account(*result);
  watch_practice(*result);
  const bool failed = !result->is_tracked();
  const std::uint32_t replaced = outbox_.push_answer(std::move(result));
  context_.metrics.add(telemetry::FrameEvent::kOutboxDropped, replaced);
  totals_.replaced += replaced;
  if (failed) {
    count_error(telemetry::ClientError::kProcessingError);
  }
}

void Session::account(const pipeline::FrameResult& result) {
  const auto processing = processing_time(result.times);
  totals_.processing += processing;
  totals_.peak_processing = std::max(totals_.peak_processing, processing);
  totals_.replaced += result.replaced;
  totals_.expired += result.expired;
  if (result.is_tracked()) {
    ++totals_.succeeded;
    errors_in_a_row_ = 0;
  }
  // What the machine can do is not learned from work that it did not do.
  if (!result.without_worker) quality_.on_result(result);
}

std::optional<Output> Session::next(base::SteadyTime now) {
  // A text is short and rare, and must not wait behind every picture.
  if (outbox_.has_text()) {
    Output out;
    out.text = outbox_.pop_text();
    return out;
  }
  if (!outbox_.has_answer()) {
    return std::nullopt;
  }
  pipeline::ResultLease result = outbox_.pop_answer();
  result->replaced += std::exchange(held_replaced_, 0);
  const bool backlog = held_.has_value();
  if (held_ && channel_) {
    static_cast<void>(channel_->submit(*std::exchange(held_, std::nullopt)));
  }
  ++totals_.answers;
  totals_.inferred += result->outcome == pipeline::Outcome::kInferred ? 1U : 0U;
  totals_.last_age = since(result->received, now);
  totals_.age += totals_.last_age;
  context_.metrics.record(telemetry::Timing::kFrameAge, totals_.last_age);
  trace(*result);
  if (result->is_tracked()) {
    context_.metrics.add(telemetry::case_of<telemetry::AnswerProfile>(
        adapt::profile_name(profile_of(result->quality.pace))));
  }
  const std::uint64_t changes = quality_.quality().changes;
  if (!result->without_worker) {
    quality_.on_sent(*result, backlog, result->replaced + result->expired, now);
  }
  count_quality_change(changes);
  Output out = is_binary_ ? binary_answer(std::move(result), now) : json_answer(*result, now);
  close_if_drained();
  return out;
}

void Session::count_quality_change(std::uint64_t changes_before) {
  const adapt::Quality& quality = quality_.quality();
  if (quality.changes != changes_before) {
    context_.metrics.add(
        telemetry::case_of<telemetry::QualityChange>(adapt::reason_name(quality.reason)));
    record_.note_quality(quality, context_.wall_now());
  }
}

Output Session::json_answer(const pipeline::FrameResult& result, base::SteadyTime now) {
  Output out;
  out.text = context_.texts.take();
  const wire::WallTime wall = context_.wall_now();
  if (result.outcome == pipeline::Outcome::kFailed) {
    wire::write_processing_error(wall, client_id_, result.error, *out.text);
    return out;
  }
  const auto& found = result.landmarks;
  const auto total = since(result.received, now);
  wire::ProcessedFrame frame;
  frame.client_id = client_id_;
  frame.server_frame_number = totals_.answers;
  frame.client_frame_number = result.client_number;
  frame.error = clause(result.error);
  frame.processing_time = processing_time(result.times);
  frame.total_pipeline_time = total;
  frame.frames_replaced = result.replaced;
  frame.frames_expired = result.expired;
  frame.advised_fps = quality_.advised_fps();
  frame.stages = {result.times.queue, result.times.decode, result.times.vision, result.times.render,
                  result.times.encode};
  frame.quality_profile = adapt::profile_name(profile_of(result.quality.pace));
  frame.quality_reason = adapt::reason_name(quality_.quality().reason);
  frame.resolution_scale = result.quality.resolution_scale;
  frame.frame_skip = result.quality.pace.frame_skip;
  frame.compression = codec::strategy_name(result.quality.encode.strategy);
  frame.inferred = result.outcome == pipeline::Outcome::kInferred;
  frame.skip_reason = skip_reason(result);
  if (result.is_tracked()) {
    frame.found = {.hands = found.left_hand || found.right_hand,
                   .face = found.face.has_value(),
                   .pose = found.pose.has_value()};
    frame.landmarks_confidence = confidence(found);
    // The part of the frame's time that was spent on it rather than waiting.
    frame.processing_efficiency =
        total.count() <= 0 ? 1.0
                           : std::clamp(static_cast<double>(frame.processing_time.count()) /
                                            static_cast<double>(total.count()),
                                        0.0, 1.0);
    frame.jpeg_quality = result.jpeg_quality;
    frame.original_size_bytes = static_cast<std::size_t>(result.picture_width) *
                                static_cast<std::size_t>(result.picture_height) * 3U;
    frame.picture = result.picture;
    frame.landmarks = result.wish.landmarks ? &found : nullptr;
    frame.face_mesh = face_mesh_;
  }
  nlohmann::json practice;
  nlohmann::json gestures;
  if (desk_.is_active()) {
    practice = desk_.tell();
    gestures = desk_.describe_gestures();
    frame.practice_session = &practice;
    frame.gesture_detection = &gestures;
  }
  wire::write_processed_frame(wall, frame, *out.text);
  return out;
}

Output Session::binary_answer(pipeline::ResultLease result, base::SteadyTime now) {
  const auto& found = result->landmarks;
  const auto side = [](int pixels) { return static_cast<std::uint16_t>(pixels); };
  wire::AnswerHeader header;
  header.success = result->is_tracked();
  header.inferred = result->outcome == pipeline::Outcome::kInferred;
  if (header.success) {
    header.pose = found.pose.has_value();
    header.left_hand = found.left_hand.has_value();
    header.right_hand = found.right_hand.has_value();
    header.face = found.face.has_value();
    header.hands_only = found.mode == vision::TrackingMode::kHands;
  }
  header.frame_number = result->client_number;
  header.capture_time = result->capture_time;
  header.server_frame_number = totals_.answers;
  header.width = side(result->width);
  header.height = side(result->height);
  header.profile = static_cast<wire::AnswerProfile>(result->quality.pace.profile);
  header.skip_reason = answer_skip(*result);
  header.quality_reason = static_cast<std::uint8_t>(result->without_worker && result->is_tracked()
                                                        ? adapt::Reason::kClient
                                                        : quality_.quality().reason);
  header.compression = static_cast<std::uint8_t>(result->quality.encode.strategy);
  header.frame_skip = static_cast<std::uint8_t>(result->quality.pace.frame_skip);
  header.advised_fps = static_cast<std::uint8_t>(quality_.advised_fps());
  header.error = answer_error(result->outcome);
  header.replaced = result->replaced;
  header.expired = result->expired;
  header.queue_time = result->times.queue;
  header.decode_time = result->times.decode;
  header.vision_time = result->times.vision;
  header.render_time = result->times.render;
  header.encode_time = result->times.encode;
  header.total_time = since(result->received, now);
  header.jpeg_quality = static_cast<std::uint8_t>(result->jpeg_quality);
  wire::AnswerSections sections;
  sections.landmarks = header.success && result->wish.landmarks ? &found : nullptr;
  sections.face_mesh = face_mesh_;
  sections.text = result->error;
  sections.picture = header.success && !result->picture.empty();
  Output out;
  out.bytes = context_.pipeline.buffers().take();
  wire::append_answer(header, sections, *out.bytes);
  if (sections.picture) {
    out.picture = std::move(result);
  }
  return out;
}

}  // namespace storysign::session
