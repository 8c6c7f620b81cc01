#include "wire/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace storysign::wire {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

/// How many bytes the well-formed UTF-8 character at `i` has (RFC 3629 section 4), 0 if there is
/// none. The byte at `i` is not ASCII.
std::size_t character_bytes(std::string_view text, std::size_t i) {
  const std::uint8_t first = byte_at(text, i);
  std::size_t size = 0;
  // The second byte's range keeps out overlong forms, surrogates and what is above U+10FFFF.
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    size = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    size = 3;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    size = 4;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
  }
  if (size == 0 || text.size() - i < size) return 0;
  if (byte_at(text, i + 1) < low || byte_at(text, i + 1) > high) return 0;
  for (std::size_t k = 2; k < size; ++k) {
    if (byte_at(text, i + k) < 0x80 || byte_at(text, i + k) > 0xBF) return 0;
  }
  return size;
}

void append_escaped(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t i = 0;
  while (i < text.size()) {
    const std::uint8_t byte = byte_at(text, i);
    if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7F) {
      append_escaped(text[i++], out);
    } else if (byte < 0x80) {
      out += text[i++];
    } else if (const std::size_t size = character_bytes(text, i); size != 0) {
      out += text.substr(i, size);
      i += size;
    } else {
      out += "\\ufffd";
      ++i;
    }
  }
  out += '"';
}

void append_json_number(double value, int decimals, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{:.{}f}", value, decimals);
}

void append_coordinate(float value, std::string& out) {
  constexpr double kScale = 100000.0;
  constexpr float kLargest = 10000.0F;
  constexpr std::size_t kDecimals = 5;
  const float limited = std::isnan(value) ? 0.0F : std::clamp(value, -kLargest, kLargest);
  auto steps = static_cast<std::int64_t>(std::llround(static_cast<double>(limited) * kScale));
  if (steps < 0) {
    out += '-';
    steps = -steps;
  }
  std::array<char, 16> digits{};
  std::size_t begin = digits.size();
  for (std::size_t count = 0; count <= kDecimals || steps != 0; ++count) {
    if (count == kDecimals) digits[--begin] = '.';
    digits[--begin] = static_cast<char>('0' + steps % 10);
    steps /= 10;
  }
  out.append(digits.data() + begin, digits.size() - begin);
}

}  // namespace storysign::wire
