#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace storysign::telemetry {

/// How busy one GPU was since the look before.
struct GpuReading {
  std::string card;   ///< "card0".
  double busy = 0.0;  ///< 0 to 1.
};

/// Reads what the drivers of the kernel say: gpu_busy_percent (amdgpu), and the time at rest
/// gt/gt0/rc6_residency_ms (Intel's i915), whose rest was busy. A machine without a GPU, or with
/// one that says neither, gives an empty list. One thread at a time.
class GpuSampler {
 public:
  /// `drm`: where the cards are, for tests.
  explicit GpuSampler(const std::filesystem::path& drm = "/sys/class/drm");

  /// Since the last call; an Intel GPU is left out the first time.
  [[nodiscard]] std::vector<GpuReading> sample(base::SteadyTime now);

 private:
  struct Card {
    std::string name;
    std::filesystem::path busy_file;  ///< Empty if it has none.
    std::filesystem::path rest_file;
    std::optional<std::uint64_t> rest_ms;
    base::SteadyTime at;
  };
  std::vector<Card> cards_;
};

}  // namespace storysign::telemetry
