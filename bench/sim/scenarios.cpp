#include "sim/simulation.hpp"

#include <fmt/format.h>

#include <cmath>

namespace storysign::sim {
namespace {

constexpr double kStep = 5.0;
constexpr double kSettle = 5.0;

}  // namespace

std::vector<Scenario> scenarios(int cores, int learners) {
  const Scenario plain{.cores = cores, .learners = learners};

  Scenario step = plain;
  step.name = "step";
  step.seconds = 130.0;
  step.first_come = kStep;
  step.last_come = kStep + 0.5;
  step.judge_from = kStep + 0.5 + kSettle;

  Scenario ramp = plain;
  ramp.name = "ramp";
  ramp.seconds = 130.0;
  ramp.first_come = 0.0;
  ramp.last_come = 60.0;
  ramp.judge_from = 5.0;

  Scenario thief = plain;
  thief.name = "thief";
  thief.seconds = 150.0;
  thief.thief_from = 30.0;
  thief.thief_until = 90.0;
  thief.judge_from = thief.thief_from + kSettle;

  Scenario slow = plain;
  slow.name = "slow_network";
  slow.seconds = 130.0;
  slow.slow_every = 3;

  // Everybody knocks within a second at a server that has measured nothing.
  Scenario storm = plain;
  storm.name = "storm";
  storm.seconds = 130.0;
  storm.last_come = 1.0;
  storm.judge_from = 6.0;
  return {step, ramp, thief, slow, storm};
}

int capacity(int cores, adapt::Profile profile, double max_cpu, const Model& model) {
  const auto holds = [&](int learners) {
    Scenario scenario{.name = "capacity", .cores = cores, .learners = learners, .seconds = 12.0};
    scenario.gate = false;
    scenario.pinned = true;
    scenario.profile = profile;
    scenario.judge_from = 3.0;
    const Report report = run(scenario, model);
    return report.p95_ms < 100.0 && report.dropped < 0.05 && report.cpu <= max_cpu;
  };
  const double guess = cores * 1000.0 / (25.0 * model.mean_ms(profile));
  int fits = 0;
  int too_many = static_cast<int>(std::ceil(1.1 * guess)) + 2;
  while (too_many - fits > std::max(1, fits / 100)) {
    const int middle = (fits + too_many) / 2;
    (holds(middle) ? fits : too_many) = middle;
  }
  return fits;
}

std::string heading() {
  return fmt::format(
      "{:13} {:>5} {:>8} {:>6} {:>8} {:>6} {:>6} {:>6} {:>7} {:>5} {:>5} {:>6} {:>5} "
      "{:>5} {:>5} {:>5} {:>5}",
      "scenario", "cores", "learners", "in", "refused", "p95 ms", "worst", "slow", "settled",
      "level", "fps", "fair", "drop%", "cpu%", "top%", "chg/m", "high@");
}

std::string to_line(const Scenario& scenario, const Report& report) {
  return fmt::format(
      "{:13} {:5} {:8} {:6} {:8} {:6.1f} {:6.1f} {:6.1f} {:7.1f} {:5.2f} {:5.1f} {:6.2f} {:5.1f} "
      "{:5.1f} {:5.1f} {:5} {:5.0f}",
      scenario.name, scenario.cores, scenario.learners, report.connected, report.refused,
      report.p95_ms, report.worst_second_ms, report.slow_p95_ms, report.settled_at, report.level,
      report.fps_median, report.fairness, 100.0 * report.dropped, 100.0 * report.cpu,
      100.0 * report.cpu_worst, report.changes_a_minute, report.recovered_at);
}

}  // namespace storysign::sim
