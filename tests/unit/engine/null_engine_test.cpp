#include "engine/null_engine.hpp"

#include "support/allocation_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace storysign::engine {
namespace {

using testing::Each;
using testing::HasSubstr;

constexpr std::array<std::string_view, 2> kHandOutputs{"Identity_1", "Identity"};

/// Answers with the sum of the input, or fails when told to.
class Scripted : public NullScript {
 public:
  base::Result<void> on_create(Model model) override {
    created.push_back(model);
    return refuse ? base::fail(base::ErrorCode::kNotFound, "No such file, says the script.")
                  : base::Result<void>{};
  }

  base::Result<void> answer(Model model, std::span<const float> input,
                            std::span<const NullOutput> outputs) override {
    last = model;
    if (fail) {
      return base::fail(base::ErrorCode::kInternal, "Failed, says the script.");
    }
    float sum = 0.0F;
    for (const float value : input) {
      sum += value;
    }
    for (const NullOutput& output : outputs) {
      std::ranges::fill(output.values, output.name == "Identity_1" ? sum : -sum);
    }
    return {};
  }

  bool refuse = false;
  bool fail = false;
  std::vector<Model> created;
  Model last = Model::kFaceLandmark;
};

TEST(NullEngine, NetworksHaveTheSizesOfTheRealOnes) {
  const auto engine = make_null_engine();
  EXPECT_EQ(engine->device(), "null");
  for (const ModelInfo& info : all_models()) {
    std::vector<std::string_view> names;
    for (const OutputInfo& output : info.outputs) {
      names.push_back(output.name);
    }
    const auto network = engine->create(info.model, names);
    ASSERT_TRUE(network) << network.error().message;
    EXPECT_EQ((*network)->input().size(), info.input_size);
    ASSERT_TRUE((*network)->infer());
    for (std::size_t i = 0; i < info.outputs.size(); ++i) {
      EXPECT_EQ((*network)->output(i).size(), info.outputs[i].size);
      EXPECT_THAT((*network)->output(i), Each(0.0F));
    }
  }
}

TEST(NullEngine, AnswersWhatTheScriptFillsIn) {
  Scripted script;
  const auto engine = make_null_engine(&script);
  const auto network = engine->create(Model::kHandLandmarkLite, kHandOutputs);
  ASSERT_TRUE(network);
  EXPECT_THAT(script.created, testing::ElementsAre(Model::kHandLandmarkLite));
  (*network)->input()[7] = 3.0F;
  ASSERT_TRUE((*network)->infer());
  EXPECT_EQ(script.last, Model::kHandLandmarkLite);
  EXPECT_EQ((*network)->output(0).size(), 1U);
  EXPECT_EQ((*network)->output(0)[0], 3.0F);
  EXPECT_EQ((*network)->output(1).size(), 63U);
  EXPECT_THAT((*network)->output(1), Each(-3.0F));
}

TEST(NullEngine, InferTakesNothingFromTheHeap) {
  Scripted script;
  const auto engine = make_null_engine(&script);
  const auto network = engine->create(Model::kHandLandmarkFull, kHandOutputs);
  ASSERT_TRUE(network);
  EXPECT_GT(test::allocations(), 0U);
  const std::size_t before = test::allocations();
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE((*network)->infer());
  }
  EXPECT_EQ(test::allocations(), before);
}

TEST(NullEngine, FailsWhenTheScriptSaysSo) {
  Scripted script;
  const auto engine = make_null_engine(&script);
  const auto network = engine->create(Model::kHandLandmarkFull, kHandOutputs);
  ASSERT_TRUE(network);
  script.fail = true;
  const auto done = (*network)->infer();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "Failed, says the script.");

  script.refuse = true;
  const auto refused = engine->create(Model::kHandLandmarkFull, kHandOutputs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kNotFound);
}

TEST(NullEngine, ChecksOutputNamesLikeTheRealOne) {
  const auto network = make_null_engine()->create(Model::kFaceLandmark, kHandOutputs);
  ASSERT_FALSE(network);
  EXPECT_THAT(network.error().message, HasSubstr("no output \"Identity_1\""));
}

}  // namespace
}  // namespace storysign::engine
