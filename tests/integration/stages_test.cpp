// Stage by stage against the reference's own inner values (shared/data/stages, vision.md 14 and
// 15): each stage is fed with what the reference fed it, so that an error cannot hide behind an
// earlier one.

#include "engine/openvino_engine.hpp"
#include "support/clip.hpp"
#include "support/npz.hpp"
#include "vision/face.hpp"
#include "vision/hand.hpp"
#include "vision/pose.hpp"
#include "vision/tracker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace storysign::vision {
namespace {

namespace fs = std::filesystem;

constexpr double kRoiLimit = 0.01;  // Pixels, mean over the frames.
constexpr double kRoiWorst =
    0.05;  // Pixels, in any frame; only for regions that a network had a say in.
constexpr double kLandmarkLimit = 0.02;  // Pixels, mean.
constexpr double kFilterLimit = 1e-3;    // Pixels, any.
constexpr double kScoreLimit = 2e-3;
constexpr float kConfidence = 0.5F;

/// Mean and largest of what was added.
class Deviation {
 public:
  void add(double value) {
    sum_ += std::abs(value);
    worst_ = std::max(worst_, std::abs(value));
    ++count_;
  }
  [[nodiscard]] double mean() const {
    return count_ > 0 ? sum_ / static_cast<double>(count_) : 0.0;
  }
  [[nodiscard]] double worst() const { return worst_; }
  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  double sum_ = 0.0;
  double worst_ = 0.0;
  std::size_t count_ = 0;
};

class Stages : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const fs::path data = STORYSIGN_SHARED_DATA_DIR;
    if (!fs::exists(data / "stages")) {
      GTEST_SKIP() << "the reference values are not in " << data
                   << "; these tests need shared/data";
    }
    const std::string name = GetParam();
    auto stages = test::read_npz(data / "stages" / (name + ".c1.npz"));
    auto gold = test::read_npz(data / "gold" / (name + ".c1.npz"));
    ASSERT_TRUE(stages && gold);
    stages_ = std::move(*stages);
    gold_ = std::move(*gold);
    auto clip = test::read_clip(data / "clips" / (name + ".mkv"));
    ASSERT_TRUE(clip) << clip.error().message;
    frames_ = std::move(*clip);
    ASSERT_EQ(frames_.size(), gold_.at("pose").rows());
    width_ = frames_.front().width();
    height_ = frames_.front().height();
    auto engine = engine::make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR});
    ASSERT_TRUE(engine) << engine.error().message;
    engine_ = std::move(*engine);
    auto networks = Networks::create(*engine_, {.tracker = TrackerKind::kHolistic});
    ASSERT_TRUE(networks) << networks.error().message;
    networks_ = std::move(*networks);
  }

  [[nodiscard]] std::size_t frames() const { return frames_.size(); }
  [[nodiscard]] base::ImageView frame(std::size_t i) const { return frames_[i].view(); }

  [[nodiscard]] bool has(const std::string& name, std::size_t i) const {
    return !std::isnan(stages_.at(name).row(i)[0]);
  }
  [[nodiscard]] double score(const std::string& name, std::size_t i) const {
    return stages_.at(name).row(i)[0];
  }
  [[nodiscard]] Roi roi(const std::string& name, std::size_t i) const {
    const double* r = stages_.at(name).row(i);
    return {r[0] * width_, r[1] * height_, r[2] * width_, r[3] * height_, r[4]};
  }
  [[nodiscard]] bool found(const std::string& part, std::size_t i) const {
    return !std::isnan(gold_.at(part).row(i)[0]);
  }

  /// A reference landmark in pixels; `values` of them a point.
  [[nodiscard]] PixelLandmark pixel(const double* p) const {
    return {static_cast<float>(p[0] * width_), static_cast<float>(p[1] * height_),
            static_cast<float>(p[2] * width_)};
  }
  template <std::size_t N>
  [[nodiscard]] std::array<PixelLandmark, N> gold(const std::string& part, std::size_t i) const {
    std::array<PixelLandmark, N> points{};
    for (std::size_t k = 0; k < N; ++k) {
      points[k] = pixel(gold_.at(part).row(i) + 3 * k);
    }
    return points;
  }
  [[nodiscard]] FacePoints gold_face(std::size_t i) const {
    FacePoints points;
    std::ranges::copy(gold<kFaceLandmarks>("face", i), points.begin());
    return points;
  }
  [[nodiscard]] BodyPose gold_body(std::size_t i) const {
    BodyPose body;
    for (std::size_t k = 0; k < kPoseLandmarks; ++k) {
      const double* p = gold_.at("pose").row(i) + 4 * k;
      body.landmarks[k] = pixel(p);
      body.visibility[k] = static_cast<float>(p[3]);
    }
    return body;
  }
  [[nodiscard]] BodyPose unsmoothed_body(std::size_t i) const {
    BodyPose body;
    for (std::size_t k = 0; k < kPoseLandmarks; ++k) {
      const double* p = stages_.at("unf").row(i) + 4 * k;
      body.landmarks[k] = pixel(p);
      body.visibility[k] = static_cast<float>(p[3]);
    }
    for (std::size_t k = 0; k < 2; ++k) {
      body.alignment[k] = pixel(stages_.at("auxu").row(i) + 4 * k);
    }
    return body;
  }

  /// Largest difference of centre, size (pixels) and of the corners that the rotation moves.
  static double roi_distance(const Roi& a, const Roi& b) {
    const double turn = std::abs(wrap_angle(a.rotation - b.rotation)) * std::max(b.w, b.h) / 2.0;
    return std::max({std::abs(a.cx - b.cx), std::abs(a.cy - b.cy), std::abs(a.w - b.w),
                     std::abs(a.h - b.h), turn});
  }
  template <class Points>
  static void add_distances(const Points& a, const Points& b, Deviation& deviation) {
    for (std::size_t k = 0; k < a.size(); ++k) {
      deviation.add(
          std::hypot(static_cast<double>(a[k].x) - b[k].x, static_cast<double>(a[k].y) - b[k].y));
    }
  }

  test::Npz stages_;
  test::Npz gold_;
  std::vector<base::Image> frames_;
  double width_ = 0.0;
  double height_ = 0.0;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Networks> networks_;
  PoseTracker pose_{kConfidence, kConfidence};
};

TEST_P(Stages, PoseDetectionFindsTheRegion) {
  Deviation deviation;
  for (std::size_t i = 0; i < frames(); ++i) {
    if (has("roi_det", i)) {
      const auto detected = pose_.detect(frame(i), *networks_->pose_detection);
      ASSERT_TRUE(detected && *detected) << i;
      deviation.add(roi_distance(**detected, roi("roi_det", i)));
    }
  }
  ASSERT_GT(deviation.count(), 0U);
  EXPECT_LE(deviation.worst(), kRoiLimit);
}

TEST_P(Stages, PoseLandmarksBeforeSmoothing) {
  Deviation landmarks;
  Deviation alignment;
  for (std::size_t i = 0; i < frames(); ++i) {
    const auto body = pose_.estimate(frame(i), roi("prevroi", i), *networks_->pose_landmark);
    ASSERT_TRUE(body && *body) << i;
    const BodyPose expected = unsmoothed_body(i);
    add_distances((*body)->landmarks, expected.landmarks, landmarks);
    add_distances((*body)->alignment, expected.alignment, alignment);
    EXPECT_NEAR(networks_->pose_landmark->output(1)[0], score("pscore", i), kScoreLimit);
  }
  EXPECT_LE(landmarks.mean(), kLandmarkLimit);
  EXPECT_LE(alignment.mean(), kLandmarkLimit);
}

TEST_P(Stages, SmoothingAndTheNextRegion) {
  Deviation landmarks;
  Deviation visibility;
  Deviation alignment;
  Deviation next;
  for (std::size_t i = 0; i < frames(); ++i) {
    BodyPose body = unsmoothed_body(i);
    pose_.smooth(body, (i + 1) * std::chrono::microseconds(33333));
    const BodyPose expected = gold_body(i);
    add_distances(body.landmarks, expected.landmarks, landmarks);
    for (std::size_t k = 0; k < kPoseLandmarks; ++k) {
      visibility.add(body.visibility[k] - expected.visibility[k]);
    }
    for (std::size_t k = 0; k < 2; ++k) {
      const PixelLandmark p = pixel(stages_.at("auxf").row(i) + 4 * k);
      alignment.add(std::hypot(body.alignment[k].x - p.x, body.alignment[k].y - p.y));
      body.alignment[k] = p;
    }
    next.add(roi_distance(PoseTracker::next_roi(body), roi("roi_lm", i)));
  }
  EXPECT_LE(landmarks.worst(), kFilterLimit);
  EXPECT_LE(visibility.worst(), 1e-5);
  EXPECT_LE(alignment.worst(), kFilterLimit);
  EXPECT_LE(next.worst(), kRoiLimit);
}

TEST_P(Stages, HandRegions) {
  for (const auto& [side, prefix, part] :
       {std::tuple{Side::kLeft, "l", "left"}, {Side::kRight, "r", "right"}}) {
    const std::string name = prefix;
    const BodyHandTracker hand(side);
    Deviation from_body;
    Deviation refined;
    std::size_t decisions = 0;
    for (std::size_t i = 0; i < frames(); ++i) {
      const auto rough = hand.roi_from_body(gold_body(i));
      ASSERT_TRUE(rough) << i;
      from_body.add(roi_distance(*rough, roi(name + "roi_pose", i)));
      const auto fresh =
          BodyHandTracker::refine_roi(frame(i), roi(name + "roi_pose", i), *networks_->hand_recrop);
      ASSERT_TRUE(fresh);
      refined.add(roi_distance(*fresh, roi(name + "roi_rec", i)));
      if (i > 0 && found(part, i - 1)) {
        const Roi chosen = BodyHandTracker::choose_roi(roi(name + "roi_rec", i),
                                                       gold<kHandLandmarks>(part, i - 1));
        EXPECT_LE(roi_distance(chosen, roi(name + "roi_trk", i)), kRoiLimit) << part << " " << i;
        ++decisions;
      }
    }
    EXPECT_LE(from_body.worst(), kRoiLimit) << part;
    EXPECT_LE(refined.mean(), kRoiLimit) << part;
    EXPECT_LE(refined.worst(), kRoiWorst) << part;
    EXPECT_GT(decisions, 0U) << part;
  }
}

TEST_P(Stages, HandLandmarks) {
  for (const auto& [prefix, part] : {std::pair{"l", "left"}, {"r", "right"}}) {
    const std::string name = prefix;
    Deviation landmarks;
    for (std::size_t i = 0; i < frames(); ++i) {
      const auto hand =
          estimate_hand(frame(i), roi(name + "roi_trk", i), *networks_->hand_landmark);
      ASSERT_TRUE(hand);
      EXPECT_NEAR(hand->score, score(name + "score", i), kScoreLimit) << part << " " << i;
      if (found(part, i)) {
        add_distances(hand->landmarks, gold<kHandLandmarks>(part, i), landmarks);
      }
    }
    EXPECT_GT(landmarks.count(), 0U);
    EXPECT_LE(landmarks.mean(), kLandmarkLimit) << part;
  }
}

TEST_P(Stages, Face) {
  FaceTracker face(false);
  Deviation from_body;
  Deviation detected;
  Deviation landmarks;
  for (std::size_t i = 0; i < frames(); ++i) {
    from_body.add(roi_distance(FaceTracker::roi_from_body(gold_body(i)), roi("froi_pose", i)));
    const auto fresh = face.detect(frame(i), roi("froi_pose", i), *networks_->face_detection);
    ASSERT_TRUE(fresh && *fresh) << i;
    detected.add(roi_distance(**fresh, roi("froi_det", i)));
    if (i > 0) {
      const Roi chosen = FaceTracker::choose_roi(roi("froi_det", i), gold_face(i - 1));
      EXPECT_LE(roi_distance(chosen, roi("froi_trk", i)), kRoiLimit) << i;
    }
    FacePoints points;
    const auto there =
        face.estimate(frame(i), roi("froi_trk", i), *networks_->face_landmark, points);
    ASSERT_TRUE(there && *there) << i;
    add_distances(points, gold_face(i), landmarks);
  }
  EXPECT_LE(from_body.worst(), kRoiLimit);
  EXPECT_LE(detected.mean(), kRoiLimit);
  EXPECT_LE(detected.worst(), kRoiWorst);
  EXPECT_LE(landmarks.mean(), kLandmarkLimit);
}

INSTANTIATE_TEST_SUITE_P(Clips, Stages, testing::Values("again", "milk", "yes"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace storysign::vision
