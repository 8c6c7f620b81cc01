#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "vision/landmarks.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace storysign::render {

/// Blurs what is not the person. Owned by one worker; one thread at a time. Keeps its buffers:
/// allocates only when it meets a larger picture.
class BackgroundBlur {
 public:
  /// `strength` is the blur's standard deviation as a part of the picture's height, 0.002 to 0.1;
  /// outside values are taken as the nearest of these.
  explicit BackgroundBlur(float strength = 0.03F) noexcept;

  /// Blurs `image` in place where `mask` is low. Pixels with a probability of 0.6 or more stay as
  /// they are, those with 0.2 or less are blurred whole, between them is a soft edge. The person's
  /// colours do not run into the background. An empty mask (no person known) leaves the picture
  /// alone. Fails with kInvalidInput if the sizes differ.
  base::Result<void> apply(const base::MutableImageView& image, const vision::MaskView& mask);

 private:
  /// Red, green and blue times weight, and weight: together so that one register holds them.
  struct Texel {
    float red = 0.0F;
    float green = 0.0F;
    float blue = 0.0F;
    float weight = 0.0F;

    Texel& operator+=(const Texel& other) noexcept {
      red += other.red;
      green += other.green;
      blue += other.blue;
      weight += other.weight;
      return *this;
    }
    Texel& operator-=(const Texel& other) noexcept { return *this += other * -1.0F; }
    Texel operator*(float factor) const noexcept {
      return {red * factor, green * factor, blue * factor, weight * factor};
    }
  };
  /// Where a full-size column lies between two small ones.
  struct Tap {
    int left = 0;
    int right = 0;
    int fraction = 0;  ///< Of the right one, in 256ths.
  };

  void prepare(int width, int height);
  void reduce(const base::MutableImageView& image, const vision::MaskView& mask);
  void box_rows(int radius);
  void box_columns(int radius);
  void widen();
  void blend(const base::MutableImageView& image, const vision::MaskView& mask);
  [[nodiscard]] Tap tap(int full, int small_size) const noexcept;

  // Given.
  float strength_;
  // State.
  int width_ = 0;
  int height_ = 0;
  int factor_ = 1;
  int small_width_ = 0;
  int small_height_ = 0;
  std::vector<Texel> small_;
  std::vector<Texel> other_;
  std::vector<Texel> row_;
  std::vector<Tap> taps_;           ///< One a column.
  std::vector<std::uint8_t> wide_;  ///< The blurred picture: full width, small height.
  std::vector<std::uint16_t>
      share_;  ///< Of one row: how much of the blur each byte takes, in 256ths.
};

}  // namespace storysign::render
