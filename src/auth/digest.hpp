#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace storysign::auth {

/// Two lower-case digits a byte.
[[nodiscard]] std::string hexadecimal(std::span<const std::uint8_t> bytes);

/// SHA-256 in hexadecimal: what is kept of a token, so that nobody who reads it can use it.
[[nodiscard]] std::string sha256(std::string_view text);

/// Compares without telling by its time where they differ; lengths are no secret.
[[nodiscard]] bool equal_secrets(std::string_view a, std::string_view b) noexcept;

}  // namespace storysign::auth
