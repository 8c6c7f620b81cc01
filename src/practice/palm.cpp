#include "practice/palm.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace storysign::practice {
namespace {

/// From the wrist to the four knuckles, and across them.
constexpr std::array<std::pair<std::size_t, std::size_t>, 5> kPalm = {
    {{0, 5}, {0, 9}, {0, 13}, {0, 17}, {5, 17}}};

}  // namespace

float palm_size(const vision::Hand& hand, float aspect) noexcept {
  float sum = 0.0F;
  for (const auto& [i, j] : kPalm) {
    const float x = (hand.landmarks[i].x - hand.landmarks[j].x) * aspect;
    const float y = hand.landmarks[i].y - hand.landmarks[j].y;
    sum += x * x + y * y;
  }
  return std::sqrt(sum / static_cast<float>(kPalm.size()));
}

}  // namespace storysign::practice
