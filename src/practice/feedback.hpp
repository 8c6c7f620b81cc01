#pragma once

#include "practice/alignment.hpp"
#include "practice/sign_model.hpp"

#include <string>
#include <vector>

// Sentences for the learner, from what was measured along the warping path.
namespace storysign::practice {

/// An attempt, put beside the example that it is nearest to.
struct Comparing {
  const SignModel& sign;
  const SignExample& example;
  const Clip& attempt;           ///< Mirrored if `is_mirrored`.
  const ClipFeatures& features;  ///< Of `attempt`.
  const Alignment& alignment;
  bool is_mirrored = false;  ///< The attempt's sides and x are exchanged.
  bool accepted = false;     ///< It is near enough: smaller differences are left unsaid then.
};

/// Most important first; any number. Only about parts that were in view in both: what was not is
/// said to have been out of view.
[[nodiscard]] std::vector<Finding> findings_of(const Comparing& what);

/// Frames of the attempt for each one of the example, over the aligned part: 1 is the same tempo.
[[nodiscard]] float tempo_ratio(const Alignment& alignment) noexcept;

/// How uneven the tempo was: the mean deviation of the path from a straight line, of its length.
[[nodiscard]] float tempo_unevenness(const Alignment& alignment) noexcept;

}  // namespace storysign::practice
