#include "pipeline/scheduler.hpp"

#include <algorithm>

namespace storysign::pipeline {
namespace {

/// A channel without a turn for so many times max_wait is served whatever the age of its frame.
constexpr int kPatience = 10;
/// Frames of a channel that may wait if they need not be kept. In the fast mode a second one: the
/// first is then propagated (Pace::behind), which costs little and loses nothing.
constexpr std::size_t kWaiting = 1;
constexpr std::size_t kWaitingFast = 2;
/// Parts that a tracker offers of one frame: a hand and the face.
constexpr std::size_t kPartsOfFrame = 2;

using Stage = ChannelState::Stage;
using PartState = vision::PartJob::State;

}  // namespace

Scheduler::Scheduler(const Rules& rules, telemetry::Metrics& metrics)
    : rules_(rules), metrics_(metrics) {
  set_workers(rules.workers);
  set_max_wait(rules.max_wait);
}

void Scheduler::set_max_wait(std::chrono::nanoseconds max_wait) {
  const base::MutexLock lock(mutex_);
  max_wait_ = max_wait;
}

void Scheduler::open(ChannelState& channel) {
  const base::SteadyTime now = rules_.now();
  const base::MutexLock lock(mutex_);
  ++channels_;
  channel.last_turn = ++turns_;
  channel.last_turn_at = now;
}

void Scheduler::close(ChannelState& channel, Frames& dropped) {
  const base::MutexLock lock(mutex_);
  --channels_;
  channel.closed = true;
  if (channel.ready) remove_ready(channel);
  waiting_ -= channel.waiting.size();
  metrics_.add(telemetry::FrameEvent::kAbandoned, channel.waiting.size());
  while (!channel.waiting.empty()) dropped.push_back(channel.waiting.pop());
}

std::uint32_t Scheduler::submit(ChannelState& channel, Frame frame, Frames& dropped) {
  std::uint32_t replaced = 0;
  bool became_ready = false;
  {
    const base::MutexLock lock(mutex_);
    const bool keep = frame.keep;
    const std::size_t newest = frame.quality.is_fast ? kWaitingFast : kWaiting;
    replaced = static_cast<std::uint32_t>(channel.waiting.push(
        std::move(frame), keep, newest, [&](Frame&& old) { dropped.push_back(std::move(old)); }));
    channel.replaced += replaced;
    waiting_ += 1;
    waiting_ -= replaced;
    became_ready = channel.stage == Stage::kIdle && !channel.ready;
    if (became_ready) make_ready(channel);
  }
  metrics_.add(telemetry::FrameEvent::kReceived);
  metrics_.add(telemetry::FrameEvent::kReplaced, replaced);
  if (became_ready) work_to_do_.notify_one();
  return replaced;
}

std::size_t Scheduler::pending(const ChannelState& channel) const {
  const base::MutexLock lock(mutex_);
  return channel.waiting.size() + (channel.stage == Stage::kComputing ? 1U : 0U);
}

bool Scheduler::next(Work& work, Frames& dropped, int worker) {
  const base::MutexLock lock(mutex_);
  std::optional<base::SteadyTime>& since = at_work_since_.at(static_cast<std::size_t>(worker));
  since.reset();
  while (!stopping_ && worker < workers_) {
    work.workers = workers_;
    if (!offered_.empty()) {
      work.part = offered_.front();
      work.part->state = PartState::kTaken;
      offered_.erase(offered_.begin());
      metrics_.add(telemetry::Counter::kPartsShared);
      ++busy_;
      since = rules_.now();
      return true;
    }
    if (pick_frame(work, dropped)) {
      ++busy_;
      since = work.picked;
      return true;
    }
    if (!dropped.empty()) return true;
    work_to_do_.wait(mutex_);
  }
  // What this worker leaves behind (a frame of the channel that it served, or one whose
  // notification it got) nobody else may have been told of.
  if (first_ready_ != nullptr || !offered_.empty()) work_to_do_.notify_one();
  return false;
}

bool Scheduler::pick_frame(Work& work, Frames& dropped) {
  if (first_ready_ == nullptr) return false;
  const base::SteadyTime now = rules_.now();
  while (first_ready_ != nullptr) {
    ChannelState& channel = *first_ready_;
    remove_ready(channel);
    drop_late(channel, now, dropped);
    if (channel.waiting.empty()) continue;  // Its turn is not used up: the next frame comes first.
    channel.stage = Stage::kComputing;
    channel.last_turn = ++turns_;
    channel.last_turn_at = now;
    work.channel = channel.shared_from_this();
    work.frame = channel.waiting.pop();
    // Who wants every frame computed would rather have them late.
    work.frame.quality.pace.behind = !work.frame.keep && !channel.waiting.empty();
    work.picked = now;
    work.eligible = std::max(work.frame.received, channel.idle_since);
    --waiting_;
    return true;
  }
  return false;
}

void Scheduler::drop_late(ChannelState& channel, base::SteadyTime now, Frames& dropped) {
  const bool starved = now - channel.last_turn_at > kPatience * max_wait_;
  const std::size_t sure = starved ? 1 : 0;
  std::uint32_t expired = 0;
  // A client that wants every frame would rather have it late than not.
  while (channel.waiting.size() > sure && !channel.waiting.front().keep &&
         now - channel.waiting.front().received > max_wait_) {
    dropped.push_back(channel.waiting.pop());
    ++expired;
  }
  channel.expired += expired;
  waiting_ -= expired;
  metrics_.add(telemetry::FrameEvent::kExpired, expired);
}

bool Scheduler::computed(ChannelState& channel, Losses& losses) {
  const base::MutexLock lock(mutex_);
  channel.stage = Stage::kDelivering;
  losses = {.replaced = std::exchange(channel.replaced, 0),
            .expired = std::exchange(channel.expired, 0)};
  return !channel.closed;
}

void Scheduler::delivered(ChannelState& channel) {
  const base::SteadyTime now = rules_.now();
  const base::MutexLock lock(mutex_);
  channel.idle_since = now;
  --busy_;
  channel.stage = Stage::kIdle;
  // No notification: the worker that calls this asks for work next.
  if (!channel.waiting.empty()) make_ready(channel);
}

void Scheduler::part_done(vision::PartJob& part) {
  {
    const base::MutexLock lock(mutex_);
    --busy_;
    part.state = PartState::kDone;
  }
  part_finished_.notify_all();
}

void Scheduler::offer(vision::PartJob& part) noexcept {
  {
    const base::MutexLock lock(mutex_);
    part.state = PartState::kOffered;
    offered_.push_back(&part);
  }
  work_to_do_.notify_one();
}

bool Scheduler::take_back(vision::PartJob& part) noexcept {
  const base::MutexLock lock(mutex_);
  const bool untouched = part.state == PartState::kOffered;
  if (untouched) {
    std::erase(offered_, &part);
  }
  while (part.state == PartState::kTaken) part_finished_.wait(mutex_);
  part.state = PartState::kOwn;
  return untouched;
}

void Scheduler::set_workers(int count) {
  {
    const base::MutexLock lock(mutex_);
    workers_ = count;
    // Offers come while there is no memory to be taken.
    offered_.reserve(kPartsOfFrame * static_cast<std::size_t>(count));
  }
  work_to_do_.notify_all();
}

void Scheduler::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_to_do_.notify_all();
}

Load Scheduler::load() const {
  const base::SteadyTime now = rules_.now();
  const base::MutexLock lock(mutex_);
  std::chrono::nanoseconds longest{};
  for (const auto& since : at_work_since_) {
    if (since) longest = std::max<std::chrono::nanoseconds>(longest, now - *since);
  }
  return {.workers = workers_,
          .busy = busy_,
          .channels = channels_,
          .waiting = waiting_,
          .longest_work = longest};
}

void Scheduler::make_ready(ChannelState& channel) {
  // From the end: a channel that was just served belongs there, and those are the many.
  ChannelState* before = last_ready_;
  while (before != nullptr && before->last_turn > channel.last_turn) before = before->earlier;
  channel.earlier = before;
  channel.later = before == nullptr ? first_ready_ : before->later;
  (channel.earlier == nullptr ? first_ready_ : channel.earlier->later) = &channel;
  (channel.later == nullptr ? last_ready_ : channel.later->earlier) = &channel;
  channel.ready = true;
}

void Scheduler::remove_ready(ChannelState& channel) {
  (channel.earlier == nullptr ? first_ready_ : channel.earlier->later) = channel.later;
  (channel.later == nullptr ? last_ready_ : channel.later->earlier) = channel.earlier;
  channel.earlier = nullptr;
  channel.later = nullptr;
  channel.ready = false;
}

}  // namespace storysign::pipeline
