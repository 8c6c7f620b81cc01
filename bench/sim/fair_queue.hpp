#pragma once

#include "base/clock.hpp"
#include "pipeline/scheduler.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace storysign::sim {

/// The server's own scheduler, on a clock that the simulation moves, and asked for work only when
/// there is some, so that it never waits. One thread; one at a time in it.
class FairQueue {
 public:
  using Channel = std::shared_ptr<pipeline::ChannelState>;

  struct Picked {
    std::uint32_t session = 0;
    base::SteadyTime received;
    Channel channel;
  };

  FairQueue(int workers, std::chrono::milliseconds max_wait)
      : scheduler_({.workers = workers, .max_wait = max_wait, .now = &FairQueue::clock}, metrics_) {
  }

  static void set_clock(base::SteadyTime now) noexcept { time() = now; }

  Channel open() {
    constexpr std::size_t kNewestOnly = 1;
    auto channel = std::make_shared<pipeline::ChannelState>(nullptr, kNewestOnly);
    scheduler_.open(*channel);
    return channel;
  }
  void close(pipeline::ChannelState& channel) {
    if (channel.ready) --ready_;
    scheduler_.close(channel, dropped_);
    dropped_.clear();
  }
  void submit(pipeline::ChannelState& channel, std::uint32_t session, base::SteadyTime received) {
    pipeline::Frame frame;
    frame.client_number = session;
    frame.received = received;
    const bool was_ready = channel.ready;
    scheduler_.submit(channel, std::move(frame), dropped_);
    if (channel.ready && !was_ready) ++ready_;
    dropped_.clear();
  }
  /// The frame whose turn it is; false if none waits that is worth computing.
  bool next(Picked& picked) {
    while (ready_ > 0) {
      pipeline::Work work;
      if (!scheduler_.next(work, dropped_)) return false;
      // A channel holds one waiting frame: each one dropped took its channel off the list.
      ready_ -= dropped_.size();
      dropped_.clear();
      if (work.channel == nullptr) continue;
      --ready_;
      picked = {.session = work.frame.client_number,
                .received = work.frame.received,
                .channel = std::move(work.channel)};
      return true;
    }
    return false;
  }
  pipeline::Scheduler::Losses done(pipeline::ChannelState& channel) {
    pipeline::Scheduler::Losses losses;
    if (!scheduler_.computed(channel, losses)) losses = {};
    scheduler_.delivered(channel);
    if (channel.ready) ++ready_;
    return losses;
  }

 private:
  static base::SteadyTime& time() noexcept {
    static base::SteadyTime now;
    return now;
  }
  static base::SteadyTime clock() noexcept { return time(); }

  // Owned.
  telemetry::Metrics metrics_;
  pipeline::Scheduler scheduler_;
  // State.
  pipeline::Frames dropped_;
  std::size_t ready_ = 0;  ///< Channels on the scheduler's list.
};

}  // namespace storysign::sim
