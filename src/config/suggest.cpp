#include "config/suggest.hpp"

#include "base/utf8.hpp"
#include "config/keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace storysign::config {
namespace {

constexpr std::size_t kLongestShown = 60;
constexpr std::size_t kLongestCompared = 64;  // Longer words are nobody's slip of the pen.

/// Optimal string alignment distance (Damerau 1964, restricted): three rows of the table are
/// enough.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::size_t slips_allowed(std::size_t letters) {
  if (letters <= 4) return 1;
  return letters <= 8 ? 2 : 3;
}

std::string_view leaf_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string printable(std::string_view text) {
  const std::string_view shown = base::utf8_prefix(text, kLongestShown);
  std::string out;
  for (const char c : shown) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte == 0x7FU) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return shown.size() < text.size() ? out + "..." : out;
}

std::string as_sentence(std::string text) {
  if (!text.ends_with('?')) text += '.';
  return text;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestCompared) return {};
  std::string_view best;
  std::size_t best_distance = slips_allowed(word.size()) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

std::string_view nearest_key(std::string_view name) {
  std::string word = lower_case(name.substr(0, kLongestCompared));
  std::replace(word.begin(), word.end(), '-', '_');
  const std::string_view leaf = leaf_of(word);
  std::vector<std::string_view> names;
  std::vector<std::string_view> leaves;
  for (const Key& key : keys()) {
    if (key.name == word) return key.name;
    names.push_back(key.name);
    leaves.push_back(key.leaf);
  }
  const auto by_leaf = [&](std::string_view wanted) -> std::string_view {
    const auto found = std::find(leaves.begin(), leaves.end(), wanted);
    return found == leaves.end() ? std::string_view()
                                 : names[static_cast<std::size_t>(found - leaves.begin())];
  };
  // A slip in the section's name first: many sections have a key of the same name.
  if (const std::string_view near = nearest(word, names); !near.empty()) return near;
  if (const std::string_view same = by_leaf(leaf); !same.empty()) return same;
  return by_leaf(nearest(leaf, leaves));
}

std::string_view nearest_section(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Section& section : sections()) names.push_back(section.name);
  std::string word = lower_case(name.substr(0, kLongestCompared));
  std::replace(word.begin(), word.end(), '-', '_');
  return nearest(word, names);
}

}  // namespace storysign::config
