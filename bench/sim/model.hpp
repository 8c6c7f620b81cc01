#pragma once

#include "adapt/profile.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <random>

namespace storysign::sim {

/// What work costs on one core. Everything that a measurement should replace stands here.
struct Model {
  /// Networks, flow and drawing of a frame, ms, ultra_performance first. Estimates from
  /// shared/reference/fast-tracking.md, "Operating points", rounded up.
  std::array<double, adapt::kProfiles> frame_ms{9.0, 11.0, 18.0, 22.0};
  /// Decoding, encoding and messages, ms a frame in any profile.
  double io_ms = 1.5;
  /// Networks run on some frames only: this part of the frames costs `heavy` times the mean, so
  /// that the 95th percentile is about twice the mean.
  double heavy_part = 0.2;
  double heavy = 1.9;
  /// Spread within both kinds, standard deviation of the logarithm.
  double spread = 0.15;
  /// CPU of the process beside the workers, as a part of theirs.
  double overhead = 0.03;
  /// An annotated answer, KB, ultra_performance first: JPEG of 640x480 with the profile's quality
  /// and scale.
  std::array<double, adapt::kProfiles> answer_kb{9.0, 16.0, 28.0, 52.0};

  [[nodiscard]] double mean_ms(adapt::Profile profile) const noexcept {
    return frame_ms[static_cast<std::size_t>(profile)] + io_ms;
  }

  template <class Random>
  [[nodiscard]] double draw_ms(adapt::Profile profile, Random& random) const {
    std::uniform_real_distribution<double> part(0.0, 1.0);
    std::normal_distribution<double> noise(-0.5 * spread * spread, spread);
    const double light = (1.0 - heavy_part * heavy) / (1.0 - heavy_part);
    const double kind = part(random) < heavy_part ? heavy : light;
    return io_ms + frame_ms[static_cast<std::size_t>(profile)] * kind * std::exp(noise(random));
  }
};

}  // namespace storysign::sim
