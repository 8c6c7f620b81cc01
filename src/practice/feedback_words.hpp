#pragma once

#include "practice/features.hpp"
#include "practice/palm_path.hpp"
#include "practice/sign_clip.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The words of feedback. Directions are the learner's own: x to the left, y down, as in the
// unmirrored picture, where somebody's left is on the right.
namespace storysign::practice {

[[nodiscard]] std::string_view hand_part(Side side) noexcept;  ///< "right_hand"
[[nodiscard]] std::string_view finger_part(Side side,
                                           std::size_t finger) noexcept;  ///< "left_ring"
[[nodiscard]] std::string hand_words(Side side);                          ///< "right hand"
[[nodiscard]] std::string finger_words(std::size_t finger);               ///< "index finger"

/// "up", "down", "to your right", "up and to your left".
[[nodiscard]] std::string direction_words(Point2 way);
/// "higher", "lower", "further to your right", "higher and further to your left".
[[nodiscard]] std::string further_words(Point2 way);
/// Where a hand of an example is: "at the chin", "in front of the chest". `side` is that of the
/// features, which are mirrored where `is_mirrored`.
[[nodiscard]] std::string place_words(bool is_mirrored, const ClipFrame& frame, Side side);
/// "straight down", "in a circle", "up and down".
[[nodiscard]] std::string path_words(const PathShape& path);
/// "went straight down", "stayed still".
[[nodiscard]] std::string went_words(const PathShape& path);

/// 0 (closed) to 1 (open), of a finger.
[[nodiscard]] float openness(const HandFeatures& hand, std::size_t finger, bool use_depth) noexcept;

}  // namespace storysign::practice
