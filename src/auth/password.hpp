#pragma once

#include "auth/random.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::auth {

/// What one guess at a password costs. Defaults: argon2id as the OWASP password storage cheat sheet
/// has it for a small machine.
struct PasswordCost {
  std::uint32_t memory_kib = 19456;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

inline constexpr std::size_t kShortestPassword = 8;   ///< Characters.
inline constexpr std::size_t kLongestPassword = 128;  ///< Characters.
inline constexpr std::size_t kLongestPasswordBytes = 512;

/// The name as it is stored: in lower case. Nothing if it is none: 1 to 64 letters, digits, dots,
/// hyphens, underscores and @, the first a letter or digit. `guest` is taken by the open mode.
[[nodiscard]] std::optional<std::string> account_name(std::string_view text);

/// Whether somebody may have this password; the failure says why not. No rule of composition (NIST
/// SP 800-63B, 5.1.1.2): only length, and not one of the most common or the name itself.
[[nodiscard]] base::Result<void> check_new_password(std::string_view password,
                                                    std::string_view name);

/// The password as it is stored: argon2id with a fresh salt, encoded with its cost. Takes tens of
/// milliseconds and `cost.memory_kib`; never on a thread that others wait for.
[[nodiscard]] base::Result<std::string> hash_password(std::string_view password,
                                                      const PasswordCost& cost, Random random);

/// Whether `password` is the one that was hashed; takes as long as hashing.
[[nodiscard]] bool verify_password(std::string_view password, const std::string& encoded);

/// Whether `encoded` was made at another cost than `cost`.
[[nodiscard]] bool needs_rehash(std::string_view encoded, const PasswordCost& cost);

}  // namespace storysign::auth
