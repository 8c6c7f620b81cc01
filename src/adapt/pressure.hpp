#pragma once

#include "adapt/cost_model.hpp"
#include "adapt/profile.hpp"
#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace storysign::adapt {

/// The whole process since the last observation.
struct ProcessObservation {
  double cpu = 0.0;           ///< CPU time used, as part of the usable cores' time; 0 to 1.
  int workers = 1;            ///< That compute frames.
  int cores = 0;              ///< Usable ones; 0: as many as workers.
  double memory_mib = 0.0;    ///< Resident now.
  WorkByProfile work{};       ///< Frames answered, by the profile they were answered in.
  std::uint64_t dropped = 0;  ///< Frames replaced or expired in the pipeline, without those that a
                              ///< slow client held back itself.
  std::chrono::microseconds queue_p95{};  ///< Of the frames picked, without waits for
                                          ///< the same client's frame before; 0 if there were none.
  std::size_t sessions = 0;               ///< Learners connected whose landmarks are found here.
  std::size_t willing = 0;                ///< Of them, who would find them at home if asked to.
};

struct PressureOptions {
  double max_cpu = 0.8;                  ///< performance.max_cpu_usage / 100.
  double max_memory_mib = 8192.0;        ///< performance.max_memory_usage.
  std::chrono::milliseconds target{75};  ///< performance.target_latency_ms.
  int fps = 30;                          ///< video.fps: what clients send to begin with.
  int workers = 1;                       ///< Until the first observation.
};

/// What CapacityGate needs to know.
struct LoadView {
  double lowest_cost = 0.0;        ///< Seconds of a worker for a frame in the lowest profile.
  bool measured = false;           ///< Else the costs are a guess.
  double frames_per_second = 0.0;  ///< All sessions together, when nothing holds them back.
  std::size_t sessions = 0;        ///< As last observed.
  std::optional<std::size_t> connected =
      std::nullopt;  ///< Now, if known: those who have left free their place.
  int workers = 1;
  double worker_limit = 0.8;  ///< Part of the workers' time that may be used.
  double fps_cap = 60.0;
  int fps = 30;
  bool memory_is_full = false;
  base::SteadyTime observed;  ///< When all this was seen.
};

/// Keeps the process inside its CPU, memory and waiting time by a ceiling on the profiles of all
/// sessions. The ceiling is a real number of levels: at 1.4, 40 % of the sessions may go to level 2
/// and 60 % to level 1, so that load moves in small steps; who is who turns round in two minutes.
///
/// A cost model predicts what a step does. Down as far as it takes, a level at a time; up half a
/// level at a time and only if the step fits, later and later where it failed. Order: frame rates
/// beyond `fps` go first, then profiles, then frame rates below `fps`; the other way round up.
/// Before anybody has less, those who can are invited to find their landmarks at home.
///
/// One for the process, under the server's mutex: observe() every 250 ms to 1 s by a timer, the
/// rest by whoever asks for a session. Allocates nothing.
class PressureController {
 public:
  PressureController(const PressureOptions& options, base::SteadyTime now) noexcept;

  void observe(const ProcessObservation& process, base::SteadyTime now) noexcept;
  /// When the configuration changes while running.
  void set_options(const PressureOptions& options) noexcept;

  /// 0 to kHighestLevel, between which sessions are shared out.
  [[nodiscard]] double ceiling() const noexcept { return ceiling_; }
  /// The highest level for this session; numbers of one server are counted up.
  [[nodiscard]] int ceiling_for(std::uint64_t session_number) const noexcept;
  /// Why the ceiling is below the highest: kCpu, kMemory, kLatency or kDrops; kHeadroom if not.
  [[nodiscard]] Reason reason() const noexcept { return reason_; }

  /// Frames a second that a client may be advised to send, 10 to 60.
  [[nodiscard]] double fps_cap() const noexcept { return fps_cap_; }
  /// Frames a second below which no client need be advised to go for the server's sake: what
  /// learners should see (20) while lower profiles can still make room, else 10.
  [[nodiscard]] int fps_floor() const noexcept;

  /// Counts how often the demand fell well below what had made something give way: what failed then
  /// says nothing any more (see QualityController::on_eased).
  [[nodiscard]] std::uint64_t eased() const noexcept { return eased_; }

  /// How many more of the willing are to be invited home since the last observation.
  [[nodiscard]] std::size_t invitations() const noexcept { return invitations_; }

  /// Predicted part of the limit in use: above 1 something gives way.
  [[nodiscard]] double utilisation() const noexcept;
  [[nodiscard]] const CostModel& costs() const noexcept { return costs_; }
  [[nodiscard]] LoadView load() const noexcept;

 private:
  void take_in(const ProcessObservation& process, double elapsed, base::SteadyTime now) noexcept;
  [[nodiscard]] Reason culprit() const noexcept;
  [[nodiscard]] double load_at(double ceiling) const noexcept;
  [[nodiscard]] bool waits_too_long() const noexcept;
  [[nodiscard]] double offered() const noexcept;
  [[nodiscard]] double fps_now() const noexcept;
  [[nodiscard]] double demand() const noexcept;
  [[nodiscard]] double cpu_limit() const noexcept;
  [[nodiscard]] double fast_use() const noexcept;
  void watch_for_thief(double held, double cpu, double elapsed, base::SteadyTime now) noexcept;
  void forget_failures() noexcept;
  [[nodiscard]] bool invites(double over, std::size_t willing, base::SteadyTime now) noexcept;
  void give_way(double needed, Reason reason, base::SteadyTime now) noexcept;
  void give_memory(base::SteadyTime now) noexcept;
  void take_room(base::SteadyTime now) noexcept;
  void moved(double ratio, bool down, base::SteadyTime now) noexcept;

  // Given.
  PressureOptions options_;
  // State: smoothed observations.
  CostModel costs_;
  base::SteadyTime observed_;
  bool has_observed_ = false;
  double cpu_fast_ = 0.0;   ///< About a second.
  double cpu_slow_ = 0.0;   ///< About four.
  double busy_fast_ = 0.0;  ///< Workers at work, without those that wait for a core.
  double busy_slow_ = 0.0;
  double queue_fast_ = 0.0;  ///< Seconds.
  double queue_slow_ = 0.0;
  double served_ = 0.0;   ///< Frames a second.
  double dropped_ = 0.0;  ///< Frames a second.
  double drops_slow_ = 0.0;
  double wanted_fps_ = 0.0;              ///< Of a session, when nothing holds it back.
  std::array<double, kProfiles> mix_{};  ///< Part of the frames at each level.
  double memory_mib_ = 0.0;
  std::size_t sessions_ = 0;
  int workers_ = 1;
  int cores_ = 1;
  double available_ = 1.0;  ///< Part of the cores that others leave to this process.
  double rotation_ = 0.0;   ///< 0 to 1.
  // State: decisions.
  double ceiling_ = kHighestLevel;
  Reason reason_ = Reason::kHeadroom;
  double fps_cap_;
  base::SteadyTime moved_at_;
  bool moved_fps_ = false;
  std::optional<base::SteadyTime> raised_at_;
  double raised_demand_ = 0.0;  ///< Frames a second then.
  base::SteadyTime lowered_at_;
  std::size_t invitations_ = 0;
  std::optional<base::SteadyTime> invited_at_;
  // State: what failed.
  double fits_ = 0.0;  ///< Part of the limit that was found to fit.
  base::SteadyTime failed_at_;
  std::chrono::seconds retry_span_{0};
  double failed_demand_ = 0.0;
  double lowered_demand_ = 0.0;  ///< The highest at which something gave way, since it last eased.
  std::uint64_t eased_ = 0;
};

}  // namespace storysign::adapt
