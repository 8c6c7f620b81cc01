#pragma once

#include "adapt/pressure.hpp"
#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace storysign::adapt {

enum class Refusal : std::uint8_t {
  kNone,
  kCapacity,   ///< Even with everybody in the lowest profile there is no room.
  kMemory,     ///< max_memory_usage is reached.
  kWarmingUp,  ///< Many came at once; they are let in as fast as their load can be measured.
};

/// One word: "none", "capacity", "memory" or "warming_up".
[[nodiscard]] std::string_view refusal_name(Refusal refusal) noexcept;

struct Admission {
  Refusal refusal = Refusal::kNone;
  std::string sentence;                 ///< For the person; empty if admitted.
  std::chrono::seconds retry_after{0};  ///< When another try makes sense.

  [[nodiscard]] bool admitted() const noexcept { return refusal == Refusal::kNone; }
};

/// Lets a learner in only if all would be served within the limits with everybody in the lowest
/// profile and at FrameRateAdvisor::kWatchableFps, or at the rate at which they send if that is
/// less. What a learner adds shows only some seconds after it was let in; until then it counts as
/// predicted. A refused try changes nothing.
///
/// One for the process, under the mutex of its PressureController.
class CapacityGate {
 public:
  explicit CapacityGate(base::SteadyTime now) noexcept;

  /// Asks for one more session. Allocates when refusing.
  [[nodiscard]] Admission admit(const LoadView& observed, base::SteadyTime now);

  /// How many learners at kWatchableFps fit in the lowest profile, at least 1.
  [[nodiscard]] static std::size_t capacity(const LoadView& load) noexcept;

  /// How many frames a second fit in the lowest profile, of all learners together.
  [[nodiscard]] static double frames_per_second(const LoadView& load) noexcept;

 private:
  struct Recent {
    base::SteadyTime begun;
    base::SteadyTime last;
    std::size_t count = 0;
  };
  [[nodiscard]] double recent_sessions() const noexcept;
  [[nodiscard]] double unseen_frames(const LoadView& load) const noexcept;
  void forget_old(base::SteadyTime now) noexcept;
  void refill(const LoadView& load, base::SteadyTime now) noexcept;

  // State: those let in that the load does not show yet, in a few slots of time.
  static constexpr std::size_t kSlots = 12;
  std::array<Recent, kSlots> recent_{};
  std::size_t slot_ = 0;
  double tokens_ = 0.0;
  base::SteadyTime refilled_;
  bool has_tokens_ = false;
};

}  // namespace storysign::adapt
