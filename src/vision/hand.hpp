#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/geometry.hpp"
#include "vision/landmarks.hpp"
#include "vision/pose.hpp"
#include "vision/similarity.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace storysign::vision {

using HandPoints = std::array<PixelLandmark, kHandLandmarks>;

/// A hand in pixels as the hand landmark network sees it.
struct HandEstimate {
  HandPoints landmarks{};
  float score = 0.0F;  ///< Probability that this is a hand.
  float right_probability =
      0;  ///< That it is the signer's right one, in a picture that is not mirrored.
};

/// Outputs that the networks must be created with, in this order.
inline constexpr std::array<std::string_view, 3> kHandLandmarkOutputs = {"Identity", "Identity_1",
                                                                         "Identity_2"};
inline constexpr std::array<std::string_view, 1> kHandRecropOutputs = {"output_crop"};

/// Runs the hand landmark network on `roi`, whatever its score.
base::Result<HandEstimate> estimate_hand(const base::ImageView& image, const Roi& roi,
                                         engine::Network& landmark);

/// From the wrist to the base of the middle finger, in pixels: what a hand's errors and motions are
/// measured in.
[[nodiscard]] double palm_length(const HandPoints& landmarks) noexcept;

/// The region in which to look for a hand that had these landmarks a frame ago.
[[nodiscard]] Roi next_hand_roi(const HandPoints& landmarks) noexcept;

/// Which of the signer's hands.
enum class Side : std::uint8_t { kLeft, kRight };

/// Follows one hand from the body's wrist (vision.md 6). Thread-compatible; part of a
/// HolisticTracker.
class BodyHandTracker {
 public:
  explicit BodyHandTracker(Side side) noexcept : side_(side) {}

  /// One frame: the hand, or null if there is none. Valid until the next call. `quick`, if not
  /// null, stands in for `landmark` wherever it is sure.
  base::Result<const HandEstimate*> process(const base::ImageView& image, const BodyPose& body,
                                            engine::Network& recrop, engine::Network& landmark,
                                            engine::Network* quick);

  /// Forgets the last landmarks.
  void reset() noexcept { tracked_ = false; }

  /// The hand of the last frame, or null.
  [[nodiscard]] const HandEstimate* tracked() const noexcept { return tracked_ ? &hand_ : nullptr; }

  /// A frame without the networks: the tracked hand is here now; z and score stay.
  void move(const Similarity& motion) noexcept;

  // The stages of process().

  /// Where the body's wrist, index and little finger say the hand is; none if the wrist is hidden.
  [[nodiscard]] std::optional<Roi> roi_from_body(const BodyPose& body) const noexcept;

  /// A better region from the re-crop network's look at `roi`.
  static base::Result<Roi> refine_roi(const base::ImageView& image, const Roi& roi,
                                      engine::Network& recrop);

  /// The region from the last landmarks if it may go on, else `fresh`.
  [[nodiscard]] static Roi choose_roi(const Roi& fresh, const HandPoints& last) noexcept;

 private:
  Side side_;
  bool tracked_ = false;
  HandEstimate hand_;
};

}  // namespace storysign::vision
