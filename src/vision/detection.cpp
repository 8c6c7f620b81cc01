#include "vision/detection.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::vision {
namespace {

constexpr float kMaxLogit = 100.0F;
constexpr float kGroupOverlap = 0.3F;

float area(const Detection& d) noexcept {
  return (d.x1 - d.x0) * (d.y1 - d.y0);
}

float overlap(const Detection& a, const Detection& b) noexcept {
  const float width = std::max(std::min(a.x1, b.x1) - std::max(a.x0, b.x0), 0.0F);
  const float height = std::max(std::min(a.y1, b.y1) - std::max(a.y0, b.y0), 0.0F);
  const float intersection = width * height;
  return intersection / std::max(area(a) + area(b) - intersection, 1e-12F);
}

}  // namespace

float sigmoid(float logit) noexcept {
  return 1.0F / (1.0F + std::exp(-logit));
}

DetectionDecoder::DetectionDecoder(int side, std::span<const AnchorLayer> layers,
                                   std::size_t keypoints)
    : side_(static_cast<float>(side)), keypoints_(keypoints) {
  for (const AnchorLayer& layer : layers) {
    const int grid = (side + layer.stride - 1) / layer.stride;
    for (int row = 0; row < grid; ++row) {
      for (int column = 0; column < grid; ++column) {
        const Point centre{(column + 0.5) / grid, (row + 0.5) / grid};
        anchors_.insert(anchors_.end(), static_cast<std::size_t>(layer.per_cell), centre);
      }
    }
  }
  candidates_.reserve(anchors_.size());
  order_.reserve(anchors_.size());
  group_.reserve(anchors_.size());
  detections_.reserve(anchors_.size());
}

void DetectionDecoder::collect(std::span<const float> boxes, std::span<const float> logits,
                               float min_score) {
  candidates_.clear();
  const std::size_t row_size = 4 + 2 * keypoints_;
  // The logit of the lowest score, a little lower, spares the exponential of nearly all anchors.
  const float low = std::clamp(min_score, 1e-6F, 1.0F - 1e-6F);
  const float enough = std::log(low / (1.0F - low)) - 0.01F;
  for (std::size_t i = 0; i < anchors_.size(); ++i) {
    if (logits[i] < enough) {
      continue;
    }
    const float* row = boxes.data() + i * row_size;
    Detection d;
    d.score = sigmoid(std::clamp(logits[i], -kMaxLogit, kMaxLogit));
    // Written so that a NaN from a broken network is dropped as well.
    if (!(d.score >= min_score) || !(row[2] >= 0.0F) || !(row[3] >= 0.0F)) {
      continue;
    }
    const auto anchor_x = static_cast<float>(anchors_[i].x);
    const auto anchor_y = static_cast<float>(anchors_[i].y);
    const float cx = row[0] / side_ + anchor_x;
    const float cy = row[1] / side_ + anchor_y;
    const float half_width = row[2] / side_ / 2.0F;
    const float half_height = row[3] / side_ / 2.0F;
    d.x0 = cx - half_width;
    d.y0 = cy - half_height;
    d.x1 = cx + half_width;
    d.y1 = cy + half_height;
    for (std::size_t k = 0; k < keypoints_; ++k) {
      d.keypoints[k] = {row[4 + 2 * k] / side_ + anchor_x, row[5 + 2 * k] / side_ + anchor_y};
    }
    candidates_.push_back(d);
  }
}

Detection DetectionDecoder::merge_group(std::span<const std::size_t> group) const noexcept {
  double total = 0.0;
  double x0 = 0.0;
  double y0 = 0.0;
  double x1 = 0.0;
  double y1 = 0.0;
  Detection merged;
  for (const std::size_t i : group) {
    const Detection& d = candidates_[i];
    const double weight = d.score;
    total += weight;
    x0 += weight * d.x0;
    y0 += weight * d.y0;
    x1 += weight * d.x1;
    y1 += weight * d.y1;
    for (std::size_t k = 0; k < keypoints_; ++k) {
      merged.keypoints[k].x += weight * d.keypoints[k].x;
      merged.keypoints[k].y += weight * d.keypoints[k].y;
    }
  }
  merged.score = candidates_[group.front()].score;
  merged.x0 = static_cast<float>(x0 / total);
  merged.y0 = static_cast<float>(y0 / total);
  merged.x1 = static_cast<float>(x1 / total);
  merged.y1 = static_cast<float>(y1 / total);
  for (std::size_t k = 0; k < keypoints_; ++k) {
    merged.keypoints[k].x /= total;
    merged.keypoints[k].y /= total;
  }
  return merged;
}

std::span<const Detection> DetectionDecoder::decode(std::span<const float> boxes,
                                                    std::span<const float> logits, float min_score,
                                                    std::size_t max_detections) {
  collect(boxes, logits, min_score);
  order_.clear();
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    order_.push_back(i);
  }
  std::sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
    const float left = candidates_[a].score;
    const float right = candidates_[b].score;
    return left != right ? left > right : a < b;
  });
  detections_.clear();
  while (!order_.empty() && detections_.size() < max_detections) {
    const Detection& best = candidates_[order_.front()];
    group_.clear();
    group_.push_back(order_.front());
    std::size_t kept = 0;
    for (std::size_t at = 1; at < order_.size(); ++at) {
      const std::size_t i = order_[at];
      if (overlap(best, candidates_[i]) > kGroupOverlap) {
        group_.push_back(i);
      } else {
        order_[kept++] = i;
      }
    }
    order_.resize(kept);
    detections_.push_back(merge_group(group_));
  }
  return detections_;
}

}  // namespace storysign::vision
