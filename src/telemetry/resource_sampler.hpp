#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>

namespace storysign::telemetry {

/// What this process and the machine use.
struct ResourceReading {
  double process_cpu_percent = 0.0;     ///< Of all usable cores together, 0..100.
  double machine_cpu_percent = 0.0;     ///< Of all cores of the machine, by whomever, 0..100.
  std::uint64_t memory_bytes = 0;       ///< Resident memory of this process.
  double memory_percent = 0.0;          ///< The same, of the machine's memory.
  double machine_memory_percent = 0.0;  ///< Of the machine's memory, not available to anybody.
  int threads = 0;                      ///< Of this process.
};

/// Reads /proc. The percentages of CPU are means between two readings. One thread at a time; reads
/// three small files, so no place for a strand that answers frames.
class ResourceSampler {
 public:
  /// `usable_cores`: what the process may use (affinity, quota), at least 1; may be a fraction.
  /// `proc`: where /proc is, for tests. The first sample() has nothing to compare with but what the
  /// files say at `now`.
  ResourceSampler(double usable_cores, base::SteadyTime now,
                  const std::filesystem::path& proc = "/proc");

  /// For a quota or an affinity that has changed.
  void set_usable_cores(double cores) noexcept { usable_cores_ = cores; }

  /// What was used until now counts for no reading: the start of a program is not its load.
  void restart(base::SteadyTime now);

  /// The use since the last sample that read the files; less than 100 ms after that, its reading
  /// again. Fails with kIo if a file cannot be read or understood.
  base::Result<ResourceReading> sample(base::SteadyTime now);

 private:
  /// Counts since the start, as the files give them.
  struct Counts {
    std::uint64_t process_ticks = 0;
    std::uint64_t machine_busy_ticks = 0;
    std::uint64_t machine_ticks = 0;
  };
  base::Result<Counts> read(ResourceReading& reading) const;

  // Given.
  double usable_cores_;
  std::filesystem::path process_file_;
  std::filesystem::path machine_file_;
  std::filesystem::path memory_file_;
  double ticks_per_second_;
  std::uint64_t page_bytes_;
  // State.
  base::SteadyTime last_time_;
  Counts last_;
  ResourceReading reading_;
};

}  // namespace storysign::telemetry
