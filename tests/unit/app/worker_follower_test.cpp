// The number of workers follows a made-up machine; the masks of threads follow the real one.

#include "app/serve/worker_follower.hpp"

#include "support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

class WorkerFollowerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write("proc/self/mountinfo",
          "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n");
    write("proc/self/cgroup", "0::/\n");
    allow("0-7");
  }
  void write(std::string_view path, std::string_view text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  void allow(const std::string& cores) const {
    write("proc/self/status", "Name:\tstorysign\nCpus_allowed_list:\t" + cores + "\n");
  }
  void quota(std::string_view text) const { write("sys/fs/cgroup/cpu.max", text); }
  /// As the service asks: long enough after the last time.
  std::optional<int> look(WorkerFollower& follower) {
    now_ += WorkerFollower::kInterval;
    return follower.check(now_);
  }

  testing::TempFolder folder_;
  fs::path root_ = folder_ / "root";
  base::SteadyTime now_{seconds(100)};
};

TEST_F(WorkerFollowerTest, StartsWithTheUsableCores) {
  EXPECT_EQ(WorkerFollower(0, root_).workers(), 8);
  quota("250000 100000");
  EXPECT_EQ(WorkerFollower(0, root_).workers(), 2);
  EXPECT_EQ(WorkerFollower(5, root_).workers(), 5);
}

TEST_F(WorkerFollowerTest, FollowsAffinityAndQuota) {
  WorkerFollower follower(0, root_);
  EXPECT_EQ(look(follower), std::nullopt) << "nothing has changed";
  allow("0-3");
  EXPECT_EQ(look(follower), 4);
  EXPECT_EQ(look(follower), std::nullopt) << "told once";
  quota("150000 100000");
  EXPECT_EQ(look(follower), 1);
  quota("max 100000");
  EXPECT_EQ(look(follower), 4);
  EXPECT_EQ(follower.workers(), 4);
}

TEST_F(WorkerFollowerTest, AFixedNumberStaysWhateverTheMachine) {
  WorkerFollower follower(3, root_);
  allow("0");
  EXPECT_EQ(look(follower), std::nullopt);
  EXPECT_EQ(follower.workers(), 3);
  EXPECT_EQ(follower.cores(), 1) << "but what there is, is known";
}

TEST_F(WorkerFollowerTest, AnOperatorMayFixTheNumberAndLetGoOfIt) {
  WorkerFollower follower(0, root_);
  EXPECT_EQ(follower.configure(3), 3);
  EXPECT_EQ(follower.configured(), 3);
  allow("0-1");
  EXPECT_EQ(look(follower), std::nullopt);
  EXPECT_EQ(follower.configure(0), 2);
  EXPECT_EQ(follower.configured(), 0);
  allow("0");
  EXPECT_EQ(look(follower), 1) << "follows the machine again";
}

TEST_F(WorkerFollowerTest, LooksOnlyNowAndThen) {
  WorkerFollower follower(0, root_);
  EXPECT_EQ(look(follower), std::nullopt);
  allow("0");
  EXPECT_EQ(follower.check(now_ + WorkerFollower::kInterval / 2), std::nullopt);
  EXPECT_EQ(follower.check(now_ + WorkerFollower::kInterval), 1);
}

TEST_F(WorkerFollowerTest, AFileThatCannotBeReadChangesNothing) {
  WorkerFollower follower(0, root_);
  fs::remove(root_ / "proc/self/status");
  EXPECT_EQ(look(follower), std::nullopt);
  allow("0-1");
  EXPECT_EQ(look(follower), 2);
}

TEST_F(WorkerFollowerTest, ThereAreNoMoreWorkersThanTheSettingsAllow) {
  allow("0-511");
  EXPECT_EQ(WorkerFollower(0, root_).workers(), 256);
}

int cores_of(pid_t thread) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  EXPECT_EQ(::sched_getaffinity(thread, sizeof mask, &mask), 0);
  return CPU_COUNT(&mask);
}

TEST(AffinityFollower, GivesTheMaskOfTheFirstThreadToAllWhenItChanges) {
  cpu_set_t all;
  CPU_ZERO(&all);
  ASSERT_EQ(::sched_getaffinity(::getpid(), sizeof all, &all), 0);
  if (CPU_COUNT(&all) < 2) GTEST_SKIP() << "this process may run on one processor only";
  std::atomic<pid_t> id{0};
  std::atomic<bool> done{false};
  const std::jthread other([&] {
    id = ::gettid();
    id.notify_all();
    done.wait(false);
  });
  id.wait(0);
  AffinityFollower follower;
  EXPECT_FALSE(follower.check());

  cpu_set_t one;
  CPU_ZERO(&one);
  for (std::size_t i = 0; i < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &all)) CPU_SET(i, &one);
  }
  ASSERT_EQ(::sched_setaffinity(::getpid(), sizeof one, &one), 0);
  EXPECT_EQ(cores_of(id), CPU_COUNT(&all)) << "that alone changes the first thread only";
  EXPECT_TRUE(follower.check());
  EXPECT_EQ(cores_of(id), 1);
  EXPECT_FALSE(follower.check());
  ASSERT_EQ(::sched_setaffinity(::getpid(), sizeof all, &all), 0);
  EXPECT_TRUE(follower.check());
  EXPECT_EQ(cores_of(id), CPU_COUNT(&all));
  done = true;
  done.notify_all();
}

}  // namespace
}  // namespace storysign::app
