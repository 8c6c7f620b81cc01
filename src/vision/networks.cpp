#include "vision/face.hpp"
#include "vision/hand.hpp"
#include "vision/palm.hpp"
#include "vision/pose.hpp"
#include "vision/tracker.hpp"

#include <array>
#include <initializer_list>
#include <utility>

namespace storysign::vision {
namespace {

using engine::Model;

/// One network that a tracker needs.
struct Wanted {
  std::unique_ptr<engine::Network>* slot;
  Model model;
  std::span<const std::string_view> outputs;
};

Model pose_model(int complexity) noexcept {
  static constexpr std::array<Model, 3> kModels = {
      Model::kPoseLandmarkLite, Model::kPoseLandmarkFull, Model::kPoseLandmarkHeavy};
  return kModels[static_cast<std::size_t>(complexity)];
}

base::Result<void> create_all(engine::Engine& engine, std::initializer_list<Wanted> wanted) {
  for (const Wanted& w : wanted) {
    auto network = engine.create(w.model, w.outputs);
    if (!network) {
      return tl::unexpected(std::move(network).error());
    }
    *w.slot = std::move(*network);
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Networks>> Networks::create(engine::Engine& engine,
                                                         const TrackerOptions& options) {
  if (options.complexity < 0 || options.complexity > 2) {
    return base::fail(base::ErrorCode::kInvalidInput, "The model complexity must be 0, 1 or 2.");
  }
  auto networks = std::make_unique<Networks>();
  Networks& n = *networks;
  // MediaPipe Holistic always uses the full hand network; Hands on their own use what the
  // complexity says.
  const bool hands_only = options.tracker == TrackerKind::kHands;
  const bool lite_hands = hands_only && options.complexity == 0;
  base::Result<void> done = create_all(
      engine, {{&n.hand_landmark, lite_hands ? Model::kHandLandmarkLite : Model::kHandLandmarkFull,
                kHandLandmarkOutputs}});
  if (done && options.quick_hands && !hands_only) {
    auto quick = engine.create_quick(Model::kHandLandmarkFull, kHandLandmarkOutputs);
    if (!quick) {
      return tl::unexpected(std::move(quick).error());
    }
    n.quick_hand_landmark = std::move(*quick);
  }
  if (done && !hands_only) {
    // The segmentation comes last, so that leaving it out (it doubles the network's time) moves no
    // other output.
    const std::span<const std::string_view> all(kPoseLandmarkOutputs);
    const std::span<const std::string_view> mesh(kFaceLandmarkOutputs);
    const std::span<const std::string_view> refined_mesh(kRefinedFaceOutputs);
    done = create_all(
        engine, {{&n.pose_detection, Model::kPoseDetection, kPoseDetectionOutputs},
                 {&n.pose_landmark, pose_model(options.complexity),
                  options.segmentation ? all : all.first(all.size() - 1)},
                 {&n.hand_recrop, Model::kHandRecrop, kHandRecropOutputs},
                 {&n.face_detection, Model::kFaceDetectionShortRange, kFaceDetectionOutputs},
                 {&n.face_landmark,
                  options.refine_face ? Model::kFaceLandmarkWithAttention : Model::kFaceLandmark,
                  options.refine_face ? refined_mesh : mesh}});
  }
  if (done && options.tracker != TrackerKind::kHolistic) {
    done = create_all(engine, {{&n.palm_detection,
                                lite_hands ? Model::kPalmDetectionLite : Model::kPalmDetectionFull,
                                kPalmDetectionOutputs}});
  }
  if (!done) {
    return tl::unexpected(std::move(done).error());
  }
  return networks;
}

}  // namespace storysign::vision
