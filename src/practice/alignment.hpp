#pragma once

#include "practice/features.hpp"

#include <cstddef>
#include <limits>
#include <vector>

// Dynamic time warping of two clips: which frame of one is which of the other, and how far apart
// they are then. Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word
// recognition", 1978. Pure functions, any thread; time and memory grow with the product of the two
// lengths, which make_clip and the reader of signs keep below 200 frames each.
namespace storysign::practice {

/// What the channels weigh in the distance; they add up to 1. Chosen on the words of docs/signs.md.
inline constexpr float kShapeWeight = 0.40F;
inline constexpr float kLocationWeight = 0.30F;
inline constexpr float kMovementWeight = 0.30F;

struct AlignmentStep {
  std::size_t reference = 0;
  std::size_t attempt = 0;
};

struct Alignment {
  float distance = 1.0F;      ///< 0..1.
  ChannelDistances channels;  ///< Means along the path, frames weighed by FrameFeatures::weight.
  std::vector<AlignmentStep> path;
};

/// Which hands of the two are compared: those that the reference uses.
[[nodiscard]] Comparison comparison_of(const ClipFeatures& reference,
                                       const ClipFeatures& attempt) noexcept;

/// The distance alone, 0..1; gives up, with a value of at least `limit`, as soon as it is certain
/// not to be below `limit`. Every frame of both is paid for once: along the path by the distance of
/// what it is matched with, up to a fifth of each clip at either end by a fixed price. A band of a
/// quarter of the length to each side keeps tempo in bounds.
[[nodiscard]] float align_distance(const ClipFeatures& reference, const ClipFeatures& attempt,
                                   float limit = std::numeric_limits<float>::infinity());

/// The same with the path.
[[nodiscard]] Alignment align(const ClipFeatures& reference, const ClipFeatures& attempt);

/// A distance that align_distance is never below: palms can be no nearer than the rectangle in
/// which the other's move. For tests and to look at near signs first.
[[nodiscard]] float lower_bound(const ClipFeatures& reference,
                                const ClipFeatures& attempt) noexcept;

}  // namespace storysign::practice
