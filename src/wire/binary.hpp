#pragma once

#include "base/pool.hpp"
#include "base/result.hpp"
#include "vision/landmarks.hpp"
#include "wire/landmark_section.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// The binary messages of the subprotocol storysign.v1; docs/protocol-v1.md is the description,
/// byte by byte. Everything here may be called from any thread and works on any byte order.
namespace storysign::wire {

/// As negotiated in Sec-WebSocket-Protocol.
inline constexpr std::string_view kBinaryProtocol = "storysign.v1";

inline constexpr std::uint8_t kBinaryVersion = 1;
inline constexpr std::size_t kFrameHeaderBytes = 32;
inline constexpr std::size_t kAnswerHeaderBytes = 64;

/// A client's frame without its JPEG, which begins at kFrameHeaderBytes and fills the message.
struct FrameHeader {
  // What to answer with. Neither landmarks nor picture: only which parts were found.
  bool landmarks = false;
  bool picture = false;
  bool face_mesh = false;    ///< Also the points of the face; only together with landmarks.
  bool every_frame = false;  ///< Not to be replaced by a newer frame while the queue has room.
  std::uint32_t frame_number = 0;
  std::chrono::microseconds capture_time{0};  ///< The client's monotonic clock, 0 to 2^63 - 1.
  std::uint16_t width = 0;                    ///< Pixels of the JPEG; 0 with height 0: not said.
  std::uint16_t height = 0;                   ///< Pixels of the JPEG.
  std::chrono::microseconds latency{0};       ///< The last one the client measured; 0: unknown.
  std::uint32_t client_dropped = 0;  ///< Frames left out before encoding since it connected.

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

/// Reads the header of a whole binary message. Fails with kInvalidInput and a sentence for the
/// client if it is shorter than the header, of another version or kind, has a reserved bit or field
/// set, asks for the face mesh without landmarks, gives one side only, or a capture time above 2^63
/// - 1 us. The JPEG may be empty: that is for the JPEG gate to refuse.
[[nodiscard]] base::Result<FrameHeader> read_frame_header(std::span<const std::uint8_t> message);

/// Appends the kFrameHeaderBytes of `header`; the JPEG follows. The latency is limited to what 32
/// bits hold.
void append_frame_header(const FrameHeader& header, base::Bytes& out);

enum class AnswerProfile : std::uint8_t {
  kUltraPerformance = 0,
  kHighPerformance = 1,
  kBalanced = 2,
  kHighQuality = 3,
};

/// Why no network ran on a frame.
enum class AnswerSkip : std::uint8_t {
  kNone = 0,
  kUnchanged = 1,  ///< No part had anything new to say.
  kFrameSkip = 2,  ///< One had, but the frame skip of the quality in force kept it.
  kBehind = 3,     ///< One had, but a newer frame of the session was waiting already.
};

/// What went wrong with a frame.
enum class AnswerError : std::uint8_t {
  kNone = 0,
  kRefused = 1,    ///< The JPEG was refused before decoding.
  kUndecoded = 2,  ///< The JPEG could not be decoded.
  kFailed = 3,     ///< The processing failed.
};

/// The fixed part of an answer. The bits and sizes of the sections are no fields here: the writer
/// and the reader have them from the sections themselves.
struct AnswerHeader {
  bool success = false;
  bool inferred = false;  ///< False: propagated.
  // What was found, whether or not its landmarks are in the message.
  bool pose = false;
  bool left_hand = false;
  bool right_hand = false;
  bool face = false;
  bool hands_only = false;                    ///< Hands were tracked on their own: no usable body.
  std::uint32_t frame_number = 0;             ///< The client's.
  std::chrono::microseconds capture_time{0};  ///< The client's.
  std::uint32_t server_frame_number = 0;      ///< 1, 2, ... answers of this session.
  std::uint16_t width = 0;                    ///< Of the client's picture, pixels; 0: not known.
  std::uint16_t height = 0;
  AnswerProfile profile = AnswerProfile::kBalanced;
  AnswerSkip skip_reason = AnswerSkip::kNone;
  std::uint8_t advised_fps = 0;  ///< 10 to 60: how many frames a second the client should send.
  AnswerError error = AnswerError::kNone;
  // Frames of the session without an answer of their own since the last answer; the writer limits
  // them to 65535.
  std::uint32_t replaced = 0;  ///< By newer ones.
  std::uint32_t expired = 0;   ///< Waited too long.
  // Times of this frame; each limited to 2^32 - 1 us by the writer.
  std::chrono::microseconds queue_time{0};
  std::chrono::microseconds decode_time{0};
  std::chrono::microseconds vision_time{0};
  std::chrono::microseconds render_time{0};
  std::chrono::microseconds encode_time{0};
  std::chrono::microseconds total_time{0};  ///< Last byte received to answer handed to the socket.
  std::uint8_t jpeg_quality = 0;            ///< Of the picture; 0: there is none.
  std::uint8_t quality_reason = 0;  ///< Why the profile is what it is: a number of adapt::Reason.
  std::uint8_t compression = 0;     ///< Of the picture: a number of codec::CompressionStrategy.
  std::uint8_t frame_skip = 0;      ///< In force.

  friend bool operator==(const AnswerHeader&, const AnswerHeader&) = default;
};

/// What follows the fixed part of an answer that is to be written.
struct AnswerSections {
  const vision::FrameLandmarks* landmarks = nullptr;  ///< Null: no landmark section.
  bool face_mesh = false;      ///< Put the points of the face into it, if there is a face.
  std::string_view text = {};  ///< One sentence; only written without success; cut at 1024 bytes.
  bool picture = false;        ///< The caller sends the picture's bytes after these.
};

/// Appends everything of an answer but the picture, which is the rest of the message, so that it
/// can be sent from where it lies. With a landmark section, the bits for body and hands are set
/// from it and not from `header`.
void append_answer(const AnswerHeader& header, const AnswerSections& sections, base::Bytes& out);

/// An answer as read; the spans point into the message.
struct Answer {
  AnswerHeader header;
  bool has_landmarks = false;
  bool has_picture = false;
  vision::FrameLandmarks landmarks;            ///< As decoded; empty without a landmark section.
  std::string_view text = {};                  ///< Why there is no success.
  std::span<const std::uint8_t> picture = {};  ///< JPEG.
};

/// Reads a whole answer. Fails with kInvalidInput and a sentence if it is no answer of this version
/// or its sections do not fit its size.
[[nodiscard]] base::Result<Answer> read_answer(std::span<const std::uint8_t> message);

}  // namespace storysign::wire
