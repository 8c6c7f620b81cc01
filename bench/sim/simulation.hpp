#pragma once

#include "sim/model.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace storysign::sim {

inline constexpr double kNever = std::numeric_limits<double>::infinity();

/// What happens to a server; times in seconds since it started.
struct Scenario {
  std::string name = {};
  int cores = 2;
  int learners = 1;
  double seconds = 60.0;
  double fps = 25.0;  ///< Of the cameras; less when the server advises less,
  bool heeds = true;  ///< if the clients heed it.
  double max_cpu = 0.8;
  double first_come = 0.0;     ///< When the first learner comes,
  double last_come = 1.0;      ///< and the last one.
  double few_from = kNever;    ///< When all but one in ten leave.
  double thief_from = kNever;  ///< When something else takes half of the cores,
  double thief_until = kNever;
  int slow_every = 0;  ///< Every so manieth learner has a slow network; 0: none.
  double slow_kb_per_s = 350.0;
  bool gate = true;          ///< New learners are refused when there is no room.
  double judge_from = 10.0;  ///< When everything has settled.
  std::uint64_t seed = 1;
  bool pinned = false;  ///< All in `profile`, nothing adapts.
  adapt::Profile profile = adapt::Profile::kBalanced;
};

/// What came of it. "Judged" is from Scenario::judge_from to the end, or to few_from.
struct Report {
  std::size_t connected = 0;  ///< In the judged time.
  std::size_t most_connected = 0;
  std::uint64_t refused = 0;     ///< Tries, in all.
  double p95_ms = 0.0;           ///< Age of answers, judged, learners with a normal network.
  double slow_p95_ms = 0.0;      ///< The same of those with a slow one.
  double worst_second_ms = 0.0;  ///< Highest p95 of three seconds, judged.
  double settled_at = 0.0;       ///< From when on that stayed below 100 ms.
  double fps_median = 0.0;       ///< Answers a second and learner, judged.
  double fairness = 0.0;         ///< Lowest of those by their median, normal networks.
  double dropped = 0.0;          ///< Part of the frames without an answer, judged.
  double level = 0.0;            ///< Mean of answers, judged.
  double cpu = 0.0;              ///< Mean use of the cores, judged.
  double cpu_worst = 0.0;        ///< Highest mean of 5 seconds, judged.
  int changes_a_minute = 0;      ///< Most profile changes of one learner in a minute, judged.
  double recovered_at = kNever;  ///< From when on all were at high_quality.
};

/// Runs one scenario with the server's controllers, frame-rate advice and scheduler, on a virtual
/// clock. The same scenario gives the same report.
[[nodiscard]] Report run(const Scenario& scenario, const Model& model);

/// One line of figures.
[[nodiscard]] std::string to_line(const Scenario& scenario, const Report& report);
[[nodiscard]] std::string heading();

/// Step load, ramp, CPU thief, slow networks and reconnect storm, each for so many learners.
[[nodiscard]] std::vector<Scenario> scenarios(int cores, int learners);

/// Learners at 25 frames a second that `cores` hold in one profile with a p95 below 100 ms and
/// below 5 % of the frames dropped, found by search.
[[nodiscard]] int capacity(int cores, adapt::Profile profile, double max_cpu, const Model& model);

}  // namespace storysign::sim
