#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/detection.hpp"
#include "vision/geometry.hpp"
#include "vision/landmarks.hpp"
#include "vision/smoothing.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <span>

namespace storysign::vision {

/// The body in pixels, and what leads to the next frame's region.
struct BodyPose {
  std::array<PixelLandmark, kPoseLandmarks> landmarks{};
  std::array<float, kPoseLandmarks> visibility{};  ///< 0..1.
  std::array<PixelLandmark, 2> alignment{};        ///< Hip centre and scale point.

  /// Twice the distance of the alignment points, in pixels: what speeds are measured in.
  [[nodiscard]] double object_size() const noexcept;
};

/// Outputs that the pose landmark network must be created with, in this order; the last only for
/// the mask.
inline constexpr std::array<std::string_view, 4> kPoseLandmarkOutputs = {
    "Identity", "Identity_1", "Identity_3", "Identity_2"};
inline constexpr std::array<std::string_view, 2> kPoseDetectionOutputs = {"Identity", "Identity_1"};

/// Finds the body and follows it (vision.md 5). Thread-compatible; part of a HolisticTracker.
class PoseTracker {
 public:
  PoseTracker(float min_detection_confidence, float min_tracking_confidence);

  /// One frame: the smoothed body, or null if there is none. Valid until the next call. Runs the
  /// detector only if the last frame left no region. `frames` since the last call, at least 1.
  base::Result<const BodyPose*> process(const base::ImageView& image,
                                        std::chrono::microseconds time, engine::Network& detection,
                                        engine::Network& landmark, int frames = 1);

  /// The body of the last frame, or null.
  [[nodiscard]] const BodyPose* tracked() const noexcept { return tracked_roi_ ? &body_ : nullptr; }

  /// A frame without the networks: the landmarks are here now, and the rest of the body, with the
  /// region for the next run, goes by `shift` pixels. Visibilities and z stay.
  void move(std::span<const Point> landmarks, Point shift) noexcept;

  /// Forgets the region and the filters.
  void reset() noexcept;

  /// The region that the last process() looked at; its mask, if there is one, belongs to it.
  [[nodiscard]] const Roi& used_roi() const noexcept { return used_roi_; }

  // The stages of process(), apart so that each can be held against the reference.

  /// Where the detector sees a body in the whole picture.
  base::Result<std::optional<Roi>> detect(const base::ImageView& image, engine::Network& detection);

  /// The unsmoothed body in `roi`; none if the network's presence is not above the tracking
  /// confidence.
  base::Result<std::optional<BodyPose>> estimate(const base::ImageView& image, const Roi& roi,
                                                 engine::Network& landmark) const;

  /// Smooths in place.
  void smooth(BodyPose& body, std::chrono::microseconds time, int frames = 1) noexcept;

  /// The region for the next frame, from the smoothed alignment points.
  [[nodiscard]] static Roi next_roi(const BodyPose& body) noexcept;

 private:
  float min_detection_confidence_;
  float min_tracking_confidence_;
  DetectionDecoder decoder_;

  std::optional<Roi> tracked_roi_;
  Roi used_roi_;
  BodyPose body_;
  VisibilityFilter visibility_filter_;
  OneEuroFilter body_filter_;
  OneEuroFilter alignment_filter_;
};

}  // namespace storysign::vision
