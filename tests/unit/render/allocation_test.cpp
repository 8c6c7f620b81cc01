// Counts every call of operator new in this program, to hold the promise that a frame takes no
// memory.

#include "render/blur.hpp"
#include "render/overlay.hpp"
#include "unit/render/people.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

namespace {

std::atomic<int> allocations{0};

}  // namespace

// Kept out of line, or the compiler pairs new with free and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept {
  std::free(memory);
}

namespace storysign::render {
namespace {

TEST(Allocation, TheCounterCounts) {
  const int before = allocations;
  const std::vector<int> memory(100);
  EXPECT_EQ(memory.size(), 100U);
  EXPECT_GT(allocations, before);
}

TEST(Allocation, DrawingTakesNoMemory) {
  base::Image image = testing::plain(640, 480);
  const vision::FrameLandmarks landmarks = testing::person();
  const int before = allocations;
  OverlayRenderer().draw(landmarks, image.mutable_view());
  EXPECT_EQ(allocations, before);
}

TEST(Allocation, BlurringTakesMemoryOnlyForANewSize) {
  base::Image image = testing::plain(640, 480);
  const std::vector<float> mask(640UL * 480UL, 0.3F);
  BackgroundBlur blur;
  ASSERT_TRUE(blur.apply(image.mutable_view(), {mask.data(), 640, 480}));
  const int before = allocations;
  ASSERT_TRUE(blur.apply(image.mutable_view(), {mask.data(), 640, 480}));
  EXPECT_EQ(allocations, before);
}

}  // namespace
}  // namespace storysign::render
