#include "vision/body_parts.hpp"

#include "vision/tracker.hpp"

#include <cmath>
#include <cstddef>
#include <exception>
#include <string>

namespace storysign::vision {
namespace {

// Where no hand is tracked, the fast mode looks for one only where the body shows its wrist in the
// picture.
constexpr float kLowestWrist = 1.05F;  // Of the picture's height.
constexpr std::size_t kLeftWrist = 15;
constexpr std::size_t kRightWrist = 16;

// 30 points tell how a face moved.
constexpr std::size_t kFaceStep = 16;
constexpr std::size_t kOuterRightEye = 33;
constexpr std::size_t kOuterLeftEye = 263;

double eye_distance(const FacePoints& face) noexcept {
  return std::hypot(static_cast<double>(face[kOuterLeftEye].x) - face[kOuterRightEye].x,
                    static_cast<double>(face[kOuterLeftEye].y) - face[kOuterRightEye].y);
}

}  // namespace

void Normalizer::pose(const BodyPose& body, Pose& out) const noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Landmark p = landmark(body.landmarks[i]);
    out[i] = {p.x, p.y, p.z, body.visibility[i]};
  }
}

void Normalizer::hand(const HandEstimate& hand, Hand& out) const noexcept {
  for (std::size_t i = 0; i < out.landmarks.size(); ++i) {
    out.landmarks[i] = landmark(hand.landmarks[i]);
  }
  out.score = hand.score;
}

void Normalizer::face(const FacePoints& face, Face& out) const noexcept {
  out.set_refined(face.size() == kRefinedFaceLandmarks);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = landmark(face[i]);
  }
}

void BodyPart::set_frame(int width, int height, const FastFrame* fast) noexcept {
  width_ = width;
  height_ = height;
  fast_ = fast;
}

void BodyPart::run(Networks& networks) noexcept {
  try {
    outcome_ = find(*image_, *body_, networks);
  } catch (const std::exception& exception) {
    outcome_ = base::fail(base::ErrorCode::kInternal, std::string("A part of the frame failed (") +
                                                          exception.what() +
                                                          "); this is a defect, please report it.");
  }
}

std::span<const PixelLandmark> HandPart::followed() const noexcept {
  const HandEstimate* hand = tracker_.tracked();
  return hand != nullptr ? std::span<const PixelLandmark>(hand->landmarks)
                         : std::span<const PixelLandmark>();
}

void HandPart::measure(std::span<const PointMotion> points) noexcept {
  motion_ = {};
  if (const HandEstimate* hand = tracker_.tracked()) {
    if (const double palm = palm_length(hand->landmarks); palm > 0.0) {
      motion_ = fit_rigid_motion(points, palm);
    }
  }
}

const Point* HandPart::shift() const noexcept {
  return motion_.points >= kMinRigidPoints ? &motion_.median_shift : nullptr;
}

Turn HandPart::plan(const BodyPose& body) noexcept {
  if (const HandEstimate* hand = tracker_.tracked()) {
    HandPoints moved = hand->landmarks;
    move_by(motion_.similarity, moved);
    return pacer_.follow(*fast(), motion_, palm_length(hand->landmarks), next_hand_roi(moved));
  }
  const std::size_t wrist = side_ == Side::kLeft ? kLeftWrist : kRightWrist;
  const auto place = tracker_.roi_from_body(body);
  if (!place || body.visibility[wrist] < fast()->rules->hand.sought_visibility ||
      body.landmarks[wrist].y > kLowestWrist * static_cast<float>(height())) {
    pacer_.pass();
    return Turn::kCarry;
  }
  return pacer_.seek(*fast(), *place);
}

void HandPart::carry() noexcept {
  if (tracker_.tracked() != nullptr) {
    tracker_.move(motion_.similarity);
    normalizer().hand(*tracker_.tracked(), found_.emplace());
  }
}

base::Result<void> HandPart::find(const base::ImageView& image, const BodyPose& body,
                                  Networks& networks) {
  const auto place = tracker_.roi_from_body(body);
  const bool may_be_quick = fast() != nullptr && fast()->quick_hands;
  const auto hand = tracker_.process(image, body, *networks.hand_recrop, *networks.hand_landmark,
                                     may_be_quick ? networks.quick_hand_landmark.get() : nullptr);
  if (!hand) {
    return tl::unexpected(hand.error());
  }
  inferred_ = place.has_value();
  if (*hand != nullptr) {
    normalizer().hand(**hand, found_.emplace());
  }
  if (fast() == nullptr || !place) {
    pacer_.reset();
  } else if (*hand != nullptr) {
    pacer_.found(*fast(), next_hand_roi((*hand)->landmarks));
  } else {
    pacer_.missed(*fast(), *place);
  }
  return {};
}

void HandPart::reset() noexcept {
  tracker_.reset();
  pacer_.reset();
}

std::span<const PixelLandmark> FacePart::followed() const noexcept {
  const FacePoints* face = tracker_.tracked();
  return face != nullptr ? std::span<const PixelLandmark>(face->begin(), face->size())
                         : std::span<const PixelLandmark>();
}

std::size_t FacePart::step() const noexcept {
  return kFaceStep;
}

void FacePart::measure(std::span<const PointMotion> points) noexcept {
  motion_ = {};
  if (const FacePoints* face = tracker_.tracked()) {
    if (const double size = eye_distance(*face); size > 0.0) {
      motion_ = fit_rigid_motion(points, size);
    }
  }
}

Turn FacePart::plan(const BodyPose& /*body*/) noexcept {
  const FacePoints* face = tracker_.tracked();
  return face != nullptr ? pacer_.follow(*fast(), motion_, eye_distance(*face))
                         : pacer_.seek(*fast());
}

void FacePart::carry() noexcept {
  if (tracker_.tracked() != nullptr) {
    tracker_.move(motion_.similarity);
    normalizer().face(*tracker_.tracked(), found_.emplace());
  }
}

base::Result<void> FacePart::find(const base::ImageView& image, const BodyPose& body,
                                  Networks& networks) {
  const bool detect = fast() == nullptr || fast()->rules->face.detect_each_run;
  const auto points =
      tracker_.process(image, body, *networks.face_detection, *networks.face_landmark,
                       detect ? FaceTracker::Detect::kAlways : FaceTracker::Detect::kIfLost);
  if (!points) {
    return tl::unexpected(points.error());
  }
  inferred_ = true;
  if (*points != nullptr) {
    normalizer().face(**points, found_.emplace());
  }
  if (fast() == nullptr) {
    pacer_.reset();
  } else if (*points != nullptr) {
    pacer_.found();
  } else {
    pacer_.missed();
  }
  return {};
}

void FacePart::reset() noexcept {
  tracker_.reset();
  pacer_.reset();
}

}  // namespace storysign::vision
