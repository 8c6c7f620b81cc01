#pragma once

#include "adapt/profile.hpp"
#include "vision/fast_rules.hpp"

namespace storysign::session {

static_assert(static_cast<int>(adapt::Profile::kUltraPerformance) ==
              static_cast<int>(vision::FastProfile::kUltraPerformance));
static_assert(static_cast<int>(adapt::Profile::kHighQuality) ==
              static_cast<int>(vision::FastProfile::kHighQuality));
static_assert(adapt::kProfiles == vision::kFastProfiles);

/// How often the networks run for a frame of that quality.
[[nodiscard]] constexpr vision::Pace pace_of(adapt::Profile profile, int frame_skip) noexcept {
  return {static_cast<vision::FastProfile>(profile), frame_skip};
}

/// The profile of a frame's pace.
[[nodiscard]] constexpr adapt::Profile profile_of(const vision::Pace& pace) noexcept {
  return static_cast<adapt::Profile>(pace.profile);
}

}  // namespace storysign::session
