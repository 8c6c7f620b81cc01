#pragma once

#include "base/pool.hpp"
#include "base/result.hpp"
#include "vision/landmarks.hpp"
#include "wire/binary.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

/// The message of a client that finds the landmarks itself: kind 2 of storysign.v1
/// (docs/protocol-v1.md, byte by byte). Safe on any thread.
namespace storysign::wire {

inline constexpr std::size_t kLandmarkFrameHeaderBytes = 32;

/// What a client says of a frame whose landmarks it has found.
struct LandmarkFrameHeader {
  bool inferred = false;    ///< A network ran on it; false: its landmarks are those before, moved.
  bool hands_only = false;  ///< Hands were tracked on their own: no usable body.
  std::uint32_t frame_number = 0;
  std::chrono::microseconds capture_time{0};  ///< The client's monotonic clock, 0 to 2^63 - 1.
  std::uint16_t width = 0;                    ///< Pixels of the picture that stayed there; above 0.
  std::uint16_t height = 0;
  std::chrono::microseconds latency{0};  ///< The last one: frame taken to landmarks drawn.
  std::uint32_t client_dropped = 0;      ///< Frames it left out since it connected.
  AnswerProfile profile = AnswerProfile::kBalanced;
  AnswerSkip skip_reason = AnswerSkip::kNone;  ///< Why no network ran.
  std::chrono::microseconds vision_time{0};    ///< In steps of 100 us, up to 6.5 s.

  friend bool operator==(const LandmarkFrameHeader&, const LandmarkFrameHeader&) = default;
};

struct LandmarkFrame {
  LandmarkFrameHeader header;
  vision::FrameLandmarks landmarks;
};

/// Whether a binary message says that it is one; that is all that is looked at.
[[nodiscard]] bool is_landmark_frame(std::span<const std::uint8_t> message);

/// Reads a whole message into `out`, which is overwritten. Fails with kInvalidInput and a sentence
/// for the client if it is too short, of another version or kind, has a reserved bit set, names an
/// unknown profile or reason or no size, says a capture time above 2^63 - 1 us, or both a network
/// that ran and why none did, or if its landmarks do not fill it exactly.
[[nodiscard]] base::Result<void> read_landmark_frame(std::span<const std::uint8_t> message,
                                                     LandmarkFrame& out);

/// Appends the whole message. Which parts are there is taken from `landmarks`, the face only with
/// `face_mesh`: what is not sent, the server takes as not seen.
void append_landmark_frame(const LandmarkFrameHeader& header,
                           const vision::FrameLandmarks& landmarks, bool face_mesh,
                           base::Bytes& out);

/// Why no network ran for landmarks that nobody waited behind.
[[nodiscard]] AnswerSkip skip_of(const vision::FrameLandmarks& found) noexcept;

/// What differs from one sending of the same landmarks to the next.
struct LandmarkFrameStamp {
  std::uint32_t frame_number = 0;
  std::chrono::microseconds capture_time{0};
  std::chrono::microseconds latency{0};
  std::uint32_t client_dropped = 0;
};

/// Writes it over what the header of a message says, for who sends what was written once.
void stamp_landmark_frame(const LandmarkFrameStamp& stamp,
                          std::span<std::uint8_t, kLandmarkFrameHeaderBytes> header);

}  // namespace storysign::wire
