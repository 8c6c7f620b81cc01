#pragma once

#include "vision/landmarks.hpp"

#include <cstddef>
#include <span>

namespace storysign::practice {

/// How many numbers the letter network sees of a hand.
inline constexpr std::size_t kLetterFeatures = 394;

/// Writes what the letter network sees of `hand` to `out`: the same as features() in
/// training/hand_features.py, in the same order (a test compares them). `aspect` is the picture's
/// width / height; a left hand is mirrored first. In this order: the points but the wrist in the
/// palm's own frame, the directions of the bones there, the bends between them, the distances of
/// all points from each other, the points but the wrist as they stand in the picture, the palm's
/// direction there, the depths of the points but the wrist, some of these compared, and whether
/// there are depths (a hand whose z is 0 everywhere has none). Lengths are in palm sizes.
///
/// False if the hand has no size or a number that is not finite; `out` is then unspecified. Any
/// thread; allocates nothing.
[[nodiscard]] bool letter_features(const vision::Hand& hand, float aspect, bool is_left,
                                   std::span<float, kLetterFeatures> out) noexcept;

}  // namespace storysign::practice
