#include "wire/binary.hpp"

#include "wire/binary_parts.hpp"
#include "wire/little_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace storysign::wire {
namespace binary {

base::Result<void> check_start(std::span<const std::uint8_t> message, std::size_t header_bytes,
                               std::uint8_t kind, std::string_view what) {
  if (message.size() < header_bytes) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("Every {} of {} begins with a header of {} bytes; this message has {}.", what,
                    kBinaryProtocol, header_bytes, message.size()));
  }
  if (message[0] != kBinaryVersion) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The first byte, the version, is {}; {} has version {}.",
                                  message[0], kBinaryProtocol, kBinaryVersion));
  }
  if (message[1] != kind) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The second byte, the kind, is {}; that of every {} is {}.",
                                  message[1], what, kind));
  }
  return {};
}

}  // namespace binary
namespace {

using namespace binary;  // NOLINT(google-build-using-namespace): the messages' own parts.
using base::ErrorCode;
using base::fail;

constexpr std::size_t kMaxTextBytes = 1024;

// Bits of a frame.
constexpr unsigned kWantsLandmarks = 1U << 0U;
constexpr unsigned kWantsPicture = 1U << 1U;
constexpr unsigned kWantsFaceMesh = 1U << 2U;
constexpr unsigned kEveryFrame = 1U << 3U;
constexpr unsigned kFrameBits = kWantsLandmarks | kWantsPicture | kWantsFaceMesh | kEveryFrame;

constexpr unsigned kAnswerBits = (1U << 10U) - 1U;

base::Result<void> check_frame(unsigned flags, const FrameHeader& header, std::uint64_t capture,
                               std::uint32_t reserved) {
  if ((flags & ~kFrameBits) != 0 || reserved != 0) {
    return fail(
        ErrorCode::kInvalidInput,
        "A reserved bit of the flags or a byte from 28 to 31 is not 0 in the frame's header.");
  }
  if (header.face_mesh && !header.landmarks) {
    return fail(ErrorCode::kInvalidInput,
                "The frame asks for the face mesh (bit 2 of the flags) but not for landmarks (bit "
                "0).");
  }
  if ((header.width == 0) != (header.height == 0)) {
    return fail(ErrorCode::kInvalidInput,
                "The frame's header gives only one of width and height; give both or neither.");
  }
  if (!is_time(capture)) {
    return fail(ErrorCode::kInvalidInput, "The frame's capture time is above 2^63 - 1 us.");
  }
  return {};
}

unsigned answer_flags(const AnswerHeader& header, const AnswerSections& sections,
                      const LandmarkParts& parts) {
  const bool held = sections.landmarks != nullptr;
  return bit_if(header.success, kSuccess) | bit_if(header.inferred, kInferred) |
         bit_if(held ? parts.pose : header.pose, kPose) |
         bit_if(held ? parts.left_hand : header.left_hand, kLeftHand) |
         bit_if(held ? parts.right_hand : header.right_hand, kRightHand) |
         bit_if(held ? sections.landmarks->face.has_value() : header.face, kFace) |
         bit_if(header.hands_only, kHandsOnly) | bit_if(held, kLandmarkSection) |
         bit_if(sections.picture, kPictureSection) | bit_if(parts.face, kFaceMesh);
}

/// The longest beginning of `text` within `limit` bytes that ends at a character's border.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

void put_answer_header(const AnswerHeader& header, unsigned flags, std::size_t landmark_bytes,
                       std::size_t text_bytes, base::Bytes& out) {
  LittleEndianWriter to(out);
  to.put(kBinaryVersion);
  to.put(kAnswerKind);
  to.put(static_cast<std::uint16_t>(flags));
  to.put(header.frame_number);
  to.put(count_of(header.capture_time));
  to.put(header.server_frame_number);
  to.put(header.width);
  to.put(header.height);
  to.put(static_cast<std::uint8_t>(header.profile));
  to.put(static_cast<std::uint8_t>(header.skip_reason));
  to.put(header.advised_fps);
  to.put(static_cast<std::uint8_t>(header.error));
  to.put(limited<std::uint16_t>(header.replaced));
  to.put(limited<std::uint16_t>(header.expired));
  for (const auto time : {header.queue_time, header.decode_time, header.vision_time,
                          header.render_time, header.encode_time, header.total_time}) {
    to.put(limited<std::uint32_t>(count_of(time)));
  }
  to.put(header.jpeg_quality);
  to.put(header.quality_reason);
  to.put(limited<std::uint16_t>(landmark_bytes));
  to.put(limited<std::uint16_t>(text_bytes));
  to.put(header.compression);
  to.put(header.frame_skip);
}

struct FixedPart {
  AnswerHeader header;
  unsigned flags = 0;
  std::size_t landmark_bytes = 0;
  std::size_t text_bytes = 0;
  unsigned profile = 0;
  unsigned skip_reason = 0;
  unsigned error = 0;
  std::uint64_t capture = 0;
};

void take_flags(unsigned flags, AnswerHeader& header) {
  header.success = (flags & kSuccess) != 0;
  header.inferred = (flags & kInferred) != 0;
  header.pose = (flags & kPose) != 0;
  header.left_hand = (flags & kLeftHand) != 0;
  header.right_hand = (flags & kRightHand) != 0;
  header.face = (flags & kFace) != 0;
  header.hands_only = (flags & kHandsOnly) != 0;
}

FixedPart take_answer_header(std::span<const std::uint8_t> message) {
  LittleEndianReader from(message.subspan(2));
  FixedPart part;
  AnswerHeader& header = part.header;
  part.flags = from.take<std::uint16_t>();
  take_flags(part.flags, header);
  header.frame_number = from.take<std::uint32_t>();
  part.capture = from.take<std::uint64_t>();
  header.server_frame_number = from.take<std::uint32_t>();
  header.width = from.take<std::uint16_t>();
  header.height = from.take<std::uint16_t>();
  part.profile = from.take<std::uint8_t>();
  part.skip_reason = from.take<std::uint8_t>();
  header.advised_fps = from.take<std::uint8_t>();
  part.error = from.take<std::uint8_t>();
  header.replaced = from.take<std::uint16_t>();
  header.expired = from.take<std::uint16_t>();
  for (auto* time : {&header.queue_time, &header.decode_time, &header.vision_time,
                     &header.render_time, &header.encode_time, &header.total_time}) {
    *time = to_time(from.take<std::uint32_t>());
  }
  header.jpeg_quality = from.take<std::uint8_t>();
  header.quality_reason = from.take<std::uint8_t>();
  part.landmark_bytes = from.take<std::uint16_t>();
  part.text_bytes = from.take<std::uint16_t>();
  header.compression = from.take<std::uint8_t>();
  header.frame_skip = from.take<std::uint8_t>();
  return part;
}

base::Result<void> check_answer(const FixedPart& part, std::size_t message_bytes) {
  const auto wrong = [](std::string_view what) {
    return fail(ErrorCode::kInvalidInput, fmt::format("The answer's header {}.", what));
  };
  if ((part.flags & ~kAnswerBits) != 0) return wrong("sets reserved bits");
  if (part.profile > 3 || part.error > 3 || part.skip_reason > 3) {
    return wrong("holds an unknown profile, error or reason");
  }
  if (!is_time(part.capture)) return wrong("holds a capture time above 2^63 - 1 us");
  const std::size_t before_picture = kAnswerHeaderBytes + part.landmark_bytes + part.text_bytes;
  if (before_picture > message_bytes) return wrong("names more bytes than the message has");
  const bool has_picture = (part.flags & kPictureSection) != 0;
  if (!has_picture && before_picture != message_bytes) {
    return wrong("names fewer bytes than the message has, and no picture");
  }
  const bool has_landmarks = (part.flags & kLandmarkSection) != 0;
  if (!has_landmarks && (part.landmark_bytes != 0 || (part.flags & kFaceMesh) != 0)) {
    return wrong("describes landmarks, but says that there are none");
  }
  if (part.header.success && part.text_bytes != 0) {
    return wrong("has success and a text of failure");
  }
  return {};
}

}  // namespace

base::Result<FrameHeader> read_frame_header(std::span<const std::uint8_t> message) {
  if (auto start = check_start(message, kFrameHeaderBytes, kFrameKind, "frame"); !start) {
    return tl::unexpected(std::move(start.error()));
  }
  LittleEndianReader from(message.subspan(2));
  const unsigned flags = from.take<std::uint16_t>();
  FrameHeader header;
  header.landmarks = (flags & kWantsLandmarks) != 0;
  header.picture = (flags & kWantsPicture) != 0;
  header.face_mesh = (flags & kWantsFaceMesh) != 0;
  header.every_frame = (flags & kEveryFrame) != 0;
  header.frame_number = from.take<std::uint32_t>();
  const auto capture = from.take<std::uint64_t>();
  header.width = from.take<std::uint16_t>();
  header.height = from.take<std::uint16_t>();
  header.latency = to_time(from.take<std::uint32_t>());
  header.client_dropped = from.take<std::uint32_t>();
  const auto reserved = from.take<std::uint32_t>();
  if (auto sound = check_frame(flags, header, capture, reserved); !sound) {
    return tl::unexpected(std::move(sound.error()));
  }
  header.capture_time = to_time(capture);
  return header;
}

void append_frame_header(const FrameHeader& header, base::Bytes& out) {
  LittleEndianWriter to(out);
  to.put(kBinaryVersion);
  to.put(kFrameKind);
  to.put(static_cast<std::uint16_t>(
      bit_if(header.landmarks, kWantsLandmarks) | bit_if(header.picture, kWantsPicture) |
      bit_if(header.face_mesh, kWantsFaceMesh) | bit_if(header.every_frame, kEveryFrame)));
  to.put(header.frame_number);
  to.put(count_of(header.capture_time));
  to.put(header.width);
  to.put(header.height);
  to.put(limited<std::uint32_t>(count_of(header.latency)));
  to.put(header.client_dropped);
  to.put(std::uint32_t{0});
}

void append_answer(const AnswerHeader& header, const AnswerSections& sections, base::Bytes& out) {
  const std::size_t begin = out.size();
  out.resize(begin + kAnswerHeaderBytes);
  LandmarkParts parts;
  if (sections.landmarks != nullptr) {
    parts = append_landmarks(*sections.landmarks, sections.face_mesh, SectionCode::kPlain, out);
  }
  const std::size_t landmark_bytes = out.size() - begin - kAnswerHeaderBytes;
  const std::string_view text =
      header.success ? std::string_view() : cut(sections.text, kMaxTextBytes);
  out.insert(out.end(), text.begin(), text.end());
  // The fixed part needs the sizes: it is written at the end and copied to where it belongs.
  const std::size_t end = out.size();
  put_answer_header(header, answer_flags(header, sections, parts), landmark_bytes, text.size(),
                    out);
  std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(end), kAnswerHeaderBytes,
              out.begin() + static_cast<std::ptrdiff_t>(begin));
  out.resize(end);
}

base::Result<Answer> read_answer(std::span<const std::uint8_t> message) {
  if (auto start = check_start(message, kAnswerHeaderBytes, kAnswerKind, "answer"); !start) {
    return tl::unexpected(std::move(start.error()));
  }
  const FixedPart part = take_answer_header(message);
  if (auto sound = check_answer(part, message.size()); !sound) {
    return tl::unexpected(std::move(sound.error()));
  }
  Answer answer;
  answer.header = part.header;
  answer.header.capture_time = to_time(part.capture);
  answer.header.profile = static_cast<AnswerProfile>(part.profile);
  answer.header.error = static_cast<AnswerError>(part.error);
  answer.header.skip_reason = static_cast<AnswerSkip>(part.skip_reason);
  answer.has_landmarks = (part.flags & kLandmarkSection) != 0;
  answer.has_picture = (part.flags & kPictureSection) != 0;
  answer.landmarks.mode =
      part.header.hands_only ? vision::TrackingMode::kHands : vision::TrackingMode::kBody;
  const auto rest = message.subspan(kAnswerHeaderBytes);
  if (answer.has_landmarks) {
    const LandmarkParts parts{part.header.pose, part.header.left_hand, part.header.right_hand,
                              (part.flags & kFaceMesh) != 0};
    const auto read = read_landmarks(rest.first(part.landmark_bytes), parts, SectionCode::kPlain,
                                     answer.landmarks);
    if (!read) return tl::unexpected(read.error());
  }
  const auto text = rest.subspan(part.landmark_bytes, part.text_bytes);
  answer.text = {reinterpret_cast<const char*>(text.data()), text.size()};
  answer.picture = rest.subspan(part.landmark_bytes + part.text_bytes);
  return answer;
}

}  // namespace storysign::wire
