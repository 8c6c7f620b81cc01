#include "vision/face.hpp"

#include "engine/face_attention.hpp"
#include "vision/crop.hpp"

#include <cstdint>
#include <span>

namespace storysign::vision {
namespace {

constexpr int kDetectionSide = 128;
constexpr int kLandmarkSide = 192;
constexpr std::array<AnchorLayer, 2> kAnchorLayers = {{{8, 2}, {16, 6}}};
constexpr std::size_t kDetectionKeypoints =
    6;  // Right eye, left eye, nose, mouth, right ear, left ear.
constexpr float kMinDetectionScore =
    0.5F;  // Fixed in MediaPipe Holistic, whatever the confidences.
constexpr float kMinPresence = 0.5F;

constexpr std::size_t kHeadLandmarks = 11;  // Pose landmarks 0..10.
constexpr std::size_t kPoseRightEye = 5;
constexpr std::size_t kPoseLeftEye = 2;
constexpr std::size_t kMeshRightEye = 33;
constexpr std::size_t kMeshLeftEye = 263;
constexpr double kBodyRoiScale = 3.0;
constexpr double kDetectedRoiScale = 2.0;
constexpr double kDetectedRoiShift = -0.1;
constexpr double kOwnRoiScale = 1.5;
constexpr TrackingLimits kTrackingLimits{15.0, 0.1, 0.3, -0.2};

// Places in kRefinedFaceOutputs.
constexpr std::size_t kLipsOutput = 2;
constexpr std::size_t kLeftEyeOutput = 3;
constexpr std::size_t kRightEyeOutput = 4;
constexpr std::size_t kLeftIrisOutput = 5;
constexpr std::size_t kRightIrisOutput = 6;
constexpr std::size_t kIrisLandmarks = 5;

/// The first 468 landmarks, in pixels of the network's input.
void read_mesh(std::span<const float> values, FacePoints& face) noexcept {
  for (std::size_t i = 0; i < kFaceLandmarks; ++i) {
    face[i] = {values[3 * i], values[3 * i + 1], values[3 * i + 2]};
  }
}

/// Better x and y for the landmarks named; their z stays.
void move_landmarks(std::span<const float> values, std::span<const std::uint16_t> landmarks,
                    FacePoints& face) noexcept {
  for (std::size_t i = 0; i < landmarks.size(); ++i) {
    face[landmarks[i]].x = values[2 * i];
    face[landmarks[i]].y = values[2 * i + 1];
  }
}

/// An iris behind the mesh, as deep as the contour of its eye is on average.
void add_iris(std::span<const float> values, std::span<const std::uint16_t> eye, std::size_t first,
              FacePoints& face) noexcept {
  float depth = 0.0F;
  for (const std::uint16_t landmark : eye.first(engine::kEyeContour)) {
    depth += face[landmark].z;
  }
  depth /= static_cast<float>(engine::kEyeContour);
  for (std::size_t i = 0; i < kIrisLandmarks; ++i) {
    face[first + i] = {values[2 * i], values[2 * i + 1], depth};
  }
}

void read_refinements(const engine::Network& network, FacePoints& face) noexcept {
  move_landmarks(network.output(kLipsOutput), engine::kAttentionLips, face);
  move_landmarks(network.output(kLeftEyeOutput), engine::kAttentionLeftEye, face);
  move_landmarks(network.output(kRightEyeOutput), engine::kAttentionRightEye, face);
  add_iris(network.output(kLeftIrisOutput), engine::kAttentionLeftEye, kFaceLandmarks, face);
  add_iris(network.output(kRightIrisOutput), engine::kAttentionRightEye,
           kFaceLandmarks + kIrisLandmarks, face);
}

std::span<const PixelLandmark> span_of(const FacePoints& face) noexcept {
  return {face.begin(), face.size()};
}

}  // namespace

FaceTracker::FaceTracker(bool refined)
    : refined_(refined), decoder_(kDetectionSide, kAnchorLayers, kDetectionKeypoints) {}

Roi FaceTracker::roi_from_body(const BodyPose& body) noexcept {
  const std::span<const PixelLandmark> head(body.landmarks.data(), kHeadLandmarks);
  return grow(bounding_roi(head, kPoseRightEye, kPoseLeftEye), kBodyRoiScale, 0.0);
}

base::Result<std::optional<Roi>> FaceTracker::detect(const base::ImageView& image, const Roi& roi,
                                                     engine::Network& detection) {
  crop(image, roi, kDetectionSide, Border::kZero, kSymmetricRange, detection.input());
  if (auto done = detection.infer(); !done) {
    return tl::unexpected(std::move(done).error());
  }
  const auto found =
      decoder_.decode(detection.output(0), detection.output(1), kMinDetectionScore, 1);
  if (found.empty()) {
    return std::optional<Roi>();
  }
  std::array<Point, kDetectionKeypoints> keypoints;
  for (std::size_t i = 0; i < keypoints.size(); ++i) {
    keypoints[i] = unproject(found.front().keypoints[i], roi);
  }
  // The box of the keypoints, not the detector's box, lying along the line of the eyes.
  return std::optional<Roi>(
      grow(bounding_roi(keypoints, 0, 1), kDetectedRoiScale, kDetectedRoiShift));
}

Roi FaceTracker::next_roi(const FacePoints& last) noexcept {
  return grow(bounding_roi(span_of(last), kMeshRightEye, kMeshLeftEye), kOwnRoiScale, 0.0);
}

Roi FaceTracker::choose_roi(const Roi& fresh, const FacePoints& last) noexcept {
  const Roi own = next_roi(last);
  return keeps_tracking(own, fresh, span_of(last), kTrackingLimits) ? own : fresh;
}

base::Result<bool> FaceTracker::estimate(const base::ImageView& image, const Roi& roi,
                                         engine::Network& landmark, FacePoints& face) const {
  crop(image, roi, kLandmarkSide, Border::kReplicate, kUnitRange, landmark.input());
  if (auto done = landmark.infer(); !done) {
    return tl::unexpected(std::move(done).error());
  }
  if (!(sigmoid(landmark.output(1)[0]) > kMinPresence)) {
    return false;
  }
  read_mesh(landmark.output(0), face);
  face.set_refined(refined_);
  if (refined_) {
    read_refinements(landmark, face);
  }
  for (PixelLandmark& p : face) {
    const Point place = unproject({p.x / kLandmarkSide, p.y / kLandmarkSide}, roi);
    p = {static_cast<float>(place.x), static_cast<float>(place.y),
         static_cast<float>(p.z / kLandmarkSide * roi.w)};
  }
  return true;
}

void FaceTracker::move(const Similarity& motion) noexcept {
  move_by(motion, {face_.begin(), face_.size()});
}

base::Result<const FacePoints*> FaceTracker::process(const base::ImageView& image,
                                                     const BodyPose& body,
                                                     engine::Network& detection,
                                                     engine::Network& landmark, Detect mode) {
  const bool was_tracked = tracked_;
  tracked_ = false;
  Roi roi;
  if (was_tracked && mode == Detect::kIfLost) {
    roi = next_roi(face_);
  } else {
    const auto fresh = detect(image, roi_from_body(body), detection);
    if (!fresh) {
      return tl::unexpected(fresh.error());
    }
    if (!*fresh) {
      return nullptr;
    }
    roi = was_tracked ? choose_roi(**fresh, face_) : **fresh;
  }
  const auto found = estimate(image, roi, landmark, face_);
  if (!found) {
    return tl::unexpected(found.error());
  }
  tracked_ = *found;
  return tracked_ ? &face_ : nullptr;
}

}  // namespace storysign::vision
