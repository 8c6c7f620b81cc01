#pragma once

#include "base/pool.hpp"
#include "base/result.hpp"
#include "wire/server_message.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace storysign::wire {

/// What a client that measures needs of a `processed_frame`; what the message does not have is 0.
struct FrameReport {
  std::uint32_t client_frame_number = 0;
  bool success = false;
  bool inferred = false;
  std::uint32_t frames_replaced = 0;
  std::uint32_t frames_expired = 0;
  StageTimes stages;
  std::chrono::microseconds total_time{0};
};

/// Of an answer to a control message: that of practice names what has been done as action.
struct ControlReport {
  std::string action;
  bool success = false;
};

/// Of an `asl_feedback`: what came of an attempt.
struct FeedbackReport {
  bool is_judged = false;  ///< False: the server had too much to do.
  bool accepted = false;
};

/// A JSON message of the server.
struct ServerText {
  std::string type;
  /// Its `message`; or the `error` of a failed frame, a control message that was refused or an
  /// attempt that was not judged.
  std::string message;
  std::string error_code;            ///< Empty if it has none.
  std::optional<FrameReport> frame;  ///< Of a processed_frame.
  std::optional<ControlReport> control;
  std::optional<FeedbackReport> feedback;
};

/// Reads a message of the server, for the load generator. `text` is grown while this runs, as by
/// parse_client_message(). Fails with kInvalidInput if it is no JSON object with a type, or a
/// processed_frame without metadata. Any thread.
[[nodiscard]] base::Result<ServerText> read_server_text(base::Bytes& text);

}  // namespace storysign::wire
