#pragma once

#include "base/image.hpp"
#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/fast_rules.hpp"
#include "vision/landmarks.hpp"
#include "vision/optical_flow.hpp"
#include "vision/parts_helper.hpp"
#include "vision/picture.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>

namespace storysign::vision {

/// Which way of tracking to use: the body leads to hands and face, hands on their own, or the first
/// with the second where no usable body is in view.
enum class TrackerKind : std::uint8_t { kHolistic, kHands, kAuto };

/// Fixed for the life of a tracker.
struct TrackerOptions {
  TrackerKind tracker = TrackerKind::kAuto;
  int complexity = 1;  ///< 0, 1 or 2: the pose network lite, full or heavy; hands on their own: 0
                       ///< lite, else full.
  float min_detection_confidence = 0.5F;  ///< 0..1, of the pose and palm detectors.
  float min_tracking_confidence = 0.5F;  ///< 0..1, of the pose landmarks and of hands on their own.
  bool quick_hands = false;   ///< Have the network of FastRules::quick_hands, if the machine does.
  bool refine_face = false;   ///< 478 face landmarks, with lips, eyes and irises looked at again.
  bool segmentation = false;  ///< Compute the mask of the person.
  float mask_smoothing = 0.0F;  ///< 0..1: how much of the previous mask stays where the new one is
                                ///< unsure; 0 as MediaPipe.
  bool still =
      false;  ///< Every picture stands for itself: no tracking, no smoothing from one to the next.
};

/// The requests that one worker needs for trackers with these options. One thread at a time.
class Networks {
 public:
  /// Compiles what is not compiled yet; fails as Engine::create does.
  static base::Result<std::unique_ptr<Networks>> create(engine::Engine& engine,
                                                        const TrackerOptions& options);

  std::unique_ptr<engine::Network> pose_detection;
  std::unique_ptr<engine::Network> pose_landmark;
  std::unique_ptr<engine::Network> hand_recrop;
  std::unique_ptr<engine::Network> hand_landmark;
  std::unique_ptr<engine::Network> quick_hand_landmark;  ///< See FastRules::quick_hands; or null.
  std::unique_ptr<engine::Network> face_detection;
  std::unique_ptr<engine::Network> face_landmark;
  std::unique_ptr<engine::Network> palm_detection;
};

/// The state of one learner between frames. Thread-compatible: one thread at a time, any thread.
/// Owned by the session. process() allocates nothing once it has seen a picture size.
class HolisticTracker {
 public:
  /// Without `flow`, the fast way is not there.
  explicit HolisticTracker(const TrackerOptions& options,
                           std::unique_ptr<OpticalFlow> flow = nullptr);
  HolisticTracker(HolisticTracker&&) noexcept;
  HolisticTracker& operator=(HolisticTracker&&) noexcept;
  HolisticTracker(const HolisticTracker&) = delete;
  HolisticTracker& operator=(const HolisticTracker&) = delete;
  ~HolisticTracker();

  /// Finds the landmarks of one frame. `time` is the capture time and must grow from call to call;
  /// a time that stands still or goes back leaves the smoothing filters out for that frame.
  /// `networks` must have been created with the same options. Fails only if a network fails; the
  /// tracker is then as after reset(). The result stays valid until the next call.
  ///
  /// With `helper`, other workers may find a hand and the face at the same time; the landmarks are
  /// the same, bit for bit. Nothing of the frame is in use any more when the call returns.
  base::Result<const FrameLandmarks*> process(const base::ImageView& image,
                                              std::chrono::microseconds time, Networks& networks,
                                              PartsHelper* helper = nullptr);

  /// The same the fast way: the networks run where `pace` says that they have something new to say,
  /// and the other parts are moved by optical flow; `picture` is asked for its colours only if one
  /// runs. The ways may change from frame to frame. Without a flow, fails with kInvalidInput.
  base::Result<const FrameLandmarks*> process_fast(Picture& picture, std::chrono::microseconds time,
                                                   Networks& networks, const Pace& pace,
                                                   PartsHelper* helper = nullptr);

  /// The mask of the last frame; data is null where there was no body or segmentation is off.
  [[nodiscard]] MaskView mask() const noexcept;

  /// Forgets everything, as if the next frame were the first.
  void reset() noexcept;

 private:
  struct State;
  base::Result<const FrameLandmarks*> finish(base::Result<void> done);
  std::unique_ptr<State> state_;
};

}  // namespace storysign::vision
