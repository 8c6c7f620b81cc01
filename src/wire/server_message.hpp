#pragma once

#include "vision/landmarks.hpp"
#include "wire/timestamp.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

/// The server's JSON messages, as reference/protocol.md and docs/protocol-v1.md name their fields.
/// Each function appends one whole message to `out` (on one line, valid UTF-8 whatever the input)
/// and may be called from any thread. `now` is the message's timestamp.
namespace storysign::wire {

/// What a client needs to know of the server before its first frame.
struct ServerInfo {
  std::string_view version = {};
  std::span<const std::string_view> features = {};
  int max_frame_rate = 30;         ///< Frames per second.
  std::string_view protocol = {};  ///< "json" or "storysign.v1".
  int frame_width = 640;           ///< What the client is asked to capture, pixels.
  int frame_height = 480;
  int frame_fps = 30;
  std::size_t max_message_bytes = 0;
  std::chrono::milliseconds ping_interval{0};
  std::string_view pictures = "allowed";  ///< Or "never".
};

/// `session_id` is what a client resumes the session with.
void write_connection_established(WallTime now, std::string_view client_id,
                                  std::string_view session_id, const ServerInfo& info,
                                  std::string& out);

/// Which parts were found in a frame.
struct PartsFound {
  bool hands = false;
  bool face = false;
  bool pose = false;
};

/// The stages that a frame went through.
struct StageTimes {
  std::chrono::microseconds queue{0};
  std::chrono::microseconds decode{0};
  std::chrono::microseconds vision{0};
  std::chrono::microseconds render{0};
  std::chrono::microseconds encode{0};
};

/// The answer to a frame, or, with `error`, why there is none.
struct ProcessedFrame {
  std::string_view client_id = {};
  std::uint32_t server_frame_number = 0;
  std::uint32_t client_frame_number = 0;
  /// Empty: success. Else a clause without an end mark ("character 17 of the base64 text is not
  /// base64"): the message then has success false, degraded_mode true, `frame_data` null, `error`
  /// "Frame decoding failed: " and the clause, and nothing found; picture and landmarks are
  /// ignored.
  std::string_view error = {};
  PartsFound found;
  std::chrono::microseconds processing_time{0};      ///< Decode to encode.
  std::chrono::microseconds total_pipeline_time{0};  ///< Received to answered.
  double landmarks_confidence = 0.0;                 ///< 0 to 1.
  double processing_efficiency = 0.0;                ///< 0 to 1.
  std::string_view quality_profile = "high_quality";
  std::string_view quality_reason = "start";  ///< Why it is that profile.
  double resolution_scale = 1.0;
  int frame_skip = 0;
  std::string_view compression = {};    ///< Strategy that wrote the picture.
  int jpeg_quality = 0;                 ///< Of the picture; 0: there is none.
  std::size_t original_size_bytes = 0;  ///< Of the picture's pixels before encoding.
  bool inferred = true;                 ///< False: propagated; always false with an error.
  std::string_view skip_reason = {};    ///< Empty: none is written.
  std::uint32_t frames_replaced = 0;    ///< Since the last answer.
  std::uint32_t frames_expired = 0;     ///< Since the last answer.
  int advised_fps = 0;                  ///< 10 to 60.
  StageTimes stages;
  std::span<const std::uint8_t> picture =
      {};  ///< JPEG; empty: `frame_data` and `encoding_info` null.
  /// Null: not asked for, no `landmarks` in the message.
  const vision::FrameLandmarks* landmarks = nullptr;
  bool face_mesh = false;  ///< With `landmarks`: also the points of the face, else "face":null.
  /// In a practice session: its `practice_session`, and `gesture_detection` for the metadata. Null:
  /// left out.
  const nlohmann::json* practice_session = nullptr;
  const nlohmann::json* gesture_detection = nullptr;
};

/// Allocates nothing if `out` has room: about 4/3 of the picture, 1.5 KB, and 4 KB for landmarks
/// without or 20 KB with the face.
void write_processed_frame(WallTime now, const ProcessedFrame& frame, std::string& out);

enum class ErrorCode : std::uint8_t {
  kMessageTooLarge,
  kInvalidJson,
  kInvalidMessageStructure,
  kProcessingError,
  kServerError,
  kTooManyErrors,
  kServerFull,
  kRateLimited,
};

/// "MESSAGE_TOO_LARGE" and so on.
[[nodiscard]] std::string_view error_code_name(ErrorCode code) noexcept;

/// `error` with any sentence; `error_code` is left out without a code.
void write_error(WallTime now, std::string_view client_id, std::optional<ErrorCode> code,
                 std::string_view message, std::string& out);

/// `error` "Invalid JSON format" with its code.
void write_invalid_json(WallTime now, std::string_view client_id, std::string& out);

/// `error` "Unknown message type: X", code INVALID_MESSAGE_STRUCTURE.
void write_unknown_type(WallTime now, std::string_view client_id, std::string_view type,
                        std::string& out);

/// `error` "No frame data provided" of the type streaming_error.
void write_no_frame_data(WallTime now, std::string_view client_id,
                         std::uint32_t server_frame_number, std::string& out);

/// `processing_error`: this frame failed inside, the next may not.
void write_processing_error(WallTime now, std::string_view client_id, std::string_view message,
                            std::string& out);

/// `critical_error`: the last words before a forced close.
void write_critical_error(WallTime now, std::string_view client_id, ErrorCode code,
                          std::string_view message, std::string& out);

void write_server_shutdown(WallTime now, std::string_view message, std::string& out);

/// To a client that could find its landmarks itself: it would help if it did.
void write_invitation(WallTime now, std::string_view sentence, std::string& out);

void write_pong(WallTime now, std::string_view client_id, std::string& out);

struct ProcessingStats {
  std::uint64_t frames_processed = 0;
  std::uint64_t frames_dropped = 0;
  double total_processing_time = 0.0;    ///< Seconds.
  double average_processing_time = 0.0;  ///< Seconds.
  double peak_processing_time = 0.0;     ///< Seconds.
  std::uint64_t queue_overflows = 0;
  std::optional<WallTime> last_frame_timestamp = std::nullopt;  ///< Null before the first frame.
  double success_rate = 0.0;                                    ///< 0 to 1.
};

struct ResourceStats {
  double cpu_percent = 0.0;     ///< Of all usable cores, 0 to 100.
  double memory_percent = 0.0;  ///< 0 to 100.
  double memory_mb = 0.0;       ///< MiB of this process.
  WallTime timestamp = {};      ///< When these were sampled.
};

struct CurrentQuality {
  std::string_view profile = "high_quality";
  int jpeg_quality = 0;
  double resolution_scale = 1.0;
  int frame_skip = 0;
  double frame_rate = 0.0;
  int model_complexity = 0;
};

void write_stats(WallTime now, std::string_view client_id, const ProcessingStats& processing,
                 const ResourceStats& resources, const CurrentQuality& quality, std::string& out);

/// `control_response` with any result (an object).
void write_control_response(WallTime now, std::string_view client_id, std::string_view action,
                            const nlohmann::json& result, std::string& out);

/// `practice_session_response` with any result (an object).
void write_practice_session_response(WallTime now, std::string_view client_id,
                                     std::string_view action, const nlohmann::json& result,
                                     std::string& out);

/// `practice_update`: `practice_session` (an object) where no frame carries it.
void write_practice_update(WallTime now, std::string_view client_id,
                           const nlohmann::json& practice_session, std::string& out);

/// `asl_feedback`: what an attempt was judged.
void write_asl_feedback(WallTime now, const nlohmann::json& data, const nlohmann::json& metadata,
                        std::string& out);

/// `sign_example`: what is to be said of an example that a teacher has recorded.
void write_sign_example(WallTime now, std::string_view client_id, const nlohmann::json& data,
                        std::string& out);

/// `session_complete`: how a story went.
void write_session_complete(WallTime now, const nlohmann::json& data, std::string& out);

/// The result of something that was not done: {"success":false,"error":...}.
[[nodiscard]] nlohmann::json refusal(std::string_view sentence);

}  // namespace storysign::wire
