#include "vision/pose.hpp"

#include "vision/crop.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::vision {
namespace {

constexpr int kDetectionSide = 224;
constexpr int kLandmarkSide = 256;
constexpr std::array<AnchorLayer, 3> kAnchorLayers = {{{8, 2}, {16, 2}, {32, 6}}};
constexpr std::size_t kDetectionKeypoints =
    4;  // Hip centre, full-body scale point, and two of the upper body.
constexpr double kRoiScale = 1.25;

constexpr std::size_t kTensorPoints = 39;  // 33 of the body, 2 for alignment, 4 unused.
constexpr std::size_t kPointValues = 5;    // x, y, z, visibility logit, presence logit.
constexpr int kHeatmapSide = 64;
// The graph file says 7, but the Python solution that the reference landmarks come from runs the
// default of 9.
constexpr int kHeatmapRadius = 4;
constexpr float kMinHeat = 0.5F;

constexpr OneEuroParameters kBodySmoothing{0.05, 80.0, 1.0};
constexpr OneEuroParameters kAlignmentSmoothing{0.01, 10.0, 1.0};

/// Moves a point (fractions of the crop) to the weighted centre of its heatmap's surroundings,
/// where that is warm.
void refine_by_heatmap(std::span<const float> heatmap, std::size_t point, float& x,
                       float& y) noexcept {
  const float cell_x = x * kHeatmapSide;
  const float cell_y = y * kHeatmapSide;
  if (!(cell_x > -1.0F && cell_x < kHeatmapSide && cell_y > -1.0F && cell_y < kHeatmapSide)) {
    return;
  }
  const int column = static_cast<int>(cell_x);
  const int row = static_cast<int>(cell_y);
  float warmest = 0.0F;
  float sum = 0.0F;
  float sum_x = 0.0F;
  float sum_y = 0.0F;
  for (int r = std::max(0, row - kHeatmapRadius);
       r <= std::min(kHeatmapSide - 1, row + kHeatmapRadius); ++r) {
    for (int c = std::max(0, column - kHeatmapRadius);
         c <= std::min(kHeatmapSide - 1, column + kHeatmapRadius); ++c) {
      const std::size_t cell =
          static_cast<std::size_t>(r) * kHeatmapSide + static_cast<std::size_t>(c);
      const float heat = sigmoid(heatmap[cell * kTensorPoints + point]);
      warmest = std::max(warmest, heat);
      sum += heat;
      sum_x += heat * static_cast<float>(c);
      sum_y += heat * static_cast<float>(r);
    }
  }
  if (warmest >= kMinHeat) {
    x = sum_x / kHeatmapSide / sum;
    y = sum_y / kHeatmapSide / sum;
  }
}

}  // namespace

double BodyPose::object_size() const noexcept {
  return 2.0 * std::hypot(static_cast<double>(alignment[1].x) - alignment[0].x,
                          static_cast<double>(alignment[1].y) - alignment[0].y);
}

PoseTracker::PoseTracker(float min_detection_confidence, float min_tracking_confidence)
    : min_detection_confidence_(min_detection_confidence),
      min_tracking_confidence_(min_tracking_confidence),
      decoder_(kDetectionSide, kAnchorLayers, kDetectionKeypoints),
      body_filter_(kBodySmoothing),
      alignment_filter_(kAlignmentSmoothing) {}

base::Result<std::optional<Roi>> PoseTracker::detect(const base::ImageView& image,
                                                     engine::Network& detection) {
  const Roi whole = letterbox(image.width, image.height);
  crop(image, whole, kDetectionSide, Border::kZero, kSymmetricRange, detection.input());
  if (auto done = detection.infer(); !done) {
    return tl::unexpected(done.error());
  }
  const auto found =
      decoder_.decode(detection.output(0), detection.output(1), min_detection_confidence_, 1);
  if (found.empty()) {
    return std::optional<Roi>();
  }
  const Point centre = unproject(found.front().keypoints[0], whole);
  const Point scale_point = unproject(found.front().keypoints[1], whole);
  return std::optional<Roi>(grow(align(centre, scale_point, kUpwards), kRoiScale, 0.0));
}

base::Result<std::optional<BodyPose>> PoseTracker::estimate(const base::ImageView& image,
                                                            const Roi& roi,
                                                            engine::Network& landmark) const {
  crop(image, roi, kLandmarkSide, Border::kReplicate, kUnitRange, landmark.input());
  if (auto done = landmark.infer(); !done) {
    return tl::unexpected(done.error());
  }
  const std::span<const float> points = landmark.output(0);
  const float presence = landmark.output(1)[0];
  const std::span<const float> heatmap = landmark.output(2);
  if (!(presence > min_tracking_confidence_)) {
    return std::optional<BodyPose>();
  }
  BodyPose body;
  for (std::size_t i = 0; i < kPoseLandmarks + body.alignment.size(); ++i) {
    const float* values = points.data() + i * kPointValues;
    float x = values[0] / kLandmarkSide;
    float y = values[1] / kLandmarkSide;
    refine_by_heatmap(heatmap, i, x, y);
    const Point place = unproject({x, y}, roi);
    const PixelLandmark p{static_cast<float>(place.x), static_cast<float>(place.y),
                          static_cast<float>(values[2] / kLandmarkSide * roi.w)};
    if (i < kPoseLandmarks) {
      body.landmarks[i] = p;
      body.visibility[i] = sigmoid(values[3]);
    } else {
      body.alignment[i - kPoseLandmarks] = p;
    }
  }
  return std::optional<BodyPose>(body);
}

void PoseTracker::smooth(BodyPose& body, std::chrono::microseconds time, int frames) noexcept {
  const double object_size = body.object_size();
  visibility_filter_.filter(body.visibility, frames);
  body_filter_.filter(time, body.landmarks, object_size);
  alignment_filter_.filter(time, body.alignment, object_size);
}

Roi PoseTracker::next_roi(const BodyPose& body) noexcept {
  return grow(align(point_of(body.alignment[0]), point_of(body.alignment[1]), kUpwards), kRoiScale,
              0.0);
}

base::Result<const BodyPose*> PoseTracker::process(const base::ImageView& image,
                                                   std::chrono::microseconds time,
                                                   engine::Network& detection,
                                                   engine::Network& landmark, int frames) {
  if (!tracked_roi_) {
    auto detected = detect(image, detection);
    if (!detected) {
      return tl::unexpected(std::move(detected).error());
    }
    tracked_roi_ = *detected;
  }
  if (!tracked_roi_) {
    reset();
    return nullptr;
  }
  used_roi_ = *tracked_roi_;
  auto estimated = estimate(image, used_roi_, landmark);
  if (!estimated) {
    return tl::unexpected(std::move(estimated).error());
  }
  if (!*estimated) {
    reset();
    return nullptr;
  }
  body_ = **estimated;
  smooth(body_, time, frames);
  tracked_roi_ = next_roi(body_);
  return &body_;
}

void PoseTracker::move(std::span<const Point> landmarks, Point shift) noexcept {
  const auto shifted = [&](PixelLandmark& p) {
    p.x += static_cast<float>(shift.x);
    p.y += static_cast<float>(shift.y);
  };
  for (std::size_t i = 0; i < body_.landmarks.size(); ++i) {
    if (i < landmarks.size()) {
      body_.landmarks[i].x = static_cast<float>(landmarks[i].x);
      body_.landmarks[i].y = static_cast<float>(landmarks[i].y);
    } else {
      shifted(body_.landmarks[i]);
    }
  }
  std::for_each(body_.alignment.begin(), body_.alignment.end(), shifted);
  tracked_roi_ = next_roi(body_);
}

void PoseTracker::reset() noexcept {
  tracked_roi_.reset();
  visibility_filter_.reset();
  body_filter_.reset();
  alignment_filter_.reset();
}

}  // namespace storysign::vision
