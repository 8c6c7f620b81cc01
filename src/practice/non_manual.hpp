#pragma once

#include "practice/observation.hpp"
#include "practice/sign.hpp"

#include <optional>
#include <vector>

// Eyebrows, mouth and head, as far as a sign asks for them.
namespace storysign::practice {

struct NonManualResult {
  std::optional<double> score;    ///< 0..1; nothing where the face was not in view.
  std::vector<Finding> findings;  ///< What was missing, or that the face was out of view.
};

/// Measures what `asked` asks for (something). Neutral is the face at the start of the attempt, its
/// first 0.4 s; lengths are parts of the face's size, so that coming nearer changes nothing.
/// The figures behind "raised" and the others stand in docs/signs.md.
[[nodiscard]] NonManualResult judge_non_manual(const Recording& attempt, const NonManual& asked);

}  // namespace storysign::practice
