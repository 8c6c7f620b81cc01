#pragma once

#include <span>
#include <string>
#include <string_view>

namespace storysign::config {

/// ASCII only, whatever the locale.
[[nodiscard]] std::string upper_case(std::string_view text);
[[nodiscard]] std::string lower_case(std::string_view text);

/// `text` fit for one line of a message: control bytes as \xNN, cut after 60 bytes.
[[nodiscard]] std::string printable(std::string_view text);

/// `text` with a dot at its end, unless it ends with a question mark.
[[nodiscard]] std::string as_sentence(std::string text);

/// The candidate that `word` was probably meant to be, or empty: at most one slip (insertion,
/// deletion, replacement, swap of neighbours) in a word of up to 4 letters, two up to 8, three
/// beyond. The first of equals wins.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       std::span<const std::string_view> candidates);

/// The full name of the setting that `name` was probably meant to be, or empty. Upper case,
/// hyphens, a missing or wrong section and slips of the pen are seen through.
[[nodiscard]] std::string_view nearest_key(std::string_view name);

/// The same for a section.
[[nodiscard]] std::string_view nearest_section(std::string_view name);

}  // namespace storysign::config
