#include "base/uuid.hpp"

#include <sys/random.h>

#include <cstddef>
#include <cstdlib>

namespace storysign::base {
namespace {

constexpr std::size_t kLength = 36;

constexpr bool is_dash(std::size_t at) noexcept {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

}  // namespace

std::string random_uuid() {
  std::array<std::uint8_t, 16> random{};
  // So few bytes come whole and at once, once the kernel has any: see getrandom(2).
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    std::abort();  // Ids that may repeat would mix up learners.
  }
  return uuid_of(random);
}

std::string uuid_of(const std::array<std::uint8_t, 16>& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kVersion4 = 0x40;
  constexpr unsigned kVariant = 0x80;
  std::string out;
  out.reserve(kLength);
  for (std::size_t i = 0; i < random.size(); ++i) {
    unsigned byte = random[i];
    if (i == 6) byte = (byte & 0x0FU) | kVersion4;
    if (i == 8) byte = (byte & 0x3FU) | kVariant;
    if (is_dash(out.size())) out += '-';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 0x0FU];
  }
  return out;
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != kLength) return false;
  for (std::size_t i = 0; i < kLength; ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (is_dash(i) ? c != '-' : !is_hex) return false;
  }
  return true;
}

}  // namespace storysign::base
