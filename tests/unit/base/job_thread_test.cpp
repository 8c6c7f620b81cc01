#include "base/job_thread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <future>
#include <thread>
#include <vector>

namespace storysign::base {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(JobThread, DoesJobsInTheirOrderOnAThreadOfItsOwn) {
  std::vector<int> done;
  std::promise<std::thread::id> last;
  JobThread<int> thread("test", 8, [&](int& job) {
    done.push_back(job);
    if (job == 3) last.set_value(std::this_thread::get_id());
  });
  for (int job = 1; job <= 3; ++job) EXPECT_TRUE(thread.submit(job));
  EXPECT_NE(last.get_future().get(), std::this_thread::get_id());
  EXPECT_THAT(thread.stop(), IsEmpty());
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

/// Job 1 waits until it is let go.
class Gate {
 public:
  void work(int& job) {
    if (job == 1) {
      begun_.set_value();
      release_.get_future().wait();
    }
    done.push_back(job);
  }
  void wait_for_job() { begun_.get_future().wait(); }
  void release() { release_.set_value(); }

  std::vector<int> done;  ///< To be read when the thread has stopped.

 private:
  std::promise<void> begun_;
  std::promise<void> release_;
};

TEST(JobThread, RefusesWhatIsTooMuch) {
  Gate gate;
  JobThread<int> thread("test", 2, [&](int& job) { gate.work(job); });
  EXPECT_TRUE(thread.submit(1));
  gate.wait_for_job();
  EXPECT_TRUE(thread.submit(2));
  EXPECT_TRUE(thread.submit(3));
  EXPECT_FALSE(thread.submit(4));
  gate.release();
}

TEST(JobThread, GivesBackWhatItHasNotDone) {
  // Never full: that a job is refused says that the thread is being stopped.
  constexpr std::size_t kManyJobs = 100'000'000;
  Gate gate;
  JobThread<int> thread("test", kManyJobs, [&](int& job) { gate.work(job); });
  EXPECT_TRUE(thread.submit(1));
  gate.wait_for_job();
  EXPECT_TRUE(thread.submit(2));
  EXPECT_TRUE(thread.submit(3));
  std::jthread later([&] {
    while (thread.submit(5)) std::this_thread::yield();
    gate.release();
  });
  const std::deque<int> left = thread.stop();
  ASSERT_GE(left.size(), 2U);
  EXPECT_EQ(left[0], 2);
  EXPECT_EQ(left[1], 3);
  EXPECT_THAT(gate.done, ElementsAre(1));
  EXPECT_FALSE(thread.submit(6));
  EXPECT_THAT(thread.stop(), IsEmpty());
}

}  // namespace
}  // namespace storysign::base
