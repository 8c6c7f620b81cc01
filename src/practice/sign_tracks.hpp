#pragma once

#include "practice/sign_clip.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

// From observations at any times to frames on a grid. Part of make_clip.
namespace storysign::practice {

/// What was seen, on a grid of times; at first in picture heights.
struct Tracks {
  std::vector<ClipFrame> frames;
  bool has_depth = false;

  [[nodiscard]] std::size_t size() const noexcept { return frames.size(); }
  /// Nothing at all was seen.
  [[nodiscard]] bool is_empty() const noexcept {
    return std::all_of(frames.begin(), frames.end(), [](const ClipFrame& f) {
      return !f.face && !f.hands[0] && !f.hands[1] &&
             std::none_of(f.body.begin(), f.body.end(),
                          [](const auto& p) { return p.has_value(); });
    });
  }
};

/// `frames` frames of `rate` a second from the first observation's time on. Between two
/// observations of a part lies a straight line if they are at most 0.4 s (hands) or 1 s (body,
/// face) apart; up to 0.1 s before its first and after its last one it is held. Coordinates that
/// are not finite or more than 5 pictures away make a part missing; so does a body point's
/// visibility below 0.3, but for the shoulders.
[[nodiscard]] Tracks sample(const Recording& recording, int rate, std::size_t frames);

/// Each frame becomes a mean of itself and two to each side as far as they are there, with weights
/// 1 2 3 2 1: on a grid of 30 a second that halves at 5 Hz.
void smooth(Tracks& tracks);

/// Gives what is missing the nearest earlier value, or the first one. At least one must be there.
template <class T>
void fill_from_neighbours(std::vector<std::optional<T>>& values) {
  const auto first =
      std::find_if(values.begin(), values.end(), [](const auto& v) { return v.has_value(); });
  if (first == values.end()) return;
  std::optional<T> last = *first;
  for (auto& value : values) {
    if (value) {
      last = value;
    } else {
      value = last;
    }
  }
}

}  // namespace storysign::practice
