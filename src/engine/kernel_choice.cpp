#include "engine/kernel_choice.hpp"

#include <openvino/openvino.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace storysign::engine {
namespace {

// OpenVINO's attribute for it has no public header, but its file format carries it: a model of one
// layer with the attribute is read, and what the layer then has is what convolutions are given.
constexpr std::string_view kModelWithPriorities = R"(<?xml version="1.0"?>
<net name="priorities" version="11">
  <layers>
    <layer id="0" name="in" type="Parameter" version="opset1">
      <data shape="1" element_type="f32"/>
      <output><port id="0" precision="FP32"><dim>1</dim></port></output>
    </layer>
    <layer id="1" name="relu" type="ReLU" version="opset1">
      <rt_info>
        <attribute name="primitives_priority" version="0" value="cpu:jit_avx2_dw,cpu:jit_avx2_1x1,cpu:jit_avx2"/>
      </rt_info>
      <input><port id="0" precision="FP32"><dim>1</dim></port></input>
      <output><port id="1" precision="FP32"><dim>1</dim></port></output>
    </layer>
    <layer id="2" name="out" type="Result" version="opset1">
      <input><port id="0" precision="FP32"><dim>1</dim></port></input>
    </layer>
  </layers>
  <edges>
    <edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
    <edge from-layer="1" from-port="1" to-layer="2" to-port="0"/>
  </edges>
</net>)";
constexpr std::string_view kAttribute = "primitives_priority";

bool is_convolution(const ov::Node& node) {
  constexpr std::array kTypes{"Convolution", "GroupConvolution"};
  return std::ranges::find(kTypes, std::string_view(node.get_type_name())) != kTypes.end();
}

}  // namespace

bool blocked_kernels_pay(Model model) noexcept {
#if defined(__x86_64__)
  return model != Model::kFaceLandmarkWithAttention && __builtin_cpu_supports("avx2") != 0 &&
         __builtin_cpu_supports("avx512f") == 0;
#else
  static_cast<void>(model);
  return false;
#endif
}

bool bfloat16_pays() noexcept {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

void prefer_blocked_kernels(ov::Core& core, ov::Model& model) {
  const auto priorities = core.read_model(std::string(kModelWithPriorities), ov::Tensor());
  for (const auto& layer : priorities->get_ops()) {
    for (const auto& [key, value] : layer->get_rt_info()) {
      if (!key.starts_with(kAttribute)) continue;
      for (const auto& op : model.get_ops()) {
        if (is_convolution(*op)) op->get_rt_info()[key] = value;
      }
    }
  }
}

}  // namespace storysign::engine
