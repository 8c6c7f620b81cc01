#pragma once

#include "adapt/profile.hpp"
#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace storysign::adapt {

/// One answer, when it is handed to the connection.
struct AnswerObservation {
  std::chrono::microseconds age{};      ///< From the frame's last byte received until now.
  std::chrono::microseconds queue{};    ///< Part of age: waiting for a worker.
  std::chrono::microseconds service{};  ///< Part of age: decoding to encoding, on a worker.
  unsigned dropped = 0;                 ///< Own frames replaced or expired since the last answer.
  bool backlog = false;     ///< The client had not taken the answer before when this one was made.
  bool has_picture = true;  ///< Else a lower profile does not make answers smaller.
  std::size_t bytes = 0;    ///< Of the answer; 0: not known.
};

/// What a client says about its side. Not trusted: it can only lower this client's own quality.
struct ClientReport {
  std::optional<std::chrono::microseconds> network_latency =
      {};                                 ///< Both ways, without the server.
  std::optional<double> throughput = {};  ///< Bytes a second that reach the client.
};

/// What is in force for a session.
struct Quality {
  Profile profile = Profile::kBalanced;
  int frame_skip = 1;  ///< The one that was set for this session, else the profile's; or more, if
                       ///< the client sends more than it is advised.
  int jpeg_quality = 65;
  double resolution_scale = 0.85;
  Reason reason = Reason::kStart;  ///< Of the last change.
  std::uint64_t changes = 0;       ///< Of the profile, since the session began.
  bool is_auto = true;             ///< False while a profile is pinned.
};

struct QualityOptions {
  Profile start = Profile::kBalanced;
  std::optional<Profile> pinned = {};    ///< performance.mode, if it is not auto.
  bool adaptive = true;                  ///< performance.adaptive_quality; else stays at start.
  std::chrono::milliseconds target{75};  ///< performance.target_latency_ms, for the p95 of age.
  int max_jpeg_quality = 100;            ///< video.quality.
};

/// Chooses the profile of one session from its own answers, below the ceiling that the process sets
/// (see PressureController). Looks at the last second: the 95th percentile of age, its growth, what
/// part of it is whose, and drops. Down within about a second, up after seconds of calm, and not to
/// a level that failed before its retry time has come (10 s, then 30 s, then 60 s; forgotten after
/// three minutes).
///
/// Waiting for a worker is everybody's: the process is given three seconds to lower the ceiling
/// before a session gives way by itself. Owned by the session and called on its strand. Allocates
/// nothing.
class QualityController {
 public:
  QualityController(const QualityOptions& options, base::SteadyTime now) noexcept;

  void on_answer(const AnswerObservation& answer, base::SteadyTime now) noexcept;
  void on_report(const ClientReport& report, base::SteadyTime now) noexcept;

  /// The highest level that the process allows this session, 0 to kHighestLevel, and why it is not
  /// higher: kCpu, kMemory, kLatency or kDrops; kHeadroom if all sessions may have the highest.
  /// Lower counts at once. Higher counts when it has lasted a second; for a minute after a level
  /// was lost only if all may have the highest, for five seconds. Cheap; meant to be called before
  /// on_answer() for every answer.
  void on_ceiling(int level, Reason reason, base::SteadyTime now) noexcept;

  /// The load that made levels fail has gone, for all sessions: every level may be tried again.
  void on_eased() noexcept;

  /// Fixes the profile. An operator's choice (kOperator) stands against every ceiling; a client's
  /// (kClient) gives way to the ceiling, so that nobody lives at the others' expense.
  void pin(Profile profile, Reason by, base::SteadyTime now) noexcept;
  /// Ends pin(), and what the configuration had pinned. Goes on from the profile in force.
  void set_auto(base::SteadyTime now) noexcept;
  /// "Infer every Nth frame", 0 to 30, whatever the profile; none: the profile's.
  void set_skip(std::optional<int> frame_skip) noexcept;
  /// The client sends `excess` times as many frames as the process allows; 1 or less: not too many.
  /// The networks then run so much more rarely, as if it kept to the advised rate. Not where an
  /// operator chose the profile. Cheap; meant to be called for every answer.
  void set_excess(double excess) noexcept;
  /// When the configuration changes while running: counts at once. What client or operator have
  /// pinned stays.
  void set_options(const QualityOptions& options, base::SteadyTime now) noexcept;

  [[nodiscard]] const Quality& quality() const noexcept { return quality_; }

  /// The way to the client limits what it gets, so fewer frames would help: the frame rate advised
  /// may then fall below the process's floor.
  [[nodiscard]] bool network_bound() const noexcept { return network_bound_; }

 private:
  struct Sample {
    base::SteadyTime at;
    float age = 0.0F;  // All in ms.
    float queue = 0.0F;
    float service = 0.0F;
    float elsewhere = 0.0F;  ///< Rest of age: held back and in the outbox, for the client is slow.
    float bytes = 0.0F;
    unsigned dropped = 0;
    bool backlog = false;
    bool has_picture = false;
  };
  /// What the last second says; ms.
  struct Window {
    double age95 = 0.0;
    double queue95 = 0.0;
    double elsewhere95 = 0.0;
    double service_mean = 0.0;
    double growth = 0.0;  ///< Of the mean age, from the older to the newer half.
    double drop_share = 0.0;
    double backlog_share = 0.0;
    double bytes_per_second = 0.0;
    bool has_picture = false;
  };
  enum class Cause : std::uint8_t { kNone, kOwn, kShared, kNetwork };

  [[nodiscard]] bool look(base::SteadyTime now, Window& window) const noexcept;
  [[nodiscard]] bool report_is_bad(const Window& window, base::SteadyTime now) const noexcept;
  void judge(const Window& window, base::SteadyTime now) noexcept;
  void step_down(Cause cause, const Window& window, base::SteadyTime now) noexcept;
  void step_up_if_it_fits(const Window& window, base::SteadyTime now) noexcept;
  void remember_failure(base::SteadyTime now) noexcept;
  [[nodiscard]] bool flipped_lately(base::SteadyTime now) const noexcept;
  void put_in_force(Reason reason, base::SteadyTime now) noexcept;
  void derive() noexcept;

  // Given.
  QualityOptions options_;
  // State: what is wanted.
  int own_level_;  ///< What the session's own answers allow.
  std::optional<Profile> pinned_;
  Reason pinned_by_ = Reason::kPinned;
  std::optional<int> skip_;
  double excess_ = 1.0;
  int ceiling_ = kHighestLevel;
  std::optional<base::SteadyTime> ceiling_above_since_;
  ClientReport report_;
  base::SteadyTime report_at_;
  // State: what was seen. A second at 60 frames/s fits.
  static constexpr std::size_t kSamples = 64;
  std::array<Sample, kSamples> samples_{};
  std::size_t newest_ = 0;
  std::size_t count_ = 0;
  base::SteadyTime judged_;
  Cause last_cause_ = Cause::kNone;
  base::SteadyTime cause_since_;
  int calm_ = 0;  ///< Calm judgements since the last bad one or change.
  bool network_bound_ = false;
  // State: what failed.
  int failed_level_ = kHighestLevel + 1;
  std::chrono::seconds retry_span_{0};
  base::SteadyTime failed_at_;
  std::optional<base::SteadyTime> stepped_up_at_;
  std::optional<double> link_rate_;  ///< Bytes a second that came through when it was full.
  base::SteadyTime link_rate_at_;
  std::optional<base::SteadyTime> raised_at_;
  std::optional<base::SteadyTime> flipped_at_;
  bool flipped_by_ceiling_ = false;
  // Result.
  Quality quality_;
};

}  // namespace storysign::adapt
