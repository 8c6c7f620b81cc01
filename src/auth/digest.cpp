#include "auth/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <array>
#include <cstddef>

namespace storysign::auth {

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr unsigned kHalf = 4;
  constexpr unsigned kMask = 15;
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const unsigned byte : bytes) {
    out += kDigits[byte >> kHalf];
    out += kDigits[byte & kMask];
  }
  return out;
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return hexadecimal(digest);
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace storysign::auth
