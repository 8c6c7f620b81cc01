#include "engine/kernel_choice.hpp"

#include "engine/models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openvino/openvino.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace storysign::engine {
namespace {

using testing::Contains;
using testing::Each;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Not;
using testing::Pointwise;

struct Inference {
  std::set<std::string> kernels;  ///< Of the convolutions.
  std::vector<float> output;
};

Inference run(ov::Core& core, const std::string& file, bool blocked) {
  const auto model = core.read_model(file);
  if (blocked) prefer_blocked_kernels(core, *model);
  ov::CompiledModel compiled =
      core.compile_model(model, "CPU", ov::num_streams(1), ov::inference_num_threads(1),
                         ov::hint::inference_precision(ov::element::f32));
  Inference result;
  for (const auto& op : compiled.get_runtime_model()->get_ops()) {
    const auto& info = op->get_rt_info();
    const auto type = info.find("layerType");
    if (type != info.end() && type->second.as<std::string>().ends_with("Convolution")) {
      result.kernels.insert(info.at("primitiveType").as<std::string>());
    }
  }
  ov::InferRequest request = compiled.create_infer_request();
  ov::Tensor input = request.get_input_tensor();
  for (std::size_t i = 0; i < input.get_size(); ++i) {
    input.data<float>()[i] = static_cast<float>(i % 255) / 255.0F;
  }
  request.infer();
  const ov::Tensor output = request.get_output_tensor(0);
  result.output.assign(output.data<float>(), output.data<float>() + output.get_size());
  return result;
}

TEST(KernelChoice, ConvolutionsUseTheBlockedKernelsAndGiveTheSameNumbers) {
  if (!blocked_kernels_pay(Model::kHandLandmarkFull)) {
    GTEST_SKIP() << "this CPU has AVX-512, or no AVX2: OpenVINO chooses alone";
  }
  const std::filesystem::path file =
      std::filesystem::path(STORYSIGN_MODELS_DIR) / "hand_landmark_full.tflite";
  if (!std::filesystem::exists(file)) {
    GTEST_SKIP() << "no models in " << STORYSIGN_MODELS_DIR << "; run `make setup`";
  }
  ov::Core core;
  const Inference plain = run(core, file.string(), false);
  const Inference blocked = run(core, file.string(), true);
  EXPECT_THAT(plain.kernels, Contains(HasSubstr("brgconv")));
  EXPECT_THAT(blocked.kernels, Each(Not(HasSubstr("brgconv"))));
  EXPECT_THAT(blocked.kernels, Contains(HasSubstr("jit_avx2_dw")));
  EXPECT_THAT(blocked.output, Pointwise(FloatNear(1e-3F), plain.output));
}

TEST(KernelChoice, TheFaceWithAttentionIsLeftToOpenVino) {
  EXPECT_FALSE(blocked_kernels_pay(Model::kFaceLandmarkWithAttention));
}

}  // namespace
}  // namespace storysign::engine
