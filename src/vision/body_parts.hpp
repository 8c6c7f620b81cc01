#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "vision/face.hpp"
#include "vision/hand.hpp"
#include "vision/landmarks.hpp"
#include "vision/pacing.hpp"
#include "vision/parts_helper.hpp"
#include "vision/pose.hpp"
#include "vision/similarity.hpp"

#include <optional>
#include <span>

namespace storysign::vision {

/// From pixels to fractions of the picture; z in the unit of x.
class Normalizer {
 public:
  Normalizer(int width, int height) noexcept
      : width_(static_cast<float>(width)), height_(static_cast<float>(height)) {}

  [[nodiscard]] Landmark landmark(const PixelLandmark& p) const noexcept {
    return {p.x / width_, p.y / height_, p.z / width_};
  }
  void pose(const BodyPose& body, Pose& out) const noexcept;
  void hand(const HandEstimate& hand, Hand& out) const noexcept;
  void face(const FacePoints& face, Face& out) const noexcept;

 private:
  float width_;
  float height_;
};

/// A part that the body leads to, as a piece of work that any worker can do. A frame goes through
/// set_frame(); in the fast mode measure() and plan(); then either carry(), or set_image() and
/// run(). Part of a HolisticTracker.
class BodyPart : public PartJob {
 public:
  /// Names the frame, `width` by `height` pixels; `fast` is null in the reference mode. Both
  /// outlive the work on it.
  void set_frame(int width, int height, const FastFrame* fast) noexcept;

  /// What of the part is to be followed into the next picture, every step()-th landmark of it;
  /// empty if the part is not tracked.
  [[nodiscard]] virtual std::span<const PixelLandmark> followed() const noexcept = 0;
  [[nodiscard]] virtual std::size_t step() const noexcept { return 1; }

  /// Takes in where those went.
  virtual void measure(std::span<const PointMotion> points) noexcept = 0;

  /// Whether it is the networks' turn.
  [[nodiscard]] virtual Turn plan(const BodyPose& body) noexcept = 0;

  /// Moves what is tracked, without the networks.
  virtual void carry() noexcept = 0;

  /// Says what run() is to look at; both outlive it.
  void set_image(const base::ImageView& image, const BodyPose& body) noexcept {
    image_ = &image;
    body_ = &body;
  }
  void run(Networks& networks) noexcept final;
  /// Of the last run().
  [[nodiscard]] const base::Result<void>& outcome() const noexcept { return outcome_; }

  /// Forgets the part.
  virtual void reset() noexcept = 0;

 protected:
  virtual base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                                  Networks& networks) = 0;

  [[nodiscard]] const FastFrame* fast() const noexcept { return fast_; }
  [[nodiscard]] int height() const noexcept { return height_; }
  [[nodiscard]] Normalizer normalizer() const noexcept { return {width_, height_}; }

 private:
  int width_ = 0;
  int height_ = 0;
  const FastFrame* fast_ = nullptr;
  const base::ImageView* image_ = nullptr;
  const BodyPose* body_ = nullptr;
  base::Result<void> outcome_;
};

class HandPart final : public BodyPart {
 public:
  /// Writes what it finds to `found`, and to `inferred` whether a network ran; both outlive this.
  HandPart(Side side, std::optional<Hand>& found, bool& inferred) noexcept
      : tracker_(side), side_(side), found_(found), inferred_(inferred) {}

  [[nodiscard]] std::span<const PixelLandmark> followed() const noexcept override;
  void measure(std::span<const PointMotion> points) noexcept override;
  [[nodiscard]] Turn plan(const BodyPose& body) noexcept override;
  void carry() noexcept override;
  void reset() noexcept override;

  /// How a tracked hand moved, as measured; null if that could not be said.
  [[nodiscard]] const Point* shift() const noexcept;
  /// Frames since its networks ran; nothing if the hand is not tracked.
  [[nodiscard]] std::optional<int> tracked_age() const noexcept {
    return tracker_.tracked() != nullptr ? std::optional<int>(pacer_.age()) : std::nullopt;
  }

 private:
  base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                          Networks& networks) override;

  BodyHandTracker tracker_;
  Side side_;
  std::optional<Hand>& found_;
  bool& inferred_;
  HandPacer pacer_;
  RigidMotion motion_;
};

class FacePart final : public BodyPart {
 public:
  /// As HandPart. `refined`: see FaceTracker.
  FacePart(bool refined, std::optional<Face>& found, bool& inferred)
      : tracker_(refined), found_(found), inferred_(inferred) {}

  [[nodiscard]] std::span<const PixelLandmark> followed() const noexcept override;
  [[nodiscard]] std::size_t step() const noexcept override;
  void measure(std::span<const PointMotion> points) noexcept override;
  [[nodiscard]] Turn plan(const BodyPose& body) noexcept override;
  void carry() noexcept override;
  void reset() noexcept override;

  [[nodiscard]] FaceTracker& tracker() noexcept { return tracker_; }

 private:
  base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                          Networks& networks) override;

  FaceTracker tracker_;
  std::optional<Face>& found_;
  bool& inferred_;
  FacePacer pacer_;
  RigidMotion motion_;
};

}  // namespace storysign::vision
