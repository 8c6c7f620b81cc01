#include "engine/device_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace storysign::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Heard : public WarningListener {
 public:
  void on_warning(std::string_view message) override { messages.emplace_back(message); }
  std::vector<std::string> messages;
};

const std::vector<std::string> kCpuOnly{"CPU"};
const std::vector<std::string> kWithGpu{"CPU", "GPU"};
const std::vector<std::string> kWithTwoGpus{"CPU", "GPU.0", "GPU.1"};

TEST(DeviceChoice, OffIsTheCpuEvenWhereAGpuIsReported) {
  Heard heard;
  DeviceChoice choice(GpuUse::kOff, &heard);
  ASSERT_TRUE(choice.choose(kWithGpu));
  EXPECT_EQ(choice.device(), "CPU");
  EXPECT_THAT(heard.messages, IsEmpty());
}

TEST(DeviceChoice, AutoTakesAGpuWhereOneIsReported) {
  for (const auto& reported : {kWithGpu, kWithTwoGpus}) {
    Heard heard;
    DeviceChoice choice(GpuUse::kAuto, &heard);
    ASSERT_TRUE(choice.choose(reported));
    EXPECT_EQ(choice.device(), "GPU");
    EXPECT_THAT(heard.messages, IsEmpty());
  }
}

TEST(DeviceChoice, AutoWithoutAGpuWarnsOnceAndSaysWhy) {
  Heard heard;
  DeviceChoice choice(GpuUse::kAuto, &heard);
  ASSERT_TRUE(choice.choose(kCpuOnly));
  EXPECT_EQ(choice.device(), "CPU");
  EXPECT_THAT(heard.messages,
              ElementsAre(HasSubstr("reports no GPU on this machine (devices: CPU)")));
}

TEST(DeviceChoice, RequireWithoutAGpuFailsWithOneSentence) {
  Heard heard;
  DeviceChoice choice(GpuUse::kRequire, &heard);
  const auto chosen = choice.choose(kCpuOnly);
  ASSERT_FALSE(chosen);
  EXPECT_EQ(chosen.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(chosen.error().message, HasSubstr("gpu: require"));
  EXPECT_THAT(chosen.error().message, HasSubstr("devices: CPU"));
  EXPECT_THAT(heard.messages, IsEmpty());
}

TEST(DeviceChoice, ANameThatOnlyBeginsLikeAGpuIsNone) {
  DeviceChoice choice(GpuUse::kRequire, nullptr);
  EXPECT_FALSE(choice.choose(std::vector<std::string>{"CPU", "GPUX"}));
}

TEST(DeviceChoice, AutoFallsBackOnceWithTheReason) {
  Heard heard;
  DeviceChoice choice(GpuUse::kAuto, &heard);
  ASSERT_TRUE(choice.choose(kWithGpu));
  EXPECT_TRUE(choice.fall_back("hand_recrop", "no OpenCL"));
  EXPECT_EQ(choice.device(), "CPU");
  EXPECT_THAT(heard.messages, ElementsAre(HasSubstr("hand_recrop failed on it (no OpenCL)")));
  EXPECT_FALSE(choice.fall_back("hand_recrop", "and not on the CPU either"));
  EXPECT_EQ(heard.messages.size(), 1U);
}

TEST(DeviceChoice, RequireAndOffNeverFallBack) {
  for (const GpuUse use : {GpuUse::kRequire, GpuUse::kOff}) {
    Heard heard;
    DeviceChoice choice(use, &heard);
    ASSERT_TRUE(choice.choose(kWithGpu));
    EXPECT_FALSE(choice.fall_back("hand_recrop", "no OpenCL"));
    EXPECT_THAT(heard.messages, IsEmpty());
  }
}

TEST(DeviceChoice, WorksWithoutAListener) {
  DeviceChoice choice(GpuUse::kAuto, nullptr);
  EXPECT_TRUE(choice.choose(kCpuOnly));
}

}  // namespace
}  // namespace storysign::engine
