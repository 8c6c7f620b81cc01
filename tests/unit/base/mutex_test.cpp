#include "base/mutex.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace storysign::base {
namespace {

/// Numbers handed from one thread to another, one at a time.
class Handover {
 public:
  void give(int value) {
    const MutexLock lock(mutex_);
    while (full_) changed_.wait(mutex_);
    value_ = value;
    full_ = true;
    changed_.notify_all();
  }
  int take() {
    const MutexLock lock(mutex_);
    while (!full_) changed_.wait(mutex_);
    full_ = false;
    changed_.notify_all();
    return value_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  int value_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  bool full_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

TEST(Mutex, OneThreadAtATime) {
  Mutex mutex;
  int count = 0;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) {
          const MutexLock lock(mutex);
          ++count;
        }
      });
    }
  }
  EXPECT_EQ(count, 4000);
}

TEST(Condition, WakesWhoWaits) {
  Handover handover;
  const std::jthread giver([&] {
    for (int i = 0; i < 200; ++i) handover.give(i);
  });
  for (int i = 0; i < 200; ++i) EXPECT_EQ(handover.take(), i);
}

}  // namespace
}  // namespace storysign::base
