#include "adapt/cost_model.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::adapt {
namespace {

// As the server measures it on two cores, all-in with decoding and answer: see the model of
// bench/sim for the command.
constexpr std::array<double, kProfiles> kRelative{0.40, 0.55, 0.76, 1.0};
constexpr double kUnitBefore = 0.0235;
constexpr double kFramesToBelieve = 100.0;
// The guess counts as so many frames.
constexpr double kGuessFrames = 50.0;
// How much slower the steady cost follows.
constexpr double kSteadiness = 8.0;
// Fewer in one observation say nothing about a profile.
constexpr std::uint32_t kFewestFrames = 10;
// Weight of what is known against so many new frames.
constexpr double kInertia = 400.0;
constexpr double kLeast = 0.1;
constexpr double kMost = 2.0;

double seconds_of(std::chrono::microseconds time) noexcept {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

CostModel::CostModel() noexcept
    : relative_(kRelative), unit_(kUnitBefore), steady_unit_(kUnitBefore) {}

void CostModel::observe(const WorkByProfile& seen, double alpha) noexcept {
  WorkByProfile work = seen;
  for (ProfileWork& one : work) {
    one.frames -= std::min(one.first_frames, one.frames);
    one.busy -= std::min(one.first_busy, one.busy);
  }
  double busy = 0.0;
  double relative = 0.0;
  double frames = 0.0;
  for (std::size_t i = 0; i < kProfiles; ++i) {
    busy += seconds_of(work[i].busy);
    relative += work[i].frames * relative_[i];
    frames += work[i].frames;
  }
  if (frames < 1.0 || busy <= 0.0) return;
  const double unit = busy / relative;
  // The first frames soon replace the guess, the later ones follow the machine; few say less.
  const double few = frames / (frames + kFewestFrames);
  const double weight = std::max(alpha * few, frames / (frames + frames_ + kGuessFrames));
  unit_ += weight * (unit - unit_);
  const double steady_weight =
      std::max(alpha * few / kSteadiness, frames / (frames + frames_ + kSteadiness * kGuessFrames));
  steady_unit_ += steady_weight * (unit - steady_unit_);
  frames_ += frames;

  // Two profiles side by side show how they compare; one alone is the machine's speed.
  for (std::size_t i = 0; i < kProfiles; ++i) {
    if (work[i].frames < kFewestFrames) continue;
    const double here = seconds_of(work[i].busy) / work[i].frames / unit;
    const double share = work[i].frames / (work[i].frames + kInertia);
    relative_[i] = std::clamp(relative_[i] + share * (here - relative_[i]), kLeast, kMost);
  }
  for (std::size_t i = 1; i < kProfiles; ++i) {
    relative_[i] = std::max(relative_[i], relative_[i - 1]);
  }
}

double CostModel::seconds(int level) const noexcept {
  return unit_ * relative_[static_cast<std::size_t>(std::clamp(level, 0, kHighestLevel))];
}

double CostModel::steady_seconds(int level) const noexcept {
  return seconds(level) / unit_ * steady_unit_;
}

double CostModel::seconds_between(double level) const noexcept {
  const double clamped = std::clamp(level, 0.0, static_cast<double>(kHighestLevel));
  const int below = std::min(static_cast<int>(clamped), kHighestLevel - 1);
  const double above_share = clamped - below;
  return (1.0 - above_share) * seconds(below) + above_share * seconds(below + 1);
}

bool CostModel::measured() const noexcept {
  return frames_ >= kFramesToBelieve;
}

}  // namespace storysign::adapt
