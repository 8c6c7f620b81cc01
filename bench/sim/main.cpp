// The controllers, the fair pick and admission on a virtual clock: what would happen on machines
// that are not at hand. storysign_sim --help.

#include "sim/simulation.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <vector>

namespace storysign::sim {
namespace {

void print_scenarios(const std::vector<int>& cores, const std::vector<int>& learners,
                     const Model& model) {
  fmt::print("{}\n", heading());
  for (const int core_count : cores) {
    for (const int learner_count : learners) {
      for (const Scenario& scenario : scenarios(core_count, learner_count)) {
        if (scenario.slow_every > 0 && learner_count < scenario.slow_every) continue;
        fmt::print("{}\n", to_line(scenario, run(scenario, model)));
        std::fflush(stdout);
      }
    }
  }
  fmt::print(
      "\nAges at the server, ms; worst: of 3 s; slow: p95 of learners with a slow network; "
      "settled: second from which on the p95 of 3 s stayed below 100 ms; fair: lowest rate "
      "by the median; top: CPU of the worst 5 s; chg/m: most profile changes of a learner "
      "in a minute; high@: last answer below high_quality.\n");
}

void print_capacity(const std::vector<int>& cores, double max_cpu, const Model& model) {
  fmt::print("\nLearners at 25 frames/s, p95 < 100 ms, < 5 % dropped, CPU <= {:.0f} %\n{:>5}",
             100.0 * max_cpu, "cores");
  for (std::size_t i = adapt::kProfiles; i > 0; --i) {
    fmt::print(" {:>18}", adapt::profile_name(adapt::profile_at(static_cast<int>(i) - 1)));
  }
  fmt::print("\n");
  for (const int core_count : cores) {
    fmt::print("{:5}", core_count);
    for (int level = adapt::kHighestLevel; level >= 0; --level) {
      fmt::print(" {:18}", capacity(core_count, adapt::profile_at(level), max_cpu, model));
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
}

int main_of(int argc, char** argv) {
  std::vector<int> cores{2, 8, 32, 128};
  std::vector<int> learners{1, 10, 100, 1000, 10000};
  std::vector<double> frame_ms;
  double max_cpu = 0.8;
  Model model;
  CLI::App app("Simulates StorySign's adaptation on a virtual clock.");
  app.add_option("--cores", cores, "Machines to try")->delimiter(',');
  app.add_option("--learners", learners, "Numbers of learners to try")->delimiter(',');
  app.add_option("--frame-ms", frame_ms,
                 "Mean CPU of a frame without decoding and encoding, ms: ultra_performance, "
                 "high_performance, balanced, high_quality")
      ->delimiter(',')
      ->expected(static_cast<int>(adapt::kProfiles));
  app.add_option("--io-ms", model.io_ms, "Mean CPU of decoding and encoding a frame, ms");
  app.add_option("--max-cpu", max_cpu, "Part of the cores that may be used in the capacity table");
  CLI11_PARSE(app, argc, argv);
  for (std::size_t i = 0; i < frame_ms.size(); ++i) model.frame_ms[i] = frame_ms[i];
  print_scenarios(cores, learners, model);
  print_capacity(cores, max_cpu, model);
  return 0;
}

}  // namespace
}  // namespace storysign::sim

int main(int argc, char** argv) {
  return storysign::sim::main_of(argc, argv);
}
