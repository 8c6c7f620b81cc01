#include "home/imported_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace storysign::home {
namespace {

using engine::Model;
using ::testing::Each;
using ::testing::HasSubstr;

/// What the functions outside were asked; they can know no object.
struct Outside {
  std::vector<std::string> made;
  std::vector<float> input;
  int asked = -1;
  int next = 0;
  bool works = true;
};
Outside outside;

int make(const char* file, const char* outputs) {
  outside.made.push_back(std::string(file) + ":" + outputs);
  return outside.next++;
}

/// Fills the outputs with 0, 1, 2, ...
int run(int id, const float* input, std::size_t input_size, float* outputs,
        std::size_t output_size) {
  outside.asked = id;
  outside.input.assign(input, input + input_size);
  for (std::size_t i = 0; i < output_size; ++i) outputs[i] = static_cast<float>(i);
  return outside.works ? 1 : 0;
}

class ImportedEngineTest : public ::testing::Test {
 protected:
  ImportedEngineTest() { outside = {}; }
  ImportedEngine engine_{{.create = make, .infer = run}};
};

TEST_F(ImportedEngineTest, NamesFileAndOutputs) {
  constexpr std::array<std::string_view, 2> kOutputs{"Identity_1", "Identity"};
  ASSERT_TRUE(engine_.create(Model::kHandLandmarkFull, kOutputs));
  EXPECT_THAT(outside.made,
              ::testing::ElementsAre("hand_landmark_full.tflite:Identity_1,Identity"));
}

TEST_F(ImportedEngineTest, LaysOutputsOneAfterAnother) {
  constexpr std::array<std::string_view, 3> kOutputs{"Identity_1", "Identity", "Identity_2"};
  ASSERT_TRUE(engine_.create(Model::kFaceDetectionShortRange,
                             std::array<std::string_view, 1>{"regressors"}));
  auto hand = engine_.create(Model::kHandLandmarkFull, kOutputs);
  ASSERT_TRUE(hand);
  std::ranges::fill((*hand)->input(), 0.25F);
  ASSERT_TRUE((*hand)->infer());
  EXPECT_EQ(outside.asked, 1);
  EXPECT_EQ(outside.input.size(), 224U * 224U * 3U);
  EXPECT_THAT(outside.input, Each(0.25F));
  ASSERT_EQ((*hand)->output(0).size(), 1U);
  EXPECT_EQ((*hand)->output(0)[0], 0.0F);
  ASSERT_EQ((*hand)->output(1).size(), 63U);
  EXPECT_EQ((*hand)->output(1)[0], 1.0F);
  EXPECT_EQ((*hand)->output(1)[62], 63.0F);
  ASSERT_EQ((*hand)->output(2).size(), 1U);
  EXPECT_EQ((*hand)->output(2)[0], 64.0F);
}

TEST_F(ImportedEngineTest, FailureNamesTheNetwork) {
  auto hand = engine_.create(Model::kHandLandmarkFull, std::array<std::string_view, 1>{"Identity"});
  ASSERT_TRUE(hand);
  outside.works = false;
  const auto done = (*hand)->infer();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("hand_landmark_full"));
  outside.next = -1;
  EXPECT_FALSE(engine_.create(Model::kHandRecrop, std::array<std::string_view, 1>{"output_crop"}));
}

TEST_F(ImportedEngineTest, RefusesOutputsThatAModelDoesNotHave) {
  EXPECT_FALSE(engine_.create(Model::kHandRecrop, std::array<std::string_view, 1>{"Identity"}));
  EXPECT_FALSE(engine_.create(Model::kHandRecrop, {}));
  EXPECT_TRUE(outside.made.empty());
}

}  // namespace
}  // namespace storysign::home
