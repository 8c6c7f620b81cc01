#include "base/pool.hpp"

#include "support/allocation_count.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <utility>
#include <vector>

namespace storysign::base {
namespace {

constexpr std::size_t kKept = 2;

TEST(Pool, GivesBackTheSameObject) {
  BytesPool pool(kKept, recycle_bytes);
  const std::uint8_t* memory = nullptr;
  {
    const BytesLease lease = pool.take();
    lease->assign(1000, 7);
    memory = lease->data();
  }
  EXPECT_EQ(pool.idle(), 1U);
  const BytesLease again = pool.take();
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(again->data(), memory);
  EXPECT_EQ(pool.idle(), 0U);
}

TEST(Pool, TakesNoMemoryForWhatItHas) {
  BytesPool pool(kKept, recycle_bytes);
  const auto use = [&] {
    const BytesLease one = pool.take();
    const BytesLease two = pool.take();
    one->resize(5000);
    two->resize(5000);
  };
  use();
  const std::size_t before = test::allocations();
  use();
  EXPECT_EQ(test::allocations(), before);
}

TEST(Pool, KeepsNoMoreThanItMay) {
  BytesPool pool(kKept, recycle_bytes);
  {
    const BytesLease one = pool.take();
    const BytesLease two = pool.take();
    const BytesLease three = pool.take();
  }
  EXPECT_EQ(pool.idle(), kKept);
}

TEST(Pool, LetsLargeBuffersGo) {
  BytesPool pool(kKept, recycle_bytes);
  pool.take()->resize(2UL * 1024 * 1024);
  EXPECT_EQ(pool.idle(), 0U);
  pool.take()->resize(64UL * 1024);
  EXPECT_EQ(pool.idle(), 1U);
}

TEST(Lease, MovesAndEndsEarly) {
  BytesPool pool(kKept, recycle_bytes);
  BytesLease lease = pool.take();
  lease->push_back(1);
  BytesLease other = std::move(lease);
  EXPECT_FALSE(lease);  // NOLINT(bugprone-use-after-move): a lease that was moved from is empty.
  ASSERT_TRUE(other);
  EXPECT_EQ(other->size(), 1U);
  other = pool.take();  // What it held goes back.
  EXPECT_EQ(pool.idle(), 1U);
  other.release();
  EXPECT_FALSE(other);
  EXPECT_EQ(pool.idle(), 2U);
  other.release();
  EXPECT_EQ(pool.idle(), 2U);
}

TEST(Pool, AnyThreadMayTakeAndGiveBack) {
  BytesPool pool(4, recycle_bytes);
  const auto work = [&] {
    for (int i = 0; i < 500; ++i) {
      const BytesLease lease = pool.take();
      ASSERT_TRUE(lease->empty());
      lease->push_back(static_cast<std::uint8_t>(i));
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  }
  EXPECT_GE(pool.idle(), 1U);
  EXPECT_LE(pool.idle(), 4U);
}

}  // namespace
}  // namespace storysign::base
