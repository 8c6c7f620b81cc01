#pragma once

#include "vision/geometry.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <span>

namespace storysign::vision {

/// Parameters of a one-euro filter; cutoffs in Hz, beta in Hz per (object size / s).
struct OneEuroParameters {
  double min_cutoff;
  double beta;
  double derivative_cutoff;
};

/// One-euro filter (Casiez et al., 2012) over up to kCapacity landmarks with one clock, as
/// MediaPipe runs it: the derivative is of the raw values, in units of the object's size (vision.md
/// 9).
class OneEuroFilter {
 public:
  static constexpr std::size_t kCapacity = 33;

  explicit OneEuroFilter(const OneEuroParameters& parameters) noexcept : parameters_(parameters) {}

  /// Filters `landmarks` (pixels, at most kCapacity, as many as in the call before) in place.
  /// `object_size` in pixels; an object smaller than 1e-6, or a time that did not grow, leaves them
  /// as they are.
  void filter(std::chrono::microseconds time, std::span<PixelLandmark> landmarks,
              double object_size) noexcept;

  void reset() noexcept { started_ = false; }

 private:
  struct Coordinate {
    float raw = 0.0F;
    float filtered = 0.0F;
    float derivative = 0.0F;
  };
  void step(Coordinate& state, float& value, double frequency, double scale) const noexcept;

  OneEuroParameters parameters_;
  bool started_ = false;
  std::chrono::microseconds time_{0};
  std::array<std::array<Coordinate, 3>, kCapacity> state_{};
};

/// First-order low-pass over the visibilities of a body: y <- alpha * v + (1 - alpha) * y; the
/// first values pass.
class VisibilityFilter {
 public:
  static constexpr float kAlpha = 0.1F;

  /// Filters 33 values in place. `frames` since the last call, at least 1: as if each of them had
  /// shown these values.
  void filter(std::span<float, 33> visibilities, int frames = 1) noexcept;
  void reset() noexcept { started_ = false; }

 private:
  bool started_ = false;
  std::array<float, 33> state_{};
};

}  // namespace storysign::vision
