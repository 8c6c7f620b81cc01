#pragma once

#include "base/image.hpp"

#include <cstdint>

namespace storysign::render {

struct Color {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;

  friend bool operator==(const Color&, const Color&) = default;
};

/// A place in a picture in pixels. Whole numbers lie between pixels: the middle of the first pixel
/// is (0.5, 0.5).
struct Point {
  float x = 0.0F;
  float y = 0.0F;
};

/// The ground that skeletons without a picture are drawn on: dark, so that all colours of the
/// overlay stand out.
inline constexpr Color kPlainGround{38, 42, 52};

/// Fills the whole picture: what was in it is gone. For skeletons on a plain ground.
void fill(const base::MutableImageView& image, Color color) noexcept;

/// Draws a line of `width` pixels with round ends and smooth edges. Parts outside the picture are
/// left out; nothing is drawn if a number is not finite. Takes time for the pixels in the picture
/// only. Any thread that owns the picture.
void draw_line(const base::MutableImageView& image, Point from, Point to, float width,
               Color color) noexcept;

/// Draws a filled circle with a smooth edge, under the same rules.
void draw_dot(const base::MutableImageView& image, Point center, float radius,
              Color color) noexcept;

}  // namespace storysign::render
