#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/detection.hpp"
#include "vision/geometry.hpp"
#include "vision/landmarks.hpp"
#include "vision/pose.hpp"
#include "vision/similarity.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace storysign::vision {

using FacePoints = FaceArray<PixelLandmark>;

/// Outputs that the networks must be created with, in this order.
inline constexpr std::array<std::string_view, 2> kFaceDetectionOutputs = {"regressors",
                                                                          "classificators"};
inline constexpr std::array<std::string_view, 2> kFaceLandmarkOutputs = {"conv2d_21", "conv2d_31"};
/// Of the network with attention, which refines: the mesh and the presence, as above, and what was
/// looked at again.
inline constexpr std::array<std::string_view, 7> kRefinedFaceOutputs = {
    "output_mesh_identity", "conv_faceflag",    "output_lips",      "output_left_eye",
    "output_right_eye",     "output_left_iris", "output_right_iris"};

/// Follows the face from the body's head (vision.md 7). Thread-compatible; part of a
/// HolisticTracker.
class FaceTracker {
 public:
  /// `refined`: the landmark network is the one with attention.
  explicit FaceTracker(bool refined);

  /// Whether a face that is tracked is looked for by the detector again.
  enum class Detect : std::uint8_t { kAlways, kIfLost };

  /// One frame: the face, or null if there is none. Valid until the next call.
  base::Result<const FacePoints*> process(const base::ImageView& image, const BodyPose& body,
                                          engine::Network& detection, engine::Network& landmark,
                                          Detect mode = Detect::kAlways);

  /// The face of the last frame, or null.
  [[nodiscard]] const FacePoints* tracked() const noexcept { return tracked_ ? &face_ : nullptr; }

  /// A frame without the networks: the tracked face is here now.
  void move(const Similarity& motion) noexcept;

  /// Forgets the last landmarks.
  void reset() noexcept { tracked_ = false; }

  // The stages of process().

  /// Where the body's head says the face is.
  [[nodiscard]] static Roi roi_from_body(const BodyPose& body) noexcept;

  /// A better region from the face detector's look at `roi`; none if it sees no face there.
  base::Result<std::optional<Roi>> detect(const base::ImageView& image, const Roi& roi,
                                          engine::Network& detection);

  /// The region from the last landmarks.
  [[nodiscard]] static Roi next_roi(const FacePoints& last) noexcept;

  /// The region from the last landmarks if it may go on, else `fresh`.
  [[nodiscard]] static Roi choose_roi(const Roi& fresh, const FacePoints& last) noexcept;

  /// The landmarks in `roi`, written to `face`; false if the network sees no face in it.
  base::Result<bool> estimate(const base::ImageView& image, const Roi& roi,
                              engine::Network& landmark, FacePoints& face) const;

 private:
  bool refined_;
  DetectionDecoder decoder_;
  bool tracked_ = false;
  FacePoints face_;
};

}  // namespace storysign::vision
