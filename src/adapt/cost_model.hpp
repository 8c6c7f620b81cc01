#pragma once

#include "adapt/profile.hpp"

#include <array>
#include <chrono>
#include <cstdint>

namespace storysign::adapt {

/// Frames answered in one profile, and the workers' time for them, since the last observation.
struct ProfileWork {
  std::uint32_t frames = 0;
  std::chrono::microseconds busy{};  ///< Wall time of workers, so that a stolen core shows.
};

using WorkByProfile = std::array<ProfileWork, kProfiles>;

/// What a frame costs in each profile: how profiles compare changes slowly, how fast the machine is
/// now changes fast. Owned by PressureController; one thread at a time.
class CostModel {
 public:
  CostModel() noexcept;

  /// `alpha`, 0 to 1: how much the new observation says about the machine's speed.
  void observe(const WorkByProfile& work, double alpha) noexcept;

  /// Seconds of one worker for a frame. Before anything was measured, a cautious guess.
  [[nodiscard]] double seconds(int level) const noexcept;
  /// The same at a level between two, 0 to kHighestLevel, when sessions are shared out among both.
  [[nodiscard]] double seconds_between(double level) const noexcept;
  /// Whether enough frames were seen to believe it.
  [[nodiscard]] bool measured() const noexcept;
  /// The same of one level.
  [[nodiscard]] bool measured(int level) const noexcept;

 private:
  std::array<double, kProfiles> relative_;  ///< high_quality is about 1.
  double unit_;                             ///< Seconds of relative cost 1.
  double frames_ = 0.0;                     ///< Seen so far.
  std::array<double, kProfiles> seen_{};    ///< The same by level.
};

}  // namespace storysign::adapt
