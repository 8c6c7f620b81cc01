#pragma once

#include "base/image.hpp"
#include "base/result.hpp"

namespace storysign::vision {

/// What the sides of a picture are divided by for its small gray version: the smallest power of two
/// that makes the longer side at most 480. Half of 640x480, where optical flow with a small window
/// is as good as at full size (fast-tracking.md 2).
[[nodiscard]] constexpr int gray_reduction(int width, int height) noexcept {
  constexpr int kLongestSide = 480;
  const int longer = width > height ? width : height;
  int reduction = 1;
  while (longer / reduction > kLongestSide) {
    reduction *= 2;
  }
  return reduction;
}

/// One frame, whose colours are made only if a network is to see them. Valid during one
/// HolisticTracker::process(); one thread.
class Picture {
 public:
  Picture() = default;
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  Picture(Picture&&) = delete;
  Picture& operator=(Picture&&) = delete;
  virtual ~Picture() = default;

  [[nodiscard]] virtual int width() const noexcept = 0;
  [[nodiscard]] virtual int height() const noexcept = 0;

  /// The brightness, both sides divided by gray_reduction(), rounded down. Stays until the picture
  /// ends.
  virtual base::Result<base::GrayView> small_gray() = 0;

  /// The picture itself, width() by height(). Stays until the picture ends.
  virtual base::Result<base::ImageView> colours() = 0;
};

/// A picture whose colours are there already.
class ColourPicture final : public Picture {
 public:
  /// `scratch` keeps the memory of the gray version from frame to frame. Both outlive this.
  ColourPicture(const base::ImageView& image, base::GrayImage& scratch) noexcept
      : image_(image), gray_(scratch) {}

  [[nodiscard]] int width() const noexcept override { return image_.width; }
  [[nodiscard]] int height() const noexcept override { return image_.height; }
  base::Result<base::GrayView> small_gray() override;
  base::Result<base::ImageView> colours() override { return image_; }

 private:
  base::ImageView image_;
  base::GrayImage& gray_;
};

/// Brightness (Y of BT.601, full range) of each block of `reduction` by `reduction` pixels,
/// rounded.
void reduce_to_gray(const base::ImageView& image, int reduction, base::GrayImage& out);

}  // namespace storysign::vision
