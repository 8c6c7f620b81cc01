#pragma once

#include "base/clock.hpp"

#include <sched.h>

#include <chrono>
#include <filesystem>
#include <optional>

namespace storysign::app {

/// How many workers to have where the settings leave it open: one for each usable core, as affinity
/// and CPU quota are now. Owned by the service; main thread.
class WorkerFollower {
 public:
  /// Between two looks at the files: a quota is changed by a person or an orchestrator, and
  /// networks for more workers take a second to load.
  static constexpr std::chrono::seconds kInterval{3};

  /// `configured`: performance.workers; 0 follows the machine, else the number is fixed. `root` is
  /// "/" but in tests, as in app/machine.hpp.
  explicit WorkerFollower(int configured, std::filesystem::path root = "/");

  /// Another performance.workers; the number to have now. The owner sees to it that it is so, else
  /// it configures again.
  int configure(int configured);

  /// The number to have.
  [[nodiscard]] int workers() const noexcept { return workers_; }
  /// As given last.
  [[nodiscard]] int configured() const noexcept { return configured_; }

  /// Usable cores at the last look, whatever the settings say; at least 1.
  [[nodiscard]] int cores() const noexcept { return cores_; }

  /// The new number of workers, if it is another than the one told last; reads the files at most
  /// every kInterval. If they cannot be read all stays as it is.
  [[nodiscard]] std::optional<int> check(base::SteadyTime now);

 private:
  void look();

  // Given.
  std::filesystem::path root_;
  // State.
  int configured_ = 0;
  int cores_ = 1;
  int workers_ = 1;
  base::SteadyTime next_look_{};
};

/// `taskset -p` on a running server changes its first thread only. This gives that thread's mask to
/// all others, when it has changed. Owned by the service; main thread.
class AffinityFollower {
 public:
  AffinityFollower();

  /// Whether the mask was another than at the last call (or at the start).
  bool check();

 private:
  cpu_set_t last_;
};

}  // namespace storysign::app
