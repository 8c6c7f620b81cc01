#include "adapt/cost_model.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::adapt {
namespace {

// reference/fast-tracking.md, "Operating points", all-in with decoding and answer.
constexpr std::array<double, kProfiles> kRelative{0.38, 0.5, 0.85, 1.0};
constexpr double kUnitBefore = 0.0235;
constexpr double kFramesToBelieve = 100.0;
// The guess counts as so many frames: the first ones of all run on cold networks.
constexpr double kGuessFrames = 50.0;
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

CostModel::CostModel() noexcept : relative_(kRelative), unit_(kUnitBefore) {}

void CostModel::observe(const WorkByProfile& work, double alpha) noexcept {
  double busy = 0.0;
  double relative = 0.0;
  double frames = 0.0;
  for (std::size_t i = 0; i < kProfiles; ++i) {
    busy += seconds_of(work[i].busy);
    relative += work[i].frames * relative_[i];
    frames += work[i].frames;
    seen_[i] += work[i].frames;
  }
  if (frames < 1.0 || busy <= 0.0) return;
  const double unit = busy / relative;
  // The first frames soon replace the guess, the later ones follow the machine; few say less.
  const double few = frames / (frames + kFewestFrames);
  const double weight = std::max(alpha * few, frames / (frames + frames_ + kGuessFrames));
  unit_ += weight * (unit - unit_);
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

double CostModel::seconds_between(double level) const noexcept {
  const double clamped = std::clamp(level, 0.0, static_cast<double>(kHighestLevel));
  const int below = std::min(static_cast<int>(clamped), kHighestLevel - 1);
  const double above_share = clamped - below;
  return (1.0 - above_share) * seconds(below) + above_share * seconds(below + 1);
}

bool CostModel::measured() const noexcept {
  return frames_ >= kFramesToBelieve;
}

bool CostModel::measured(int level) const noexcept {
  return seen_[static_cast<std::size_t>(level)] >= kFramesToBelieve;
}

}  // namespace storysign::adapt
