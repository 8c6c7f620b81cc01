#pragma once

#include "vision/geometry.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace storysign::vision {

inline constexpr std::size_t kMaxKeypoints = 7;

/// One detection in fractions (0..1) of the detector's input.
struct Detection {
  float score = 0.0F;  ///< Probability.
  float x0 = 0.0F, y0 = 0.0F, x1 = 0.0F, y1 = 0.0F;
  std::array<Point, kMaxKeypoints> keypoints{};
};

/// A layer of anchors: one grid of side/stride squared cells.
struct AnchorLayer {
  int stride;
  int per_cell;
};

/// Turns the output of one of MediaPipe's single-shot detectors into detections. Thread-compatible;
/// allocates at construction only.
class DetectionDecoder {
 public:
  /// `side` of the input in pixels; rows hold 4 + 2 * keypoints values.
  DetectionDecoder(int side, std::span<const AnchorLayer> layers, std::size_t keypoints);

  /// Weighted non-maximum suppression over all anchors whose score reaches `min_score` (0..1): the
  /// best one takes with it all that overlap it by more than 0.3 and becomes their score-weighted
  /// mean. Best first, at most `max_detections`; valid until the next call. `boxes` holds anchors()
  /// rows, `logits` one number per anchor.
  std::span<const Detection> decode(std::span<const float> boxes, std::span<const float> logits,
                                    float min_score, std::size_t max_detections);

  [[nodiscard]] std::size_t anchors() const noexcept { return anchors_.size(); }

 private:
  void collect(std::span<const float> boxes, std::span<const float> logits, float min_score);
  [[nodiscard]] Detection merge_group(std::span<const std::size_t> group) const noexcept;

  float side_;
  std::size_t keypoints_;
  std::vector<Point> anchors_;
  std::vector<Detection> candidates_;
  std::vector<std::size_t> order_;  ///< Candidates not yet grouped, best first.
  std::vector<std::size_t> group_;
  std::vector<Detection> detections_;
};

[[nodiscard]] float sigmoid(float logit) noexcept;

}  // namespace storysign::vision
