#include "practice/sign_code.hpp"

#include "practice/sign_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

constexpr float kUnit = 4096.0F;
constexpr float kReachUnit = 64.0F;
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

class ByteWriter {
 public:
  void u8(std::uint8_t value) { bytes_.push_back(value); }
  void u16(std::uint16_t value) {
    u8(static_cast<std::uint8_t>(value & 0xFF));
    u8(static_cast<std::uint8_t>(value >> 8));
  }
  void place(float value) {
    const float scaled = std::clamp(std::round(value * kUnit), -32767.0F, 32767.0F);
    u16(static_cast<std::uint16_t>(static_cast<std::int16_t>(scaled)));
  }
  /// Values as parts of a common reach, which comes first.
  void block(std::span<const float> values) {
    float most = 0.0F;
    for (const float v : values) {
      most = std::max(most, std::abs(v));
    }
    const float reach = std::clamp(std::ceil(most * kReachUnit), 1.0F, 255.0F);
    u8(static_cast<std::uint8_t>(reach));
    for (const float v : values) {
      const float part = std::clamp(std::round(v * kReachUnit / reach * 127.0F), -127.0F, 127.0F);
      u8(static_cast<std::uint8_t>(static_cast<std::int8_t>(part)));
    }
  }
  [[nodiscard]] std::vector<std::uint8_t> take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

/// Reads on as zeros past the end, and remembers that it did.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::uint8_t u8() {
    if (at_ >= bytes_.size()) {
      is_short_ = true;
      return 0;
    }
    return bytes_[at_++];
  }
  std::uint16_t u16() {
    const std::uint16_t low = u8();
    return static_cast<std::uint16_t>(low | (u8() << 8));
  }
  float place() { return static_cast<float>(static_cast<std::int16_t>(u16())) / kUnit; }
  void block(std::span<float> values) {
    const float unit = static_cast<float>(u8()) / kReachUnit / 127.0F;
    for (float& v : values) {
      v = static_cast<float>(static_cast<std::int8_t>(u8())) * unit;
    }
  }
  [[nodiscard]] bool is_exact() const noexcept { return !is_short_ && at_ == bytes_.size(); }
  [[nodiscard]] bool is_short() const noexcept { return is_short_; }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
  bool is_short_ = false;
};

void write_hand(ByteWriter& out, const ClipHand& hand, bool has_depth) {
  out.place(hand[0].x);
  out.place(hand[0].y);
  if (has_depth) out.place(hand[0].z);
  std::vector<float> rest;
  for (std::size_t i = 1; i < hand.size(); ++i) {
    rest.push_back(hand[i].x - hand[0].x);
    rest.push_back(hand[i].y - hand[0].y);
    if (has_depth) rest.push_back(hand[i].z - hand[0].z);
  }
  out.block(rest);
}

ClipHand read_hand(ByteReader& in, bool has_depth) {
  ClipHand hand{};
  hand[0].x = in.place();
  hand[0].y = in.place();
  if (has_depth) hand[0].z = in.place();
  const std::size_t each = has_depth ? 3 : 2;
  std::vector<float> rest((hand.size() - 1) * each);
  in.block(rest);
  for (std::size_t i = 1; i < hand.size(); ++i) {
    const float* p = rest.data() + (i - 1) * each;
    hand[i] = {
        .x = hand[0].x + p[0], .y = hand[0].y + p[1], .z = has_depth ? hand[0].z + p[2] : 0.0F};
  }
  return hand;
}

void write_face(ByteWriter& out, const ClipFace& face) {
  out.place(face[0].x);
  out.place(face[0].y);
  std::vector<float> rest;
  for (std::size_t i = 1; i < face.size(); ++i) {
    rest.push_back(face[i].x - face[0].x);
    rest.push_back(face[i].y - face[0].y);
  }
  out.block(rest);
}

ClipFace read_face(ByteReader& in) {
  ClipFace face{};
  face[0].x = in.place();
  face[0].y = in.place();
  std::array<float, (kFacePoints - 1) * 2> rest{};
  in.block(rest);
  for (std::size_t i = 1; i < face.size(); ++i) {
    face[i] = {.x = face[0].x + rest[2 * i - 2], .y = face[0].y + rest[2 * i - 1]};
  }
  return face;
}

std::uint16_t parts_of(const ClipFrame& frame) noexcept {
  std::uint32_t parts = 0;
  for (std::size_t i = 0; i < frame.body.size(); ++i) {
    if (frame.body[i]) parts |= 1U << i;
  }
  if (frame.hands[kRightHand]) parts |= 1U << 13;
  if (frame.hands[kLeftHand]) parts |= 1U << 14;
  if (frame.face) parts |= 1U << 15;
  return static_cast<std::uint16_t>(parts);
}

int digit_of(char c) noexcept {
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::vector<std::uint8_t> encode_frames(const Clip& clip) {
  ByteWriter out;
  for (const ClipFrame& frame : clip.frames) {
    out.u16(parts_of(frame));
    for (const auto& p : frame.body) {
      if (!p) continue;
      out.place(p->x);
      out.place(p->y);
    }
    for (const auto& hand : frame.hands) {
      if (hand) write_hand(out, *hand, clip.has_depth);
    }
    if (frame.face) write_face(out, *frame.face);
  }
  return out.take();
}

base::Result<std::vector<ClipFrame>> decode_frames(std::span<const std::uint8_t> bytes,
                                                   std::size_t frames, bool has_depth) {
  ByteReader in(bytes);
  std::vector<ClipFrame> out;
  for (std::size_t k = 0; k < frames && !in.is_short(); ++k) {
    ClipFrame& frame = out.emplace_back();
    const std::uint32_t parts = in.u16();
    for (std::size_t i = 0; i < frame.body.size(); ++i) {
      if ((parts >> i & 1U) == 0) continue;
      const float x = in.place();
      frame.body[i] = Point2{.x = x, .y = in.place()};
    }
    if ((parts >> 13 & 1U) != 0) frame.hands[kRightHand] = read_hand(in, has_depth);
    if ((parts >> 14 & 1U) != 0) frame.hands[kLeftHand] = read_hand(in, has_depth);
    if ((parts >> 15 & 1U) != 0) frame.face = read_face(in);
  }
  if (!in.is_exact() || out.size() != frames) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "the bytes of an example are not as many as its frames need");
  }
  return out;
}

std::string to_base64(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(bytes.size() - i, 3);
    std::uint32_t group = std::uint32_t{bytes[i]} << 16;
    if (left > 1) group |= std::uint32_t{bytes[i + 1]} << 8;
    if (left > 2) group |= bytes[i + 2];
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= left ? kDigits[group >> (18 - 6 * k) & 0x3F] : '=';
    }
  }
  return out;
}

base::Result<std::vector<std::uint8_t>> from_base64(std::string_view text) {
  const auto wrong = [] {
    return base::fail(base::ErrorCode::kInvalidInput, "the data of an example is not base64");
  };
  if (text.size() % 4 != 0) return wrong();
  std::vector<std::uint8_t> out;
  out.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    const bool is_last = i + 4 == text.size();
    std::size_t digits = 4;
    while (is_last && digits > 2 && text[i + digits - 1] == '=') {
      --digits;
    }
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int digit = k < digits ? digit_of(text[i + k]) : 0;
      if (digit < 0) return wrong();
      group = group << 6 | static_cast<std::uint32_t>(digit);
    }
    for (std::size_t k = 0; k + 1 < digits; ++k) {
      out.push_back(static_cast<std::uint8_t>(group >> (16 - 8 * k) & 0xFF));
    }
  }
  return out;
}

Clip quantised(const Clip& clip) {
  Clip out = clip;
  auto frames = decode_frames(encode_frames(clip), clip.frames.size(), clip.has_depth);
  if (frames) out.frames = std::move(*frames);  // What encode_frames wrote can be read.
  out.start = {};
  find_used_hands(out);
  return out;
}

}  // namespace storysign::practice
