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
  /// Of those, a session's first ones: they cost more, and nothing follows from it.
  std::uint32_t first_frames = 0;
  std::chrono::microseconds first_busy{};
};

using WorkByProfile = std::array<ProfileWork, kProfiles>;

/// What a frame costs in each profile: how profiles compare changes slowly, how fast the machine is
/// now changes fast. Owned by PressureController; one thread at a time.
class CostModel {
 public:
  CostModel() noexcept;

  /// `alpha`, 0 to 1: how much the new observation says about the machine's speed.
  void observe(const WorkByProfile& seen, double alpha) noexcept;

  /// Seconds of one worker for a frame. Before anything was measured, a cautious guess.
  [[nodiscard]] double seconds(int level) const noexcept;
  /// The same over a longer time, for what cannot be taken back: who is let in stays.
  [[nodiscard]] double steady_seconds(int level) const noexcept;
  /// The same as seconds() at a level between two, 0 to kHighestLevel, when sessions are shared out
  /// among both.
  [[nodiscard]] double seconds_between(double level) const noexcept;
  /// Whether enough frames were seen to believe it.
  [[nodiscard]] bool measured() const noexcept;

 private:
  std::array<double, kProfiles> relative_;  ///< high_quality is about 1.
  double unit_;                             ///< Seconds of relative cost 1.
  double steady_unit_;                      ///< The same, slower.
  double frames_ = 0.0;                     ///< Seen so far.
};

}  // namespace storysign::adapt
