#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace storysign::base {

/// A picture that somebody else owns: 8-bit RGB, interleaved, row 0 on top. `stride` is bytes from
/// one row to the next, at least 3 * width.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride = 0;

  [[nodiscard]] const std::uint8_t* row(int y) const noexcept { return data + y * stride; }
  [[nodiscard]] bool empty() const noexcept { return data == nullptr || width <= 0 || height <= 0; }
};

/// The same, to be written to.
struct MutableImageView {
  std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride = 0;

  [[nodiscard]] std::uint8_t* row(int y) const noexcept { return data + y * stride; }
  [[nodiscard]] ImageView view() const noexcept { return {data, width, height, stride}; }
};

/// A gray picture that somebody else owns: one byte a pixel, row 0 on top.
struct GrayView {
  const std::uint8_t* data = nullptr;
  int width = 0;
  int height = 0;
  std::ptrdiff_t stride = 0;

  [[nodiscard]] const std::uint8_t* row(int y) const noexcept { return data + y * stride; }
  [[nodiscard]] bool empty() const noexcept { return data == nullptr || width <= 0 || height <= 0; }
};

/// An owned gray picture, rows packed. resize() keeps the memory it has.
class GrayImage {
 public:
  /// Sets the size; the pixels are unspecified afterwards.
  void resize(int width, int height) {
    width_ = width;
    height_ = height;
    pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  }

  [[nodiscard]] std::uint8_t* row(int y) noexcept {
    return pixels_.data() + static_cast<std::ptrdiff_t>(y) * width_;
  }
  [[nodiscard]] GrayView view() const noexcept {
    return {pixels_.data(), width_, height_, static_cast<std::ptrdiff_t>(width_)};
  }

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// An owned picture, rows packed. resize() keeps the memory it has, so a reused Image stops
/// allocating.
class Image {
 public:
  Image() = default;
  Image(int width, int height) { resize(width, height); }

  /// Sets the size; the pixels are unspecified afterwards.
  void resize(int width, int height) {
    width_ = width;
    height_ = height;
    pixels_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3U);
  }

  [[nodiscard]] int width() const noexcept { return width_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] std::size_t size_bytes() const noexcept { return pixels_.size(); }
  [[nodiscard]] ImageView view() const noexcept {
    return {pixels_.data(), width_, height_, static_cast<std::ptrdiff_t>(width_) * 3};
  }
  [[nodiscard]] MutableImageView mutable_view() noexcept {
    return {pixels_.data(), width_, height_, static_cast<std::ptrdiff_t>(width_) * 3};
  }

 private:
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace storysign::base
