#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace storysign::base {

/// A random uuid (RFC 9562, version 4) in lower case. Only app calls this; everything else gets it
/// as an argument. Any thread.
[[nodiscard]] std::string random_uuid();

/// The uuid that 16 random bytes make.
[[nodiscard]] std::string uuid_of(const std::array<std::uint8_t, 16>& random);

/// Whether `text` is a uuid as uuid_of() writes it, of any version.
[[nodiscard]] bool is_uuid(std::string_view text) noexcept;

}  // namespace storysign::base
