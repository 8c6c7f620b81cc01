#include "vision/tracker.hpp"

#include "base/half_gray.hpp"
#include "vision/body_motion.hpp"
#include "vision/body_parts.hpp"
#include "vision/mask.hpp"
#include "vision/motion.hpp"
#include "vision/pacing.hpp"
#include "vision/palm.hpp"
#include "vision/pose.hpp"
#include "vision/similarity.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace storysign::vision {
namespace {

// When `auto` changes between body and hands (hands-and-mask.md 10).
constexpr int kUnusableBodyPatience =
    3;  // Frames of a body without face and hands before it is left.
constexpr int kBodyProbeInterval =
    15;  // Frames between looks for a body while hands are tracked on their own.

constexpr std::size_t kParts = 3;  // That a body leads to: two hands and a face.
constexpr int kLongestGap = 100;   // Frames after which nothing is left of an old visibility.

/// What one call of the tracker is given.
struct Task {
  Picture* picture = nullptr;
  std::chrono::microseconds time{};
  Networks* networks = nullptr;
  PartsHelper* helper = nullptr;
  const FastFrame* fast = nullptr;  ///< Null in the reference mode.
};

}  // namespace

struct HolisticTracker::State {
  State(const TrackerOptions& given, std::unique_ptr<OpticalFlow> flow)
      : options(given),
        motion(std::move(flow)),
        pose(given.min_detection_confidence, given.min_tracking_confidence),
        left_hand(Side::kLeft, found.left_hand, found.inferred.left_hand),
        right_hand(Side::kRight, found.right_hand, found.inferred.right_hand),
        face(given.refine_face, found.face, found.inferred.face),
        hands(given.min_detection_confidence, given.min_tracking_confidence,
              given.tracker == TrackerKind::kAuto ? kThriftyPalmSchedule : kReferencePalmSchedule),
        mask(given.mask_smoothing) {}

  TrackerOptions options;
  FrameLandmarks found;

  Motion motion;
  base::GrayImage scratch;  ///< Of pictures that come in colours.
  base::GrayImage blurred;
  FastFrame fast;

  PoseTracker pose;
  PosePacer pose_pacer;
  Motion::Place pose_place;
  // Each writes to its own members of `found`.
  HandPart left_hand;
  HandPart right_hand;
  FacePart face;

  PalmHandsTracker hands;
  std::array<HandPacer, ShortList<HandEstimate>::kCapacity> hand_pacers;
  std::array<RigidMotion, ShortList<HandEstimate>::kCapacity> hand_motions;
  int frames_since_hands = kNever;  ///< Since networks ran for hands on their own.

  PersonMask mask;

  TrackingMode mode = TrackingMode::kBody;
  int unusable_body_frames = 0;  ///< In a row: a body with neither face nor hands.
  int frames_on_hands = 0;       ///< Since the body was left.

  base::Result<void> look(Picture& picture, const Pace& pace, bool has_quick_hands);
  void follow_parts();
  void follow_hands();

  base::Result<void> track(const Task& task);
  base::Result<void> track_body(const Task& task);
  base::Result<const BodyPose*> find_body(const Task& task);
  Turn plan_body();
  [[nodiscard]] std::array<Turn, kParts> plan_parts(const Task& task,
                                                    const BodyPose& body) noexcept;
  base::Result<void> track_parts(const Task& task, const BodyPose& body);
  void share(std::span<BodyPart* const> parts, const Task& task) noexcept;
  /// The order in which they are done without a helper, and failures are reported in.
  std::array<BodyPart*, kParts> parts_in_order() noexcept {
    return {&left_hand, &right_hand, &face};
  }
  base::Result<void> track_hands(const Task& task, bool may_detect);
  [[nodiscard]] Turn plan_hands(bool may_detect) noexcept;
  void take_hands(const Picture& picture, const HandPair& pair) noexcept;
  base::Result<bool> probe_for_body(const Task& task);
  base::Result<void> leave_body(const Task& task);
  void clear_found() noexcept;
  void reset_parts() noexcept;
  void reset_hands() noexcept;
  void reset() noexcept;
};

void HolisticTracker::State::clear_found() noexcept {
  found.mode = mode;
  found.pose.reset();
  found.left_hand.reset();
  found.right_hand.reset();
  found.face.reset();
  found.inferred = {};
  found.held = false;
}

void HolisticTracker::State::reset_parts() noexcept {
  for (BodyPart* part : parts_in_order()) {
    part->reset();
  }
}

void HolisticTracker::State::reset_hands() noexcept {
  hands.reset();
  frames_since_hands = kNever;
}

void HolisticTracker::State::reset() noexcept {
  motion.reset();
  pose.reset();
  pose_pacer.reset();
  reset_parts();
  reset_hands();
  mask.reset();
  mode = options.tracker == TrackerKind::kHands ? TrackingMode::kHands : TrackingMode::kBody;
  unusable_body_frames = 0;
  frames_on_hands = 0;
  clear_found();
}

/// The picture as the fast mode sees it, and where everything tracked went.
base::Result<void> HolisticTracker::State::look(Picture& picture, const Pace& pace,
                                                bool has_quick_hands) {
  const auto gray = picture.small_gray();
  if (!gray) {
    return tl::unexpected(gray.error());
  }
  base::half_gray(*gray, blurred);
  const FastRules& rules = fast_rules(pace.profile);
  fast = {.rules = &rules,
          .least_age = std::max(pace.frame_skip, pace.behind ? kBehindAge : 0),
          .gray = *gray,
          .blurred = blurred.view(),
          .reduction = gray_reduction(picture.width(), picture.height()),
          .quick_hands = has_quick_hands && rules.quick_hands && mode == TrackingMode::kBody};
  motion.clear();
  if (mode == TrackingMode::kBody) {
    follow_parts();
  } else {
    follow_hands();
  }
  return {};
}

void HolisticTracker::State::follow_parts() {
  std::array<Motion::Place, kParts> places;
  const auto parts = parts_in_order();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    places[i] = motion.add(parts[i]->followed(), parts[i]->step());
  }
  pose_place = {};
  if (const BodyPose* body = pose.tracked()) {
    pose_place =
        motion.add(std::span<const PixelLandmark>(body->landmarks).first(kFollowedPoseLandmarks));
  }
  motion.run(fast.gray, fast.reduction);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i]->measure(motion.at(places[i]));
  }
}

void HolisticTracker::State::follow_hands() {
  std::array<Motion::Place, ShortList<HandEstimate>::kCapacity> places;
  const auto tracked = hands.tracked();
  for (std::size_t i = 0; i < tracked.size(); ++i) {
    places[i] = motion.add(tracked[i].landmarks);
  }
  motion.run(fast.gray, fast.reduction);
  for (std::size_t i = 0; i < tracked.size(); ++i) {
    const double palm = palm_length(tracked[i].landmarks);
    hand_motions[i] = palm > 0.0 ? fit_rigid_motion(motion.at(places[i]), palm) : RigidMotion();
  }
}

Turn HolisticTracker::State::plan_hands(bool may_detect) noexcept {
  const auto tracked = hands.tracked();
  frames_since_hands = std::min(frames_since_hands + 1, kNever);
  bool due = hands.wants_detection(may_detect);
  for (std::size_t i = 0; i < tracked.size(); ++i) {
    HandPoints moved = tracked[i].landmarks;
    move_by(hand_motions[i].similarity, moved);
    const Turn turn = hand_pacers[i].follow(
        fast, hand_motions[i], palm_length(tracked[i].landmarks), next_hand_roi(moved));
    due = due || turn != Turn::kCarry;
  }
  if (!due) {
    return Turn::kCarry;
  }
  return frames_since_hands >= fast.min_age(fast.rules->hand.min_age) ? Turn::kRun : Turn::kHeld;
}

void HolisticTracker::State::take_hands(const Picture& picture, const HandPair& pair) noexcept {
  const Normalizer normalize(picture.width(), picture.height());
  if (pair.left != nullptr) {
    normalize.hand(*pair.left, found.left_hand.emplace());
  }
  if (pair.right != nullptr) {
    normalize.hand(*pair.right, found.right_hand.emplace());
  }
}

base::Result<void> HolisticTracker::State::track_hands(const Task& task, bool may_detect) {
  clear_found();
  mask.clear();
  if (task.fast != nullptr) {
    if (const Turn turn = plan_hands(may_detect); turn != Turn::kRun) {
      found.held = turn == Turn::kHeld;
      take_hands(*task.picture, hands.move(hand_motions));
      return {};
    }
  }
  const auto image = task.picture->colours();
  if (!image) {
    return tl::unexpected(image.error());
  }
  const auto pair = hands.process(*image, *task.networks->palm_detection,
                                  *task.networks->hand_landmark, may_detect);
  if (!pair) {
    return tl::unexpected(pair.error());
  }
  take_hands(*task.picture, *pair);
  found.inferred.left_hand = true;
  found.inferred.right_hand = true;
  frames_since_hands = 0;
  if (task.fast != nullptr) {
    const auto tracked = hands.tracked();
    for (std::size_t i = 0; i < tracked.size(); ++i) {
      hand_pacers[i].found(fast, next_hand_roi(tracked[i].landmarks));
    }
  }
  return {};
}

/// In the order of the parts.
std::array<Turn, kParts> HolisticTracker::State::plan_parts(const Task& task,
                                                            const BodyPose& body) noexcept {
  constexpr std::size_t kLeft = 0;
  constexpr std::size_t kRight = 1;
  std::array<Turn, kParts> turns{};
  std::size_t next = 0;
  for (BodyPart* part : parts_in_order()) {
    part->set_frame(task.picture->width(), task.picture->height(), task.fast);
    turns[next++] = task.fast == nullptr ? Turn::kRun : part->plan(body);
  }
  const bool in_step = turns[kLeft] == Turn::kRun && turns[kRight] == Turn::kRun &&
                       left_hand.tracked_age() &&
                       left_hand.tracked_age() == right_hand.tracked_age();
  if (task.fast != nullptr && in_step && fast.rules->hands_take_turns &&
      fast.min_age(fast.rules->hand.min_age) > 1) {
    turns[kRight] = Turn::kHeld;
  }
  return turns;
}

base::Result<void> HolisticTracker::State::track_parts(const Task& task, const BodyPose& body) {
  Picture& picture = *task.picture;
  Normalizer(picture.width(), picture.height()).pose(body, found.pose.emplace());
  const auto all = parts_in_order();
  const auto turns = plan_parts(task, body);
  std::array<BodyPart*, kParts> due{};
  std::size_t due_count = 0;
  for (std::size_t i = 0; i < kParts; ++i) {
    if (turns[i] == Turn::kRun) {
      due[due_count++] = all[i];
    } else {
      all[i]->carry();
      found.held = found.held || turns[i] == Turn::kHeld;
    }
  }
  if (due_count == 0) {
    return {};
  }
  const auto image = picture.colours();
  if (!image) {
    return tl::unexpected(image.error());
  }
  const std::span<BodyPart* const> parts(due.data(), due_count);
  for (BodyPart* part : parts) {
    part->set_image(*image, body);
  }
  share(parts, task);
  for (const BodyPart* part : parts) {
    if (!part->outcome()) {
      return part->outcome();
    }
  }
  return {};
}

/// Runs the parts, with the helper if there is one. A helper takes what was offered first: a hand,
/// which costs more than the face.
void HolisticTracker::State::share(std::span<BodyPart* const> parts, const Task& task) noexcept {
  if (task.helper == nullptr) {
    for (BodyPart* part : parts) {
      part->run(*task.networks);
    }
    return;
  }
  const auto offered = parts.subspan(1);
  for (BodyPart* part : offered) {
    task.helper->offer(*part);
  }
  parts.front()->run(*task.networks);
  // No reverse view: the standard library of the WebAssembly build has none.
  std::for_each(offered.rbegin(), offered.rend(), [&](BodyPart* part) {
    if (task.helper->take_back(*part)) {
      part->run(*task.networks);
    }
  });
}

base::Result<void> HolisticTracker::State::leave_body(const Task& task) {
  pose.reset();
  pose_pacer.reset();
  reset_parts();
  reset_hands();
  mode = TrackingMode::kHands;
  unusable_body_frames = 0;
  frames_on_hands = 0;
  return track_hands(task, true);
}

Turn HolisticTracker::State::plan_body() {
  const BodyPose* body = pose.tracked();
  if (body == nullptr) {
    return Turn::kRun;
  }
  const auto points = motion.at(pose_place);
  if (points.size() < kFollowedPoseLandmarks) {
    return Turn::kRun;
  }
  const double width = shoulder_width(*body);
  const Turn turn = pose_pacer.follow(fast, points, width);
  if (turn != Turn::kRun) {
    BodyMotion moved(points, width);
    moved.follow_hand(Side::kLeft, left_hand.shift());
    moved.follow_hand(Side::kRight, right_hand.shift());
    pose.move(moved.places(), moved.common());
  }
  return turn;
}

/// The body by its network, or moved where that has nothing new to say.
base::Result<const BodyPose*> HolisticTracker::State::find_body(const Task& task) {
  int frames = 1;
  if (task.fast != nullptr) {
    const Turn turn = plan_body();
    if (turn != Turn::kRun) {
      found.held = turn == Turn::kHeld;
      return pose.tracked();
    }
    frames = std::clamp(pose_pacer.age(), 1, kLongestGap);
  }
  const auto image = task.picture->colours();
  if (!image) {
    return tl::unexpected(image.error());
  }
  auto body = pose.process(*image, task.time, *task.networks->pose_detection,
                           *task.networks->pose_landmark, frames);
  pose_pacer.ran();
  found.inferred.pose = true;
  if (body && *body != nullptr && options.segmentation) {
    mask.update(task.networks->pose_landmark->output(kPoseLandmarkOutputs.size() - 1),
                pose.used_roi(), image->width, image->height);
  }
  return body;
}

base::Result<void> HolisticTracker::State::track_body(const Task& task) {
  const bool may_leave = options.tracker == TrackerKind::kAuto;
  const auto body = find_body(task);
  if (!body) {
    return tl::unexpected(body.error());
  }
  if (*body == nullptr) {
    reset_parts();
    mask.clear();
    return may_leave ? leave_body(task) : base::Result<void>();
  }
  if (auto done = track_parts(task, **body); !done) {
    return done;
  }
  const bool usable = found.face || found.left_hand || found.right_hand;
  unusable_body_frames = usable ? 0 : unusable_body_frames + 1;
  const int patience = options.still ? 1 : kUnusableBodyPatience;
  return may_leave && unusable_body_frames >= patience ? leave_body(task) : base::Result<void>();
}

base::Result<bool> HolisticTracker::State::probe_for_body(const Task& task) {
  const auto body = find_body(task);
  if (!body) {
    return tl::unexpected(body.error());
  }
  bool has_face = false;
  if (*body != nullptr) {
    const auto image = task.picture->colours();
    if (!image) {
      return tl::unexpected(image.error());
    }
    const auto face_roi = face.tracker().detect(*image, FaceTracker::roi_from_body(**body),
                                                *task.networks->face_detection);
    if (!face_roi) {
      return tl::unexpected(face_roi.error());
    }
    has_face = face_roi->has_value();
  }
  if (!has_face) {
    pose.reset();
    pose_pacer.reset();
    return false;
  }
  reset_hands();
  mode = TrackingMode::kBody;
  clear_found();
  found.inferred.pose = true;
  if (auto done = track_parts(task, **body); !done) {
    return tl::unexpected(std::move(done).error());
  }
  return true;
}

base::Result<void> HolisticTracker::State::track(const Task& task) {
  if (options.still) {
    reset();
  }
  clear_found();
  if (mode == TrackingMode::kBody) {
    return track_body(task);
  }
  bool probed = false;
  if (options.tracker == TrackerKind::kAuto && ++frames_on_hands % kBodyProbeInterval == 0) {
    const auto has_body = probe_for_body(task);
    if (!has_body || *has_body) {
      return has_body ? base::Result<void>() : tl::unexpected(has_body.error());
    }
    probed = true;
  }
  // A frame that has paid for a probe leaves the palm detector to the next one, if it can wait.
  return track_hands(task, !probed);
}

HolisticTracker::HolisticTracker(const TrackerOptions& options, std::unique_ptr<OpticalFlow> flow)
    : state_(std::make_unique<State>(options, std::move(flow))) {
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
  ColourPicture picture(image, state_->scratch);
  // A frame that flow has not seen: the fast mode starts anew after it.
  state_->motion.reset();
  return finish(state_->track({.picture = &picture,
                               .time = time,
                               .networks = &networks,
                               .helper = helper,
                               .fast = nullptr}));
}

base::Result<const FrameLandmarks*> HolisticTracker::process_fast(Picture& picture,
                                                                  std::chrono::microseconds time,
                                                                  Networks& networks,
                                                                  const Pace& pace,
                                                                  PartsHelper* helper) {
  if (!state_->motion.has_flow()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The fast mode needs an optical flow; this tracker was made without one.");
  }
  if (picture.width() <= 0 || picture.height() <= 0) {
    return base::fail(base::ErrorCode::kInvalidInput, "The picture to track is empty.");
  }
  auto done = state_->look(picture, pace, networks.quick_hand_landmark != nullptr);
  if (done) {
    done = state_->track({.picture = &picture,
                          .time = time,
                          .networks = &networks,
                          .helper = helper,
                          .fast = &state_->fast});
  }
  return finish(std::move(done));
}

base::Result<const FrameLandmarks*> HolisticTracker::finish(base::Result<void> done) {
  if (!done) {
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
