// Parts of a frame that somebody else does: who does what with whose networks, and what becomes of
// failures. One thread: the helper works inside offer(), or not at all.

#include "engine/null_engine.hpp"
#include "support/allocation_count.hpp"
#include "unit/vision/scene.hpp"
#include "vision/tracker.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>

namespace storysign::vision {
namespace {

using engine::Model;
using testing::Scene;

constexpr std::chrono::microseconds kFrame{33333};

/// Does at once what is offered, with networks of its own, or nothing.
class Neighbour final : public PartsHelper {
 public:
  explicit Neighbour(Networks& networks) : networks_(networks) {}

  void offer(PartJob& job) noexcept override {
    ++offered;
    job.state = PartJob::State::kOffered;
    if (!helpful) return;
    job.run(networks_);
    job.state = PartJob::State::kDone;
  }
  [[nodiscard]] bool take_back(PartJob& job) noexcept override {
    --offered;
    const bool untouched = job.state == PartJob::State::kOffered;
    job.state = PartJob::State::kOwn;
    return untouched;
  }

  bool helpful = true;
  int offered = 0;

 private:
  Networks& networks_;
};

/// One worker: a scene as its networks see it.
struct Side {
  Scene scene;
  std::unique_ptr<engine::Engine> engine = engine::make_null_engine(&scene);
  std::unique_ptr<Networks> networks;

  explicit Side(const TrackerOptions& options)
      : networks(Networks::create(*engine, options).value()) {
    scene.calls.clear();
  }
};

class SharedParts : public ::testing::Test {
 protected:
  base::Result<const FrameLandmarks*> next() {
    time_ += kFrame;
    return tracker_.process(image_.view(), time_, *own_.networks, &neighbour_);
  }

  TrackerOptions options_{.tracker = TrackerKind::kHolistic};
  base::Image image_ = base::Image(320, 240);
  Side own_{options_};
  Side other_{options_};
  Neighbour neighbour_{*other_.networks};
  HolisticTracker tracker_{options_};
  std::chrono::microseconds time_{0};
};

TEST_F(SharedParts, AHandAndTheFaceAreDoneByTheHelper) {
  const auto found = next();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE((*found)->left_hand && (*found)->right_hand && (*found)->face);
  EXPECT_EQ(own_.scene.calls[Model::kHandLandmarkFull], 1);
  EXPECT_EQ(other_.scene.calls[Model::kHandLandmarkFull], 1);
  EXPECT_EQ(own_.scene.calls[Model::kFaceLandmark], 0);
  EXPECT_EQ(other_.scene.calls[Model::kFaceLandmark], 1);
  EXPECT_EQ(own_.scene.calls[Model::kPoseLandmarkFull], 1);
  EXPECT_EQ(other_.scene.calls[Model::kPoseLandmarkFull], 0);
  EXPECT_EQ(neighbour_.offered, 0) << "nothing stays on offer";
}

TEST_F(SharedParts, WhatNobodyBeginsTheTrackerDoesItself) {
  neighbour_.helpful = false;
  const auto found = next();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE((*found)->left_hand && (*found)->right_hand && (*found)->face);
  EXPECT_EQ(own_.scene.calls[Model::kHandLandmarkFull], 2);
  EXPECT_EQ(own_.scene.calls[Model::kFaceLandmark], 1);
  EXPECT_TRUE(other_.scene.calls.empty());
  EXPECT_EQ(neighbour_.offered, 0);
}

TEST_F(SharedParts, AFailureAtTheHelperFailsTheFrame) {
  other_.scene.broken = true;
  const auto found = next();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "the network broke");
  EXPECT_EQ(neighbour_.offered, 0);
  other_.scene.broken = false;
  EXPECT_TRUE(next()) << "the tracker has begun anew";
}

TEST_F(SharedParts, AnExceptionAtTheHelperFailsTheFrame) {
  other_.scene.throws = true;
  const auto found = next();
  ASSERT_FALSE(found);
  EXPECT_EQ(neighbour_.offered, 0);
}

TEST_F(SharedParts, AnExceptionInTheOwnPartLeavesNothingOnOffer) {
  own_.scene.hand_throws = true;
  neighbour_.helpful = false;
  EXPECT_FALSE(next());
  EXPECT_EQ(neighbour_.offered, 0);
}

TEST_F(SharedParts, TakeNoMemoryInTheSteadyState) {
  ASSERT_TRUE(next());
  const std::size_t before = test::allocations();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(next());
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::vision
