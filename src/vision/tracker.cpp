#include "vision/tracker.hpp"

#include "vision/face.hpp"
#include "vision/hand.hpp"
#include "vision/mask.hpp"
#include "vision/palm.hpp"
#include "vision/pose.hpp"

#include <array>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace storysign::vision {
namespace {

// When `auto` changes between body and hands (hands-and-mask.md 10).
constexpr int kUnusableBodyPatience =
    3;  // Frames of a body without face and hands before it is left.
constexpr int kBodyProbeInterval =
    15;  // Frames between looks for a body while hands are tracked on their own.

/// From pixels to fractions of the picture; z in the unit of x.
class Normalizer {
 public:
  explicit Normalizer(const base::ImageView& image) noexcept
      : width_(static_cast<float>(image.width)), height_(static_cast<float>(image.height)) {}

  [[nodiscard]] Landmark landmark(const PixelLandmark& p) const noexcept {
    return {p.x / width_, p.y / height_, p.z / width_};
  }
  void pose(const BodyPose& body, Pose& out) const noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const Landmark p = landmark(body.landmarks[i]);
      out[i] = {p.x, p.y, p.z, body.visibility[i]};
    }
  }
  void hand(const HandEstimate& hand, Hand& out) const noexcept {
    for (std::size_t i = 0; i < out.landmarks.size(); ++i) {
      out.landmarks[i] = landmark(hand.landmarks[i]);
    }
    out.score = hand.score;
  }
  void face(const FacePoints& face, Face& out) const noexcept {
    out.set_refined(face.size() == kRefinedFaceLandmarks);
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = landmark(face[i]);
    }
  }

 private:
  float width_;
  float height_;
};

/// A part that the body leads to, as a piece of work that any worker can do.
class BodyPart : public PartJob {
 public:
  /// Names the frame; both outlive the work.
  void set_frame(const base::ImageView& image, const BodyPose& body) noexcept {
    image_ = &image;
    body_ = &body;
  }

  void run(Networks& networks) noexcept final {
    try {
      outcome_ = find(*image_, *body_, networks);
    } catch (const std::exception& exception) {
      outcome_ = base::fail(base::ErrorCode::kInternal,
                            std::string("A part of the frame failed (") + exception.what() +
                                "); this is a defect, please report it.");
    }
  }

  [[nodiscard]] const base::Result<void>& outcome() const noexcept { return outcome_; }

 protected:
  virtual base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                                  Networks& networks) = 0;

 private:
  const base::ImageView* image_ = nullptr;
  const BodyPose* body_ = nullptr;
  base::Result<void> outcome_;
};

class HandPart final : public BodyPart {
 public:
  HandPart(BodyHandTracker& tracker, std::optional<Hand>& found)
      : tracker_(tracker), found_(found) {}

 private:
  base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                          Networks& networks) override {
    const auto hand = tracker_.process(image, body, *networks.hand_recrop, *networks.hand_landmark);
    if (!hand) {
      return tl::unexpected(hand.error());
    }
    if (*hand != nullptr) {
      Normalizer(image).hand(**hand, found_.emplace());
    }
    return {};
  }

  BodyHandTracker& tracker_;
  std::optional<Hand>& found_;
};

class FacePart final : public BodyPart {
 public:
  FacePart(FaceTracker& tracker, std::optional<Face>& found) : tracker_(tracker), found_(found) {}

 private:
  base::Result<void> find(const base::ImageView& image, const BodyPose& body,
                          Networks& networks) override {
    const auto points =
        tracker_.process(image, body, *networks.face_detection, *networks.face_landmark);
    if (!points) {
      return tl::unexpected(points.error());
    }
    if (*points != nullptr) {
      Normalizer(image).face(**points, found_.emplace());
    }
    return {};
  }

  FaceTracker& tracker_;
  std::optional<Face>& found_;
};

}  // namespace

struct HolisticTracker::State {
  explicit State(const TrackerOptions& given)
      : options(given),
        pose(given.min_detection_confidence, given.min_tracking_confidence),
        left_hand(Side::kLeft),
        right_hand(Side::kRight),
        face(given.refine_face),
        hands(given.min_detection_confidence, given.min_tracking_confidence,
              given.tracker == TrackerKind::kAuto ? kThriftyPalmSchedule : kReferencePalmSchedule),
        mask(given.mask_smoothing) {}

  TrackerOptions options;

  PoseTracker pose;
  BodyHandTracker left_hand;
  BodyHandTracker right_hand;
  FaceTracker face;
  PalmHandsTracker hands;
  PersonMask mask;

  TrackingMode mode = TrackingMode::kBody;
  int unusable_body_frames = 0;  ///< In a row: a body with neither face nor hands.
  int frames_on_hands = 0;       ///< Since the body was left.
  FrameLandmarks found;
  PartsHelper* helper = nullptr;  ///< During process() only.

  // The same work as pieces. Each writes to its own tracker above and its own member of `found`.
  HandPart left_part{left_hand, found.left_hand};
  HandPart right_part{right_hand, found.right_hand};
  FacePart face_part{face, found.face};

  base::Result<void> track(const base::ImageView& image, std::chrono::microseconds time,
                           Networks& networks);
  base::Result<void> track_body(const base::ImageView& image, std::chrono::microseconds time,
                                Networks& networks);
  base::Result<void> track_parts(const base::ImageView& image, const BodyPose& body,
                                 Networks& networks);
  void share_parts(Networks& networks) noexcept;
  /// The order in which they are done without a helper, and failures are reported in.
  std::array<BodyPart*, 3> parts_in_order() noexcept {
    return {&left_part, &right_part, &face_part};
  }
  base::Result<void> track_hands(const base::ImageView& image, Networks& networks, bool may_detect);
  base::Result<bool> probe_for_body(const base::ImageView& image, std::chrono::microseconds time,
                                    Networks& networks);
  base::Result<void> leave_body(const base::ImageView& image, Networks& networks);
  void clear_found() noexcept;
  void reset_parts() noexcept;
  void reset() noexcept;
};

void HolisticTracker::State::clear_found() noexcept {
  found.mode = mode;
  found.pose.reset();
  found.left_hand.reset();
  found.right_hand.reset();
  found.face.reset();
}

void HolisticTracker::State::reset_parts() noexcept {
  left_hand.reset();
  right_hand.reset();
  face.reset();
}

void HolisticTracker::State::reset() noexcept {
  pose.reset();
  reset_parts();
  hands.reset();
  mask.reset();
  mode = options.tracker == TrackerKind::kHands ? TrackingMode::kHands : TrackingMode::kBody;
  unusable_body_frames = 0;
  frames_on_hands = 0;
  clear_found();
}

base::Result<void> HolisticTracker::State::track_hands(const base::ImageView& image,
                                                       Networks& networks, bool may_detect) {
  clear_found();
  mask.clear();
  const auto pair =
      hands.process(image, *networks.palm_detection, *networks.hand_landmark, may_detect);
  if (!pair) {
    return tl::unexpected(pair.error());
  }
  const Normalizer normalize(image);
  if (pair->left != nullptr) {
    normalize.hand(*pair->left, found.left_hand.emplace());
  }
  if (pair->right != nullptr) {
    normalize.hand(*pair->right, found.right_hand.emplace());
  }
  return {};
}

base::Result<void> HolisticTracker::State::track_parts(const base::ImageView& image,
                                                       const BodyPose& body, Networks& networks) {
  const Normalizer normalize(image);
  normalize.pose(body, found.pose.emplace());
  if (options.segmentation) {
    mask.update(networks.pose_landmark->output(kPoseLandmarkOutputs.size() - 1), pose.used_roi(),
                image.width, image.height);
  }
  for (BodyPart* part : parts_in_order()) {
    part->set_frame(image, body);
  }
  if (helper != nullptr) {
    share_parts(networks);
  }
  for (BodyPart* part : parts_in_order()) {
    if (helper == nullptr) {
      part->run(networks);
    }
    if (!part->outcome()) {
      return part->outcome();
    }
  }
  return {};
}

void HolisticTracker::State::share_parts(Networks& networks) noexcept {
  // A helper takes what was offered first: a hand, which costs more than the face.
  helper->offer(left_part);
  helper->offer(face_part);
  right_part.run(networks);
  for (BodyPart* part : {static_cast<BodyPart*>(&face_part), static_cast<BodyPart*>(&left_part)}) {
    if (helper->take_back(*part)) {
      part->run(networks);
    }
  }
}

base::Result<void> HolisticTracker::State::leave_body(const base::ImageView& image,
                                                      Networks& networks) {
  pose.reset();
  reset_parts();
  hands.reset();
  mode = TrackingMode::kHands;
  unusable_body_frames = 0;
  frames_on_hands = 0;
  return track_hands(image, networks, true);
}

base::Result<void> HolisticTracker::State::track_body(const base::ImageView& image,
                                                      std::chrono::microseconds time,
                                                      Networks& networks) {
  const bool may_leave = options.tracker == TrackerKind::kAuto;
  const auto body = pose.process(image, time, *networks.pose_detection, *networks.pose_landmark);
  if (!body) {
    return tl::unexpected(body.error());
  }
  if (*body == nullptr) {
    reset_parts();
    mask.clear();
    return may_leave ? leave_body(image, networks) : base::Result<void>();
  }
  if (auto done = track_parts(image, **body, networks); !done) {
    return done;
  }
  const bool usable = found.face || found.left_hand || found.right_hand;
  unusable_body_frames = usable ? 0 : unusable_body_frames + 1;
  const int patience = options.still ? 1 : kUnusableBodyPatience;
  return may_leave && unusable_body_frames >= patience ? leave_body(image, networks)
                                                       : base::Result<void>();
}

base::Result<bool> HolisticTracker::State::probe_for_body(const base::ImageView& image,
                                                          std::chrono::microseconds time,
                                                          Networks& networks) {
  const auto body = pose.process(image, time, *networks.pose_detection, *networks.pose_landmark);
  if (!body) {
    return tl::unexpected(body.error());
  }
  bool has_face = false;
  if (*body != nullptr) {
    const auto face_roi =
        face.detect(image, FaceTracker::roi_from_body(**body), *networks.face_detection);
    if (!face_roi) {
      return tl::unexpected(face_roi.error());
    }
    has_face = face_roi->has_value();
  }
  if (!has_face) {
    pose.reset();
    return false;
  }
  hands.reset();
  mode = TrackingMode::kBody;
  clear_found();
  if (auto done = track_parts(image, **body, networks); !done) {
    return tl::unexpected(std::move(done).error());
  }
  return true;
}

base::Result<void> HolisticTracker::State::track(const base::ImageView& image,
                                                 std::chrono::microseconds time,
                                                 Networks& networks) {
  if (options.still) {
    reset();
  }
  clear_found();
  if (mode == TrackingMode::kBody) {
    return track_body(image, time, networks);
  }
  bool probed = false;
  if (options.tracker == TrackerKind::kAuto && ++frames_on_hands % kBodyProbeInterval == 0) {
    const auto has_body = probe_for_body(image, time, networks);
    if (!has_body || *has_body) {
      return has_body ? base::Result<void>() : tl::unexpected(has_body.error());
    }
    probed = true;
  }
  // A frame that has paid for a probe leaves the palm detector to the next one, if it can wait.
  return track_hands(image, networks, !probed);
}

HolisticTracker::HolisticTracker(const TrackerOptions& options)
    : state_(std::make_unique<State>(options)) {
  state_->reset();
}
HolisticTracker::HolisticTracker(HolisticTracker&&) noexcept = default;
HolisticTracker& HolisticTracker::operator=(HolisticTracker&&) noexcept = default;
HolisticTracker::~HolisticTracker() = default;

base::Result<const FrameLandmarks*> HolisticTracker::process(const base::ImageView& image,
                                                             std::chrono::microseconds time,
                                                             Networks& networks,
                                                             PartsHelper* helper) {
  if (image.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput, "The picture to track is empty.");
  }
  state_->helper = helper;
  if (auto done = state_->track(image, time, networks); !done) {
    state_->reset();
    return tl::unexpected(std::move(done).error());
  }
  return &state_->found;
}

MaskView HolisticTracker::mask() const noexcept {
  return state_->mask.view();
}

void HolisticTracker::reset() noexcept {
  state_->reset();
}

}  // namespace storysign::vision
