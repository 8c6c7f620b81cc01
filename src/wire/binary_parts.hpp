#pragma once

#include "base/result.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

/// What the readers and writers of binary messages share; not for other rooms.
namespace storysign::wire::binary {

inline constexpr std::uint8_t kFrameKind = 1;
inline constexpr std::uint8_t kLandmarkFrameKind = 2;
inline constexpr std::uint8_t kAnswerKind = 129;

// Bits of an answer; those that say what was found are also those of a frame of landmarks.
inline constexpr unsigned kSuccess = 1U << 0U;
inline constexpr unsigned kInferred = 1U << 1U;
inline constexpr unsigned kPose = 1U << 2U;
inline constexpr unsigned kLeftHand = 1U << 3U;
inline constexpr unsigned kRightHand = 1U << 4U;
inline constexpr unsigned kFace = 1U << 5U;
inline constexpr unsigned kHandsOnly = 1U << 6U;
inline constexpr unsigned kLandmarkSection = 1U << 7U;
inline constexpr unsigned kPictureSection = 1U << 8U;
inline constexpr unsigned kFaceMesh = 1U << 9U;

constexpr unsigned bit_if(bool set, unsigned value) {
  return set ? value : 0U;
}

template <class T>
T limited(std::uint64_t value) {
  return static_cast<T>(std::min<std::uint64_t>(value, std::numeric_limits<T>::max()));
}

inline std::uint64_t count_of(std::chrono::microseconds time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
}

inline std::chrono::microseconds to_time(std::uint64_t count) {
  return std::chrono::microseconds(static_cast<std::int64_t>(count));
}

inline bool is_time(std::uint64_t count) {
  return count <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

/// The two bytes that every message begins with. `what` is the message's name in a sentence.
[[nodiscard]] base::Result<void> check_start(std::span<const std::uint8_t> message,
                                             std::size_t header_bytes, std::uint8_t kind,
                                             std::string_view what);

}  // namespace storysign::wire::binary
