#include "vision/fast_rules.hpp"

namespace storysign::vision {
namespace {

constexpr std::array<FastRules, kFastProfiles> kRules = {{
    // Ultra performance.
    {.hands_take_turns = true,
     .quick_hands = true,
     .hand = {.motion = 0.5,
              .quick_motion = 0.5,
              .residual = 0.12,
              .appearance = 0.6,
              .min_age = 3,
              .max_age = 12,
              .rest_motion = 0.05,
              .rest_age = 30,
              .probe_change = 0.2,
              .sought_visibility = 0.5F},
     .pose = {.motion = 0.2, .min_age = 3, .max_age = 8, .rest_motion = 0.02, .rest_age = 24},
     .face = {.motion = 0.06,
              .min_age = 1,
              .max_age = 8,
              .rest_motion = 0.03,
              .rest_age = 24,
              .detect_each_run = false}},
    // High performance.
    {.hands_take_turns = false,
     .quick_hands = true,
     .hand = {.motion = 0.15,
              .quick_motion = 0.15,
              .residual = 0.05,
              .appearance = 0.25,
              .min_age = 2,
              .max_age = 7,
              .rest_motion = 0.05,
              .rest_age = 24,
              .probe_change = 0.05,
              .sought_visibility = 0.3F},
     .pose = {.motion = 0.12, .min_age = 2, .max_age = 8, .rest_motion = 0.02, .rest_age = 18},
     .face = {.motion = 0.06,
              .min_age = 1,
              .max_age = 8,
              .rest_motion = 0.03,
              .rest_age = 24,
              .detect_each_run = false}},
    // Balanced.
    {.hands_take_turns = false,
     .quick_hands = true,
     .hand = {.motion = 0.1,
              .quick_motion = 0.05,
              .residual = 0.05,
              .appearance = 0.25,
              .min_age = 1,
              .max_age = 6,
              .rest_motion = 0.04,
              .rest_age = 18,
              .probe_change = 0.1,
              .sought_visibility = 0.5F},
     .pose = {.motion = 0.05, .min_age = 1, .max_age = 4, .rest_motion = 0.015, .rest_age = 12},
     .face = {.motion = 0.03,
              .min_age = 1,
              .max_age = 4,
              .rest_motion = 0.02,
              .rest_age = 12,
              .detect_each_run = true}},
    // High quality.
    {.hands_take_turns = false,
     .quick_hands = false,
     .hand = {.motion = 0.08,
              .quick_motion = 0.08,
              .residual = 0.04,
              .appearance = 0.2,
              .min_age = 1,
              .max_age = 5,
              .rest_motion = 0.03,
              .rest_age = 12,
              .probe_change = 0.0,
              .sought_visibility = 0.3F},
     .pose = {.motion = 0.0, .min_age = 1, .max_age = 1, .rest_motion = 0.005, .rest_age = 4},
     .face = {.motion = 0.03,
              .min_age = 1,
              .max_age = 4,
              .rest_motion = 0.02,
              .rest_age = 12,
              .detect_each_run = true}},
}};

}  // namespace

const FastRules& fast_rules(FastProfile profile) noexcept {
  return kRules[static_cast<std::size_t>(profile)];
}

}  // namespace storysign::vision
