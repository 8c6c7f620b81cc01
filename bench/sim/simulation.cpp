#include "sim/simulation.hpp"

#include "adapt/capacity.hpp"
#include "adapt/frame_rate.hpp"
#include "adapt/pressure.hpp"
#include "adapt/quality.hpp"
#include "sim/fair_queue.hpp"
#include "sim/statistics.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <utility>

namespace storysign::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr double kTickPeriod = 0.5;
constexpr double kNetworkDelay = 0.015;  // One way, with a spread.
constexpr double kNetworkSpread = 0.4;
constexpr double kFastKbPerS = 3000.0;
constexpr double kMemoryMib = 1000.0;
constexpr milliseconds kMaxWait{100};
/// The virtual clock does not begin at zero, as no real one does.
constexpr std::chrono::seconds kEpoch{1000};

base::SteadyTime time_of(double seconds) noexcept {
  return base::SteadyTime(kEpoch) + std::chrono::nanoseconds(std::llround(seconds * 1e9));
}
double seconds_of(base::SteadyTime time) noexcept {
  return std::chrono::duration<double>(time - base::SteadyTime(kEpoch)).count();
}
microseconds micros(double seconds) noexcept {
  return microseconds(std::llround(seconds * 1e6));
}

struct Answer {
  base::SteadyTime received;
  double queue = 0.0;
  double service = 0.0;
  unsigned dropped = 0;
  double kb = 0.0;
  bool backlog = false;
  int level = 0;
};

/// A learner: the client and, while connected, its session.
struct Learner {
  Learner(std::uint32_t index, const adapt::QualityOptions& options, int fps, base::SteadyTime now)
      : number(index), quality(options, now), advisor(fps, now) {}

  std::uint32_t number;
  bool connected = false;
  bool slow = false;
  double joined = 0.0;
  double advised = 0.0;       ///< As the client knows it.
  double last_arrival = 0.0;  ///< A connection keeps the order.
  FairQueue::Channel channel;
  adapt::QualityController quality;
  std::uint64_t eased = 0;
  adapt::FrameRateAdvisor advisor;
  double submitted = 0.0;  ///< When it last had a frame that had been held back.
  std::optional<base::SteadyTime> held;
  unsigned held_dropped = 0;
  std::optional<Answer> outbox;
  double link_free = 0.0;
  bool hand_planned = false;
};

struct Job {
  FairQueue::Picked picked;
  double begun = 0.0;
  double wall = 0.0;
  double cpu = 0.0;
  int level = 0;
};

enum class Kind : std::uint8_t { kCome, kSend, kArrive, kDone, kHand, kAdvice, kTick, kLeave };

struct Event {
  double at;
  std::uint64_t order;  ///< First planned, first served.
  Kind kind;
  std::uint32_t index;
  double value;

  bool operator>(const Event& other) const noexcept {
    return at != other.at ? at > other.at : order > other.order;
  }
};

class Simulation {
 public:
  Simulation(const Scenario& scenario, const Model& model)
      : scenario_(scenario),
        model_(model),
        random_(scenario.seed),
        queue_(scenario.cores, kMaxWait),
        pressure_({.max_cpu = scenario.max_cpu, .fps = advised_fps(), .workers = scenario.cores},
                  time_of(0.0)),
        gate_(time_of(0.0)),
        jobs_(static_cast<std::size_t>(scenario.cores)),
        statistics_(scenario) {
    for (int i = scenario.cores - 1; i >= 0; --i) idle_.push_back(static_cast<std::uint32_t>(i));
    const auto learners = static_cast<std::size_t>(scenario.learners);
    learners_.reserve(learners);
    adapt::QualityOptions options;
    if (scenario.pinned) options.pinned = scenario.profile;
    for (std::size_t i = 0; i < learners; ++i) {
      Learner& learner = learners_.emplace_back(static_cast<std::uint32_t>(i), options,
                                                advised_fps(), time_of(0.0));
      learner.slow =
          scenario.slow_every > 0 && i % static_cast<std::size_t>(scenario.slow_every) == 0;
      const double share =
          learners > 1 ? static_cast<double>(i) / static_cast<double>(learners - 1) : 0.0;
      plan(scenario.first_come + share * (scenario.last_come - scenario.first_come), Kind::kCome,
           i);
      if (scenario.few_from < kNever && i % 10 != 0) plan(scenario.few_from, Kind::kLeave, i);
    }
    plan(kTickPeriod, Kind::kTick, 0);
  }

  Report run() {
    while (!events_.empty() && events_.top().at < scenario_.seconds) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      FairQueue::set_clock(time_of(now_));
      handle(event);
    }
    return statistics_.report(refused_);
  }

 private:
  [[nodiscard]] int advised_fps() const noexcept {
    return static_cast<int>(std::lround(scenario_.fps));
  }
  void plan(double at, Kind kind, std::size_t index, double value = 0.0) {
    events_.push({.at = at,
                  .order = ++planned_,
                  .kind = kind,
                  .index = static_cast<std::uint32_t>(index),
                  .value = value});
  }
  double network_delay() {
    std::normal_distribution<double> noise(0.0, kNetworkSpread);
    return kNetworkDelay * std::exp(noise(random_));
  }
  double chance() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }

  void handle(const Event& event) {
    switch (event.kind) {
      case Kind::kCome:
        return come(learners_[event.index]);
      case Kind::kSend:
        return send(learners_[event.index]);
      case Kind::kArrive:
        return arrive(learners_[event.index]);
      case Kind::kDone:
        return done(event.index);
      case Kind::kHand:
        return hand(learners_[event.index]);
      case Kind::kAdvice:
        learners_[event.index].advised = event.value;
        return;
      case Kind::kTick:
        return tick();
      case Kind::kLeave:
        return leave(learners_[event.index]);
    }
  }

  void come(Learner& learner) {
    if (now_ >= scenario_.few_from) return;
    const base::SteadyTime now = time_of(now_);
    if (scenario_.gate) {
      const adapt::Admission admission = gate_.admit(pressure_.load(), now);
      if (!admission.admitted()) {
        ++refused_;
        const auto pause = static_cast<double>(admission.retry_after.count());
        plan(now_ + pause * (0.5 + chance()), Kind::kCome, learner.number);
        return;
      }
    }
    adapt::QualityOptions options;
    if (scenario_.pinned) options.pinned = scenario_.profile;
    learner.quality = adapt::QualityController(options, now);
    learner.advisor = adapt::FrameRateAdvisor(advised_fps(), now);
    learner.connected = true;
    learner.joined = now_;
    learner.advised = scenario_.fps;
    learner.channel = queue_.open();
    ++sessions_;
    statistics_.joined(learner.number, learner.slow, now_);
    plan(now_ + chance() / scenario_.fps, Kind::kSend, learner.number);
  }

  void leave(Learner& learner) {
    if (!learner.connected) return;
    learner.connected = false;
    queue_.close(*learner.channel);
    learner.held.reset();
    learner.outbox.reset();
    --sessions_;
    statistics_.left(learner.number, now_);
  }

  void send(Learner& learner) {
    if (!learner.connected) return;
    const double arrival = std::max(learner.last_arrival, now_ + network_delay());
    learner.last_arrival = arrival;
    plan(arrival, Kind::kArrive, learner.number);
    const double rate = scenario_.heeds ? std::min(scenario_.fps, learner.advised) : scenario_.fps;
    plan(now_ + 1.0 / rate, Kind::kSend, learner.number);
  }

  void arrive(Learner& learner) {
    if (!learner.connected) return;
    statistics_.received(now_);
    const base::SteadyTime now = time_of(now_);
    // As session::Session does: nothing is computed for a client that does not take its answers.
    if (learner.outbox || learner.held) {
      if (learner.held) ++learner.held_dropped;
      learner.held = now;
      return;
    }
    queue_.submit(*learner.channel, learner.number, now);
    start_jobs();
  }

  void start_jobs() {
    FairQueue::Picked picked;
    while (!idle_.empty() && queue_.next(picked)) {
      const std::uint32_t worker = idle_.back();
      idle_.pop_back();
      Job& job = jobs_[worker];
      job.picked = std::move(picked);
      job.begun = now_;
      const adapt::Quality& quality = learners_[job.picked.session].quality.quality();
      job.level = adapt::level_of(quality.profile);
      job.cpu = 1e-3 * model_.draw_ms(quality.profile, quality.frame_skip, random_);
      // More busy workers than cores share them; taken as it is when the frame begins.
      const bool thief = now_ >= scenario_.thief_from && now_ < scenario_.thief_until;
      const double cores = thief ? 0.5 * scenario_.cores : scenario_.cores;
      const auto busy = static_cast<double>(jobs_.size() - idle_.size());
      job.wall = job.cpu * std::max(1.0, busy / cores);
      // Waiting for the own client is nothing that the other sessions cause.
      Learner& learner = learners_[job.picked.session];
      const double waiting_since = std::max(seconds_of(job.picked.received), learner.submitted);
      queue_waits_.push_back(now_ - waiting_since);
      plan(now_ + job.wall, Kind::kDone, worker);
    }
  }

  void done(std::uint32_t worker) {
    Job& job = jobs_[worker];
    Learner& learner = learners_[job.picked.session];
    const pipeline::Scheduler::Losses losses = queue_.done(*job.picked.channel);
    adapt::ProfileWork& work = process_.work[static_cast<std::size_t>(job.level)];
    ++work.frames;
    work.busy += micros(job.wall);
    cpu_ += job.cpu * (1.0 + model_.overhead);
    statistics_.computed(job.cpu * (1.0 + model_.overhead), now_);
    process_.dropped += losses.replaced + losses.expired;
    const bool same = learner.connected && learner.channel == job.picked.channel;
    idle_.push_back(worker);
    if (same) {
      Answer answer;
      answer.received = job.picked.received;
      answer.queue = job.begun - seconds_of(answer.received);
      answer.service = job.wall;
      answer.dropped = losses.replaced + losses.expired;
      answer.kb = model_.answer_kb[static_cast<std::size_t>(job.level)];
      answer.backlog = learner.link_free > now_ + 1e-9 || learner.outbox.has_value();
      answer.level = job.level;
      if (learner.outbox) answer.dropped += learner.outbox->dropped + 1;
      learner.outbox = answer;
      if (!learner.hand_planned) {
        learner.hand_planned = true;
        plan(std::max(now_, learner.link_free), Kind::kHand, learner.number);
      }
    }
    job.picked.channel.reset();
    start_jobs();
  }

  /// The connection takes the answer: what session::Session::next() does.
  void hand(Learner& learner) {
    learner.hand_planned = false;
    if (!learner.connected || !learner.outbox) return;
    const base::SteadyTime now = time_of(now_);
    const Answer answer = *std::exchange(learner.outbox, std::nullopt);
    if (learner.held) {
      learner.submitted = now_;
      queue_.submit(*learner.channel, learner.number, *std::exchange(learner.held, std::nullopt));
    }
    const unsigned dropped = answer.dropped + std::exchange(learner.held_dropped, 0U);
    const double rate = learner.slow ? scenario_.slow_kb_per_s : kFastKbPerS;
    learner.link_free = now_ + answer.kb / rate;
    const double age = now_ - seconds_of(answer.received);
    if (!scenario_.pinned) adapt_to(learner, answer, dropped, age, now);
    statistics_.answered(learner.number, age, answer.level, dropped, now_);
    plan(learner.link_free + network_delay(), Kind::kAdvice, learner.number,
         scenario_.pinned ? scenario_.fps : learner.advisor.advice());
    start_jobs();
  }

  void adapt_to(Learner& learner, const Answer& answer, unsigned dropped, double age,
                base::SteadyTime now) {
    const std::uint64_t before = learner.quality.quality().changes;
    if (std::exchange(learner.eased, pressure_.eased()) != pressure_.eased()) {
      learner.quality.on_eased();
    }
    learner.quality.on_ceiling(pressure_.ceiling_for(learner.number), pressure_.reason(), now);
    learner.quality.on_answer({.age = micros(age),
                               .queue = micros(answer.queue),
                               .service = micros(answer.service),
                               .dropped = dropped,
                               .backlog = answer.backlog,
                               .has_picture = true,
                               .bytes = static_cast<std::size_t>(answer.kb * 1000.0)},
                              now);
    learner.advisor.set_range(
        learner.quality.network_bound() ? adapt::FrameRateAdvisor::kMinFps : pressure_.fps_floor(),
        pressure_.fps_cap());
    learner.advisor.on_answer(dropped, now);
    learner.quality.set_excess(learner.advisor.sent() / pressure_.fps_cap());
    if (learner.quality.quality().changes != before) {
      statistics_.changed(learner.number, now_);
    }
  }

  void tick() {
    if (!queue_waits_.empty()) {
      const auto rank =
          static_cast<std::ptrdiff_t>(0.95 * static_cast<double>(queue_waits_.size() - 1));
      std::nth_element(queue_waits_.begin(), queue_waits_.begin() + rank, queue_waits_.end());
      process_.queue_p95 = micros(queue_waits_[static_cast<std::size_t>(rank)]);
    }
    process_.cpu = cpu_ / (kTickPeriod * scenario_.cores);
    process_.workers = scenario_.cores;
    process_.memory_mib = kMemoryMib;
    process_.sessions = sessions_;
    if (!scenario_.pinned) pressure_.observe(process_, time_of(now_));
    statistics_.ticked(sessions_, now_);
    process_ = {};
    cpu_ = 0.0;
    queue_waits_.clear();
    plan(now_ + kTickPeriod, Kind::kTick, 0);
  }

  // Given.
  const Scenario& scenario_;
  const Model& model_;
  // Owned.
  std::mt19937_64 random_;
  FairQueue queue_;
  adapt::PressureController pressure_;
  adapt::CapacityGate gate_;
  std::vector<Learner> learners_;
  std::vector<Job> jobs_;
  Statistics statistics_;
  // State.
  double now_ = 0.0;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t planned_ = 0;
  std::vector<std::uint32_t> idle_;
  std::size_t sessions_ = 0;
  std::uint64_t refused_ = 0;
  adapt::ProcessObservation process_;
  double cpu_ = 0.0;
  std::vector<double> queue_waits_;
};

}  // namespace

Report run(const Scenario& scenario, const Model& model) {
  return Simulation(scenario, model).run();
}

}  // namespace storysign::sim
