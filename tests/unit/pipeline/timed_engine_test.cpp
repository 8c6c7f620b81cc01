#include "pipeline/timed_engine.hpp"

#include "engine/models.hpp"
#include "engine/null_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string_view>

namespace storysign::pipeline {
namespace {

using std::chrono::milliseconds;
using telemetry::Timing;

base::SteadyTime virtual_now{};  // NOLINT: a clock that the script turns.

base::SteadyTime now() noexcept {
  return virtual_now;
}

class Script : public engine::NullScript {
 public:
  base::Result<void> answer(engine::Model /*model*/, std::span<const float> /*input*/,
                            std::span<const engine::NullOutput> /*outputs*/) override {
    virtual_now += milliseconds(3);
    if (fails) return base::fail(base::ErrorCode::kInternal, "Failed, says the script.");
    return {};
  }
  bool fails = false;
};

TEST(TimedEngine, CountsAndTimesEveryNetworkByName) {
  Script script;
  const auto inner = engine::make_null_engine(&script);
  telemetry::Metrics metrics;
  TimedEngine timed(*inner, metrics, &now);
  EXPECT_EQ(timed.device(), "null");
  for (const engine::ModelInfo& info : engine::all_models()) {
    const std::array<std::string_view, 1> outputs{info.outputs[0].name};
    auto network = timed.create(info.model, outputs);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_FALSE((*network)->input().empty());
    ASSERT_TRUE((*network)->infer());
    ASSERT_TRUE((*network)->infer());
    EXPECT_EQ((*network)->output(0).size(), info.outputs[0].size);
  }
  const telemetry::Snapshot counted = metrics.snapshot();
  for (const telemetry::MetricInfo& info : telemetry::all_metrics()) {
    if (info.name != "inference_time") continue;
    ASSERT_EQ(info.values.size(), engine::all_models().size());
    for (std::size_t i = 0; i < info.values.size(); ++i) {
      EXPECT_EQ(info.values[i], engine::all_models()[i].name) << "the same order";
      EXPECT_EQ(counted.timings[info.first + i].count, 2U) << info.values[i];
      EXPECT_EQ(counted.timings[info.first + i].sum_us, 6000U) << info.values[i];
    }
  }
}

/// Makes quick networks too.
class QuickEngine : public engine::Engine {
 public:
  explicit QuickEngine(engine::Engine& inner) : inner_(inner) {}
  base::Result<std::unique_ptr<engine::Network>> create(
      engine::Model model, std::span<const std::string_view> outputs) override {
    return inner_.create(model, outputs);
  }
  base::Result<std::unique_ptr<engine::Network>> create_quick(
      engine::Model model, std::span<const std::string_view> outputs) override {
    return inner_.create(model, outputs);
  }
  [[nodiscard]] std::string_view device() const noexcept override { return inner_.device(); }

 private:
  engine::Engine& inner_;
};

TEST(TimedEngine, QuickNetworksCountTooAndAreMissingWhereTheEngineHasNone) {
  Script script;
  const auto null = engine::make_null_engine(&script);
  QuickEngine quick(*null);
  telemetry::Metrics metrics;
  const std::array<std::string_view, 1> outputs{"output_crop"};
  auto network =
      TimedEngine(quick, metrics, &now).create_quick(engine::Model::kHandRecrop, outputs);
  ASSERT_TRUE(network);
  ASSERT_NE(*network, nullptr);
  ASSERT_TRUE((*network)->infer());
  EXPECT_EQ(metrics.snapshot().of(Timing::kInferenceHandRecrop).count, 1U);
  network = TimedEngine(*null, metrics, &now).create_quick(engine::Model::kHandRecrop, outputs);
  ASSERT_TRUE(network);
  EXPECT_EQ(*network, nullptr);
}

TEST(TimedEngine, HandsFailuresOn) {
  Script script;
  script.fails = true;
  const auto inner = engine::make_null_engine(&script);
  telemetry::Metrics metrics;
  TimedEngine timed(*inner, metrics, &now);
  const std::array<std::string_view, 1> wrong{"no such output"};
  EXPECT_FALSE(timed.create(engine::Model::kHandRecrop, wrong));
  const std::array<std::string_view, 1> outputs{"output_crop"};
  auto network = timed.create(engine::Model::kHandRecrop, outputs);
  ASSERT_TRUE(network);
  EXPECT_EQ((*network)->infer().error().message, "Failed, says the script.");
  EXPECT_EQ(metrics.snapshot().of(Timing::kInferenceHandRecrop).count, 1U);
}

}  // namespace
}  // namespace storysign::pipeline
