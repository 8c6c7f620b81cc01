#include "render/raster.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace storysign::render {
namespace {

constexpr int kFull = 256;      // Weight of a pixel that is covered whole.
constexpr float kRound = 0.5F;  // Added before a positive number is cut to an integer.
constexpr float kEdge = 0.5F;   // Half the width of the smooth edge, in pixels.

/// A line with round ends: all places within `reach` of the stretch between two points.
struct Stroke {
  Point from;
  float dx;
  float dy;
  float inverse_length2;  // 0 for a dot.
  float reach;            // Half the width, and the smooth edge.

  /// Squared distance of a place from the stretch.
  [[nodiscard]] float distance2(float x, float y) const {
    const float ex = x - from.x;
    const float ey = y - from.y;
    const float along = std::clamp((ex * dx + ey * dy) * inverse_length2, 0.0F, 1.0F);
    const float rx = ex - along * dx;
    const float ry = ey - along * dy;
    return rx * rx + ry * ry;
  }
};

struct Range {
  int begin;
  int end;
};

/// The pixels of 0..limit whose middle may lie between two places. Clamped before it becomes an
/// integer.
Range pixels_between(float low, float high, int limit) {
  const auto top = static_cast<float>(limit);
  const float begin = std::clamp(std::ceil(low - 0.5F), 0.0F, top);
  const float end = std::clamp(std::floor(high - 0.5F) + 1.0F, 0.0F, top);
  return {static_cast<int>(begin), static_cast<int>(end)};
}

/// Bounds of the stroke in the row of middle `y`: those of the stretch that comes within reach of
/// the row.
Range row_range(const Stroke& stroke, float y, int width) {
  float t0 = 0.0F;
  float t1 = 1.0F;
  if (std::abs(stroke.dy) > 1e-3F) {
    const float a = (y - stroke.reach - stroke.from.y) / stroke.dy;
    const float b = (y + stroke.reach - stroke.from.y) / stroke.dy;
    t0 = std::clamp(std::min(a, b), 0.0F, 1.0F);
    t1 = std::clamp(std::max(a, b), 0.0F, 1.0F);
  }
  const float x0 = stroke.from.x + t0 * stroke.dx;
  const float x1 = stroke.from.x + t1 * stroke.dx;
  return pixels_between(std::min(x0, x1) - stroke.reach, std::max(x0, x1) + stroke.reach, width);
}

void blend(std::uint8_t* pixel, const std::array<int, 3>& color, int weight) {
  for (std::size_t c = 0; c < 3; ++c) {
    const int mixed = pixel[c] * (kFull - weight) + color[c] * weight + kFull / 2;
    pixel[c] = static_cast<std::uint8_t>(mixed / kFull);
  }
}

void draw(const base::MutableImageView& image, const Stroke& stroke, Color color) {
  const float low = std::min(stroke.from.y, stroke.from.y + stroke.dy) - stroke.reach;
  const float high = std::max(stroke.from.y, stroke.from.y + stroke.dy) + stroke.reach;
  const Range rows = pixels_between(low, high, image.height);
  const std::array<int, 3> channels{color.red, color.green, color.blue};
  const float outer2 = stroke.reach * stroke.reach;
  const float inner = std::max(stroke.reach - 2.0F * kEdge, 0.0F);
  const float inner2 = inner * inner;
  for (int y = rows.begin; y < rows.end; ++y) {
    const float middle = static_cast<float>(y) + 0.5F;
    const Range columns = row_range(stroke, middle, image.width);
    std::uint8_t* pixel = image.row(y) + static_cast<std::ptrdiff_t>(columns.begin) * 3;
    for (int x = columns.begin; x < columns.end; ++x, pixel += 3) {
      const float distance2 = stroke.distance2(static_cast<float>(x) + 0.5F, middle);
      if (distance2 >= outer2) continue;
      if (distance2 <= inner2) {
        pixel[0] = color.red;
        pixel[1] = color.green;
        pixel[2] = color.blue;
        continue;
      }
      // Coverage falls from one to nothing across the edge.
      const float cover = std::min(stroke.reach - std::sqrt(distance2), 1.0F);
      blend(pixel, channels, static_cast<int>(cover * static_cast<float>(kFull) + kRound));
    }
  }
}

}  // namespace

void fill(const base::MutableImageView& image, Color color) noexcept {
  if (image.data == nullptr || image.height <= 0 || image.width <= 0) return;
  std::uint8_t* pixel = image.row(0);
  for (int x = 0; x < image.width; ++x, pixel += 3) {
    pixel[0] = color.red;
    pixel[1] = color.green;
    pixel[2] = color.blue;
  }
  const std::size_t bytes = static_cast<std::size_t>(image.width) * 3U;
  for (int y = 1; y < image.height; ++y) std::memcpy(image.row(y), image.row(0), bytes);
}

void draw_line(const base::MutableImageView& image, Point from, Point to, float width,
               Color color) noexcept {
  const float dx = to.x - from.x;
  const float dy = to.y - from.y;
  const float length2 = dx * dx + dy * dy;
  const float reach = width / 2.0F + kEdge;
  // One sum that is not finite if any of its parts is not.
  if (!std::isfinite(length2 + from.x + from.y + reach) || width <= 0.0F) return;
  const float inverse = length2 > 0.0F ? 1.0F / length2 : 0.0F;
  draw(image, {from, dx, dy, std::isfinite(inverse) ? inverse : 0.0F, reach}, color);
}

void draw_dot(const base::MutableImageView& image, Point center, float radius,
              Color color) noexcept {
  draw_line(image, center, center, 2.0F * radius, color);
}

}  // namespace storysign::render
