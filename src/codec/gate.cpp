#include "codec/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace storysign::codec {
namespace {

// Marker codes of ITU-T T.81, table B.1.
constexpr std::uint8_t kSof0 = 0xC0;  // Baseline.
constexpr std::uint8_t kSof1 = 0xC1;  // Extended sequential.
constexpr std::uint8_t kSof2 = 0xC2;  // Progressive.
constexpr std::uint8_t kSof15 = 0xCF;
constexpr std::uint8_t kDht = 0xC4;
constexpr std::uint8_t kRst0 = 0xD0;
constexpr std::uint8_t kRst7 = 0xD7;
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;
constexpr std::uint8_t kDqt = 0xDB;
constexpr std::uint8_t kDri = 0xDD;
constexpr std::uint8_t kDhp = 0xDE;
constexpr std::uint8_t kExp = 0xDF;
constexpr std::uint8_t kApp0 = 0xE0;
constexpr std::uint8_t kApp15 = 0xEF;
constexpr std::uint8_t kCom = 0xFE;

template <class... Args>
tl::unexpected<GateError> refuse(GateReason reason, fmt::format_string<Args...> text,
                                 Args&&... args) {
  return tl::unexpected<GateError>(
      GateError{reason, fmt::format(text, std::forward<Args>(args)...)});
}

tl::unexpected<GateError> refuse_truncated() {
  return refuse(GateReason::kTruncated,
                "The JPEG ends before its picture begins; send the whole file.");
}

tl::unexpected<GateError> refuse_marker(std::uint8_t marker, std::size_t at) {
  return refuse(GateReason::kBadMarker,
                "The JPEG is damaged: marker 0x{:02X} at byte {} cannot stand there; send an "
                "undamaged file.",
                marker, at);
}

bool is_sof(std::uint8_t marker) {
  // 0xC4 (DHT) lies inside the range; 0xC8 (JPG) and 0xCC (DAC) announce coding that is refused
  // anyway.
  return marker >= kSof0 && marker <= kSof15 && marker != kDht;
}

bool is_restart(std::uint8_t marker) {
  return marker >= kRst0 && marker <= kRst7;
}

bool is_skippable(std::uint8_t marker) {
  return marker == kDht || marker == kDqt || marker == kDri || marker == kCom ||
         (marker >= kApp0 && marker <= kApp15);
}

struct Segment {
  std::uint8_t marker = 0;
  std::size_t at = 0;                     // Where its 0xFF stands.
  std::span<const std::uint8_t> payload;  // Without the two length bytes; empty for EOI.
};

/// Steps from segment to segment. Every read is behind a comparison with the size.
class Walker {
 public:
  explicit Walker(std::span<const std::uint8_t> jpeg) : jpeg_(jpeg) {}

  /// The next segment; the position then stands behind it.
  tl::expected<Segment, GateError> next() {
    const std::size_t at = at_;
    if (at_ >= jpeg_.size()) return refuse_truncated();
    if (jpeg_[at_] != 0xFF) return refuse_marker(jpeg_[at_], at);
    while (at_ < jpeg_.size() && jpeg_[at_] == 0xFF) ++at_;  // Fill bytes may precede a marker.
    if (at_ >= jpeg_.size()) return refuse_truncated();
    const std::uint8_t marker = jpeg_[at_++];
    if (marker == kEoi) return Segment{marker, at, {}};
    if (marker == 0 || marker == kSoi || marker == 0x01 || is_restart(marker)) {
      return refuse_marker(marker, at);
    }
    if (jpeg_.size() - at_ < 2) return refuse_truncated();
    const std::size_t length = static_cast<std::size_t>(jpeg_[at_]) * 256U + jpeg_[at_ + 1];
    if (length < 2) return refuse_marker(marker, at);
    if (jpeg_.size() - at_ < length) return refuse_truncated();
    const Segment segment{marker, at, jpeg_.subspan(at_ + 2, length - 2)};
    at_ += length;
    return segment;
  }

  /// Steps over entropy-coded data to the next marker; false at the end of the bytes.
  bool skip_entropy_data() {
    while (at_ < jpeg_.size()) {
      const void* found = std::memchr(jpeg_.data() + at_, 0xFF, jpeg_.size() - at_);
      if (found == nullptr) break;
      at_ = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - jpeg_.data());
      if (at_ + 1 >= jpeg_.size()) break;
      const std::uint8_t code = jpeg_[at_ + 1];
      if (code == 0xFF) {
        ++at_;
      } else if (code == 0 || is_restart(code)) {
        at_ += 2;
      } else {
        return true;
      }
    }
    at_ = jpeg_.size();
    return false;
  }

 private:
  std::span<const std::uint8_t> jpeg_;
  std::size_t at_ = 2;  // Behind SOI.
};

tl::expected<void, GateError> check_size(const JpegHeader& header, const GateLimits& limits) {
  const auto [low, high] = std::minmax(header.width, header.height);
  if (low < limits.min_side) {
    return refuse(GateReason::kTooSmall,
                  "The JPEG is {} x {} pixels; send a picture of at least {} pixels a side.",
                  header.width, header.height, limits.min_side);
  }
  if (high > limits.max_side) {
    return refuse(GateReason::kTooLarge,
                  "The JPEG is {} x {} pixels; send a picture of at most {} pixels a side.",
                  header.width, header.height, limits.max_side);
  }
  if (static_cast<std::int64_t>(header.width) * header.height > limits.max_pixels) {
    return refuse(GateReason::kTooManyPixels,
                  "The JPEG is {} x {} pixels; send a picture of at most {} pixels in all.",
                  header.width, header.height, limits.max_pixels);
  }
  return {};
}

/// Reads the frame header (T.81, B.2.2): precision, height, width, components, then three bytes a
/// component.
tl::expected<JpegHeader, GateError> read_frame(const Segment& segment, const GateLimits& limits) {
  const bool extended = segment.marker == kSof1 && limits.allow_extended;
  if (segment.marker != kSof0 && segment.marker != kSof2 && !extended) {
    return refuse(GateReason::kProcess,
                  "The JPEG uses coding process 0x{:02X}; send a baseline or progressive JPEG.",
                  segment.marker);
  }
  const std::span<const std::uint8_t> bytes = segment.payload;
  if (bytes.size() < 6) return refuse_marker(segment.marker, segment.at);
  if (bytes[0] != 8) {
    return refuse(GateReason::kPrecision, "The JPEG has {} bits a sample; send one with 8.",
                  bytes[0]);
  }
  const JpegHeader header{.width = bytes[3] * 256 + bytes[4],
                          .height = bytes[1] * 256 + bytes[2],
                          .components = bytes[5],
                          .progressive = segment.marker == kSof2};
  if (header.components != 1 && header.components != 3) {
    return refuse(GateReason::kComponents,
                  "The JPEG has {} colour components; send a gray or a three-colour JPEG.",
                  header.components);
  }
  const auto count = static_cast<std::size_t>(header.components);
  if (bytes.size() != 6 + 3 * count) return refuse_marker(segment.marker, segment.at);
  for (std::size_t i = 0; i < count; ++i) {
    const int horizontal = bytes[7 + 3 * i] >> 4;
    const int vertical = bytes[7 + 3 * i] & 15;
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) {
      return refuse_marker(segment.marker, segment.at);
    }
  }
  if (auto size = check_size(header, limits); !size) return tl::unexpected(size.error());
  return header;
}

/// From behind the frame header to the end: at least one scan, and no more than the limit.
tl::expected<void, GateError> check_scans(Walker& walker, const JpegHeader& header,
                                          const GateLimits& limits) {
  int scans = 0;
  for (;;) {
    const auto segment = walker.next();
    if (!segment) {
      // A picture cut off after its first scan is for the decoder to judge.
      const bool cut = segment.error().reason == GateReason::kTruncated && scans > 0;
      return cut ? tl::expected<void, GateError>{} : tl::unexpected(segment.error());
    }
    if (segment->marker == kEoi) {
      return scans > 0 ? tl::expected<void, GateError>{} : refuse_truncated();
    }
    if (segment->marker != kSos) {
      if (is_sof(segment->marker)) return refuse_marker(segment->marker, segment->at);
      continue;
    }
    if (segment->payload.empty()) return refuse_marker(kSos, segment->at);
    if (++scans > limits.max_scans) {
      return refuse(GateReason::kTooManyScans,
                    "The JPEG has more than {} scans; send a baseline JPEG.", limits.max_scans);
    }
    // A sequential picture with all components in one scan has no other: decoders stop behind it.
    if (!header.progressive && segment->payload[0] == header.components) return {};
    if (!walker.skip_entropy_data()) return {};
  }
}

}  // namespace

std::string_view gate_reason_name(GateReason reason) noexcept {
  constexpr std::array<std::string_view, 12> kNames{
      "empty",     "not_jpeg",   "truncated", "marker_budget", "bad_marker",      "process",
      "precision", "components", "too_small", "too_large",     "too_many_pixels", "too_many_scans"};
  const auto index = static_cast<std::size_t>(reason);
  return index < kNames.size() ? kNames[index] : "unknown";
}

tl::expected<JpegHeader, GateError> check_jpeg(std::span<const std::uint8_t> jpeg,
                                               const GateLimits& limits) {
  if (jpeg.empty()) {
    return refuse(GateReason::kEmpty, "The picture has no bytes; send a JPEG.");
  }
  if (jpeg[0] != 0xFF || (jpeg.size() > 1 && jpeg[1] != kSoi)) {
    return refuse(GateReason::kNotJpeg, "The picture is not a JPEG; send one that begins FF D8.");
  }
  if (jpeg.size() < 2) return refuse_truncated();
  Walker walker(jpeg);
  for (;;) {
    const auto segment = walker.next();
    if (!segment) return tl::unexpected(segment.error());
    if (segment->at >= limits.marker_budget_bytes) {
      return refuse(GateReason::kMarkerBudget,
                    "The JPEG has no frame header in its first {} bytes; send it without metadata.",
                    limits.marker_budget_bytes);
    }
    if (is_sof(segment->marker) || segment->marker == kDhp || segment->marker == kExp) {
      auto header = read_frame(*segment, limits);
      if (!header) return header;
      if (auto scans = check_scans(walker, *header, limits); !scans) {
        return tl::unexpected(scans.error());
      }
      return header;
    }
    if (!is_skippable(segment->marker)) return refuse_marker(segment->marker, segment->at);
  }
}

}  // namespace storysign::codec
