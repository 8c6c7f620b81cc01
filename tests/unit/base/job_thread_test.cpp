#include "base/job_thread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(JobThread, RefusesWhatIsTooMuchAndGivesBackWhatItHasNotDone) {
  std::vector<int> done;
  std::promise<void> begun;
  std::promise<void> release;
  JobThread<int> thread("test", 2, [&](int& job) {
    begun.set_value();
    release.get_future().wait();
    done.push_back(job);
  });
  EXPECT_TRUE(thread.submit(1));
  begun.get_future().wait();
  EXPECT_TRUE(thread.submit(2));
  EXPECT_TRUE(thread.submit(3));
  EXPECT_FALSE(thread.submit(4));
  std::jthread later([&] {
    while (thread.submit(5)) std::this_thread::yield();
    release.set_value();
  });
  EXPECT_THAT(thread.stop(), ElementsAre(2, 3));
  EXPECT_THAT(done, ElementsAre(1));
  EXPECT_FALSE(thread.submit(6));
  EXPECT_THAT(thread.stop(), IsEmpty());
}

}  // namespace
}  // namespace storysign::base
