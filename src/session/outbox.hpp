#pragma once

#include "base/pool.hpp"
#include "pipeline/pipeline.hpp"
#include "session/conversation.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace storysign::session {

/// What waits to be sent to one client: messages in order, and the newest answer. An answer that
/// still waits when the next one comes is replaced, unless the client wants every one. On the
/// session's strand.
class Outbox {
 public:
  /// At most `max_bytes` of messages beside answers, and `max_answers` kept answers.
  Outbox(std::size_t max_bytes, std::size_t max_answers)
      : max_bytes_(max_bytes), max_answers_(max_answers) {}

  /// False if there is no room: the client does not read.
  [[nodiscard]] bool push_text(TextLease text);

  /// Takes an answer in; returns how many waiting ones it replaced. Their counts of frames without
  /// an answer are added to those of the next.
  std::uint32_t push_answer(pipeline::ResultLease answer);

  [[nodiscard]] bool has_text() const noexcept { return !texts_.empty(); }
  [[nodiscard]] bool has_answer() const noexcept { return !answers_.empty(); }
  /// Whether the next answer would replace one that the client wants to have.
  [[nodiscard]] bool is_full() const noexcept { return answers_.size() >= max_answers_; }
  [[nodiscard]] bool empty() const noexcept { return !has_text() && !has_answer(); }

  /// The oldest text; there must be one.
  [[nodiscard]] TextLease pop_text();
  /// The oldest answer; there must be one.
  [[nodiscard]] pipeline::ResultLease pop_answer();

 private:
  // Given.
  std::size_t max_bytes_;
  std::size_t max_answers_;
  // State.
  std::deque<TextLease> texts_;
  std::size_t bytes_ = 0;
  std::deque<pipeline::ResultLease> answers_;
};

}  // namespace storysign::session
