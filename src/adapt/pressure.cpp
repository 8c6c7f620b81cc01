#include "adapt/pressure.hpp"

#include "adapt/frame_rate.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::adapt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr double kFast = 1.0;  // Seconds.
constexpr double kSlow = 4.0;
// Workers that never rest have no room for the next frame.
constexpr double kMaxBusy = 0.92;
// Waiting may take this part of the latency target; the rest is for computing.
constexpr double kQueuePart = 0.4;
// A little over the limit must last, a lot need not.
constexpr double kClearlyOver = 1.1;
constexpr double kNobodyWaitsBelow = 0.6;
constexpr double kQueueClearlyOver = 2.0;
// Where a step down aims, and how far steps up may go; between here and 1 nothing moves.
constexpr double kAim = 0.9;
constexpr double kAimClose = 0.94;  // If it was only a little over.
constexpr double kRoom = 0.88;
// Frames beyond video.fps are a luxury.
constexpr double kRoomForMoreFrames = 0.6;
constexpr double kLargestStepDown = 1.0;
constexpr double kLargestStepUp = 0.5;
constexpr double kSmallestStepUp = 0.05;
constexpr double kUntaken = 1.0;  // Levels.
constexpr double kFpsStepUp = 1.2;
constexpr milliseconds kAfterDown{750};
constexpr milliseconds kAfterFpsDown{1500};  // Clients are told with the next answer.
constexpr milliseconds kAfterUp{1000};
// Until those who are invited home have gone and the load shows it.
constexpr milliseconds kAfterInvitation{4000};
constexpr seconds kCalmBeforeUp{3};
// A step up that had to be taken back within this time failed, unless there is more to do now.
constexpr seconds kFailsSoon{60};
constexpr double kMoreToDo = 1.1;
constexpr seconds kFirstRetry{20};
constexpr seconds kLongestRetry{60};
constexpr int kRetryGrowth = 3;
constexpr seconds kForget{180};
constexpr double kDemandFell = 0.8;
constexpr double kFitsLeast = 0.3;
constexpr double kFitsBackOff = 0.05;
constexpr double kFitsRecovery = 0.001;  // A second.
// A frame replaced now and then is chance; requirements.md allows 5 % in all.
constexpr double kToleratedDrops = 0.02;
constexpr double kTooManyDrops = 0.04;
constexpr double kMostUnserved = 3.0;
// Less CPU than this part of the workers' time, and they are kept waiting.
constexpr double kStalled = 0.85;
constexpr double kStallsAbove = 0.5;
constexpr double kAllHeld = 0.9;
constexpr double kThief = 0.5;  // Seconds.
constexpr double kLeastAvailable = 0.1;
constexpr double kProbe = 1.5;
constexpr double kProbesAbove = 0.3;
constexpr double kAvailableRecovery = 0.01;  // A second.
constexpr double kMemoryRoom = 0.9;
constexpr double kMemoryStep = 0.5;
constexpr seconds kMemoryPause{2};
constexpr seconds kTurn{240};
constexpr double kForgetRate = 60.0;  // Seconds.

double seconds_of(base::SteadyTime::duration time) noexcept {
  return std::chrono::duration<double>(time).count();
}

void follow(double& value, double target, double elapsed, double constant) noexcept {
  value += (1.0 - std::exp(-elapsed / constant)) * (target - value);
}

}  // namespace

PressureController::PressureController(const PressureOptions& options,
                                       base::SteadyTime now) noexcept
    : options_(options),
      observed_(now),
      workers_(std::max(1, options.workers)),
      fps_cap_(options.fps),
      moved_at_(now),
      lowered_at_(now - kCalmBeforeUp),
      fits_(kRoom),
      failed_at_(now) {}

void PressureController::set_options(const PressureOptions& options) noexcept {
  options_ = options;
}

void PressureController::observe(const ProcessObservation& process, base::SteadyTime now) noexcept {
  constexpr double kShortest = 0.1;
  const double elapsed = seconds_of(now - observed_);
  if (elapsed < kShortest) return;
  observed_ = now;
  invitations_ = 0;
  take_in(process, elapsed, now);
  rotation_ = std::fmod(seconds_of(now.time_since_epoch()) / seconds_of(kTurn), 1.0);
  fits_ = std::min(kRoom, fits_ + elapsed * kFitsRecovery);
  if (demand() < kDemandFell * lowered_demand_) {
    forget_failures();
    lowered_demand_ = 0.0;
    ++eased_;
  } else if (retry_span_.count() > 0 &&
             (now - failed_at_ > kForget || demand() < kDemandFell * failed_demand_)) {
    forget_failures();
  }

  if (now - moved_at_ < (moved_fps_ ? kAfterFpsDown : kAfterDown)) return;
  const double fast = fast_use();
  const double slow = utilisation();
  double over = 0.0;
  if (fast > kClearlyOver) over = fast * offered();
  if (slow > 1.0) over = std::max(over, slow);
  if (waits_too_long()) {
    const double queue_limit = kQueuePart * seconds_of(options_.target);
    const double by_queue = 1.0 + 0.1 * std::min(queue_fast_ / queue_limit, 5.0);
    over = std::max({over, by_queue, fast * offered()});
  }
  if (over > 1.0) {
    if (!invites(over, process.willing, now)) give_way(over, culprit(), now);
  } else if (process.memory_mib > options_.max_memory_mib) {
    give_memory(now);
  } else {
    take_room(now);
  }
}

void PressureController::take_in(const ProcessObservation& process, double elapsed,
                                 base::SteadyTime now) noexcept {
  workers_ = std::max(1, process.workers);
  sessions_ = process.sessions;
  memory_mib_ = process.memory_mib;
  double busy = 0.0;
  double frames = 0.0;
  for (const ProfileWork& work : process.work) {
    busy += seconds_of(work.busy);
    frames += work.frames;
  }
  const double busy_part = busy / (elapsed * workers_);
  // In cores, so that it compares with CPU.
  cores_ = process.cores > 0 ? process.cores : workers_;
  const double busy_cores = std::min(1.0, busy_part * workers_ / cores_);
  // A worker that waits for a core has the time of its frame stretched; that is no work.
  double stretch = 1.0;
  if (busy_cores > kStallsAbove && process.cpu < kStalled * busy_cores) {
    stretch = std::max(process.cpu, kLeastAvailable) / busy_cores;
  }
  WorkByProfile work = process.work;
  for (ProfileWork& one : work) {
    for (std::chrono::microseconds* time : {&one.busy, &one.first_busy}) {
      *time = std::chrono::microseconds(std::llround(static_cast<double>(time->count()) * stretch));
    }
  }
  costs_.observe(work, 1.0 - std::exp(-elapsed / kFast));
  const auto dropped = static_cast<double>(process.dropped);
  // A machine that was idle has nothing to be smoothed with.
  const double first = has_observed_ ? elapsed : 1e9;
  follow(cpu_fast_, process.cpu, first, kFast);
  follow(cpu_slow_, process.cpu, first, kSlow);
  watch_for_thief(busy_cores, process.cpu, elapsed, now);
  follow(busy_fast_, stretch * busy_part, first, kFast);
  follow(busy_slow_, stretch * busy_part, first, kSlow);
  follow(queue_fast_, seconds_of(process.queue_p95), first, kFast);
  follow(queue_slow_, seconds_of(process.queue_p95), first, kSlow);
  follow(served_, frames / elapsed, first, kFast);
  follow(dropped_, dropped / elapsed, first, kFast);
  // A rate that was advised away comes back, so it still counts; one that a learner gave up by
  // himself does not for long.
  const double fps = fps_now();
  if (fps > wanted_fps_) {
    wanted_fps_ = fps;
  } else if (fps_cap_ >= options_.fps) {
    follow(wanted_fps_, fps, elapsed, kForgetRate);
  }
  follow(drops_slow_, dropped / std::max(1.0, dropped + frames), first, kSlow);
  if (frames > 0.0) {
    for (std::size_t i = 0; i < kProfiles; ++i) {
      follow(mix_[i], process.work[i].frames / frames, first, kFast);
    }
  }
  has_observed_ = true;
}

double PressureController::offered() const noexcept {
  if (served_ <= 0.0) return 1.0;
  return std::clamp((served_ + dropped_) / served_ - kToleratedDrops, 1.0, kMostUnserved);
}

double PressureController::fps_now() const noexcept {
  return sessions_ == 0 ? 0.0 : (served_ + dropped_) / static_cast<double>(sessions_);
}

double PressureController::demand() const noexcept {
  return wanted_fps_ * static_cast<double>(sessions_);
}

bool PressureController::waits_too_long() const noexcept {
  // While there is room, whoever waits does not wait for others.
  if (fast_use() < kNobodyWaitsBelow) return false;
  const double limit = kQueuePart * seconds_of(options_.target);
  return queue_slow_ > limit || queue_fast_ > kQueueClearlyOver * limit ||
         drops_slow_ > kTooManyDrops;
}

Reason PressureController::culprit() const noexcept {
  const double limit = kQueuePart * seconds_of(options_.target);
  if (std::max(cpu_fast_, cpu_slow_) > cpu_limit()) return Reason::kCpu;
  if (queue_slow_ > limit || queue_fast_ > kQueueClearlyOver * limit) return Reason::kLatency;
  return drops_slow_ > kTooManyDrops ? Reason::kDrops : Reason::kLatency;
}

double PressureController::utilisation() const noexcept {
  return std::max(cpu_slow_ / cpu_limit(), busy_slow_ / kMaxBusy);
}

double PressureController::fast_use() const noexcept {
  return std::max(cpu_fast_ / cpu_limit(), busy_fast_ / kMaxBusy);
}

double PressureController::cpu_limit() const noexcept {
  return std::min(options_.max_cpu, kMaxBusy * available_);
}

/// Workers that all hold a frame and get less CPU than there are cores share these with somebody
/// else: then what the process gets is all that it can have.
void PressureController::watch_for_thief(double held, double cpu, double elapsed,
                                         base::SteadyTime now) noexcept {
  if (held > kAllHeld && cpu < kStalled * held) {
    follow(available_, std::max(cpu, kLeastAvailable), elapsed, kThief);
  } else if (now - failed_at_ >= retry_span_) {
    // A little more than is used, so that a thief who is still there shows after a small step.
    const double probe = cpu_fast_ > kProbesAbove ? kProbe * cpu_fast_ : 1.0;
    available_ =
        std::max(available_, std::min({1.0, probe, available_ + kAvailableRecovery * elapsed}));
  }
}

double PressureController::load_at(double ceiling) const noexcept {
  // Sessions now at or above the present ceiling's lower level go along with it; those that are
  // lower have their own reasons.
  const int bound = std::min(static_cast<int>(ceiling_), static_cast<int>(ceiling));
  double load = 0.0;
  for (std::size_t i = 0; i < kProfiles; ++i) {
    const auto level = static_cast<int>(i);
    load += mix_[i] * (level >= bound ? costs_.seconds_between(ceiling) : costs_.seconds(level));
  }
  return load;
}

void PressureController::forget_failures() noexcept {
  retry_span_ = seconds(0);
  fits_ = kRoom;
  available_ = 1.0;
}

/// False if nobody can be invited, or those who were have had their time.
bool PressureController::invites(double over, std::size_t willing, base::SteadyTime now) noexcept {
  if (invited_at_ && now - *invited_at_ < kAfterInvitation) return true;
  if (willing == 0) return false;
  const double needed = std::ceil((1.0 - kAim / over) * static_cast<double>(sessions_));
  invitations_ = std::clamp<std::size_t>(static_cast<std::size_t>(needed), 1, willing);
  invited_at_ = now;
  return true;
}

void PressureController::give_way(double over, Reason reason, base::SteadyTime now) noexcept {
  if (raised_at_ && now - *raised_at_ < kFailsSoon && demand() < kMoreToDo * raised_demand_) {
    retry_span_ = retry_span_.count() == 0 ? kFirstRetry
                                           : std::min(kRetryGrowth * retry_span_, kLongestRetry);
    failed_at_ = now;
    failed_demand_ = demand();
    raised_at_.reset();
  }
  // Waiting below the limit: so much use is too much for frames that come when they like.
  const double used = utilisation();
  if (waits_too_long() && used < 1.0 && ceiling_ > 0.0) {
    fits_ = std::clamp(used - kFitsBackOff, kFitsLeast, fits_);
    failed_demand_ = std::max(failed_demand_, demand());
    if (retry_span_.count() == 0) {
      retry_span_ = kFirstRetry;
      failed_at_ = now;
    }
  }

  const double ratio = (over > kClearlyOver ? kAim : kAimClose) / over;
  moved_fps_ = false;
  double achieved = 1.0;
  const double fps = fps_now();
  const auto normal = static_cast<double>(options_.fps);
  if (fps_cap_ > normal) {
    if (fps > normal) achieved = normal / fps;
    fps_cap_ = normal;
  }
  if (ratio < achieved && ceiling_ > 0.0) {
    const double before = load_at(ceiling_);
    const double wanted = before * ratio / achieved;
    const double lowest = std::max(0.0, ceiling_ - kLargestStepDown);
    constexpr double kGrain = 0.02;
    double next = ceiling_;
    while (next > lowest && load_at(next) > wanted) next = std::max(lowest, next - kGrain);
    if (before > 0.0) achieved *= load_at(next) / before;
    ceiling_ = next;
    reason_ = reason;
  } else if (ratio < achieved) {
    const double from = std::min(fps_cap_, std::max(fps, double{FrameRateAdvisor::kMinFps}));
    fps_cap_ = std::max(double{FrameRateAdvisor::kMinFps}, from * ratio / achieved);
    achieved *= fps_cap_ / from;
    moved_fps_ = true;
    reason_ = reason;
  }
  moved(achieved, true, now);
}

void PressureController::give_memory(base::SteadyTime now) noexcept {
  if (now - lowered_at_ < kMemoryPause || ceiling_ <= 0.0) return;
  const double before = load_at(ceiling_);
  const double next = std::max(0.0, ceiling_ - kMemoryStep);
  const double after = load_at(next);
  ceiling_ = next;
  reason_ = Reason::kMemory;
  moved(before > 0.0 ? after / before : 1.0, true, now);
}

void PressureController::take_room(base::SteadyTime now) noexcept {
  const double queue_limit = kQueuePart * seconds_of(options_.target);
  const bool calm =
      now - lowered_at_ >= kCalmBeforeUp && now - moved_at_ >= kAfterUp &&
      now - failed_at_ >= retry_span_ && std::max(queue_fast_, queue_slow_) < 0.8 * queue_limit &&
      drops_slow_ < kToleratedDrops && memory_mib_ < kMemoryRoom * options_.max_memory_mib;
  if (!calm) return;
  const double used = std::max(utilisation(), fast_use());
  const auto normal = static_cast<double>(options_.fps);
  const auto raise_fps = [&](double to, double room) {
    const double next =
        std::min({to, fps_cap_ * kFpsStepUp, fps_cap_ * room / std::max(used, 0.01)});
    if (next < fps_cap_ + 1.0 && next < to) return;
    const double ratio = next / fps_cap_;
    fps_cap_ = next;
    moved(std::max(1.0, std::min(ratio, fps_cap_ / std::max(fps_now(), 1.0))), false, now);
  };
  if (fps_cap_ < normal) {
    raise_fps(normal, fits_);
    return;
  }
  // Room above the sessions that they do not take is no room: they come when they can.
  double mean_level = 0.0;
  for (std::size_t i = 0; i < kProfiles; ++i) mean_level += static_cast<double>(i) * mix_[i];
  if (ceiling_ - mean_level > kUntaken && used > kNobodyWaitsBelow) return;
  if (ceiling_ < kHighestLevel) {
    const double before = std::max(load_at(ceiling_), 1e-9);
    // Less than one session would move nobody now and one at another time.
    const double least =
        std::min(kHighestLevel - ceiling_,
                 std::max(kSmallestStepUp, 1.0 / std::max(1.0, static_cast<double>(sessions_))));
    double step = std::max(least, std::min(kLargestStepUp, kHighestLevel - ceiling_));
    while (step >= least && used * load_at(ceiling_ + step) / before > fits_) {
      step -= kSmallestStepUp;
    }
    if (step < least) return;
    const double ratio = load_at(ceiling_ + step) / before;
    ceiling_ = std::min(ceiling_ + step, static_cast<double>(kHighestLevel));
    if (ceiling_ >= kHighestLevel) reason_ = Reason::kHeadroom;
    moved(ratio, false, now);
    return;
  }
  if (fps_cap_ < FrameRateAdvisor::kMaxFps && sessions_ > 0) {
    raise_fps(FrameRateAdvisor::kMaxFps, kRoomForMoreFrames);
  }
}

void PressureController::moved(double ratio, bool down, base::SteadyTime now) noexcept {
  moved_at_ = now;
  if (down) {
    lowered_at_ = now;
    lowered_demand_ = std::max(lowered_demand_, demand());
  } else {
    raised_at_ = now;
    raised_demand_ = demand();
  }
  // What was smoothed belongs to before; what is predicted holds until it is seen.
  for (double* use : {&cpu_fast_, &cpu_slow_, &busy_fast_, &busy_slow_}) *use *= ratio;
  if (down) {
    const double queue_limit = kQueuePart * seconds_of(options_.target);
    queue_fast_ = std::min(queue_fast_, queue_limit);
    queue_slow_ = std::min(queue_slow_, 0.5 * queue_limit);
    dropped_ = 0.0;
    drops_slow_ = 0.0;
  }
}

int PressureController::ceiling_for(std::uint64_t session_number) const noexcept {
  // Multiples of the golden section spread any run of numbers evenly over 0 to 1.
  constexpr double kGolden = 0.6180339887498949;
  const int below = static_cast<int>(ceiling_);
  const double place =
      std::fmod(static_cast<double>(session_number % 1'000'000) * kGolden + rotation_, 1.0);
  return below + (place < ceiling_ - below ? 1 : 0);
}

int PressureController::fps_floor() const noexcept {
  if (ceiling_ <= 0.0) return FrameRateAdvisor::kMinFps;
  return std::min(FrameRateAdvisor::kWatchableFps, options_.fps);
}

LoadView PressureController::load() const noexcept {
  // CPU that the process uses beside its workers counts as well.
  constexpr double kLeast = 0.95;
  constexpr double kMost = 1.5;
  double cpu_of_busy = 1.0;
  if (costs_.measured() && busy_slow_ > 0.05) {
    cpu_of_busy = std::clamp(cpu_slow_ / busy_slow_, kLeast, kMost);
  }
  return {.lowest_cost = costs_.steady_seconds(0),
          .measured = costs_.measured(),
          .frames_per_second =
              std::max(fps_now(), std::min(wanted_fps_, static_cast<double>(options_.fps))) *
              static_cast<double>(sessions_),
          .sessions = sessions_,
          .workers = workers_,
          .worker_limit = std::min(kMaxBusy, cpu_limit() / cpu_of_busy),
          .fps_cap = fps_cap_,
          .fps = options_.fps,
          .memory_is_full = memory_mib_ > options_.max_memory_mib,
          .observed = observed_};
}

}  // namespace storysign::adapt
