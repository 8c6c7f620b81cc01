#include "wire/landmark_section.hpp"

#include "wire/little_endian.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace storysign::wire {
namespace {

using base::ErrorCode;
using base::fail;

constexpr double kStepsPerUnit = 8192.0;
constexpr double kStepsPerOne = 65535.0;

std::int16_t to_steps(float value) {
  if (std::isnan(value)) return 0;
  constexpr double kLowest = std::numeric_limits<std::int16_t>::min();
  constexpr double kHighest = std::numeric_limits<std::int16_t>::max();
  return static_cast<std::int16_t>(
      std::lround(std::clamp(static_cast<double>(value) * kStepsPerUnit, kLowest, kHighest)));
}

float from_steps(std::int16_t steps) {
  return static_cast<float>(static_cast<double>(steps) / kStepsPerUnit);
}

std::uint16_t to_share(float value) {
  if (std::isnan(value)) return 0;
  return static_cast<std::uint16_t>(
      std::lround(std::clamp(static_cast<double>(value), 0.0, 1.0) * kStepsPerOne));
}

float from_share(std::uint16_t steps) {
  return static_cast<float>(static_cast<double>(steps) / kStepsPerOne);
}

using Steps = std::array<std::int16_t, 3>;

class SectionWriter {
 public:
  SectionWriter(SectionCode code, base::Bytes& out) : code_(code), to_(out) {}

  void begin_part() { before_ = {}; }

  template <class Point>
  void put_point(const Point& point) {
    const Steps steps = {to_steps(point.x), to_steps(point.y), to_steps(point.z)};
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (code_ == SectionCode::kPlain) {
        to_.put_signed(steps[i]);
      } else {
        put_difference(steps[i] - before_[i]);
      }
    }
    before_ = steps;
  }
  void put_share(float value) { to_.put(to_share(value)); }
  void put_count(std::size_t count) { to_.put(static_cast<std::uint16_t>(count)); }

 private:
  /// Small differences of either sign first, then seven bits a byte, the lowest first.
  void put_difference(int difference) {
    auto rest = static_cast<std::uint32_t>(difference < 0 ? -2 * difference - 1 : 2 * difference);
    while (rest >= 0x80U) {
      to_.put(static_cast<std::uint8_t>(rest | 0x80U));
      rest >>= 7U;
    }
    to_.put(static_cast<std::uint8_t>(rest));
  }

  SectionCode code_;
  LittleEndianWriter to_;
  Steps before_{};
};

class SectionReader {
 public:
  SectionReader(SectionCode code, std::span<const std::uint8_t> section)
      : code_(code), from_(section) {}

  void begin_part() { before_ = {}; }

  template <class Point>
  void take_point(Point& point) {
    for (std::int16_t& steps : before_) {
      steps = code_ == SectionCode::kPlain ? from_.take_signed() : take_difference(steps);
    }
    point.x = from_steps(before_[0]);
    point.y = from_steps(before_[1]);
    point.z = from_steps(before_[2]);
  }
  [[nodiscard]] float take_share() { return from_share(from_.take<std::uint16_t>()); }
  [[nodiscard]] std::size_t take_count() { return from_.take<std::uint16_t>(); }
  /// Whether all of it was read and nothing is left.
  [[nodiscard]] bool is_complete() const { return from_.ok() && from_.at_end() && is_in_range_; }

 private:
  std::int16_t take_difference(std::int16_t before) {
    std::uint32_t code = 0;
    std::uint32_t byte = 0x80U;
    for (unsigned shift = 0; shift < 21 && (byte & 0x80U) != 0; shift += 7) {
      byte = from_.take<std::uint8_t>();
      code |= (byte & 0x7FU) << shift;
    }
    const int half = static_cast<int>(code >> 1U);
    const int value = before + ((code & 1U) != 0 ? -half - 1 : half);
    const bool fits = (byte & 0x80U) == 0 && value >= std::numeric_limits<std::int16_t>::min() &&
                      value <= std::numeric_limits<std::int16_t>::max();
    is_in_range_ = is_in_range_ && fits;
    return fits ? static_cast<std::int16_t>(value) : std::int16_t{0};
  }

  SectionCode code_;
  LittleEndianReader from_;
  Steps before_{};
  bool is_in_range_ = true;
};

void put_hand(const vision::Hand& hand, SectionWriter& to) {
  to.begin_part();
  to.put_share(hand.score);
  for (const vision::Landmark& point : hand.landmarks) to.put_point(point);
}

void take_hand(SectionReader& from, vision::Hand& hand) {
  from.begin_part();
  hand.score = from.take_share();
  for (vision::Landmark& point : hand.landmarks) from.take_point(point);
}

base::Result<void> take_face(SectionReader& from, vision::Face& face) {
  from.begin_part();
  const std::size_t count = from.take_count();
  if (count != vision::kFaceLandmarks && count != vision::kRefinedFaceLandmarks) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The landmark section holds a face of {} points; it must be {} or {}.",
                            count, vision::kFaceLandmarks, vision::kRefinedFaceLandmarks));
  }
  face.set_refined(count == vision::kRefinedFaceLandmarks);
  for (vision::Landmark& point : face) from.take_point(point);
  return {};
}

}  // namespace

LandmarkParts append_landmarks(const vision::FrameLandmarks& landmarks, bool face_mesh,
                               SectionCode code, base::Bytes& out) {
  const LandmarkParts parts{landmarks.pose.has_value(), landmarks.left_hand.has_value(),
                            landmarks.right_hand.has_value(),
                            face_mesh && landmarks.face.has_value()};
  SectionWriter to(code, out);
  if (landmarks.pose) {
    to.begin_part();
    for (const vision::PoseLandmark& point : *landmarks.pose) {
      to.put_point(point);
      to.put_share(point.visibility);
    }
  }
  if (landmarks.left_hand) put_hand(*landmarks.left_hand, to);
  if (landmarks.right_hand) put_hand(*landmarks.right_hand, to);
  if (parts.face) {
    to.begin_part();
    to.put_count(landmarks.face->size());
    for (const vision::Landmark& point : *landmarks.face) to.put_point(point);
  }
  return parts;
}

base::Result<void> read_landmarks(std::span<const std::uint8_t> section, const LandmarkParts& parts,
                                  SectionCode code, vision::FrameLandmarks& out) {
  SectionReader from(code, section);
  out.pose.reset();
  out.left_hand.reset();
  out.right_hand.reset();
  out.face.reset();
  if (parts.pose) {
    from.begin_part();
    for (vision::PoseLandmark& point : out.pose.emplace()) {
      from.take_point(point);
      point.visibility = from.take_share();
    }
  }
  if (parts.left_hand) take_hand(from, out.left_hand.emplace());
  if (parts.right_hand) take_hand(from, out.right_hand.emplace());
  if (parts.face) {
    if (auto face = take_face(from, out.face.emplace()); !face) return face;
  }
  if (!from.is_complete()) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The landmark section of {} bytes does not fit the parts in it.",
                            section.size()));
  }
  return {};
}

}  // namespace storysign::wire
