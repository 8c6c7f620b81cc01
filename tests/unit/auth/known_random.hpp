#pragma once

#include <cstdint>
#include <span>

namespace storysign::auth {

/// Bytes that differ from call to call and are the same in every run.
inline void known_random(std::span<std::uint8_t> out) {
  static std::uint64_t state = 1;
  for (std::uint8_t& byte : out) {
    constexpr std::uint64_t kFactor = 6364136223846793005ULL;
    constexpr unsigned kTopByte = 56;
    state = (state * kFactor) + 1442695040888963407ULL;
    byte = static_cast<std::uint8_t>(state >> kTopByte);
  }
}

}  // namespace storysign::auth
