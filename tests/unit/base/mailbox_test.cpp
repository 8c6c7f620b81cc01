#include "base/mailbox.hpp"

#include "support/allocation_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>
#include <vector>

namespace storysign::base {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr bool kKeep = true;

/// A mailbox of numbers that remembers what it dropped.
class Numbers {
 public:
  explicit Numbers(std::size_t capacity) : box_(capacity) {}

  std::size_t push(int item, bool keep = false, std::size_t newest = 1) {
    return box_.push(std::make_unique<int>(item), keep, newest,
                     [&](const std::unique_ptr<int>& old) { dropped.push_back(*old); });
  }
  std::vector<int> drain() {
    std::vector<int> items;
    while (!box_.empty()) items.push_back(*box_.pop());
    return items;
  }
  [[nodiscard]] std::size_t size() const { return box_.size(); }

  std::vector<int> dropped;

 private:
  Mailbox<std::unique_ptr<int>> box_;
};

TEST(Mailbox, NewestWins) {
  Numbers box(3);
  EXPECT_EQ(box.push(1), 0U);
  EXPECT_EQ(box.push(2), 1U);
  EXPECT_EQ(box.push(3), 1U);
  EXPECT_EQ(box.size(), 1U);
  EXPECT_THAT(box.dropped, ElementsAre(1, 2));
  EXPECT_THAT(box.drain(), ElementsAre(3));
}

TEST(Mailbox, TheNewestFewStayIfAsked) {
  constexpr std::size_t kTwo = 2;
  Numbers box(4);
  EXPECT_EQ(box.push(1, false, kTwo), 0U);
  box.push(2, kKeep);
  EXPECT_EQ(box.push(3, false, kTwo), 0U);
  EXPECT_EQ(box.push(4, false, kTwo), 1U);
  EXPECT_THAT(box.dropped, ElementsAre(1));
  EXPECT_EQ(box.push(5), 2U) << "who asks for one gets one";
  EXPECT_THAT(box.dropped, ElementsAre(1, 3, 4));
  EXPECT_THAT(box.drain(), ElementsAre(2, 5));
}

TEST(Mailbox, KeptItemsStayInOrder) {
  Numbers box(3);
  box.push(1, kKeep);
  box.push(2, kKeep);
  EXPECT_EQ(box.push(3, kKeep), 0U);
  EXPECT_THAT(box.dropped, IsEmpty());
  EXPECT_THAT(box.drain(), ElementsAre(1, 2, 3));
}

TEST(Mailbox, FullQueueLosesItsOldest) {
  Numbers box(3);
  for (int i = 1; i <= 3; ++i) box.push(i, kKeep);
  EXPECT_EQ(box.push(4, kKeep), 1U);
  EXPECT_EQ(box.push(5), 1U);
  EXPECT_THAT(box.dropped, ElementsAre(1, 2));
  EXPECT_THAT(box.drain(), ElementsAre(3, 4, 5));
}

TEST(Mailbox, ItemReplacesOnlyThoseThatNeedNotBeKept) {
  Numbers box(4);
  box.push(1);
  box.push(2, kKeep);  // 1 stays: a kept item replaces nothing while there is room.
  EXPECT_EQ(box.size(), 2U);
  box.push(3, kKeep);
  EXPECT_EQ(box.push(4), 1U);
  EXPECT_EQ(box.push(5), 1U);
  EXPECT_THAT(box.dropped, ElementsAre(1, 4));
  EXPECT_THAT(box.drain(), ElementsAre(2, 3, 5));
}

TEST(Mailbox, HoldsOneAtLeast) {
  Numbers box(0);
  EXPECT_EQ(box.push(1, kKeep), 0U);
  EXPECT_EQ(box.push(2, kKeep), 1U);
  EXPECT_THAT(box.drain(), ElementsAre(2));
}

TEST(Mailbox, TakesNoMemoryBeforeTheFirstItemNorAfterIt) {
  const std::size_t before = test::allocations();
  Mailbox<int> box(3);
  EXPECT_EQ(test::allocations(), before);
  const auto drop = [](int) {};
  box.push(0, kKeep, 1, drop);
  const std::size_t after_first = test::allocations();
  EXPECT_EQ(after_first, before + 1);
  for (int i = 1; i < 20; ++i) box.push(i, i % 3 != 0, i % 2 == 0 ? 1 : 2, drop);
  while (!box.empty()) box.pop();
  box.push(1, false, 1, drop);
  EXPECT_EQ(test::allocations(), after_first);
}

}  // namespace
}  // namespace storysign::base
