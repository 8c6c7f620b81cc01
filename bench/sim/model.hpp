#pragma once

#include "adapt/profile.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>

namespace storysign::sim {

/// What work costs on one core. Everything that a measurement should replace stands here.
struct Model {
  /// Networks, flow and drawing of a frame, ms, ultra_performance first: "vision" as
  /// `bench/capacity.py --modes landmarks --resting 0 --start 4 --most 4 --set
  /// performance.mode=PROFILE performance.max_cpu_usage=100` prints it (2 learners for
  /// high_quality).
  std::array<double, adapt::kProfiles> frame_ms{8.4, 12.2, 16.6, 22.8};
  /// Of that, what the frames cost on which no network runs.
  double flow_ms = 3.0;
  /// Decoding, encoding and messages, ms a frame in any profile.
  double io_ms = 1.2;
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

  /// `frame_skip` as in force; above the profile's, networks run so much more rarely.
  template <class Random>
  [[nodiscard]] double draw_ms(adapt::Profile profile, int frame_skip, Random& random) const {
    std::uniform_real_distribution<double> part(0.0, 1.0);
    std::normal_distribution<double> noise(-0.5 * spread * spread, spread);
    const double light = (1.0 - heavy_part * heavy) / (1.0 - heavy_part);
    const double kind = part(random) < heavy_part ? heavy : light;
    const double usual = std::max(1, adapt::settings_of(profile).frame_skip);
    const double networks = (frame_ms[static_cast<std::size_t>(profile)] - flow_ms) *
                            std::min(1.0, usual / std::max(1, frame_skip));
    return io_ms + (flow_ms + networks) * kind * std::exp(noise(random));
  }
};

}  // namespace storysign::sim
