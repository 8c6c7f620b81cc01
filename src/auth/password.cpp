#include "auth/password.hpp"

#include "auth/roles.hpp"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace storysign::auth {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kLongestName = 64;

// The most common passwords of at least eight characters, as published lists of leaked ones begin.
constexpr std::array<std::string_view, 40> kCommon = {
    "password",  "12345678",  "123456789", "1234567890", "qwertyui",     "qwertyuiop",  "qwerty123",
    "11111111",  "00000000",  "12341234",  "87654321",   "password1",    "password123", "passw0rd",
    "iloveyou",  "sunshine",  "princess",  "football",   "baseball",     "superman",    "starwars",
    "trustno1",  "whatever",  "jennifer",  "michelle",   "computer",     "internet",    "letmein1",
    "welcome1",  "changeme",  "abcd1234",  "abc12345",   "1q2w3e4r",     "1qaz2wsx",    "zaq12wsx",
    "asdfghjkl", "qazwsxedc", "dragon12",  "storysign",  "administrator"};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), &lower);
  return out;
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Characters of UTF-8: all bytes but those that continue one.
std::size_t characters(std::string_view text) {
  constexpr unsigned kTop = 0xC0U;
  constexpr unsigned kContinues = 0x80U;
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & kTop) != kContinues;
  }));
}

}  // namespace

std::optional<std::string> account_name(std::string_view text) {
  std::string name = in_lower_case(text);
  const bool is_name = !name.empty() && name.size() <= kLongestName &&
                       is_alphanumeric(name.front()) &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return is_alphanumeric(c) || c == '.' || c == '_' || c == '-' || c == '@';
                       });
  if (!is_name || name == kGuestName) {
    return std::nullopt;
  }
  return name;
}

base::Result<void> check_new_password(std::string_view password, std::string_view name) {
  const auto refuse = [](std::string sentence) {
    return base::fail(base::ErrorCode::kInvalidInput, std::move(sentence));
  };
  const std::size_t length = characters(password);
  if (length < kShortestPassword || length > kLongestPassword ||
      password.size() > kLongestPasswordBytes) {
    return refuse(fmt::format("A password must have {} to {} characters.", kShortestPassword,
                              kLongestPassword));
  }
  const std::string folded = in_lower_case(password);
  if (std::find(kCommon.begin(), kCommon.end(), folded) != kCommon.end()) {
    return refuse("This password is one of the first that anybody would try; choose another.");
  }
  if (folded == in_lower_case(name)) {
    return refuse("The password must not be the name of the account.");
  }
  return {};
}

base::Result<std::string> hash_password(std::string_view password, const PasswordCost& cost,
                                        Random random) {
  std::array<std::uint8_t, kSaltBytes> salt{};
  random(salt);
  std::string out(argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, kSaltBytes,
                                    kHashBytes, Argon2_id),
                  '\0');
  const int code = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(),
                                         password.size(), salt.data(), salt.size(), kHashBytes,
                                         out.data(), out.size());
  if (code != ARGON2_OK) {
    return base::fail(
        base::ErrorCode::kInternal,
        fmt::format("The password could not be hashed: {}.", argon2_error_message(code)));
  }
  out.resize(out.find('\0'));
  return out;
}

bool verify_password(std::string_view password, const std::string& encoded) {
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view encoded, const PasswordCost& cost) {
  const std::string wanted =
      fmt::format("$argon2id$v={}$m={},t={},p={}$", static_cast<int>(ARGON2_VERSION_NUMBER),
                  cost.memory_kib, cost.passes, cost.lanes);
  return !encoded.starts_with(wanted);
}

}  // namespace storysign::auth
