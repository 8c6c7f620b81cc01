#pragma once

#include "base/token_bucket.hpp"
#include "session/arrivals.hpp"
#include "session/context.hpp"
#include "session/conversation.hpp"
#include "session/landmark_gate.hpp"
#include "session/outbox.hpp"
#include "session/place.hpp"
#include "session/practice_desk.hpp"
#include "session/record.hpp"
#include "session/session_quality.hpp"
#include "wire/binary.hpp"
#include "wire/client_message.hpp"
#include "wire/landmark_frame.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::session {

/// One learner's conversation with the server: frames in, answers out, in the JSON protocol or
/// storysign.v1. Owned by its connection and called on that connection's strand.
class Session : public Conversation {
 public:
  Session(Context& context, const Client& client, std::shared_ptr<Waker> waker,
          base::SteadyTime now);
  ~Session() override;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&&) = delete;
  Session& operator=(Session&&) = delete;

  void on_message(bool is_text, base::BytesLease message, base::SteadyTime now) override;
  void on_control_frame(base::SteadyTime now) override;
  void on_oversized_message(base::SteadyTime now) override;
  void on_tick(base::SteadyTime now) override;
  void collect(base::SteadyTime now) override;
  void shut_down(base::SteadyTime now) override;
  void ended(std::uint16_t code) override;
  [[nodiscard]] std::optional<Output> next(base::SteadyTime now) override;
  [[nodiscard]] const std::optional<Closing>& closing() const noexcept override { return closing_; }

 private:
  /// What the client has had so far.
  struct Totals {
    std::uint32_t answers = 0;        ///< Also the number of the last answer.
    std::uint64_t before = 0;         ///< Answers of the session before it was resumed.
    std::uint64_t received = 0;       ///< Frames.
    std::uint64_t inferred = 0;       ///< Of the answers.
    std::chrono::microseconds age{};  ///< Of all answers together, frame received to answer sent.
    std::chrono::microseconds last_age{};
    std::uint64_t succeeded = 0;
    std::uint64_t replaced = 0;
    std::uint64_t expired = 0;
    std::chrono::microseconds processing{};
    std::chrono::microseconds peak_processing{};
    std::optional<wire::WallTime> last_frame;
  };

  // Messages in.
  void on_text(base::BytesLease message, base::SteadyTime now);
  void on_binary_frame(base::BytesLease message, base::SteadyTime now);
  void on_landmark_frame(const base::Bytes& message, base::SteadyTime now);
  void fill(pipeline::FrameResult& result, std::size_t bytes, base::SteadyTime now) const;
  void handle(const wire::RawFrame& frame, base::BytesLease picture, base::SteadyTime now);
  void handle(const wire::RawFrameWithoutData& frame);
  void handle(const wire::BadFrameData& frame);
  void handle(const wire::Control& control, base::SteadyTime now);
  void handle(const wire::Ping& ping);
  void handle(const wire::GetStats& request);
  void handle(const wire::Unknown& message);
  void handle(const wire::InvalidJson& message);
  void handle(const wire::InvalidStructure& message);
  [[nodiscard]] bool frame_rate_allows(base::SteadyTime now);
  [[nodiscard]] bool control_rate_allows(base::SteadyTime now);
  void set_quality(const wire::Control& control, base::SteadyTime now);
  void practise(const wire::Control& control, base::SteadyTime now);
  void resume(const wire::Control& control);
  void go_on(const base::Result<store::Resumed>& resumed, base::SteadyTime now);
  void note_change(base::SteadyTime now);
  void save_if_due(base::SteadyTime now);
  void save();
  void close_record(std::uint16_t code);
  void submit(pipeline::Frame frame);
  void hold(pipeline::Frame frame);
  [[nodiscard]] bool takes_picture(const pipeline::Frame& frame);
  void refuse_picture(const pipeline::Frame& frame, std::string_view reason, std::string sentence);
  void set_home(const wire::Control& control);
  void invite_if_due();
  void note_report(const wire::ClientReport& report, base::SteadyTime now);

  // Messages out.
  /// Queues the text that `write(wall time, text)` appends.
  template <class Write>
  void say(Write write) {
    TextLease text = context_.texts.take();
    write(context_.wall_now(), *text);
    if (!outbox_.push_text(std::move(text))) {
      overflow();
    }
  }
  void overflow();
  void say_error(wire::ErrorCode code, std::string_view sentence);
  void end_with_error(wire::ErrorCode code, std::uint16_t close_code, std::string_view sentence);
  void finish(std::uint16_t close_code, std::string_view reason);
  void count_error(telemetry::ClientError error);
  void close_if_drained();
  [[nodiscard]] Output json_answer(const pipeline::FrameResult& result, base::SteadyTime now);
  [[nodiscard]] Output binary_answer(pipeline::ResultLease result, base::SteadyTime now);
  void take_in(pipeline::ResultLease result);
  void account(const pipeline::FrameResult& result);
  void watch_practice(const pipeline::FrameResult& result);
  void say_reply(const PracticeDesk::Reply& reply);
  void say_practice(base::SteadyTime now);
  void count_quality_change(std::uint64_t changes_before);

  // Operators.
  void publish(base::SteadyTime now);
  void obey_operator(base::SteadyTime now);
  void trace(const pipeline::FrameResult& result);

  // Given.
  Context& context_;
  Client client_;
  bool is_binary_;
  std::string client_id_;
  // Owned.
  std::unique_ptr<LiveSessions::Seat> seat_;  ///< Null if nobody asks.
  std::shared_ptr<Arrivals> arrivals_;
  std::unique_ptr<pipeline::Channel> channel_;
  Outbox outbox_;
  SessionQuality quality_;
  Place place_;
  SessionRecord record_;
  PracticeDesk desk_;
  base::TokenBucket frames_;
  base::TokenBucket controls_;
  base::TokenBucket saves_;
  // State.
  base::SteadyTime started_;
  Totals totals_;
  std::vector<pipeline::ResultLease> arrived_;
  wire::LandmarkFrame landmark_frame_;  ///< The last one; kept for its memory.
  LandmarkGate landmark_gate_;
  std::optional<pipeline::Frame> held_;  ///< Until the client has taken the answer before.
  std::uint32_t held_replaced_ = 0;      ///< Frames replaced there since the last answer.
  bool face_mesh_ = false;               ///< As the last frame wished.
  bool has_changed_ = false;             ///< Its state, since it was last kept.
  base::SteadyTime saved_;               ///< When that was.
  std::uint32_t saved_answers_ = 0;      ///< And how many answers there were then.
  int errors_in_a_row_ = 0;
  double sent_fps_ = 0.0;
  std::uint64_t received_before_ = 0;
  base::SteadyTime rate_since_;
  bool shutting_down_ = false;
  std::optional<Closing> closing_;
};

}  // namespace storysign::session
