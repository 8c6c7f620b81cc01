#include "engine/models.hpp"

#include "engine/built_in.hpp"
#include "engine/output_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace storysign::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Models, TableHasOneRowPerModelInTheOrderOfTheEnum) {
  ASSERT_EQ(all_models().size(), kModelCount);
  for (std::size_t i = 0; i < kModelCount; ++i) {
    const auto model = static_cast<Model>(i);
    EXPECT_EQ(all_models()[i].model, model);
    EXPECT_EQ(&model_info(model), &all_models()[i]);
  }
}

TEST(Models, RowsAreCompleteAndDistinct) {
  std::set<std::string_view> files;
  std::set<std::string_view> hashes;
  for (const ModelInfo& info : all_models()) {
    SCOPED_TRACE(std::string(info.name));
    const bool is_file = info.home == ModelHome::kFolder;
    EXPECT_EQ(info.file, std::string(info.name) + (is_file ? ".tflite" : ".onnx"));
    EXPECT_EQ(info.sha256.size(), 64U);
    EXPECT_EQ(info.sha256.find_first_not_of("0123456789abcdef"), std::string_view::npos);
    EXPECT_GT(info.bytes, 100'000U);
    EXPECT_GE(info.input_size, is_file ? 128U * 128U * 3U : 1U);
    EXPECT_EQ(built_in(info.model).size(), is_file ? 0U : info.bytes);
    EXPECT_FALSE(info.outputs.empty());
    files.insert(info.file);
    hashes.insert(info.sha256);
  }
  EXPECT_EQ(files.size(), kModelCount);
  EXPECT_EQ(hashes.size(), kModelCount);
}

TEST(Models, InputOfAPictureIsThreeFloatsPerPixel) {
  EXPECT_EQ(model_info(Model::kHandRecrop).input_size, 256U * 256U * 3U);
}

TEST(SelectOutputs, KeepsTheOrderAskedFor) {
  const std::vector<std::string_view> names{"Identity_3", "Identity"};
  const auto selection = select_outputs(model_info(Model::kPoseLandmarkFull), names);
  ASSERT_TRUE(selection) << selection.error().message;
  EXPECT_THAT(selection->indices, ElementsAre(3U, 0U));
  EXPECT_EQ(selection->mask, 0b01001U);
}

TEST(SelectOutputs, RefusesAnUnknownName) {
  const std::vector<std::string_view> names{"Identity", "heatmap"};
  const auto selection = select_outputs(model_info(Model::kHandLandmarkFull), names);
  ASSERT_FALSE(selection);
  EXPECT_EQ(selection.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_EQ(selection.error().message,
            "Model hand_landmark_full has no output \"heatmap\"; it has Identity, Identity_1, "
            "Identity_2, Identity_3.");
}

TEST(SelectOutputs, RefusesTheSameNameTwice) {
  const std::vector<std::string_view> names{"Identity", "Identity"};
  const auto selection = select_outputs(model_info(Model::kHandLandmarkFull), names);
  ASSERT_FALSE(selection);
  EXPECT_THAT(selection.error().message, HasSubstr("twice"));
}

TEST(SelectOutputs, RefusesAnEmptyList) {
  const auto selection = select_outputs(model_info(Model::kHandRecrop), {});
  ASSERT_FALSE(selection);
  EXPECT_THAT(selection.error().message, HasSubstr("output_crop"));
}

}  // namespace
}  // namespace storysign::engine
