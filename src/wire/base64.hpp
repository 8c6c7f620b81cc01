#pragma once

#include "base/pool.hpp"

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace storysign::wire {

/// Why a text is no base64.
enum class Base64Reason : std::uint8_t {
  kCharacter,  ///< A character outside the alphabet of RFC 4648 section 4: white space, '-', '_'.
  kLength,     ///< The text ends inside a group of four: padding is missing, or text is.
  kPadding,    ///< '=' where none may stand, or more than needed.
  kSpareBits,  ///< The last character before the padding has bits that belong to no byte.
};

/// What is wrong and where: `position` counts characters from 0; for kLength it is the length.
struct Base64Error {
  Base64Reason reason = Base64Reason::kCharacter;
  std::size_t position = 0;

  friend bool operator==(const Base64Error&, const Base64Error&) = default;
};

/// The error as a clause without an end mark: "character 17 of the base64 text is not base64".
[[nodiscard]] std::string describe(const Base64Error& error);

/// Decodes RFC 4648 section 4 base64 (standard alphabet) into `out`, whose content is replaced and
/// whose memory is reused. Strict: no white space, padding exactly as needed, and spare bits zero
/// (section 3.5), so that bytes have one text only. Empty text gives no bytes. On failure `out` is
/// empty. Any thread.
[[nodiscard]] tl::expected<void, Base64Error> decode_base64(std::string_view text,
                                                            base::Bytes& out);

/// The base64 part of the frame data of a client: without the prefix `data:image/jpeg;base64,` or
/// `data:image/jpg;base64,`, or all of a text that is no data URL. Nothing for a data URL of
/// another kind.
[[nodiscard]] std::optional<std::string_view> strip_data_url(std::string_view text) noexcept;

/// How many characters append_base64() writes for so many bytes.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t bytes) noexcept {
  return (bytes + 2) / 3 * 4;
}

/// Appends `bytes` as base64 with padding. Allocates only if `out` has no room.
void append_base64(std::span<const std::uint8_t> bytes, std::string& out);

}  // namespace storysign::wire
