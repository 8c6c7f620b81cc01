#include "practice/letter_advice.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace storysign::practice {
namespace {

/// How each letter is made, to follow "for an A ".
constexpr std::array<std::string_view, 26> kHow = {
    "close the fist and lay the thumb straight along its side",
    "stretch the four fingers up together and fold the thumb across the palm",
    "curve the fingers and the thumb as around a cup, open to the side",
    "point the index finger up and let the others meet the thumb in a ring",
    "bend all fingers down until their tips rest on the folded thumb",
    "let the tips of thumb and index finger touch and spread the other three up",
    "point the index finger sideways with the thumb beside it, the others closed",
    "stretch index and middle finger sideways together, the others closed",
    "stretch only the little finger up, the thumb across the fist",
    "begin with the little finger up as in I, then draw a hook with it",
    "stretch index and middle finger up apart and put the thumb between them",
    "stretch the index finger up and the thumb out to the side",
    "fold three fingers over the thumb",
    "fold two fingers over the thumb",
    "let all fingertips meet the tip of the thumb in a round",
    "make a K and turn it so that the middle finger points down",
    "make a G and turn it so that index finger and thumb point down",
    "stretch index and middle finger up and cross them",
    "close the fist and lay the thumb across the front of the fingers",
    "close the fist with the tip of the thumb between index and middle finger",
    "stretch index and middle finger up, close together",
    "stretch index and middle finger up, spread apart",
    "stretch index, middle and ring finger up, spread apart",
    "bend the index finger like a hook, the others closed",
    "stretch thumb and little finger out, the others closed",
    "point with the index finger, then draw a Z with it",
};

std::string_view how(char letter) {
  return kHow[static_cast<std::size_t>(letter - 'A')];
}

/// "an A", "a B": by how the name of the letter is spoken.
std::string with_article(char letter) {
  constexpr std::string_view kVowels = "AEFHILMNORSX";
  return fmt::format("{} {}", kVowels.find(letter) == std::string_view::npos ? "a" : "an", letter);
}

}  // namespace

std::string letter_advice(char wanted, char seen) {
  if (seen == 0) {
    return fmt::format("Not sure which letter this is; for {} {}.", with_article(wanted),
                       how(wanted));
  }
  return fmt::format("That looks like {}; for {} {}.", with_article(seen), with_article(wanted),
                     how(wanted));
}

std::string drawing_advice(char wanted) {
  return wanted == 'J'
             ? "Now draw the J with the little finger: down, then round to the side of the thumb."
             : "Now draw the Z with the index finger: across, slanting back down, and across "
               "again.";
}

}  // namespace storysign::practice
