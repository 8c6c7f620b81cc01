#include "vision/hand.hpp"

#include "vision/crop.hpp"

#include <cmath>

namespace storysign::vision {
namespace {

constexpr int kRecropSide = 256;
constexpr int kLandmarkSide = 224;
constexpr float kDepthScale = 0.4F;  // The network's z is smaller than its x by this.
constexpr float kMinScore = 0.5F;    // Fixed in MediaPipe Holistic, whatever the confidences.
// A network in fewer digits says whether there is a hand only outside this distance from kMinScore:
// inside it, a tenth of its answers are the opposite of the exact one's.
constexpr float kUnsure = 0.2F;
constexpr float kMinWristVisibility = 0.1F;
constexpr double kShift = -0.1;
constexpr double kBodyRoiScale = 2.7;
constexpr double kRecropRoiScale = 1.0;
constexpr double kOwnRoiScale = 2.0;
constexpr TrackingLimits kTrackingLimits{40.0, 0.2, 0.4, -0.1};

/// Indices of the pose landmarks at a hand.
struct PoseHand {
  std::size_t wrist;
  std::size_t pinky;
  std::size_t index;
};
constexpr PoseHand kLeftPoseHand{15, 17, 19};
constexpr PoseHand kRightPoseHand{16, 18, 20};

}  // namespace

base::Result<HandEstimate> estimate_hand(const base::ImageView& image, const Roi& roi,
                                         engine::Network& landmark) {
  crop(image, roi, kLandmarkSide, Border::kReplicate, kUnitRange, landmark.input());
  if (auto done = landmark.infer(); !done) {
    return tl::unexpected(std::move(done).error());
  }
  const std::span<const float> values = landmark.output(0);
  HandEstimate hand;
  hand.score = landmark.output(1)[0];
  hand.right_probability = landmark.output(2)[0];
  for (std::size_t i = 0; i < kHandLandmarks; ++i) {
    const Point p =
        unproject({values[3 * i] / kLandmarkSide, values[3 * i + 1] / kLandmarkSide}, roi);
    hand.landmarks[i] = {
        static_cast<float>(p.x), static_cast<float>(p.y),
        static_cast<float>(values[3 * i + 2] / kLandmarkSide / kDepthScale * roi.w)};
  }
  return hand;
}

double palm_length(const HandPoints& landmarks) noexcept {
  constexpr std::size_t kWrist = 0;
  constexpr std::size_t kMiddleBase = 9;
  return std::hypot(static_cast<double>(landmarks[kMiddleBase].x) - landmarks[kWrist].x,
                    static_cast<double>(landmarks[kMiddleBase].y) - landmarks[kWrist].y);
}

Roi next_hand_roi(const HandPoints& landmarks) noexcept {
  return grow(palm_roi(landmarks), kOwnRoiScale, kShift);
}

std::optional<Roi> BodyHandTracker::roi_from_body(const BodyPose& body) const noexcept {
  const PoseHand& at = side_ == Side::kLeft ? kLeftPoseHand : kRightPoseHand;
  if (!(body.visibility[at.wrist] > kMinWristVisibility)) {
    return std::nullopt;
  }
  const Point wrist = point_of(body.landmarks[at.wrist]);
  const Point pinky = point_of(body.landmarks[at.pinky]);
  const Point index = point_of(body.landmarks[at.index]);
  const Point middle{(2.0 * index.x + pinky.x) / 3.0, (2.0 * index.y + pinky.y) / 3.0};
  return grow(align(middle, wrist, kDownwards), kBodyRoiScale, kShift);
}

base::Result<Roi> BodyHandTracker::refine_roi(const base::ImageView& image, const Roi& roi,
                                              engine::Network& recrop) {
  crop(image, roi, kRecropSide, Border::kReplicate, kUnitRange, recrop.input());
  if (auto done = recrop.infer(); !done) {
    return tl::unexpected(std::move(done).error());
  }
  const std::span<const float> points = recrop.output(0);
  const Point centre = unproject({points[0] / kRecropSide, points[1] / kRecropSide}, roi);
  const Point scale_point = unproject({points[2] / kRecropSide, points[3] / kRecropSide}, roi);
  return grow(align(centre, scale_point, kDownwards), kRecropRoiScale, kShift);
}

Roi BodyHandTracker::choose_roi(const Roi& fresh, const HandPoints& last) noexcept {
  const Roi own = next_hand_roi(last);
  return keeps_tracking(own, fresh, last, kTrackingLimits) ? own : fresh;
}

void BodyHandTracker::move(const Similarity& motion) noexcept {
  move_by(motion, hand_.landmarks);
}

base::Result<const HandEstimate*> BodyHandTracker::process(const base::ImageView& image,
                                                           const BodyPose& body,
                                                           engine::Network& recrop,
                                                           engine::Network& landmark,
                                                           engine::Network* quick) {
  const bool was_tracked = tracked_;
  tracked_ = false;
  const std::optional<Roi> rough = roi_from_body(body);
  if (!rough) {
    return nullptr;
  }
  const auto fresh = refine_roi(image, *rough, recrop);
  if (!fresh) {
    return tl::unexpected(fresh.error());
  }
  const Roi roi = was_tracked ? choose_roi(*fresh, hand_.landmarks) : *fresh;
  auto estimated = estimate_hand(image, roi, quick != nullptr ? *quick : landmark);
  if (quick != nullptr && estimated && std::abs(estimated->score - kMinScore) < kUnsure) {
    estimated = estimate_hand(image, roi, landmark);
  }
  if (!estimated) {
    return tl::unexpected(std::move(estimated).error());
  }
  if (!(estimated->score > kMinScore)) {
    return nullptr;
  }
  hand_ = *estimated;
  tracked_ = true;
  return &hand_;
}

}  // namespace storysign::vision
