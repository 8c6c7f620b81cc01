#pragma once

#include "base/image.hpp"

#include <cstdint>
#include <vector>

namespace storysign::render {

/// Makes pictures smaller. Owned by one worker; one thread at a time; memory is reused.
class Scaler {
 public:
  /// Fills `to` with `from`, bilinear, the centres of the corner pixels' blocks aligned. Meant for
  /// scales from a half to one: below that, pixels between the sampled ones are left out. Neither
  /// picture may be empty.
  void shrink(const base::ImageView& from, const base::MutableImageView& to);

 private:
  /// Where a column comes from, in 1/256 of a pixel.
  struct Column {
    int left = 0;  ///< Byte offset of the left pixel in a row; the right one is 3 bytes on.
    int fraction = 0;
  };
  void prepare(int from_width, int to_width);

  int from_width_ = 0;
  std::vector<Column> columns_;
  std::vector<std::uint16_t> row_;  ///< Two rows blended, 256 times the value.
};

}  // namespace storysign::render
