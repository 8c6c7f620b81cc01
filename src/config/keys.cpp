#include "config/keys.hpp"

#include "base/web_url.hpp"
#include "config/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <type_traits>

namespace storysign::config {
namespace {

using std::string_view_literals::operator""sv;

/// The texts of a choice, in the order of its enumerators.
template <class Enum>
struct ChoiceNames;

#define SETTINGS_ENUM(type)  \
  template <>                \
  struct ChoiceNames<type> { \
    static constexpr std::array kTexts = {
#define SETTINGS_VALUE(name, text) text##sv,
#define SETTINGS_ENUM_END() \
  }                         \
  ;                         \
  }                         \
  ;
#include "config/settings_table.inc"

template <class T>
Value to_value(const T& member) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(ChoiceNames<T>::kTexts[static_cast<std::size_t>(member)]);
  } else if constexpr (std::is_same_v<T, int>) {
    return static_cast<std::int64_t>(member);
  } else {
    return member;
  }
}

template <class T>
void from_value(const Value& value, T& member) {
  if constexpr (std::is_enum_v<T>) {
    const auto& texts = ChoiceNames<T>::kTexts;
    const auto* const found = std::find(texts.begin(), texts.end(), std::get<std::string>(value));
    member = static_cast<T>(found - texts.begin());
  } else if constexpr (std::is_same_v<T, int>) {
    member = static_cast<int>(std::get<std::int64_t>(value));
  } else {
    member = std::get<T>(value);
  }
}

// The arguments below are names of members, which cannot stand in parentheses.
// NOLINTBEGIN(bugprone-macro-parentheses)
#define SETTINGS_ACCESS(member)                                       \
  [](const Settings& settings) { return to_value(settings.member); }, \
      [](Settings& settings, const Value& value) { from_value(value, settings.member); }

constexpr std::array kKeys = {
#define SETTINGS_BOOLEAN(section, key, preset, readers, doc) \
  Key{#section "." #key,                                     \
      #section,                                              \
      #key,                                                  \
      ValueType::kBoolean,                                   \
      0.0,                                                   \
      0.0,                                                   \
      {},                                                    \
      TextForm::kPath,                                       \
      "",                                                    \
      readers,                                               \
      doc,                                                   \
      SETTINGS_ACCESS(section.key)},
#define SETTINGS_INTEGER(section, key, preset, min, max, unit, readers, doc) \
  Key{#section "." #key,                                                     \
      #section,                                                              \
      #key,                                                                  \
      ValueType::kInteger,                                                   \
      min,                                                                   \
      max,                                                                   \
      {},                                                                    \
      TextForm::kPath,                                                       \
      unit,                                                                  \
      readers,                                                               \
      doc,                                                                   \
      SETTINGS_ACCESS(section.key)},
#define SETTINGS_REAL(section, key, preset, min, max, unit, readers, doc) \
  Key{#section "." #key,                                                  \
      #section,                                                           \
      #key,                                                               \
      ValueType::kReal,                                                   \
      min,                                                                \
      max,                                                                \
      {},                                                                 \
      TextForm::kPath,                                                    \
      unit,                                                               \
      readers,                                                            \
      doc,                                                                \
      SETTINGS_ACCESS(section.key)},
#define SETTINGS_CHOICE(section, key, type, preset, readers, doc) \
  Key{#section "." #key,                                          \
      #section,                                                   \
      #key,                                                       \
      ValueType::kChoice,                                         \
      0.0,                                                        \
      0.0,                                                        \
      ChoiceNames<type>::kTexts,                                  \
      TextForm::kPath,                                            \
      "",                                                         \
      readers,                                                    \
      doc,                                                        \
      SETTINGS_ACCESS(section.key)},
#define SETTINGS_TEXT(section, key, preset, form, readers, doc) \
  Key{#section "." #key,                                        \
      #section,                                                 \
      #key,                                                     \
      ValueType::kText,                                         \
      0.0,                                                      \
      0.0,                                                      \
      {},                                                       \
      form,                                                     \
      "",                                                       \
      readers,                                                  \
      doc,                                                      \
      SETTINGS_ACCESS(section.key)},
#define SETTINGS_TOP_CHOICE(key, type, preset, readers, doc) \
  Key{#key,                                                  \
      "",                                                    \
      #key,                                                  \
      ValueType::kChoice,                                    \
      0.0,                                                   \
      0.0,                                                   \
      ChoiceNames<type>::kTexts,                             \
      TextForm::kPath,                                       \
      "",                                                    \
      readers,                                               \
      doc,                                                   \
      SETTINGS_ACCESS(key)},
#include "config/settings_table.inc"
};

// NOLINTEND(bugprone-macro-parentheses)

constexpr std::array kSections = {
#define SETTINGS_SECTION(section, type, doc) Section{#section, doc},
#include "config/settings_table.inc"
};

constexpr std::array kAliases = {
#define SETTINGS_ALIAS(variable, key) Alias{variable, key, false, "", ""},
#define SETTINGS_SWITCH(variable, key, if_true, if_false) \
  Alias{variable, key, true, if_true, if_false},
#include "config/settings_table.inc"
};

constexpr std::size_t kLongestHost = 253;   // RFC 1035, section 2.3.4, as text.
constexpr std::size_t kLongestPath = 4096;  // PATH_MAX of Linux.

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Decimal only and without leading zeros: YAML 1.1 reads 010 as eight, YAML 1.2 as ten.
std::optional<std::int64_t> to_integer(std::string_view text) {
  std::string_view digits = text;
  if (!digits.empty() && (digits.front() == '-' || digits.front() == '+')) digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Decimal with point and exponent; not the words for infinity and not-a-number.
std::optional<double> to_real(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const auto allowed = [](char c) {
    return is_digit(c) || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E';
  };
  if (text.empty() || !std::all_of(text.begin(), text.end(), allowed)) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool is_host(std::string_view text) {
  const auto allowed = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == ':';
  };
  return !text.empty() && text.size() <= kLongestHost &&
         std::all_of(text.begin(), text.end(), allowed);
}

/// What a plain YAML scalar is if it is not text; empty if it is text.
std::string_view other_yaml_type(std::string_view text) {
  constexpr std::array kWords = {"true"sv, "True"sv, "TRUE"sv, "false"sv, "False"sv, "FALSE"sv};
  if (std::find(kWords.begin(), kWords.end(), text) != kWords.end()) return "a boolean";
  if (to_real(text)) return "a number";
  return {};
}

tl::unexpected<base::Error> refuse(const Key& key, std::string_view text, bool quoted,
                                   std::string_view hint = {}) {
  if (key.is_secret()) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("has a value that is not shown, but must be {}{}", accepted(key), hint));
  }
  const std::string shown = quoted ? fmt::format("\"{}\"", printable(text)) : printable(text);
  return base::fail(base::ErrorCode::kInvalidInput,
                    fmt::format("is {}, but must be {}{}", shown, accepted(key), hint));
}

base::Result<Value> parse_boolean(const Key& key, std::string_view text, Notation notation) {
  const bool loose = notation == Notation::kPlainText;
  if (notation != Notation::kYamlQuoted) {
    if (text == "true" || (loose && text == "1")) return Value(true);
    if (text == "false" || (loose && text == "0")) return Value(false);
  }
  return refuse(key, text, true);
}

base::Result<Value> parse_number(const Key& key, std::string_view text, Notation notation) {
  const bool quoted = notation == Notation::kYamlQuoted;
  if (key.type == ValueType::kInteger) {
    const auto value = to_integer(text);
    if (quoted || !value) {
      const bool zeros = !quoted && text.size() > 1 && text.front() == '0' && to_real(text);
      return refuse(key, text, quoted || !to_real(text),
                    zeros ? "; write it without leading zeros" : "");
    }
    if (static_cast<double>(*value) < key.min || static_cast<double>(*value) > key.max) {
      return refuse(key, text, false);
    }
    return Value(*value);
  }
  const auto value = to_real(text);
  if (quoted || !value) return refuse(key, text, true);
  if (*value < key.min || *value > key.max) return refuse(key, text, false);
  return Value(*value);
}

base::Result<Value> parse_choice(const Key& key, std::string_view text) {
  if (std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end()) {
    return Value(std::string(text));
  }
  const std::string_view near = nearest(text, key.choices);
  return refuse(key, text, true, near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

bool is_word(std::string_view text) {
  constexpr std::size_t kLongestWord = 1024;
  return text.size() <= kLongestWord &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool fits(TextForm form, std::string_view text) {
  if (form == TextForm::kHost) return is_host(text);
  if (form == TextForm::kWord) return is_word(text);
  if (text.size() > kLongestPath || text.find('\0') != std::string_view::npos) return false;
  return form != TextForm::kUrl || text.empty() || base::parse_web_url(text).has_value();
}

base::Result<Value> parse_text(const Key& key, std::string_view text, Notation notation) {
  const std::string_view other =
      notation == Notation::kYamlPlain ? other_yaml_type(text) : std::string_view();
  if (!other.empty() && !key.is_secret()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("is {} ({}), but must be {}; put it in quotes if it is meant",
                                  other, printable(text), accepted(key)));
  }
  if (!other.empty() || !fits(key.form, text)) return refuse(key, text, true);
  return Value(std::string(text));
}

}  // namespace

std::span<const Key> keys() noexcept {
  return kKeys;
}
std::span<const Section> sections() noexcept {
  return kSections;
}
std::span<const Alias> aliases() noexcept {
  return kAliases;
}

const Key* find_key(std::string_view name) noexcept {
  const auto* const found =
      std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& key) { return key.name == name; });
  return found == kKeys.end() ? nullptr : found;
}

bool is_section(std::string_view name) noexcept {
  return std::any_of(kSections.begin(), kSections.end(),
                     [&](const Section& section) { return section.name == name; });
}

std::string environment_name(const Key& key) {
  const std::string name =
      key.section.empty() ? std::string(key.leaf) : fmt::format("{}__{}", key.section, key.leaf);
  return "STORYSIGN_" + upper_case(name);
}

base::Result<Value> parse(const Key& key, std::string_view text, Notation notation) {
  switch (key.type) {
    case ValueType::kBoolean:
      return parse_boolean(key, text, notation);
    case ValueType::kInteger:
    case ValueType::kReal:
      return parse_number(key, text, notation);
    case ValueType::kChoice:
      return parse_choice(key, text);
    case ValueType::kText:
      break;
  }
  return parse_text(key, text, notation);
}

std::string accepted(const Key& key) {
  const std::string unit = key.unit.empty() ? "" : fmt::format(" {}", key.unit);
  switch (key.type) {
    case ValueType::kBoolean:
      return "true or false";
    case ValueType::kInteger:
      return fmt::format("a whole number from {:.0f} to {:.0f}{}", key.min, key.max, unit);
    case ValueType::kReal:
      return fmt::format("a number from {} to {}{}", key.min, key.max, unit);
    case ValueType::kChoice:
      return fmt::format("one of {}", fmt::join(key.choices, ", "));
    case ValueType::kText:
      break;
  }
  switch (key.form) {
    case TextForm::kHost:
      return "a host name or an IP address";
    case TextForm::kList:
      return "words separated by commas, or nothing";
    case TextForm::kUrl:
      return "a URL such as https://host.example:8443/path, or nothing";
    case TextForm::kWord:
      return "printable characters of ASCII without spaces, or nothing";
    case TextForm::kPath:
      break;
  }
  return "a path";
}

std::string to_text(const Value& value) {
  return std::visit([](const auto& held) { return fmt::format("{}", held); }, value);
}

}  // namespace storysign::config
