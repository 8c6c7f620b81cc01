#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace storysign::config {

enum class ValueType : std::uint8_t { kBoolean, kInteger, kReal, kChoice, kText };

/// What a text setting must look like.
enum class TextForm : std::uint8_t {
  kHost,  ///< A host name, IPv4 or IPv6 address: letters, digits, dots, hyphens and colons, 1 to
          ///< 253.
  kPath,  ///< A path of at most 4096 bytes, or nothing.
  kList,  ///< Words separated by commas, at most 4096 bytes, or nothing.
  kUrl,   ///< http:// or https:// with a host, or nothing; at most 4096 bytes.
  kWord,  ///< Printable ASCII without spaces, at most 1024 bytes, or nothing.
};

/// Commands that act on a setting, and what else is to be said of it, as bits.
using Readers = unsigned;
inline constexpr Readers kAnnotate = 1U;
inline constexpr Readers kDoctor = 2U;
inline constexpr Readers kServer = 4U;
inline constexpr Readers kCtl = 16U;
inline constexpr Readers kStore = 32U;  ///< backup, restore and account.
/// A running server takes a new value without disconnecting anybody; others need a restart.
inline constexpr Readers kLive = 64U;
inline constexpr Readers kSecret = 128U;  ///< Its value is neither shown nor quoted.

/// A setting's value; a choice is held as its text.
using Value = std::variant<bool, std::int64_t, double, std::string>;

/// One row of the table. All views last for the life of the program.
struct Key {
  std::string_view name;     ///< "video.quality".
  std::string_view section;  ///< "video"; empty for a key outside every section.
  std::string_view leaf;     ///< "quality".
  ValueType type;
  double min = 0.0;  ///< Numbers only, inclusive.
  double max = 0.0;
  std::span<const std::string_view> choices;
  TextForm form = TextForm::kPath;  ///< Text only.
  std::string_view unit;
  Readers readers;

  [[nodiscard]] constexpr bool is_live() const noexcept { return (readers & kLive) != 0; }
  [[nodiscard]] constexpr bool is_secret() const noexcept { return (readers & kSecret) != 0; }

  std::string_view doc;
  Value (*get)(const Settings& settings);
  void (*set)(Settings& settings, const Value& value);  ///< `value` as parse() gave it.
};

struct Section {
  std::string_view name;
  std::string_view doc;
};

/// An environment variable for a key beside its own. A switch takes a boolean that stands for one
/// of two values.
struct Alias {
  std::string_view variable;
  std::string_view key;
  bool is_switch;
  std::string_view if_true;
  std::string_view if_false;
};

[[nodiscard]] std::span<const Key> keys() noexcept;
[[nodiscard]] std::span<const Section> sections() noexcept;
[[nodiscard]] std::span<const Alias> aliases() noexcept;

/// Null if there is no such key.
[[nodiscard]] const Key* find_key(std::string_view name) noexcept;

/// Whether a section of that name exists.
[[nodiscard]] bool is_section(std::string_view name) noexcept;

/// STORYSIGN_<SECTION>__<KEY>, or STORYSIGN_<KEY> for a key outside every section.
[[nodiscard]] std::string environment_name(const Key& key);

/// How a value was written, which decides what it may be.
enum class Notation : std::uint8_t {
  kYamlPlain,   ///< Without quotes: its look decides whether it is a number, a boolean or text.
  kYamlQuoted,  ///< In quotes: always text.
  kPlainText,   ///< Environment and command line: all is text; booleans are also 1 and 0.
};

/// Reads a value. The failure is the second half of a sentence: `is "x", but must be a whole number
/// from 1 to 3`.
[[nodiscard]] base::Result<Value> parse(const Key& key, std::string_view text, Notation notation);

/// "a whole number from 10 to 60 frames/s", to stand after "must be".
[[nodiscard]] std::string accepted(const Key& key);

/// As a person writes it: true, 75, 0.3, balanced.
[[nodiscard]] std::string to_text(const Value& value);

}  // namespace storysign::config
