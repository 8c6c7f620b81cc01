#include "wire/landmark_frame.hpp"

#include "wire/binary_parts.hpp"
#include "wire/landmark_section.hpp"
#include "wire/little_endian.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace storysign::wire {
namespace {

using namespace binary;  // NOLINT(google-build-using-namespace): the messages' own parts.

constexpr unsigned kBits = kInferred | kPose | kLeftHand | kRightHand | kFace | kHandsOnly;
constexpr unsigned kMostProfile = static_cast<unsigned>(AnswerProfile::kHighQuality);
constexpr unsigned kMostSkip = static_cast<unsigned>(AnswerSkip::kBehind);
constexpr std::uint64_t kTimeStep = 100;  // us

// Offsets of what stamp_landmark_frame() writes.
constexpr std::size_t kNumberAt = 4;
constexpr std::size_t kCaptureTimeAt = 8;
constexpr std::size_t kLatencyAt = 20;
constexpr std::size_t kDroppedAt = 24;

struct Coded {
  unsigned flags = 0;
  std::uint64_t capture = 0;
  unsigned profile = 0;
  unsigned skip_reason = 0;
};

base::Result<void> check(const Coded& coded, const LandmarkFrameHeader& header) {
  const auto wrong = [](std::string_view what) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The header of the frame of landmarks {}.", what));
  };
  if ((coded.flags & ~kBits) != 0) return wrong("sets reserved bits");
  if (header.width == 0 || header.height == 0) {
    return wrong("says no width or height; both are needed, in pixels");
  }
  if (coded.profile > kMostProfile || coded.skip_reason > kMostSkip) {
    return wrong("holds an unknown profile or reason");
  }
  if (header.inferred == (coded.skip_reason != 0)) {
    return wrong("must say that a network ran (bit 1) or why none did (byte 29), and not both");
  }
  if (!is_time(coded.capture)) return wrong("holds a capture time above 2^63 - 1 us");
  return {};
}

}  // namespace

bool is_landmark_frame(std::span<const std::uint8_t> message) {
  return message.size() > 1 && message[1] == kLandmarkFrameKind;
}

base::Result<void> read_landmark_frame(std::span<const std::uint8_t> message, LandmarkFrame& out) {
  if (auto start =
          check_start(message, kLandmarkFrameHeaderBytes, kLandmarkFrameKind, "frame of landmarks");
      !start) {
    return start;
  }
  LittleEndianReader from(message.subspan(2));
  Coded coded;
  LandmarkFrameHeader& header = out.header;
  coded.flags = from.take<std::uint16_t>();
  header.inferred = (coded.flags & kInferred) != 0;
  header.hands_only = (coded.flags & kHandsOnly) != 0;
  header.frame_number = from.take<std::uint32_t>();
  coded.capture = from.take<std::uint64_t>();
  header.width = from.take<std::uint16_t>();
  header.height = from.take<std::uint16_t>();
  header.latency = to_time(from.take<std::uint32_t>());
  header.client_dropped = from.take<std::uint32_t>();
  coded.profile = from.take<std::uint8_t>();
  coded.skip_reason = from.take<std::uint8_t>();
  header.vision_time = to_time(kTimeStep * from.take<std::uint16_t>());
  if (auto sound = check(coded, header); !sound) return sound;
  header.capture_time = to_time(coded.capture);
  header.profile = static_cast<AnswerProfile>(coded.profile);
  header.skip_reason = static_cast<AnswerSkip>(coded.skip_reason);
  out.landmarks = {};
  out.landmarks.mode =
      header.hands_only ? vision::TrackingMode::kHands : vision::TrackingMode::kBody;
  const LandmarkParts parts{(coded.flags & kPose) != 0, (coded.flags & kLeftHand) != 0,
                            (coded.flags & kRightHand) != 0, (coded.flags & kFace) != 0};
  return read_landmarks(message.subspan(kLandmarkFrameHeaderBytes), parts, SectionCode::kPacked,
                        out.landmarks);
}

void append_landmark_frame(const LandmarkFrameHeader& header,
                           const vision::FrameLandmarks& landmarks, bool face_mesh,
                           base::Bytes& out) {
  const bool has_face = face_mesh && landmarks.face.has_value();
  LittleEndianWriter to(out);
  to.put(kBinaryVersion);
  to.put(kLandmarkFrameKind);
  to.put(static_cast<std::uint16_t>(
      bit_if(header.inferred, kInferred) | bit_if(landmarks.pose.has_value(), kPose) |
      bit_if(landmarks.left_hand.has_value(), kLeftHand) |
      bit_if(landmarks.right_hand.has_value(), kRightHand) | bit_if(has_face, kFace) |
      bit_if(header.hands_only, kHandsOnly)));
  to.put(header.frame_number);
  to.put(count_of(header.capture_time));
  to.put(header.width);
  to.put(header.height);
  to.put(limited<std::uint32_t>(count_of(header.latency)));
  to.put(header.client_dropped);
  to.put(static_cast<std::uint8_t>(header.profile));
  to.put(static_cast<std::uint8_t>(header.skip_reason));
  to.put(limited<std::uint16_t>(count_of(header.vision_time) / kTimeStep));
  append_landmarks(landmarks, face_mesh, SectionCode::kPacked, out);
}

AnswerSkip skip_of(const vision::FrameLandmarks& found) noexcept {
  if (found.inferred.any()) return AnswerSkip::kNone;
  return found.held ? AnswerSkip::kFrameSkip : AnswerSkip::kUnchanged;
}

void stamp_landmark_frame(const LandmarkFrameStamp& stamp,
                          std::span<std::uint8_t, kLandmarkFrameHeaderBytes> header) {
  const auto put_at = [&](std::size_t offset, auto value) {
    for (std::size_t i = 0; i < sizeof(value); ++i) {
      header[offset + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
  };
  put_at(kNumberAt, stamp.frame_number);
  put_at(kCaptureTimeAt, count_of(stamp.capture_time));
  put_at(kLatencyAt, limited<std::uint32_t>(count_of(stamp.latency)));
  put_at(kDroppedAt, stamp.client_dropped);
}

}  // namespace storysign::wire
