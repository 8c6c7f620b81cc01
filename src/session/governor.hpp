#pragma once

#include "adapt/capacity.hpp"
#include "adapt/pressure.hpp"
#include "adapt/profile.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "session/quality_settings.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace storysign::session {

/// What all sessions share of the decisions on quality: one mutex around the process's pressure and
/// its gate, what the sessions report to them, and what an operator has set for everybody. Any
/// thread; outlives the sessions.
class Governor {
 public:
  Governor(const adapt::PressureOptions& options, base::SteadyTime now);

  /// One answer of a session, as the pipeline gave it.
  struct Report {
    adapt::Profile profile = adapt::Profile::kBalanced;
    std::chrono::microseconds contended{};  ///< Waiting for a worker that others had.
    std::chrono::microseconds service{};
    bool is_first = false;      ///< Of the session's first second or so.
    std::uint32_t dropped = 0;  ///< Replaced or expired in the pipeline since the last answer.
  };
  void report(const Report& answer);

  /// What a session is to keep to.
  struct Orders {
    int ceiling = adapt::kHighestLevel;
    adapt::Reason reason = adapt::Reason::kHeadroom;
    double fps_cap = 60.0;
    int fps_floor = 10;
    std::uint64_t eased = 0;             ///< adapt::PressureController::eased().
    std::uint64_t settings_edition = 0;  ///< Counts calls of set_quality().
    // Of the operator, for all sessions.
    std::uint64_t edition = 0;  ///< Counts changes of the next two.
    std::optional<adapt::Profile> profile;
    std::optional<int> frame_skip;
  };
  [[nodiscard]] Orders orders_for(std::uint64_t session_number) const;

  /// When the configuration changes while running.
  void set_options(const adapt::PressureOptions& options);
  [[nodiscard]] adapt::PressureOptions options() const;
  /// The same; every session takes it over with its next answer. quality() is what was set last.
  void set_quality(const QualitySettings& settings);
  [[nodiscard]] QualitySettings quality() const;

  /// An operator's choice for all sessions, those to come included; nothing: each finds its own.
  void set_profile(std::optional<adapt::Profile> profile);
  void set_frame_skip(std::optional<int> frame_skip);

  /// Asks for one more session, whose landmarks are found here, beside the `connected` ones; those
  /// at home do not count. Instead of refusing it, one that would go home is invited to.
  [[nodiscard]] adapt::Admission admit(std::size_t connected, base::SteadyTime now);

  /// Sessions that find their landmarks at home: so many more.
  void count_at_home(int change);
  /// Sessions that could, and have not been invited to: so many more.
  void count_willing(int change);
  /// Takes one of the invitations home that are to be given out, for a session that is counted as
  /// willing and then no more; false if there is none.
  [[nodiscard]] bool take_invitation();

  /// privacy.pictures: whether anybody's pictures are taken at all.
  void set_takes_pictures(bool takes) noexcept { takes_pictures_ = takes; }
  [[nodiscard]] bool takes_pictures() const noexcept { return takes_pictures_; }

  /// The machine as measured since the last call.
  struct Machine {
    double cpu = 0.0;  ///< CPU time used by this process, of the usable cores' time; 0 to 1.
    int workers = 1;
    int cores = 1;
    double memory_mib = 0.0;
    std::size_t sessions = 0;  ///< Connected, those at home included.
  };
  /// Every 250 ms to 1 s.
  void observe(const Machine& machine, base::SteadyTime now);

  /// How the process stands.
  struct Standing {
    double ceiling = 0.0;  ///< 0 to adapt::kHighestLevel.
    adapt::Reason reason = adapt::Reason::kHeadroom;
    double fps_cap = 60.0;
    double utilisation = 0.0;   ///< Of what the limits allow.
    std::size_t capacity = 1;   ///< Learners in the lowest profile.
    double capacity_fps = 0.0;  ///< Frames a second of all learners together, in that profile.
    std::size_t at_home = 0;    ///< Sessions that find their landmarks themselves.
    // Of the operator, for all sessions.
    std::optional<adapt::Profile> profile;
    std::optional<int> frame_skip;
  };
  [[nodiscard]] Standing standing() const;

 private:
  /// Waits of the frames since the last observation; of more, the last ones count.
  static constexpr std::size_t kWaits = 1024;
  [[nodiscard]] std::chrono::microseconds wait_p95() STORYSIGN_REQUIRES(mutex_);
  [[nodiscard]] std::size_t at_server(std::size_t connected) const STORYSIGN_REQUIRES(mutex_);

  // State.
  mutable base::Mutex mutex_;
  adapt::PressureController pressure_ STORYSIGN_GUARDED_BY(mutex_);
  adapt::CapacityGate gate_ STORYSIGN_GUARDED_BY(mutex_);
  adapt::ProcessObservation gathered_ STORYSIGN_GUARDED_BY(mutex_);
  std::array<std::chrono::microseconds, kWaits> waits_ STORYSIGN_GUARDED_BY(mutex_){};
  std::size_t answers_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  adapt::PressureOptions options_ STORYSIGN_GUARDED_BY(mutex_);
  QualitySettings quality_ STORYSIGN_GUARDED_BY(mutex_);
  std::uint64_t settings_edition_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::uint64_t edition_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::optional<adapt::Profile> profile_ STORYSIGN_GUARDED_BY(mutex_);
  std::optional<int> frame_skip_ STORYSIGN_GUARDED_BY(mutex_);
  std::size_t at_home_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::size_t willing_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  /// To be given out; at most willing_.
  std::size_t invitations_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> takes_pictures_{true};
};

}  // namespace storysign::session
