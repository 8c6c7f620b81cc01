// The person's mask in closed loop against MediaPipe's (limits: hands-and-mask.md 11).

#include "engine/openvino_engine.hpp"
#include "support/clip.hpp"
#include "support/npz.hpp"
#include "vision/tracker.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <filesystem>

namespace storysign::vision {
namespace {

namespace fs = std::filesystem;

constexpr double kMinOverlap = 0.995;   // Intersection over union at one half, in every frame.
constexpr double kMaxDifference = 0.3;  // Grey levels of 255, mean over a frame's pixels.

TEST(MaskParity, EqualsTheReference) {
  const fs::path data = STORYSIGN_SHARED_DATA_DIR;
  if (!fs::exists(data / "gold")) {
    GTEST_SKIP() << "the reference masks are not in " << data << "; this test needs shared/data";
  }
  const auto reference = test::read_npz(data / "gold" / "milk.c1.mask.npz");
  const auto frames = test::read_clip(data / "clips" / "milk.mkv");
  ASSERT_TRUE(reference && frames);
  const TrackerOptions options{.tracker = TrackerKind::kHolistic, .segmentation = true};
  const auto engine = engine::make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR});
  ASSERT_TRUE(engine) << engine.error().message;
  const auto networks = Networks::create(**engine, options);
  ASSERT_TRUE(networks) << networks.error().message;
  HolisticTracker tracker(options);
  const test::NpyArray& numbers = reference->at("frame");
  const test::NpyArray& masks = reference->at("mask");
  std::size_t row = 0;
  for (std::size_t i = 0; i < frames->size(); ++i) {
    ASSERT_TRUE(tracker.process((*frames)[i].view(), (i + 1) * std::chrono::microseconds(33333),
                                **networks));
    if (row == numbers.rows() || numbers.values[row] != static_cast<double>(i)) {
      continue;
    }
    const MaskView mask = tracker.mask();
    const double* expected = masks.row(row++);
    const std::size_t pixels =
        static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height);
    double difference = 0.0;
    std::size_t both = 0;
    std::size_t either = 0;
    for (std::size_t p = 0; p < pixels; ++p) {
      const double ours = std::round(static_cast<double>(mask.data[p]) * 255.0);
      difference += std::abs(ours - expected[p]);
      const bool a = mask.data[p] > 0.5F;
      const bool b = expected[p] > 127.5;
      both += a && b ? 1 : 0;
      either += a || b ? 1 : 0;
    }
    EXPECT_LE(difference / static_cast<double>(pixels), kMaxDifference) << "frame " << i;
    EXPECT_GE(static_cast<double>(both) / static_cast<double>(either), kMinOverlap)
        << "frame " << i;
  }
  EXPECT_EQ(row, numbers.rows());
}

}  // namespace
}  // namespace storysign::vision
