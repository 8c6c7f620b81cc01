#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace storysign::auth {

/// Fills `out` with bytes that nobody can foretell; any thread. An argument everywhere, so that
/// tests know what comes.
using Random = void (*)(std::span<std::uint8_t> out);

/// The system's (getrandom). Ends the process if the system has none: nothing here is safe without.
void system_random(std::span<std::uint8_t> out);

inline constexpr std::size_t kTokenBytes = 32;

/// 32 random bytes in hexadecimal: 64 characters.
[[nodiscard]] std::string random_token(Random random);

/// A random uuid.
[[nodiscard]] std::string random_id(Random random);

}  // namespace storysign::auth
