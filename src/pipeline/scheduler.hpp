#pragma once

#include "base/clock.hpp"
#include "base/mailbox.hpp"
#include "base/mutex.hpp"
#include "pipeline/pipeline.hpp"
#include "telemetry/metrics.hpp"
#include "vision/parts_helper.hpp"
#include "vision/tracker.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace storysign::pipeline {

/// Frames taken out of the scheduler; their memory goes back to its pool outside the lock.
using Frames = std::vector<Frame>;

/// A channel as scheduler and workers see it. Kept alive by its Channel, and by a worker while that
/// has its frame. An idle one is small: the tracker comes with the first frame.
struct ChannelState : std::enable_shared_from_this<ChannelState> {
  ChannelState(std::shared_ptr<ResultListener> to, std::size_t queue,
               const codec::GateLimits& limits = {})
      : listener(std::move(to)), gate(limits), waiting(queue) {}

  // Given.
  const std::shared_ptr<ResultListener> listener;
  const codec::GateLimits gate;

  // Of the worker that has the channel's frame: there is one at most.
  std::unique_ptr<vision::HolisticTracker> tracker;

  // Guarded by the scheduler's mutex.
  enum class Stage : std::uint8_t { kIdle, kComputing, kDelivering };
  base::Mailbox<Frame> waiting;
  Stage stage = Stage::kIdle;
  bool closed = false;
  bool ready = false;             ///< In the list of channels with a frame to pick.
  std::uint64_t last_turn = 0;    ///< Number of the turn; opening counts as one.
  base::SteadyTime last_turn_at;  ///< When that was.
  base::SteadyTime idle_since;    ///< When its last frame was done.
  std::uint32_t replaced = 0;     ///< Since the last result.
  std::uint32_t expired = 0;
  ChannelState* earlier = nullptr;  ///< Neighbours in that list.
  ChannelState* later = nullptr;
};

/// What a worker is to do next: a frame of a channel, or a part of another worker's frame, or (with
/// neither) nothing yet.
struct Work {
  std::shared_ptr<ChannelState> channel;
  Frame frame;
  base::SteadyTime picked;
  base::SteadyTime eligible;  ///< From when on it only waited for a worker.
  vision::PartJob* part = nullptr;
  int workers = 0;  ///< How many there are now: alone, a worker need not look for help.
};

/// The one door between those who bring frames and the workers: one mutex, and who comes next.
///
/// Ready channels (a frame waits, none is in flight) stand in a list in the order of their last
/// turns, the longest ago first: a channel never gets two turns while another has a frame waiting
/// and got none. Any thread. Knows nothing of networks and starts no thread.
class Scheduler final : public vision::PartsHelper {
 public:
  struct Rules {
    int workers = 1;
    std::chrono::nanoseconds max_wait{};
    base::SteadyTime (*now)() noexcept = nullptr;
  };
  /// `metrics` outlives this.
  Scheduler(const Rules& rules, telemetry::Metrics& metrics);

  // For channels. `dropped` gets the frames that are not to be computed.

  void open(ChannelState& channel);
  void close(ChannelState& channel, Frames& dropped);
  std::uint32_t submit(ChannelState& channel, Frame frame, Frames& dropped);
  [[nodiscard]] std::size_t pending(const ChannelState& channel) const;

  // For workers.

  /// Waits for something to do; false when it is time to stop, for all or for this worker, because
  /// its number is not below the number of workers any more. Parts before frames: what is begun
  /// is finished first, else a client that always has the next frame ready would keep others from
  /// the help. A worker that asks is done with what it had. May return without either, so that
  /// `dropped` is not kept while there is nothing to do.
  [[nodiscard]] bool next(Work& work, Frames& dropped, int worker = 0);

  /// What a result tells of the frames that had none.
  struct Losses {
    std::uint32_t replaced = 0;
    std::uint32_t expired = 0;
  };
  /// The frame is computed: its channel has nothing in flight any more, but gets no turn before
  /// delivered(). False if the channel is closed: nobody wants the result.
  [[nodiscard]] bool computed(ChannelState& channel, Losses& losses);
  /// The listener has returned; the worker is free.
  void delivered(ChannelState& channel);

  /// The part that next() gave is done; the worker is free.
  void part_done(vision::PartJob& part);

  void offer(vision::PartJob& part) noexcept override;
  [[nodiscard]] bool take_back(vision::PartJob& part) noexcept override;

  // For the owner.

  /// At least 1. Workers with numbers from `count` on get no more work.
  void set_workers(int count);
  void set_max_wait(std::chrono::nanoseconds max_wait);
  void stop();
  [[nodiscard]] Load load() const;

 private:
  bool pick_frame(Work& work, Frames& dropped) STORYSIGN_REQUIRES(mutex_);
  void drop_late(ChannelState& channel, base::SteadyTime now, Frames& dropped)
      STORYSIGN_REQUIRES(mutex_);
  void make_ready(ChannelState& channel) STORYSIGN_REQUIRES(mutex_);
  void remove_ready(ChannelState& channel) STORYSIGN_REQUIRES(mutex_);

  // Given.
  Rules rules_;  ///< Its workers and max_wait only to begin with.
  telemetry::Metrics& metrics_;
  // State.
  mutable base::Mutex mutex_;
  std::chrono::nanoseconds max_wait_ STORYSIGN_GUARDED_BY(mutex_){};
  base::Condition work_to_do_;
  base::Condition part_finished_;
  ChannelState* first_ready_ STORYSIGN_GUARDED_BY(mutex_) = nullptr;
  ChannelState* last_ready_ STORYSIGN_GUARDED_BY(mutex_) = nullptr;
  std::vector<vision::PartJob*> offered_ STORYSIGN_GUARDED_BY(mutex_);
  std::uint64_t turns_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::size_t channels_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  int workers_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  int busy_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  bool stopping_ STORYSIGN_GUARDED_BY(mutex_) = false;
  /// By number; none: the worker has nothing to do.
  std::array<std::optional<base::SteadyTime>, kMaxWorkers> at_work_since_
      STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::pipeline
