#include "vision/palm.hpp"

#include "vision/crop.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::vision {
namespace {

constexpr int kDetectionSide = 192;
constexpr std::array<AnchorLayer, 2> kAnchorLayers = {{{8, 2}, {16, 6}}};
constexpr std::size_t kDetectionKeypoints = 7;
constexpr std::size_t kWristKeypoint = 0;
constexpr std::size_t kMiddleBaseKeypoint = 2;
constexpr double kPalmRoiScale = 2.6;
constexpr double kPalmRoiShift = -0.5;
constexpr double kSameHandOverlap = 0.5;

float certainty(const HandEstimate& hand) noexcept {
  return std::abs(hand.right_probability - 0.5F);
}

}  // namespace

PalmHandsTracker::PalmHandsTracker(float min_detection_confidence, float min_tracking_confidence,
                                   const PalmSchedule& schedule)
    : min_detection_confidence_(min_detection_confidence),
      min_tracking_confidence_(min_tracking_confidence),
      schedule_(schedule),
      decoder_(kDetectionSide, kAnchorLayers, kDetectionKeypoints) {}

base::Result<Rois> PalmHandsTracker::detect(const base::ImageView& image,
                                            engine::Network& palm_detection) {
  const Roi whole = letterbox(image.width, image.height);
  crop(image, whole, kDetectionSide, Border::kZero, kUnitRange, palm_detection.input());
  if (auto done = palm_detection.infer(); !done) {
    return tl::unexpected(std::move(done).error());
  }
  Rois rois;
  for (const Detection& palm : decoder_.decode(palm_detection.output(0), palm_detection.output(1),
                                               min_detection_confidence_, kMaxHands)) {
    const Point centre = unproject({(palm.x0 + palm.x1) / 2.0, (palm.y0 + palm.y1) / 2.0}, whole);
    const double rotation =
        direction_angle(unproject(palm.keypoints[kWristKeypoint], whole),
                        unproject(palm.keypoints[kMiddleBaseKeypoint], whole), kUpwards);
    const Roi box{centre.x, centre.y, (palm.x1 - palm.x0) * whole.w, (palm.y1 - palm.y0) * whole.h,
                  rotation};
    rois.push(grow(box, kPalmRoiScale, kPalmRoiShift));
  }
  return rois;
}

Rois PalmHandsTracker::associate(const Rois& fresh, const Rois& tracked) noexcept {
  Rois chosen;
  for (const Rois* source : {&fresh, &tracked}) {
    for (const Roi& roi : *source) {
      chosen.remove_if([&](const Roi& earlier) {
        return intersection_over_union(earlier, roi) > kSameHandOverlap;
      });
      chosen.push(roi);
    }
  }
  return chosen;
}

HandPair PalmHandsTracker::assign_sides(std::span<const HandEstimate> hands) noexcept {
  const HandEstimate* surest = nullptr;
  const HandEstimate* second = nullptr;
  for (const HandEstimate& hand : hands) {
    if (surest == nullptr || certainty(hand) > certainty(*surest)) {
      second = surest;
      surest = &hand;
    } else if (second == nullptr || certainty(hand) > certainty(*second)) {
      second = &hand;
    }
  }
  HandPair pair;
  if (surest != nullptr) {
    const bool right = surest->right_probability > 0.5F;
    (right ? pair.right : pair.left) = surest;
    (right ? pair.left : pair.right) = second;
  }
  return pair;
}

bool PalmHandsTracker::wants_detection(bool may_detect) const noexcept {
  if (tracked_.size() >= kMaxHands) {
    return false;
  }
  if (tracked_.empty()) {
    return empty_frames_ <= schedule_.patience || empty_frames_ % schedule_.slow == 0;
  }
  const bool eager = steady_frames_ < schedule_.eager_frames;
  return may_detect && (eager || frames_since_detection_ >= schedule_.redetect);
}

void PalmHandsTracker::note_result(bool detected) noexcept {
  frames_since_detection_ = detected ? 1 : frames_since_detection_ + 1;
  steady_frames_ = hands_.size() == last_count_ ? steady_frames_ + 1 : 0;
  last_count_ = hands_.size();
  empty_frames_ = hands_.empty() ? empty_frames_ + 1 : 0;
}

base::Result<HandPair> PalmHandsTracker::process(const base::ImageView& image,
                                                 engine::Network& palm_detection,
                                                 engine::Network& landmark, bool may_detect) {
  Rois fresh;
  const bool detecting = wants_detection(may_detect);
  if (detecting) {
    auto detected = detect(image, palm_detection);
    if (!detected) {
      return tl::unexpected(std::move(detected).error());
    }
    fresh = *detected;
  }
  const Rois regions = associate(fresh, tracked_);
  tracked_.clear();
  hands_.clear();
  for (const Roi& roi : regions) {
    auto hand = estimate_hand(image, roi, landmark);
    if (!hand) {
      return tl::unexpected(std::move(hand).error());
    }
    if (hand->score > min_tracking_confidence_) {
      tracked_.push(next_hand_roi(hand->landmarks));
      hands_.push(*hand);
    }
  }
  note_result(detecting);
  return assign_sides(tracked());
}

HandPair PalmHandsTracker::move(std::span<const RigidMotion> motions) noexcept {
  for (std::size_t i = 0; i < hands_.size() && i < motions.size(); ++i) {
    move_by(motions[i].similarity, hands_[i].landmarks);
    tracked_[i] = next_hand_roi(hands_[i].landmarks);
  }
  note_result(false);
  return assign_sides(tracked());
}

void PalmHandsTracker::reset() noexcept {
  tracked_.clear();
  hands_.clear();
  last_count_ = 0;
  steady_frames_ = 0;
  frames_since_detection_ = 1;
  empty_frames_ = 0;
}

}  // namespace storysign::vision
