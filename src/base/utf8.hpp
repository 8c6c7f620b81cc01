#pragma once

#include <cstddef>
#include <string_view>

namespace storysign::base {

/// The beginning of UTF-8 `text`, at most `most` bytes, without a part of a character at its end.
/// Any thread.
[[nodiscard]] constexpr std::string_view utf8_prefix(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  // All bytes of a character but its first are 10xxxxxx (RFC 3629).
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

}  // namespace storysign::base
