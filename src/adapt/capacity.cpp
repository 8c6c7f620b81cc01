#include "adapt/capacity.hpp"

#include "adapt/frame_rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A session sends within a second, and the rates are smoothed over another.
constexpr milliseconds kUnseen{3000};
constexpr milliseconds kSlot{250};
constexpr seconds kRetryCapacity{60};
constexpr seconds kRetryWarmingUp{2};
// A guess may be wrong by half: so much of the predicted capacity comes in at once, the rest at a
// rate that the measurement follows, learners a second and worker.
constexpr double kAtOnce = 0.6;
constexpr double kPerWorkerUnmeasured = 0.5;
constexpr double kPerWorkerMeasured = 1.0;
constexpr double kFewestTokens = 8.0;  // A small class is let in together.

/// The rate that each learner is to have at least when all places are taken.
double planned_fps(const LoadView& load) noexcept {
  return std::min(load.fps, FrameRateAdvisor::kWatchableFps);
}

/// Seconds of work a second. Nothing is kept back: what comes in bunches is thinned out.
double room_of(const LoadView& load) noexcept {
  return load.worker_limit * load.workers;
}

}  // namespace

std::string_view refusal_name(Refusal refusal) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"none", "capacity", "memory", "warming_up"};
  return kNames[static_cast<std::size_t>(refusal)];
}

CapacityGate::CapacityGate(base::SteadyTime now) noexcept : refilled_(now) {}

std::size_t CapacityGate::capacity(const LoadView& load) noexcept {
  const double each = planned_fps(load) * load.lowest_cost;
  return static_cast<std::size_t>(std::max(1.0, std::floor(room_of(load) / each)));
}

double CapacityGate::frames_per_second(const LoadView& load) noexcept {
  return room_of(load) / load.lowest_cost;
}

Admission CapacityGate::admit(const LoadView& observed, base::SteadyTime now) {
  LoadView load = observed;
  if (load.connected && *load.connected < load.sessions) {
    // Those who have left since take their frames with them.
    load.frames_per_second *=
        static_cast<double>(*load.connected) / static_cast<double>(load.sessions);
    load.sessions = *load.connected;
  }
  forget_old(now);
  refill(load, now);
  if (load.memory_is_full) {
    return {.refusal = Refusal::kMemory,
            .sentence = "The server's memory is full; try again in a minute.",
            .retry_after = kRetryCapacity};
  }
  const double unseen = unseen_frames(load);
  // The first learner is let in on any machine: slow is better than nothing.
  const bool is_first = load.connected.value_or(load.sessions) == 0 && unseen == 0.0;
  const double there =
      std::min(load.frames_per_second, planned_fps(load) * static_cast<double>(load.sessions));
  const double frames = there + unseen + planned_fps(load);
  // Those who are there have less than they should already.
  const bool is_giving = load.fps_cap < planned_fps(load);
  if (!is_first && (is_giving || frames * load.lowest_cost > room_of(load))) {
    return {.refusal = Refusal::kCapacity,
            .sentence = fmt::format("The server is at its capacity of {} learners now ({} are "
                                    "connected); try again in a minute.",
                                    std::max(capacity(load), load.sessions), load.sessions),
            .retry_after = kRetryCapacity};
  }
  if (tokens_ < 1.0) {
    return {.refusal = Refusal::kWarmingUp,
            .sentence = fmt::format("Many learners are arriving at once and the server lets them "
                                    "in a few at a time; try again in {} seconds.",
                                    kRetryWarmingUp.count()),
            .retry_after = kRetryWarmingUp};
  }
  tokens_ -= 1.0;
  if (now - recent_[slot_].begun >= kSlot) {
    slot_ = (slot_ + 1) % kSlots;
    recent_[slot_] = {.begun = now, .last = now, .count = 0};
  }
  recent_[slot_].last = now;
  ++recent_[slot_].count;
  return {};
}

double CapacityGate::recent_sessions() const noexcept {
  double count = 0.0;
  for (const Recent& recent : recent_) {
    count += static_cast<double>(recent.count);
  }
  return count;
}

/// What those let in lately will send beyond what the load shows.
double CapacityGate::unseen_frames(const LoadView& load) const noexcept {
  double fresh = 0.0;
  double starting = 0.0;
  for (const Recent& recent : recent_) {
    (recent.last >= load.observed ? fresh : starting) += static_cast<double>(recent.count);
  }
  if (load.connected) {
    // No more of them can be there than there are sessions.
    const auto there = static_cast<double>(*load.connected);
    const double share = std::min(1.0, there / std::max(1.0, fresh + starting));
    fresh *= share;
    starting *= share;
  }
  // The load counts sessions that are starting at the rate of the others.
  const auto sessions = static_cast<double>(load.sessions);
  const double shown = load.sessions == 0 ? 0.0 : load.frames_per_second / sessions;
  return fresh * planned_fps(load) +
         std::min(starting, sessions) * std::max(0.0, planned_fps(load) - shown);
}

void CapacityGate::forget_old(base::SteadyTime now) noexcept {
  for (Recent& recent : recent_) {
    if (now - recent.begun >= kUnseen) recent.count = 0;
  }
}

void CapacityGate::refill(const LoadView& load, base::SteadyTime now) noexcept {
  const double rate = load.measured ? std::max(2.0, kPerWorkerMeasured * load.workers)
                                    : std::max(1.0, kPerWorkerUnmeasured * load.workers);
  const double most = std::max(kFewestTokens, kAtOnce * static_cast<double>(capacity(load)));
  const double elapsed = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = has_tokens_ ? std::min(most, tokens_ + rate * elapsed) : most;
  if (load.connected) {
    const double there = std::min(recent_sessions(), static_cast<double>(*load.connected));
    tokens_ = std::max(tokens_, most - there);
  }
  has_tokens_ = true;
  refilled_ = now;
}

}  // namespace storysign::adapt
