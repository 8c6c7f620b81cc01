#include "engine/openvino_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

namespace storysign::engine {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Heard : public WarningListener {
 public:
  void on_warning(std::string_view message) override { messages.emplace_back(message); }
  std::vector<std::string> messages;
};

void fill(std::span<float> input, std::uint32_t seed) {
  std::uint32_t state = seed;
  for (float& value : input) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state >> 8U) / static_cast<float>(1U << 24U);
  }
}

std::vector<float> copy(std::span<const float> values) {
  return {values.begin(), values.end()};
}

std::vector<std::string_view> every_output(Model model) {
  std::vector<std::string_view> names;
  for (const OutputInfo& output : model_info(model).outputs) {
    names.push_back(output.name);
  }
  return names;
}

/// Skips where the set-up has not unpacked the models.
class OpenVinoEngineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(STORYSIGN_MODELS_DIR)) {
      GTEST_SKIP() << "no models in " << STORYSIGN_MODELS_DIR << "; run `make setup`";
    }
  }

  static std::unique_ptr<Engine> engine_for(int workers) {
    auto made = make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR, .workers = workers});
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }

  static std::unique_ptr<Network> network_for(Engine& engine, Model model,
                                              const std::vector<std::string_view>& outputs) {
    auto made = engine.create(model, outputs);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : nullptr;
  }
};

TEST_F(OpenVinoEngineTest, RunsEveryModelWithTheSizesOfTheTable) {
  const auto engine = engine_for(1);
  ASSERT_NE(engine, nullptr);
  EXPECT_EQ(engine->device(), "CPU");
  for (const ModelInfo& info : all_models()) {
    SCOPED_TRACE(std::string(info.name));
    const auto network = network_for(*engine, info.model, every_output(info.model));
    ASSERT_NE(network, nullptr);
    ASSERT_EQ(network->input().size(), info.input_size);
    fill(network->input(), 1);
    ASSERT_TRUE(network->infer());
    for (std::size_t i = 0; i < info.outputs.size(); ++i) {
      const std::vector<float> first = copy(network->output(i));
      ASSERT_EQ(first.size(), info.outputs[i].size);
      EXPECT_TRUE(std::ranges::all_of(first, [](float v) { return std::isfinite(v); }));
    }
  }
}

TEST_F(OpenVinoEngineTest, OutputsFollowTheInputInPlace) {
  const auto engine = engine_for(1);
  const auto network = network_for(*engine, Model::kHandRecrop, {"output_crop"});
  ASSERT_NE(network, nullptr);
  fill(network->input(), 1);
  ASSERT_TRUE(network->infer());
  const std::span<const float> output = network->output(0);
  const std::vector<float> first = copy(output);
  std::ranges::fill(network->input(), 0.5F);
  ASSERT_TRUE(network->infer());
  EXPECT_EQ(network->output(0).data(), output.data()) << "the memory of an output stays";
  EXPECT_NE(copy(output), first);
  fill(network->input(), 1);
  ASSERT_TRUE(network->infer());
  EXPECT_EQ(copy(output), first) << "the same input gives the same numbers";
}

TEST_F(OpenVinoEngineTest, SomeOutputsInAnotherOrderAreTheSameNumbers) {
  const auto engine = engine_for(1);
  constexpr Model kModel = Model::kPoseLandmarkLite;
  const auto whole = network_for(*engine, kModel, every_output(kModel));
  const auto part = network_for(*engine, kModel, {"Identity_3", "Identity_1", "Identity"});
  ASSERT_NE(whole, nullptr);
  ASSERT_NE(part, nullptr);
  fill(whole->input(), 3);
  fill(part->input(), 3);
  ASSERT_TRUE(whole->infer());
  ASSERT_TRUE(part->infer());
  EXPECT_EQ(copy(part->output(0)), copy(whole->output(3)));
  EXPECT_EQ(copy(part->output(1)), copy(whole->output(1)));
  EXPECT_EQ(copy(part->output(2)), copy(whole->output(0)));
}

TEST_F(OpenVinoEngineTest, ThreadsSharingACompiledModelGetWhatOneThreadGets) {
  constexpr int kThreads = 3;  // One more than the workers announced: slower, not wrong.
  constexpr int kRounds = 20;
  const auto engine = engine_for(2);
  const auto alone = network_for(*engine, Model::kHandRecrop, {"output_crop"});
  ASSERT_NE(alone, nullptr);
  std::vector<std::vector<float>> expected;
  for (std::uint32_t seed = 0; seed < kRounds; ++seed) {
    fill(alone->input(), seed);
    ASSERT_TRUE(alone->infer());
    expected.push_back(copy(alone->output(0)));
  }

  std::array<int, kThreads> right{};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int& count : right) {
    threads.emplace_back([&engine, &expected, &count] {
      const auto network = network_for(*engine, Model::kHandRecrop, {"output_crop"});
      for (std::uint32_t seed = 0; network != nullptr && seed < kRounds; ++seed) {
        fill(network->input(), seed);
        if (network->infer() && copy(network->output(0)) == expected[seed]) {
          ++count;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(right, testing::Each(kRounds));
}

TEST_F(OpenVinoEngineTest, NetworksForWorkersThatComeLaterGiveTheSameNumbers) {
  const auto engine = engine_for(1);
  const auto first = network_for(*engine, Model::kHandRecrop, {"output_crop"});
  const auto numbers = [](Network& network) {
    fill(network.input(), 5);
    EXPECT_TRUE(network.infer());
    return copy(network.output(0));
  };
  const std::vector<float> expected = numbers(*first);
  for (const int workers : {3, 1, 2}) {
    engine->expect_workers(workers);
    std::vector<std::unique_ptr<Network>> later;
    for (int i = 1; i < workers; ++i) {
      later.push_back(network_for(*engine, Model::kHandRecrop, {"output_crop"}));
    }
    for (const auto& network : later) EXPECT_EQ(numbers(*network), expected) << workers;
    engine->expect_workers(1);  // While they are in use.
    for (const auto& network : later) EXPECT_EQ(numbers(*network), expected) << workers;
    EXPECT_EQ(numbers(*first), expected) << workers;
  }
}

/// A face of flat ellipses on a dark ground, 192 x 192, in the values of an 8-bit picture over 255.
void draw_face(std::span<float> input) {
  const auto inside = [](int x, int y, std::array<int, 4> e) {
    const int dx = (x - e[0]) * e[3];
    const int dy = (y - e[1]) * e[2];
    return dx * dx + dy * dy <= e[2] * e[3] * e[2] * e[3];
  };
  for (int y = 0; y < 192; ++y) {
    for (int x = 0; x < 192; ++x) {
      int value = inside(x, y, {96, 96, 60, 80}) ? 190 : 40;
      if (inside(x, y, {72, 80, 12, 6}) || inside(x, y, {120, 80, 12, 6})) {
        value = 60;
      } else if (inside(x, y, {96, 136, 24, 8})) {
        value = 90;
      } else if (inside(x, y, {96, 108, 8, 12})) {
        value = 150;
      }
      const std::array<int, 3> channels{value, value * 3 / 4, value / 2};
      float* const pixel = &input[static_cast<std::size_t>(y * 192 + x) * 3];
      for (std::size_t i = 0; i < channels.size(); ++i) {
        pixel[i] = static_cast<float>(channels[i]) / 255.0F;
      }
    }
  }
}

TEST_F(OpenVinoEngineTest, FaceWithAttentionAnswersWhatMediaPipeDoes) {
  // First two, last two values and the sum of each output, from InferenceCalculator of the Python
  // wheel mediapipe 0.10.21 for the picture of draw_face().
  struct Expected {
    std::array<float, 4> ends;
    double sum;
  };
  const std::array<Expected, 7> expected{{{{96.4406F, 132.0238F, 80.2925F, 7.4802F}, 96331.57},
                                          {{74.2083F, 136.3732F, 115.9376F, 134.5288F}, 18614.493},
                                          {{56.4850F, 81.2448F, 89.5623F, 79.4353F}, 10428.726},
                                          {{134.1820F, 79.8314F, 100.2914F, 79.3162F}, 14476.081},
                                          {{71.7542F, 79.2760F, 71.9894F, 84.9057F}, 755.109},
                                          {{120.6168F, 79.9175F, 120.6010F, 85.6957F}, 1002.488},
                                          {{24.8141F, 24.8141F, 24.8141F, 24.8141F}, 24.814}}};
  constexpr Model kModel = Model::kFaceLandmarkWithAttention;
  const auto engine = engine_for(1);
  const auto network = network_for(*engine, kModel, every_output(kModel));
  ASSERT_NE(network, nullptr);
  draw_face(network->input());
  ASSERT_TRUE(network->infer());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(std::string(model_info(kModel).outputs[i].name));
    const std::span<const float> output = network->output(i);
    const std::size_t size = output.size();
    const bool single = size == 1;
    EXPECT_NEAR(output[0], expected[i].ends[0], 0.001);
    EXPECT_NEAR(output[single ? 0 : 1], expected[i].ends[1], 0.001);
    EXPECT_NEAR(output[single ? 0 : size - 2], expected[i].ends[2], 0.001);
    EXPECT_NEAR(output[size - 1], expected[i].ends[3], 0.001);
    const double sum = std::accumulate(output.begin(), output.end(), 0.0);
    EXPECT_NEAR(sum, expected[i].sum, 0.0005 * static_cast<double>(size) + 0.001);
  }
}

TEST_F(OpenVinoEngineTest, ACompiledModelFromTheCacheGivesTheSameNumbers) {
  const fs::path cache =
      fs::temp_directory_path() / ("storysign_engine_cache_" + std::to_string(getpid()));
  std::vector<std::vector<float>> answers;
  for (int run = 0; run < 2; ++run) {
    const auto engine =
        make_openvino_engine({.model_folder = STORYSIGN_MODELS_DIR, .cache_folder = cache});
    ASSERT_TRUE(engine) << engine.error().message;
    const auto network =
        network_for(**engine, Model::kHandLandmarkLite, {"Identity_2", "Identity"});
    ASSERT_NE(network, nullptr);
    fill(network->input(), 5);
    ASSERT_TRUE(network->infer());
    answers.push_back(copy(network->output(1)));
    EXPECT_FALSE(fs::is_empty(cache));
  }
  EXPECT_EQ(answers[0], answers[1]);
  fs::remove_all(cache);
}

TEST_F(OpenVinoEngineTest, RefusesAnOutputThatTheModelDoesNotHave) {
  const auto engine = engine_for(1);
  const std::vector<std::string_view> names{"Identity_9"};
  const auto made = engine->create(Model::kPoseDetection, names);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_THAT(made.error().message, HasSubstr("no output \"Identity_9\""));
}

TEST_F(OpenVinoEngineTest, GpuFollowsWhatTheRuntimeReports) {
  const auto info = runtime_info();
  ASSERT_TRUE(info) << info.error().message;
  const bool gpu = std::ranges::any_of(
      info->devices, [](const RuntimeDevice& device) { return device.name.starts_with("GPU"); });
  if (gpu) {
    GTEST_SKIP() << "this machine has a GPU; the fall-back is tested where there is none";
  }
  Heard heard;
  const auto automatic = make_openvino_engine(
      {.model_folder = STORYSIGN_MODELS_DIR, .gpu = GpuUse::kAuto, .warnings = &heard});
  ASSERT_TRUE(automatic) << automatic.error().message;
  EXPECT_EQ((*automatic)->device(), "CPU");
  EXPECT_THAT(heard.messages, ElementsAre(HasSubstr("OpenVINO reports no GPU")));
  EXPECT_NE(network_for(**automatic, Model::kHandRecrop, {"output_crop"}), nullptr);
  EXPECT_THAT(heard.messages, SizeIs(1));

  heard.messages.clear();
  const auto required = make_openvino_engine(
      {.model_folder = STORYSIGN_MODELS_DIR, .gpu = GpuUse::kRequire, .warnings = &heard});
  ASSERT_FALSE(required);
  EXPECT_EQ(required.error().code, base::ErrorCode::kUnavailable);
  EXPECT_THAT(required.error().message, HasSubstr("gpu: require"));

  const auto off = make_openvino_engine(
      {.model_folder = STORYSIGN_MODELS_DIR, .gpu = GpuUse::kOff, .warnings = &heard});
  ASSERT_TRUE(off);
  EXPECT_THAT(heard.messages, IsEmpty());
}

TEST_F(OpenVinoEngineTest, AQuickNetworkSaysNearlyTheSame) {
  const auto engine = engine_for(1);
  ASSERT_NE(engine, nullptr);
  const std::vector<std::string_view> names{"Identity", "Identity_1"};
  const auto quick = engine->create_quick(Model::kHandLandmarkFull, names);
  ASSERT_TRUE(quick) << quick.error().message;
  if (*quick == nullptr) {
    GTEST_SKIP() << "this CPU does not compute in bfloat16";
  }
  const auto exact = network_for(*engine, Model::kHandLandmarkFull, names);
  for (Network* network : {quick->get(), exact.get()}) {
    fill(network->input(), 7);
    ASSERT_TRUE(network->infer());
  }
  const std::vector<float> expected = copy(exact->output(0));
  const std::vector<float> found = copy((*quick)->output(0));
  double largest = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(found[i]) - expected[i]));
  }
  EXPECT_GT(largest, 0.0) << "it is the exact one";
  EXPECT_LT(largest, 10.0) << "pixels of 224";
}

TEST(OpenVinoEngine, NamesTheModelFileThatIsMissing) {
  const auto engine = make_openvino_engine({.model_folder = "/nonexistent/models"});
  ASSERT_TRUE(engine) << engine.error().message;
  const std::vector<std::string_view> names{"output_crop"};
  const auto made = (*engine)->create(Model::kHandRecrop, names);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::kNotFound);
  EXPECT_THAT(made.error().message, HasSubstr("/nonexistent/models/hand_recrop.tflite"));
}

TEST(OpenVinoEngine, RefusesAnImpossibleNumberOfWorkers) {
  for (const int workers : {0, -1, 257}) {
    const auto engine = make_openvino_engine({.model_folder = ".", .workers = workers});
    ASSERT_FALSE(engine);
    EXPECT_EQ(engine.error().code, base::ErrorCode::kInvalidInput);
    EXPECT_THAT(engine.error().message, HasSubstr(std::to_string(workers)));
  }
}

TEST(OpenVinoEngine, RuntimeInfoNamesVersionAndCpu) {
  const auto info = runtime_info();
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_THAT(info->version, testing::StartsWith("20"));
  const auto cpu = std::ranges::find(info->devices, "CPU", &RuntimeDevice::name);
  ASSERT_NE(cpu, info->devices.end());
  EXPECT_FALSE(cpu->full_name.empty());
}

}  // namespace
}  // namespace storysign::engine
