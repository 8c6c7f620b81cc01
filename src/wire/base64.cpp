#include "wire/base64.hpp"

#include <fmt/format.h>

#include <array>

namespace storysign::wire {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kNoValue = 0xFF000000U;

/// The six bits of a character where they stand in a group of four, kNoValue for others. One table
/// for each place makes a group four look-ups and three ors, with one test for all four.
using Table = std::array<std::uint32_t, 256>;

constexpr Table make_table(unsigned shift) {
  Table table{};
  table.fill(kNoValue);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint32_t>(i) << shift;
  }
  return table;
}

constexpr std::array<Table, 4> kDecode{make_table(18), make_table(12), make_table(6),
                                       make_table(0)};

/// Two characters for every twelve bits.
constexpr std::array<std::array<char, 2>, 4096> make_pairs() {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {kAlphabet[i >> 6U], kAlphabet[i & 63U]};
  }
  return pairs;
}

constexpr std::array<std::array<char, 2>, 4096> kPairs = make_pairs();

std::uint32_t bits(char c, std::size_t place) {
  return kDecode[place][static_cast<std::uint8_t>(c)];
}

/// What stands at the end of a text: the last group, with padding, or the first with something
/// wrong in it. Returns how many bytes it holds.
tl::expected<std::size_t, Base64Error> last_group(std::string_view text, std::size_t begin,
                                                  std::uint32_t& value) {
  const auto wrong = [](Base64Reason reason, std::size_t position) {
    return tl::unexpected(Base64Error{reason, position});
  };
  value = 0;
  for (std::size_t place = 0; place < 4; ++place) {
    const std::size_t at = begin + place;
    if (at >= text.size()) return wrong(Base64Reason::kLength, text.size());
    if (text[at] != '=') {
      const std::uint32_t six = bits(text[at], place);
      if (six == kNoValue) return wrong(Base64Reason::kCharacter, at);
      value |= six;
      continue;
    }
    if (place < 2) return wrong(Base64Reason::kPadding, at);
    for (std::size_t pad = at + 1; pad < begin + 4; ++pad) {
      if (pad >= text.size()) return wrong(Base64Reason::kLength, text.size());
      if (text[pad] != '=') return wrong(Base64Reason::kPadding, pad);
    }
    if (text.size() > begin + 4) return wrong(Base64Reason::kPadding, begin + 4);
    const std::uint32_t spare = place == 2 ? value & 0xFFFFU : value & 0xFFU;
    if (spare != 0) return wrong(Base64Reason::kSpareBits, at - 1);
    return place - 1;
  }
  return std::size_t{3};
}

}  // namespace

std::string describe(const Base64Error& error) {
  switch (error.reason) {
    case Base64Reason::kCharacter:
      return fmt::format("character {} of the base64 text is not base64", error.position);
    case Base64Reason::kLength:
      return fmt::format("the base64 text ends after {} characters inside a group of four",
                         error.position);
    case Base64Reason::kPadding:
      return fmt::format("the padding of the base64 text is wrong at character {}", error.position);
    case Base64Reason::kSpareBits:
      return fmt::format("character {} of the base64 text has bits that belong to no byte",
                         error.position);
  }
  return "the base64 text is wrong";
}

tl::expected<void, Base64Error> decode_base64(std::string_view text, base::Bytes& out) {
  out.resize((text.size() + 3) / 4 * 3);
  std::uint8_t* to = out.data();
  std::size_t i = 0;
  for (; i + 4 <= text.size(); i += 4) {
    const std::uint32_t value =
        bits(text[i], 0) | bits(text[i + 1], 1) | bits(text[i + 2], 2) | bits(text[i + 3], 3);
    if (value >= kNoValue) break;
    *to++ = static_cast<std::uint8_t>(value >> 16U);
    *to++ = static_cast<std::uint8_t>(value >> 8U);
    *to++ = static_cast<std::uint8_t>(value);
  }
  std::size_t rest = 0;
  if (i < text.size()) {
    std::uint32_t value = 0;
    const auto held = last_group(text, i, value);
    if (!held) {
      out.clear();
      return tl::unexpected(held.error());
    }
    rest = *held;
    to[0] = static_cast<std::uint8_t>(value >> 16U);
    to[1] = static_cast<std::uint8_t>(value >> 8U);
  }
  out.resize(i / 4 * 3 + rest);
  return {};
}

std::optional<std::string_view> strip_data_url(std::string_view text) noexcept {
  for (const std::string_view prefix :
       {std::string_view("data:image/jpeg;base64,"), std::string_view("data:image/jpg;base64,")}) {
    if (text.starts_with(prefix)) return text.substr(prefix.size());
  }
  if (text.starts_with("data:")) return std::nullopt;
  return text;
}

void append_base64(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + base64_size(bytes.size()));
  char* to = out.data() + before;
  const auto put = [&to](std::uint32_t twelve) {
    to[0] = kPairs[twelve][0];
    to[1] = kPairs[twelve][1];
    to += 2;
  };
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t value = static_cast<std::uint32_t>(bytes[i]) << 16U |
                                static_cast<std::uint32_t>(bytes[i + 1]) << 8U | bytes[i + 2];
    put(value >> 12U);
    put(value & 0xFFFU);
  }
  const std::size_t left = bytes.size() - i;
  if (left == 0) return;
  std::uint32_t value = static_cast<std::uint32_t>(bytes[i]) << 16U;
  if (left == 2) value |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
  put(value >> 12U);
  put(value & 0xFFFU);
  to[-1] = '=';
  if (left == 1) to[-2] = '=';
}

}  // namespace storysign::wire
