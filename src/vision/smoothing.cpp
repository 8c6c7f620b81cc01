#include "vision/smoothing.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace storysign::vision {
namespace {

constexpr double kSmallestObject = 1e-6;

double smoothing_factor(double frequency, double cutoff) noexcept {
  return 1.0 / (1.0 + frequency / (2.0 * std::numbers::pi * cutoff));
}

float blend(double factor, float value, float before) noexcept {
  return static_cast<float>(factor * value + (1.0 - factor) * before);
}

}  // namespace

void OneEuroFilter::step(Coordinate& state, float& value, double frequency,
                         double scale) const noexcept {
  const auto derivative =
      static_cast<float>((static_cast<double>(value) - state.raw) * scale * frequency);
  state.derivative = blend(smoothing_factor(frequency, parameters_.derivative_cutoff), derivative,
                           state.derivative);
  const double cutoff =
      parameters_.min_cutoff + parameters_.beta * std::abs(static_cast<double>(state.derivative));
  state.filtered = blend(smoothing_factor(frequency, cutoff), value, state.filtered);
  state.raw = value;
  value = state.filtered;
}

void OneEuroFilter::filter(std::chrono::microseconds time, std::span<PixelLandmark> landmarks,
                           double object_size) noexcept {
  if (!(object_size >= kSmallestObject)) {
    return;
  }
  if (!started_) {
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
      const PixelLandmark& p = landmarks[i];
      state_[i] = {Coordinate{p.x, p.x, 0.0F}, Coordinate{p.y, p.y, 0.0F},
                   Coordinate{p.z, p.z, 0.0F}};
    }
    started_ = true;
    time_ = time;
    return;
  }
  if (time <= time_) {
    return;
  }
  const double frequency = 1.0 / std::chrono::duration<double>(time - time_).count();
  time_ = time;
  const double scale = 1.0 / object_size;
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    step(state_[i][0], landmarks[i].x, frequency, scale);
    step(state_[i][1], landmarks[i].y, frequency, scale);
    step(state_[i][2], landmarks[i].z, frequency, scale);
  }
}

void VisibilityFilter::filter(std::span<float, 33> visibilities, int frames) noexcept {
  if (!started_) {
    std::copy(visibilities.begin(), visibilities.end(), state_.begin());
    started_ = true;
    return;
  }
  const float alpha =
      frames == 1 ? kAlpha : 1.0F - std::pow(1.0F - kAlpha, static_cast<float>(frames));
  for (std::size_t i = 0; i < state_.size(); ++i) {
    state_[i] = alpha * visibilities[i] + (1.0F - alpha) * state_[i];
    visibilities[i] = state_[i];
  }
}

}  // namespace storysign::vision
