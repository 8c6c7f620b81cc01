#pragma once

#include "base/image.hpp"
#include "vision/geometry.hpp"
#include "vision/optical_flow.hpp"
#include "vision/similarity.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace storysign::vision {

/// Where the landmarks of all parts went from the frame before to this one, by one call of the
/// optical flow. Part of a HolisticTracker; thread-compatible.
class Motion {
 public:
  /// Two hands (five while hands are tracked on their own), body and face.
  static constexpr std::size_t kCapacity = 160;

  /// `flow` may be null: then there is no motion to be had.
  explicit Motion(std::unique_ptr<OpticalFlow> flow) noexcept : flow_(std::move(flow)) {}

  [[nodiscard]] bool has_flow() const noexcept { return flow_ != nullptr; }

  /// Forgets the points to follow.
  void clear() noexcept { size_ = 0; }

  /// Adds every `step`-th of `landmarks` (pixels of the picture), as many as there is room for;
  /// what run() finds is at the place returned.
  struct Place {
    std::size_t first = 0;
    std::size_t count = 0;
  };
  Place add(std::span<const PixelLandmark> landmarks, std::size_t step = 1) noexcept;

  /// Follows what was added into the next picture, `gray`, which is `reduction` times smaller.
  void run(const base::GrayView& gray, int reduction);

  [[nodiscard]] std::span<const PointMotion> at(const Place& place) const noexcept {
    return {points_.data() + place.first, place.count};
  }

  /// Forgets the picture before.
  void reset() noexcept;

 private:
  std::unique_ptr<OpticalFlow> flow_;
  std::size_t size_ = 0;
  std::array<PointMotion, kCapacity> points_{};
  std::array<FlowPoint, kCapacity> from_{};
  std::array<FlowPoint, kCapacity> to_{};
  std::array<std::uint8_t, kCapacity> found_{};
};

}  // namespace storysign::vision
