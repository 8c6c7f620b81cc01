// What a session does for practice.

#include "session/session.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <utility>

namespace storysign::session {

void Session::practise(const wire::Control& control, base::SteadyTime now) {
  errors_in_a_row_ = 0;
  const auto reply = desk_.control(control.action, control.data);
  if (reply) say_reply(*reply);
  note_change(now);
  say_practice(now);
}

void Session::watch_practice(const pipeline::FrameResult& result) {
  if (!desk_.is_active()) return;
  const base::SteadyTime begin = context_.practising.now();
  // A client of the JSON protocol does not say when it took a frame.
  const auto time = is_binary_ ? result.capture_time
                               : std::chrono::duration_cast<std::chrono::microseconds>(
                                     result.received.time_since_epoch());
  desk_.on_frame(result, time, context_.wall_now());
  context_.metrics.record(
      telemetry::Timing::kPractice,
      std::chrono::duration_cast<std::chrono::microseconds>(context_.practising.now() - begin));
}

void Session::say_reply(const PracticeDesk::Reply& reply) {
  say([&](wire::WallTime wall, std::string& out) {
    if (reply.is_session) {
      wire::write_practice_session_response(wall, client_id_, reply.action, reply.result, out);
    } else {
      wire::write_control_response(wall, client_id_, reply.action, reply.result, out);
    }
  });
}

/// What the analyst has found, and what it makes of the session.
void Session::say_practice(base::SteadyTime now) {
  for (const PracticeDesk::Reply& reply : desk_.collect(context_.wall_now())) {
    say_reply(reply);
  }
  const std::vector<PracticeMessage> messages = desk_.take_messages();
  if (!messages.empty()) note_change(now);
  for (const PracticeMessage& message : messages) {
    say([&](wire::WallTime wall, std::string& out) {
      switch (message.kind) {
        case PracticeMessage::Kind::kFeedback:
          wire::write_asl_feedback(wall, message.data, message.metadata, out);
          break;
        case PracticeMessage::Kind::kSignExample:
          wire::write_sign_example(wall, client_id_, message.data, out);
          break;
        case PracticeMessage::Kind::kSessionComplete:
          wire::write_session_complete(wall, message.data, out);
          break;
      }
    });
  }
  // Who is told with each frame needs no more; who reads slowly gets the newest later.
  if (!is_binary_ || outbox_.has_text()) return;
  const nlohmann::json practice = desk_.tell_news(now);
  if (practice.is_null()) return;
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_practice_update(wall, client_id_, practice, out);
  });
}

}  // namespace storysign::session
