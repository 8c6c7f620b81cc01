#pragma once

#include "base/image.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace storysign::codec {

/// A picture as it is in a JPEG: brightness at full size, colours apart from it and mostly smaller.
/// JpegDecoder fills it and turns it into RGB. Reuse it: its memory only grows.
class YuvPlanes {
 public:
  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] int height() const noexcept { return height_; }

  /// Y of BT.601, full range: width() by height(). Valid until the planes are filled again.
  [[nodiscard]] base::GrayView brightness() const noexcept {
    return {planes_[0].data(), width_, height_, strides_[0]};
  }

 private:
  friend class JpegDecoder;

  int width_ = 0;
  int height_ = 0;
  int subsampling_ = 0;                              ///< TJSAMP of TurboJPEG.
  std::array<std::vector<std::uint8_t>, 3> planes_;  ///< Y, Cb, Cr; padded to whole samples.
  std::array<int, 3> strides_{};
  bool is_rgb_ = false;  ///< The JPEG held RGB, a rarity: then `rgb_` has it, and Y comes from it.
  base::Image rgb_;
};

}  // namespace storysign::codec
