#pragma once

#include "flow/pyramid.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace storysign::flow {

inline constexpr int kWindow = 11;  ///< Pixels a side.

/// Where a window begins between pixels: its first pixel, and how much of each of the four around
/// counts, in 1/16384.
struct WindowPlace {
  int x = 0;
  int y = 0;
  int top_left = 0;
  int top_right = 0;
  int bottom_left = 0;
  int bottom_right = 0;

  [[nodiscard]] static WindowPlace at(float x, float y) noexcept;
};

/// Sums over a window of products of the gradients, in squared gray values.
struct Gradients {
  float xx = 0.0F;
  float xy = 0.0F;
  float yy = 0.0F;
};

/// Sums over a window of the difference of gray values times the gradient.
struct Mismatch {
  float x = 0.0F;
  float y = 0.0F;
};

/// A window of a picture with its gradients by Scharr's filter (3 10 3), both interpolated in fixed
/// point. Gradients outside the picture count as 0. Places are as far out as kWindow pixels at
/// most.
class Window {
 public:
  /// Takes the window at `at` of `level`.
  Gradients read(const Level& level, const WindowPlace& at) noexcept;

  /// How the window at `at` of another level differs from this one.
  [[nodiscard]] Mismatch mismatch(const Level& level, const WindowPlace& at) const noexcept;

 private:
  static constexpr std::size_t kColumns = 16;  ///< Two registers; what is beyond kWindow is 0.
  using Row = std::array<std::int16_t, kColumns>;

  alignas(16) std::array<Row, kWindow> gray_{};
  alignas(16) std::array<Row, kWindow> dx_{};
  alignas(16) std::array<Row, kWindow> dy_{};
};

}  // namespace storysign::flow
