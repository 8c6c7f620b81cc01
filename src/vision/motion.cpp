#include "vision/motion.hpp"

namespace storysign::vision {

Motion::Place Motion::add(std::span<const PixelLandmark> landmarks, std::size_t step) noexcept {
  const std::size_t first = size_;
  for (std::size_t i = 0; i < landmarks.size() && size_ < kCapacity; i += step) {
    points_[size_++] = {point_of(landmarks[i]), {}, false};
  }
  return {first, size_ - first};
}

void Motion::run(const base::GrayView& gray, int reduction) {
  // A small pixel is the mean of a block of large ones: its centre lies between theirs.
  const double offset = (reduction - 1) / 2.0;
  for (std::size_t i = 0; i < size_; ++i) {
    from_[i] = {static_cast<float>((points_[i].before.x - offset) / reduction),
                static_cast<float>((points_[i].before.y - offset) / reduction)};
  }
  const std::span<std::uint8_t> found(found_.data(), size_);
  flow_->advance(gray, {from_.data(), size_}, {to_.data(), size_}, found);
  for (std::size_t i = 0; i < size_; ++i) {
    points_[i].found = found[i] != 0;
    points_[i].after = {static_cast<double>(to_[i].x) * reduction + offset,
                        static_cast<double>(to_[i].y) * reduction + offset};
  }
}

void Motion::reset() noexcept {
  clear();
  if (flow_ != nullptr) {
    flow_->reset();
  }
}

}  // namespace storysign::vision
