#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::practice {

enum class ItemKind : std::uint8_t { kSign, kLetters };

/// "sign", "letters": as on the wire.
[[nodiscard]] std::string_view item_kind_name(ItemKind kind) noexcept;

/// What is practised at once: one sign, or one word letter by letter.
struct Item {
  ItemKind kind = ItemKind::kSign;
  std::string target;  ///< The gloss of a sign, or a word of A-Z.

  friend bool operator==(const Item&, const Item&) = default;
};

/// No more items than these are made of one sentence; what is left over is not practised.
inline constexpr std::size_t kMostItems = 50;
/// A word with more letters is cut: nobody fingerspells it in one attempt.
inline constexpr std::size_t kLongestWord = 30;

/// The letters A-Z of UTF-8 `text` in capitals, Latin letters without their accents; everything
/// else is left out.
[[nodiscard]] std::string letters_of(std::string_view text);

/// The form in which glosses are compared and kept: capitals, words joined by single hyphens,
/// nothing but A-Z, 0-9 and hyphens ("thank you" is "THANK-YOU"). Empty if nothing is left.
[[nodiscard]] std::string gloss_of(std::string_view text);

/// The items of a sentence in order. With the `glosses` of a story each of them is a sign if
/// `has_sign` knows it, else its letters. Without, the words of the sentence are taken: up to three
/// words for which there is one sign ("THANK-YOU"), a word, or a word without its -s, -ed or -ing;
/// "a", "an" and "the" have no sign and are left out if other words remain. `has_sign` is asked for
/// glosses as gloss_of() gives them.
[[nodiscard]] std::vector<Item> items_of(std::string_view sentence,
                                         std::span<const std::string> glosses,
                                         const std::function<bool(std::string_view)>& has_sign);

}  // namespace storysign::practice
