#include "app/media/rotate.hpp"

#include <cstddef>
#include <cstdint>

namespace storysign::app {

void rotate_clockwise(const base::ImageView& from, int degrees, const base::MutableImageView& to) {
  for (int y = 0; y < to.height; ++y) {
    std::uint8_t* out = to.row(y);
    for (int x = 0; x < to.width; ++x, out += 3) {
      int source_x = from.width - 1 - x;
      int source_y = from.height - 1 - y;
      if (degrees == 90) {
        source_x = y;
        source_y = from.height - 1 - x;
      } else if (degrees == 270) {
        source_x = from.width - 1 - y;
        source_y = x;
      }
      const std::uint8_t* in = from.row(source_y) + static_cast<std::ptrdiff_t>(source_x) * 3;
      out[0] = in[0];
      out[1] = in[1];
      out[2] = in[2];
    }
  }
}

}  // namespace storysign::app
