#include "session/session.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <type_traits>
#include <utility>
#include <variant>

namespace storysign::session {
namespace {

// RFC 6455, 7.4.1.
constexpr std::uint16_t kAbnormal = 1006;
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kMessageTooBig = 1009;
constexpr std::uint16_t kServiceRestart = 1012;

// How much of a session's state may be lost with its server: of what has only been counted, and of
// what was wished and practised. A learner's steps are kept as they come; a client that changes the
// latter with every message is held to the rate.
constexpr std::chrono::seconds kSaveInterval{10};
constexpr double kSavesPerSecond = 2.0;
constexpr double kSavesAtOnce = 8.0;

// A burst of two seconds: a page that was asleep may catch up.
constexpr double kBurstSeconds = 2.0;
// Answers that may wait for a client that wants every one.
constexpr std::size_t kKeptAnswers = 4;

}  // namespace

Session::Session(Context& context, const Client& client, std::shared_ptr<Waker> waker,
                 base::SteadyTime now)
    : context_(context),
      client_(client),
      is_binary_(client.is_binary),
      client_id_(fmt::format("client_{}", client.number)),
      seat_(context.live == nullptr
                ? nullptr
                : std::make_unique<LiveSessions::Seat>(*context.live, client.number, waker)),
      arrivals_(std::make_shared<Arrivals>(waker)),
      channel_(context.pipeline.open(arrivals_)),
      outbox_(context.limits.outbox_bytes, kKeptAnswers),
      quality_(context.quality, context.governor, client.number, now),
      place_(context.governor, client.sends_landmarks || !context.governor.takes_pictures()),
      record_(context.keeping, client, waker, context.wall_now()),
      desk_(context.practising, context.metrics, client, record_, std::move(waker)),
      frames_(context.limits.frames_per_second, kBurstSeconds * context.limits.frames_per_second,
              now),
      controls_(context.limits.control_per_second,
                kBurstSeconds * context.limits.control_per_second, now),
      saves_(kSavesPerSecond, kSavesAtOnce, now),
      started_(now),
      saved_(now),
      rate_since_(now) {
  record_.note_quality(quality_.quality(), context_.wall_now());
  wire::ServerInfo info = context_.info;
  info.protocol = is_binary_ ? wire::kBinaryProtocol : "json";
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_connection_established(wall, client_id_, record_.id(), info, out);
  });
  publish(now);
}

Session::~Session() {
  arrivals_->close();
  close_record(kAbnormal);
}

void Session::ended(std::uint16_t code) {
  close_record(code);
}

void Session::close_record(std::uint16_t code) {
  if (has_changed_ || saved_answers_ != totals_.answers) save();
  record_.end(code, context_.wall_now());
}

void Session::on_message(bool is_text, base::BytesLease message, base::SteadyTime now) {
  if (closing_ || shutting_down_) {
    return;
  }
  if (is_text) {
    on_text(std::move(message), now);
  } else if (is_binary_) {
    on_binary_frame(std::move(message), now);
  } else if (control_rate_allows(now)) {
    say_error(wire::ErrorCode::kInvalidMessageStructure,
              "Binary messages need the subprotocol storysign.v1; ask for it when connecting, or "
              "send JSON text.");
  }
}

void Session::on_text(base::BytesLease message, base::SteadyTime now) {
  base::BytesLease picture = context_.pipeline.buffers().take();
  const wire::ClientMessage parsed = wire::parse_client_message(*message, *picture);
  message.release();
  if (const auto* frame = std::get_if<wire::RawFrame>(&parsed)) {
    handle(*frame, std::move(picture), now);
    return;
  }
  if (!control_rate_allows(now)) {
    return;
  }
  std::visit(
      [&](const auto& known) {
        using Known = std::decay_t<decltype(known)>;
        if constexpr (std::is_same_v<Known, wire::Control>) {
          handle(known, now);
        } else if constexpr (!std::is_same_v<Known, wire::RawFrame>) {
          handle(known);
        }
      },
      parsed);
}

void Session::handle(const wire::RawFrame& frame, base::BytesLease picture, base::SteadyTime now) {
  if (is_binary_) {
    if (control_rate_allows(now)) {
      say_error(wire::ErrorCode::kInvalidMessageStructure,
                "This connection speaks storysign.v1: send frames as binary messages.");
    }
    return;
  }
  if (!frame_rate_allows(now)) {
    return;
  }
  face_mesh_ = frame.face_mesh;
  note_report(frame.report, now);
  pipeline::Frame out;
  out.buffer = std::move(picture);
  out.client_number = frame.frame_number;
  out.received = now;
  out.track_time = std::chrono::duration_cast<std::chrono::microseconds>(now - started_);
  out.declared_width = frame.width;
  out.declared_height = frame.height;
  out.wish = {.landmarks = frame.answer_mode != wire::AnswerMode::kAnnotated,
              .picture = frame.answer_mode != wire::AnswerMode::kLandmarks};
  out.keep = frame.every_frame;
  submit(std::move(out));
}

void Session::on_binary_frame(base::BytesLease message, base::SteadyTime now) {
  if (!frame_rate_allows(now)) {
    return;
  }
  if (wire::is_landmark_frame(*message)) {
    on_landmark_frame(*message, now);
    return;
  }
  const auto header = wire::read_frame_header(*message);
  if (!header) {
    say_error(wire::ErrorCode::kInvalidMessageStructure, header.error().message);
    return;
  }
  face_mesh_ = header->face_mesh;
  quality_.on_client_latency(header->latency, now);
  pipeline::Frame out;
  out.buffer = std::move(message);
  out.offset = wire::kFrameHeaderBytes;
  out.client_number = header->frame_number;
  out.capture_time = header->capture_time;
  out.track_time = header->capture_time;
  out.received = now;
  out.declared_width = header->width;
  out.declared_height = header->height;
  out.wish = {.landmarks = header->landmarks, .picture = header->picture};
  out.keep = header->every_frame;
  submit(std::move(out));
}

void Session::note_report(const wire::ClientReport& report, base::SteadyTime now) {
  constexpr double kBytesPerMegabit = 1e6 / 8.0;
  std::optional<std::chrono::microseconds> latency;
  std::optional<double> throughput;
  if (report.network_latency_ms) {
    latency = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::duration<double, std::milli>(*report.network_latency_ms));
  }
  if (report.throughput_mbps) {
    throughput = *report.throughput_mbps * kBytesPerMegabit;
  }
  quality_.on_client_report(latency, throughput, now);
}

void Session::submit(pipeline::Frame frame) {
  ++totals_.received;
  totals_.last_frame = context_.wall_now();
  if (!takes_picture(frame)) return;
  frame.quality = quality_.for_frame();
  // Behind one that is held, or it would be answered before that.
  if (held_ || (frame.keep ? outbox_.is_full() : outbox_.has_answer())) {
    hold(std::move(frame));
    return;
  }
  // What it replaces is counted by the next result.
  static_cast<void>(channel_->submit(std::move(frame)));
}

/// The client does not take its answers as fast as they come: nothing is computed for it until it
/// does, and then the newest frame.
void Session::hold(pipeline::Frame frame) {
  if (held_) {
    ++held_replaced_;
    ++totals_.replaced;
    context_.metrics.add(telemetry::FrameEvent::kReceived);
    context_.metrics.add(telemetry::FrameEvent::kReplaced);
  }
  held_ = std::move(frame);
}

void Session::handle(const wire::RawFrameWithoutData& /*frame*/) {
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_no_frame_data(wall, client_id_, totals_.answers, out);
  });
  count_error(telemetry::ClientError::kInvalidMessageStructure);
}

void Session::handle(const wire::BadFrameData& frame) {
  ++totals_.answers;
  wire::ProcessedFrame answer;
  answer.client_id = client_id_;
  answer.server_frame_number = totals_.answers;
  answer.client_frame_number = frame.frame_number;
  answer.error = frame.reason;
  answer.quality_profile = adapt::profile_name(quality_.quality().profile);
  answer.advised_fps = quality_.advised_fps();
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_processed_frame(wall, answer, out);
  });
  count_error(telemetry::ClientError::kInvalidMessageStructure);
}

void Session::set_quality(const wire::Control& control, base::SteadyTime now) {
  const std::uint64_t changes = quality_.quality().changes;
  const auto applied = quality_.apply(control.data, now);
  count_quality_change(changes);
  if (applied) note_change(now);
  const nlohmann::json result =
      applied ? quality_.describe() : wire::refusal(applied.error().message);
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_control_response(wall, client_id_, control.action, result, out);
  });
}

void Session::resume(const wire::Control& control) {
  const auto named = control.data.find("session_id");
  const bool is_named = named != control.data.end() && named->is_string();
  const auto asked = is_named ? record_.resume(named->get<std::string>(), context_.wall_now())
                              : base::fail(base::ErrorCode::kInvalidInput,
                                           "resume_session needs the session_id that "
                                           "connection_established gave, in its data.");
  if (asked) return;  // The answer comes from the store, in its time.
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_control_response(wall, client_id_, control.action,
                                 wire::refusal(asked.error().message), out);
  });
}

/// What the store says to resume().
void Session::go_on(const base::Result<store::Resumed>& resumed, base::SteadyTime now) {
  nlohmann::json result;
  if (resumed) {
    const nlohmann::json state = nlohmann::json::parse(resumed->session.state, nullptr, false);
    if (state.is_object()) {
      const auto answers = state.find("answers");
      const bool is_count = answers != state.end() && answers->is_number_unsigned();
      totals_.before = is_count ? answers->get<std::uint64_t>() : 0;
      const std::uint64_t changes = quality_.quality().changes;
      // What an operator has set since goes first; then the wish is refused, and nothing is lost.
      if (const auto wishes = state.find("wishes"); wishes != state.end() && wishes->is_object()) {
        static_cast<void>(quality_.apply(*wishes, now));
      }
      count_quality_change(changes);
      if (const auto practice = state.find("practice"); practice != state.end()) {
        desk_.restore(*practice);
      }
    }
    std::string started;
    wire::append_timestamp(resumed->session.started, started);
    result = {{"success", true},
              {"session_id", resumed->session.id},
              {"resumed", true},
              {"attempts", resumed->attempts},
              {"answers", totals_.before},
              {"started", started},
              {"quality", quality_.describe()}};
    if (desk_.is_active()) result["practice_session"] = desk_.describe();
    note_change(now);
  } else {
    result = wire::refusal(resumed.error().message);
  }
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_control_response(wall, client_id_, "resume_session", result, out);
  });
}

/// What it takes to go on elsewhere is not what was kept last.
void Session::note_change(base::SteadyTime now) {
  has_changed_ = true;
  save_if_due(now);
}

void Session::save_if_due(base::SteadyTime now) {
  const bool is_due =
      has_changed_ || (saved_answers_ != totals_.answers && now - saved_ >= kSaveInterval);
  if (!is_due || !saves_.take(1.0, now)) return;
  saved_ = now;
  save();
}

void Session::save() {
  saved_answers_ = totals_.answers;
  const nlohmann::json state = {{"answers", totals_.before + totals_.answers},
                                {"wishes", quality_.wishes()},
                                {"practice", desk_.state()}};
  // What the store has no room for is tried again when it is due again.
  has_changed_ = !record_.save(state.dump(), context_.wall_now());
}

void Session::handle(const wire::Control& control, base::SteadyTime now) {
  if (PracticeDesk::knows(control.action)) {
    practise(control, now);
  } else if (control.action == "set_quality") {
    set_quality(control, now);
  } else if (control.action == "resume_session") {
    resume(control);
  } else if (control.action == "set_home") {
    set_home(control);
  } else {
    say_reply({.action = control.action,
               .result = wire::refusal(fmt::format("Unknown control action: {}", control.action))});
  }
}

void Session::handle(const wire::Ping& /*ping*/) {
  errors_in_a_row_ = 0;
  say([&](wire::WallTime wall, std::string& out) { wire::write_pong(wall, client_id_, out); });
}

void Session::handle(const wire::GetStats& /*request*/) {
  errors_in_a_row_ = 0;
  const double answers = totals_.answers;
  const auto seconds = [](std::chrono::microseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  wire::ProcessingStats stats;
  stats.frames_processed = totals_.succeeded;
  stats.frames_dropped = totals_.replaced + totals_.expired;
  stats.total_processing_time = seconds(totals_.processing);
  stats.average_processing_time =
      totals_.answers == 0 ? 0.0 : stats.total_processing_time / answers;
  stats.peak_processing_time = seconds(totals_.peak_processing);
  stats.queue_overflows = totals_.replaced;
  stats.last_frame_timestamp = totals_.last_frame;
  stats.success_rate =
      totals_.answers == 0 ? 1.0 : static_cast<double>(totals_.succeeded) / answers;
  wire::CurrentQuality quality = quality_.current();
  quality.model_complexity = context_.model_complexity;
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_stats(wall, client_id_, stats, context_.resources.latest(), quality, out);
  });
}

void Session::handle(const wire::Unknown& message) {
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_unknown_type(wall, client_id_, message.type, out);
  });
  count_error(telemetry::ClientError::kInvalidMessageStructure);
}

void Session::handle(const wire::InvalidJson& /*message*/) {
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_invalid_json(wall, client_id_, out);
  });
  count_error(telemetry::ClientError::kInvalidJson);
}

void Session::handle(const wire::InvalidStructure& message) {
  say_error(wire::ErrorCode::kInvalidMessageStructure, message.what);
}

bool Session::frame_rate_allows(base::SteadyTime now) {
  if (frames_.take(1.0, now)) {
    return true;
  }
  end_with_error(wire::ErrorCode::kRateLimited, kPolicyViolation,
                 fmt::format("More than {} frames a second; send fewer, as advised_fps says.",
                             context_.limits.frames_per_second));
  return false;
}

bool Session::control_rate_allows(base::SteadyTime now) {
  if (controls_.take(1.0, now)) {
    return true;
  }
  say_error(wire::ErrorCode::kRateLimited,
            fmt::format("More than {} messages a second that are no frames; wait a moment.",
                        context_.limits.control_per_second));
  return false;
}

void Session::on_control_frame(base::SteadyTime now) {
  if (!closing_) {
    static_cast<void>(control_rate_allows(now));
  }
}

void Session::on_oversized_message(base::SteadyTime /*now*/) {
  if (!closing_) {
    end_with_error(wire::ErrorCode::kMessageTooLarge, kMessageTooBig,
                   fmt::format("A message has more than {} bytes; send smaller frames.",
                               context_.info.max_message_bytes));
  }
}

void Session::on_tick(base::SteadyTime now) {
  const std::uint64_t changes = quality_.quality().changes;
  quality_.obey(now);
  count_quality_change(changes);
  collect(now);
  invite_if_due();
  save_if_due(now);
  publish(now);
}

void Session::shut_down(base::SteadyTime /*now*/) {
  if (closing_ || shutting_down_) {
    return;
  }
  shutting_down_ = true;
  say([&](wire::WallTime wall, std::string& out) {
    wire::write_server_shutdown(wall, "The server is stopping; connect again in a moment.", out);
  });
  close_if_drained();
}

void Session::close_if_drained() {
  if (shutting_down_ && !closing_ && channel_->pending() == 0 && !outbox_.has_answer()) {
    finish(kServiceRestart, "The server is stopping.");
  }
}

}  // namespace storysign::session
