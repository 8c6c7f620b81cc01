#include "telemetry/resource_sampler.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace storysign::telemetry {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

/// A folder that says what /proc would.
class FakeProc : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "self");
    use(0, 0, 0);
    write("meminfo", "MemTotal:    1000 kB\nMemFree:   100 kB\nMemAvailable:   250 kB\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(std::string_view name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }
  /// Seconds of processor time so far: of the process, and of the machine at work and idle.
  void use(double process, double busy, double idle) const {
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const auto count = [&](double time) { return static_cast<long>(time * ticks); };
    // Name with a bracket and spaces; utime, stime; 6 threads; 20 pages of resident memory.
    write("self/stat", fmt::format("77 (a) b (c) S 1 2 3 0 -1 4 5 6 7 8 {} {} 0 0 20 0 6 0 99 "
                                   "1234567 20 18446744073709551615 1\n",
                                   count(process * 0.75), count(process * 0.25)));
    write("stat", fmt::format("cpu  {} 0 0 {} 0 0 0 0 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n", count(busy),
                              count(idle)));
  }

  fs::path folder_ =
      fs::path(testing::TempDir()) /
      (std::string("proc_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  base::SteadyTime start_{seconds(1000)};
};

TEST_F(FakeProc, PercentOfUsableCores) {
  ResourceSampler sampler(2.0, start_, folder_);
  use(1.0, 3.0, 5.0);
  const auto reading = sampler.sample(start_ + seconds(2));
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_NEAR(reading->process_cpu_percent, 25.0, 1.0);  // 1 s of 2 cores in 2 s.
  EXPECT_NEAR(reading->machine_cpu_percent, 37.5, 1.0);  // 3 of 8.
  EXPECT_EQ(reading->threads, 6);
  EXPECT_EQ(reading->memory_bytes, 20U * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
  EXPECT_NEAR(reading->memory_percent,
              100.0 * static_cast<double>(reading->memory_bytes) / (1000.0 * 1024), 1e-9);
  EXPECT_NEAR(reading->machine_memory_percent, 75.0, 1e-9);
}

TEST_F(FakeProc, EachSampleIsSinceTheLast) {
  ResourceSampler sampler(1.0, start_, folder_);
  use(1.0, 1.0, 0.0);
  EXPECT_NEAR(sampler.sample(start_ + seconds(1))->process_cpu_percent, 100.0, 2.0);
  EXPECT_NEAR(sampler.sample(start_ + seconds(2))->process_cpu_percent, 0.0, 1e-9);
}

TEST_F(FakeProc, SoonAfterASampleItIsTheSameReading) {
  ResourceSampler sampler(1.0, start_, folder_);
  use(0.5, 0.5, 0.5);
  const double first = sampler.sample(start_ + seconds(1))->process_cpu_percent;
  use(9.0, 9.0, 9.0);
  EXPECT_EQ(sampler.sample(start_ + seconds(1) + milliseconds(50))->process_cpu_percent, first);
}

TEST_F(FakeProc, WhatWasUsedBeforeARestartDoesNotCount) {
  ResourceSampler sampler(1.0, start_, folder_);
  use(9.0, 9.0, 9.0);
  sampler.restart(start_ + seconds(10));
  EXPECT_EQ(sampler.sample(start_ + seconds(10))->process_cpu_percent, 0.0);
  use(9.5, 9.5, 9.5);
  EXPECT_NEAR(sampler.sample(start_ + seconds(11))->process_cpu_percent, 50.0, 2.0);
}

TEST_F(FakeProc, WhatCannotBeReadIsNamed) {
  ResourceSampler sampler(1.0, start_, folder_);
  write("stat", "nonsense");
  auto reading = sampler.sample(start_ + seconds(1));
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr((folder_ / "stat").string()));
  use(0, 0, 0);
  write("meminfo", "MemTotal: 5 kB\n");
  reading = sampler.sample(start_ + seconds(1));
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr("meminfo"));
  fs::remove(folder_ / "self" / "stat");
  reading = sampler.sample(start_ + seconds(1));
  ASSERT_FALSE(reading);
  EXPECT_THAT(reading.error().message, HasSubstr((fs::path("self") / "stat").string()));
}

TEST(ResourceSampler, ReadsTheRealProc) {
  ResourceSampler sampler(1.0, base::SteadyTime(seconds(1)));
  const auto reading = sampler.sample(base::SteadyTime(seconds(2)));
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_GT(reading->memory_bytes, 100U * 1024);
  EXPECT_GE(reading->threads, 1);
  EXPECT_GT(reading->memory_percent, 0.0);
}

}  // namespace
}  // namespace storysign::telemetry
