#include "telemetry/exposition.hpp"

#include "telemetry/gpu_sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

namespace storysign::telemetry {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Exposition, SaysWhatWasCounted) {
  Metrics metrics;
  metrics.add(Counter::kSessionsOpened, 3);
  metrics.add(FrameEvent::kInferred, 7);
  metrics.add(Rejection::kTooLarge);
  metrics.set(Gauge::kSessionsOpen, 2);
  Exposition exposition;
  exposition.add(metrics.snapshot());
  const std::string text = exposition.text();
  EXPECT_THAT(text, HasSubstr("# TYPE storysign_sessions_opened_total counter\n"
                              "storysign_sessions_opened_total 3\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frames_total{outcome=\"inferred\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frames_total{outcome=\"expired\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frames_rejected_total{reason=\"too_large\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE storysign_sessions_open gauge\nstorysign_sessions_open 2\n"));
}

TEST(Exposition, HistogramsAreCumulativeInSeconds) {
  Metrics metrics;
  for (const int us : {100, 49'151, 49'152, 70'000, 80'000'000}) {
    metrics.record(Timing::kFrameAge, microseconds(us));
  }
  metrics.record(Timing::kVision, microseconds(1000));
  Exposition exposition;
  exposition.add(metrics.snapshot());
  const std::string text = exposition.text();
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_bucket{le=\"0.000256\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_bucket{le=\"0.049152\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_bucket{le=\"0.057344\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_bucket{le=\"0.073728\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_bucket{le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_count 5\n"));
  EXPECT_THAT(text, HasSubstr("storysign_frame_age_seconds_sum 80.168403\n"));
  EXPECT_THAT(text, HasSubstr("storysign_stage_time_seconds_sum{stage=\"vision\"} 0.001\n"));
  EXPECT_THAT(text, HasSubstr("storysign_inference_time_seconds_count{network=\"hand_recrop\"} 0"));
}

TEST(Exposition, TakesNumbersOfTheMoment) {
  Exposition exposition;
  exposition.gauge("workers", "Threads", 4);
  const LabelledValue cards[] = {{"card0", 0.5}, {"card1", 0.25}};
  exposition.gauge("gpu_busy_ratio", "GPU", "card", cards);
  exposition.counter("process_cpu_seconds", "CPU time", 1.5);
  const Exposition::Fact facts[] = {{"version", "1.2"}, {"device", "C\"PU"}};
  exposition.info("build_info", "Build", facts);
  const std::string text = exposition.text();
  EXPECT_THAT(text, HasSubstr("storysign_workers 4\n"));
  EXPECT_THAT(text, HasSubstr("storysign_gpu_busy_ratio{card=\"card1\"} 0.25\n"));
  EXPECT_THAT(text, HasSubstr("storysign_process_cpu_seconds_total 1.5\n"));
  EXPECT_THAT(text, HasSubstr("storysign_build_info{version=\"1.2\",device=\"C\\\"PU\"} 1\n"));
}

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(drm_); }
  void TearDown() override { fs::remove_all(drm_); }
  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((drm_ / file).parent_path());
    std::ofstream(drm_ / file) << text;
  }
  fs::path drm_ = fs::temp_directory_path() / ("storysign-drm-" + std::to_string(::getpid()));
  base::SteadyTime now_{std::chrono::seconds(100)};
};

TEST_F(Gpu, NoneIsNoReading) {
  EXPECT_THAT(GpuSampler(drm_ / "missing").sample(now_), IsEmpty());
  write("card0/device/vendor", "0x1234");
  write("version", "drm 1.1.0");
  EXPECT_THAT(GpuSampler(drm_).sample(now_), IsEmpty());
}

TEST_F(Gpu, SaysHowBusyItIs) {
  write("card1/device/gpu_busy_percent", "37\n");
  write("card0/gt/gt0/rc6_residency_ms", "5000\n");
  write("card1-HDMI-A-1/device/gpu_busy_percent", "99\n");
  GpuSampler sampler(drm_);
  auto readings = sampler.sample(now_);
  ASSERT_EQ(readings.size(), 1U) << "time at rest needs two looks";
  EXPECT_EQ(readings[0].card, "card1");
  EXPECT_DOUBLE_EQ(readings[0].busy, 0.37);
  write("card0/gt/gt0/rc6_residency_ms", "5750\n");
  readings = sampler.sample(now_ + std::chrono::seconds(1));
  ASSERT_EQ(readings.size(), 2U);
  EXPECT_EQ(readings[0].card, "card0");
  EXPECT_THAT(readings[0].busy, DoubleNear(0.25, 1e-9));
}

}  // namespace
}  // namespace storysign::telemetry
