#pragma once

#include "adapt/pressure.hpp"
#include "base/clock.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

namespace storysign::adapt {

/// A server as PressureController sees it: so many sessions that send so many frames a second,
/// every frame of a profile costs the same. No chance in it; bench/sim has that.
struct Machine {
  int workers = 8;
  int sessions = 10;
  double fps = 25.0;
  double memory_mib = 1000.0;
  double available = 1.0;  ///< Part of the cores that nobody else takes.
  std::array<double, kProfiles> cost_ms{10.5, 12.5, 19.5, 23.5};
  int own_limit = kHighestLevel;  ///< What the sessions themselves would have.
  int willing = 0;                ///< Of the sessions, to go home when they are invited.

  double cpu = 0.0;  ///< Of the last step.

  /// Half a second of it.
  ProcessObservation step(const PressureController& pressure) {
    constexpr double kStep = 0.5;
    const double rate = std::min(fps, pressure.fps_cap());
    std::array<double, kProfiles> frames{};
    double wanted = 0.0;
    for (int i = 0; i < sessions; ++i) {
      const auto number = static_cast<std::uint64_t>(i);
      const auto level =
          static_cast<std::size_t>(std::min(own_limit, pressure.ceiling_for(number)));
      frames[level] += rate * kStep;
      wanted += rate * kStep * cost_ms[level] / 1000.0;
    }
    const double can = kStep * workers * available;
    const double served = std::min(1.0, can / std::max(wanted, 1e-9));
    ProcessObservation seen;
    seen.workers = workers;
    seen.memory_mib = memory_mib;
    seen.sessions = static_cast<std::size_t>(sessions);
    seen.willing = static_cast<std::size_t>(willing);
    const bool is_full = wanted > can;
    for (std::size_t i = 0; i < kProfiles; ++i) {
      seen.work[i].frames = static_cast<std::uint32_t>(std::lround(frames[i] * served));
      // Workers that share cores hold their frames longer.
      const double stretch = is_full ? 1.0 / available : 1.0;
      seen.work[i].busy = std::chrono::microseconds(
          std::llround(seen.work[i].frames * cost_ms[i] * 1000.0 * stretch));
      seen.dropped += static_cast<std::uint64_t>(std::lround(frames[i] * (1.0 - served)));
    }
    seen.queue_p95 = std::chrono::milliseconds(is_full ? 80 : 2);
    cpu = std::min(wanted, can) / (kStep * workers);
    seen.cpu = cpu;
    return seen;
  }
};

}  // namespace storysign::adapt
