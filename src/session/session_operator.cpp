// What operators see of a session, and what they want of it.

#include "codec/encoder.hpp"
#include "session/pace.hpp"
#include "session/session.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace storysign::session {
namespace {

constexpr std::uint16_t kPolicyViolation = 1008;
// Rates are those of the last two seconds or so.
constexpr std::chrono::seconds kRateWindow{2};

std::string_view outcome_name(pipeline::Outcome outcome) {
  constexpr std::array<telemetry::FrameEvent, 5> kEvents = {
      telemetry::FrameEvent::kInferred, telemetry::FrameEvent::kPropagated,
      telemetry::FrameEvent::kRejected, telemetry::FrameEvent::kUndecoded,
      telemetry::FrameEvent::kFailed};
  return telemetry::text_of(kEvents[static_cast<std::size_t>(outcome)]);
}

}  // namespace

void Session::publish(base::SteadyTime now) {
  if (!seat_) return;
  if (const auto elapsed = now - rate_since_; elapsed >= kRateWindow) {
    sent_fps_ = static_cast<double>(totals_.received - received_before_) /
                std::chrono::duration<double>(elapsed).count();
    received_before_ = totals_.received;
    rate_since_ = now;
  }
  const adapt::Quality& quality = quality_.quality();
  SessionView view{.client = client_,
                   .connected = started_,
                   .at_home = place_.at_home(),
                   .profile = quality.profile,
                   .reason = quality.reason,
                   .is_auto = quality.is_auto,
                   .frame_skip = quality.frame_skip,
                   .jpeg_quality = quality_.current().jpeg_quality,
                   .resolution_scale = quality.resolution_scale,
                   .compression = codec::strategy_name(quality_.compression()),
                   .advised_fps = quality_.advised_fps(),
                   .sent_fps = sent_fps_,
                   .last_latency = {},
                   .mean_latency = {},
                   .answered = totals_.answers,
                   .inferred = totals_.inferred,
                   .replaced = totals_.replaced,
                   .expired = totals_.expired};
  if (totals_.answers > 0) {
    view.last_latency = totals_.last_age;
    view.mean_latency = totals_.age / totals_.answers;
  }
  seat_->publish(view);
}

void Session::obey_operator(base::SteadyTime now) {
  if (!seat_) return;
  auto orders = seat_->take_orders();
  if (orders.empty()) return;
  for (LiveSessions::PendingOrder& pending : orders) {
    const std::uint64_t changes = quality_.quality().changes;
    OrderDone done;
    switch (pending.order.kind) {
      case OperatorOrder::Kind::kProfile:
        done = quality_.order_profile(pending.order.profile, now);
        break;
      case OperatorOrder::Kind::kFrameSkip:
        done = quality_.order_skip(pending.order.frame_skip);
        break;
      case OperatorOrder::Kind::kKick:
        finish(kPolicyViolation, pending.order.reason);
        break;
    }
    count_quality_change(changes);
    publish(now);
    pending.done.set_value(std::move(done));
  }
}

void Session::trace(const pipeline::FrameResult& result) {
  if (context_.traces == nullptr || !context_.traces->wants_next()) return;
  const auto& times = result.times;
  const auto known = times.queue + times.decode + times.vision + times.render + times.encode;
  const auto rest = std::max(totals_.last_age - known, std::chrono::microseconds(0));
  context_.traces->keep(
      {.session = client_.number,
       .frame = result.client_number,
       .outcome = outcome_name(result.outcome),
       .profile = adapt::profile_name(profile_of(result.quality.pace)),
       .received = result.received,
       .stages = {times.queue, times.decode, times.vision, times.render, times.encode, rest}});
}

}  // namespace storysign::session
