// A frame takes no memory.

#include "render/blur.hpp"
#include "render/overlay.hpp"
#include "support/allocation_count.hpp"
#include "unit/render/people.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

namespace storysign::render {
namespace {

TEST(Allocation, TheCounterCounts) {
  const std::size_t before = test::allocations();
  const std::vector<int> memory(100);
  EXPECT_EQ(memory.size(), 100U);
  EXPECT_GT(test::allocations(), before);
}

TEST(Allocation, DrawingTakesNoMemory) {
  base::Image image = testing::plain(640, 480);
  const vision::FrameLandmarks landmarks = testing::person();
  const std::size_t before = test::allocations();
  OverlayRenderer().draw(landmarks, image.mutable_view());
  EXPECT_EQ(test::allocations(), before);
}

TEST(Allocation, BlurringTakesMemoryOnlyForANewSize) {
  base::Image image = testing::plain(640, 480);
  const std::vector<float> mask(640UL * 480UL, 0.3F);
  BackgroundBlur blur;
  ASSERT_TRUE(blur.apply(image.mutable_view(), {mask.data(), 640, 480}));
  const std::size_t before = test::allocations();
  ASSERT_TRUE(blur.apply(image.mutable_view(), {mask.data(), 640, 480}));
  EXPECT_EQ(test::allocations(), before);
}

}  // namespace
}  // namespace storysign::render
