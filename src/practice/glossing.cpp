#include "practice/glossing.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace storysign::practice {
namespace {

// U+00C0 to U+00FF without their accents, in capitals; a hyphen for what is no letter.
constexpr std::string_view kLatin1 =
    "AAAAAAACEEEEIIIIDNOOOOO-OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO-OUUUUYTY";
constexpr std::size_t kLongestPhrase = 3;
constexpr std::array<std::string_view, 3> kArticles = {"A", "AN", "THE"};

bool is_capital(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// `text` in capitals, accents of Latin letters and apostrophes left out; every other character
/// that is no letter or digit becomes a space.
std::string plain(std::string_view text) {
  constexpr unsigned char kTwoByteLead = 0xC3;  // Of U+00C0 to U+00FF.
  constexpr unsigned char kLowBits = 0x3F;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_capital(c) || is_digit(c)) {
      out += c;
    } else if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else if (static_cast<unsigned char>(c) == kTwoByteLead && i + 1 < text.size()) {
      const char letter = kLatin1[static_cast<unsigned char>(text[++i]) & kLowBits];
      if (letter != '-') out += letter;
    } else if (text.substr(i).starts_with("\xE2\x80\x99")) {  // The typographer's apostrophe.
      i += 2;
    } else if (c != '\'') {
      out += ' ';
    }
  }
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : plain(text) + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::exchange(word, {}));
    }
  }
  return out;
}

std::string joined(std::span<const std::string> words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += '-';
    out += word;
  }
  return out;
}

/// A word as letters, if it has any.
void add_letters(std::string_view word, std::vector<Item>& out) {
  std::string letters = letters_of(word);
  if (letters.empty()) return;
  letters.resize(std::min(letters.size(), kLongestWord));
  out.push_back({.kind = ItemKind::kLetters, .target = std::move(letters)});
}

/// The sign for a word or for what it is made of: "EATS" is EAT. Empty if there is none.
std::string sign_for(const std::string& word,
                     const std::function<bool(std::string_view)>& has_sign) {
  constexpr std::size_t kShortestStem = 3;
  if (has_sign(word)) return word;
  for (const std::string_view ending : {"S", "ES", "D", "ED", "ING"}) {
    if (word.size() < kShortestStem + ending.size() || !word.ends_with(ending)) continue;
    std::string stem = word.substr(0, word.size() - ending.size());
    if (has_sign(stem)) return stem;
  }
  return {};
}

std::vector<Item> items_of_words(const std::vector<std::string>& words,
                                 const std::function<bool(std::string_view)>& has_sign) {
  std::vector<Item> out;
  for (std::size_t i = 0; i < words.size();) {
    std::size_t taken = 0;
    for (std::size_t n = std::min(kLongestPhrase, words.size() - i); n > 1 && taken == 0; --n) {
      std::string phrase = joined(std::span(words).subspan(i, n));
      if (!has_sign(phrase)) continue;
      out.push_back({.kind = ItemKind::kSign, .target = std::move(phrase)});
      taken = n;
    }
    if (taken == 0) {
      if (std::string sign = sign_for(words[i], has_sign); !sign.empty()) {
        out.push_back({.kind = ItemKind::kSign, .target = std::move(sign)});
      } else {
        add_letters(words[i], out);
      }
      taken = 1;
    }
    i += taken;
  }
  return out;
}

bool is_article(const std::string& word) {
  return std::find(kArticles.begin(), kArticles.end(), word) != kArticles.end();
}

}  // namespace

std::string_view item_kind_name(ItemKind kind) noexcept {
  return kind == ItemKind::kSign ? "sign" : "letters";
}

std::string letters_of(std::string_view text) {
  std::string out = plain(text);
  std::erase_if(out, [](char c) { return !is_capital(c); });
  return out;
}

std::string gloss_of(std::string_view text) {
  return joined(words_of(text));
}

std::vector<Item> items_of(std::string_view sentence, std::span<const std::string> glosses,
                           const std::function<bool(std::string_view)>& has_sign) {
  std::vector<Item> out;
  if (!glosses.empty()) {
    for (const std::string& given : glosses) {
      std::string gloss = gloss_of(given);
      if (!gloss.empty() && has_sign(gloss)) {
        out.push_back({.kind = ItemKind::kSign, .target = std::move(gloss)});
      } else {
        for (const std::string& word : words_of(given)) add_letters(word, out);
      }
    }
  } else {
    std::vector<std::string> words = words_of(sentence);
    if (!std::all_of(words.begin(), words.end(), is_article)) std::erase_if(words, is_article);
    out = items_of_words(words, has_sign);
  }
  if (out.size() > kMostItems) out.resize(kMostItems);
  return out;
}

}  // namespace storysign::practice
