#include "engine/device_choice.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace storysign::engine {
namespace {

// One GPU is reported as "GPU", several as "GPU.0", "GPU.1"; the name "GPU" then means the first.
bool is_gpu(std::string_view name) {
  return name == kGpu || name.starts_with("GPU.");
}

std::string list_of(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? "" : ", ";
    text += name;
  }
  return text.empty() ? "none" : text;
}

}  // namespace

base::Result<void> DeviceChoice::choose(std::span<const std::string> reported) {
  on_gpu_ = use_ != GpuUse::kOff && std::ranges::any_of(reported, is_gpu);
  if (use_ == GpuUse::kOff || on_gpu_) {
    return {};
  }
  if (use_ == GpuUse::kRequire) {
    return base::fail(
        base::ErrorCode::kUnavailable,
        fmt::format("A GPU is required (gpu: require), but OpenVINO reports none on this machine "
                    "(devices: {}); install its driver, or set gpu to auto or off.",
                    list_of(reported)));
  }
  warn(
      fmt::format("Networks run on the CPU although gpu is auto: OpenVINO reports no GPU on this "
                  "machine (devices: {}).",
                  list_of(reported)));
  return {};
}

bool DeviceChoice::fall_back(std::string_view network, std::string_view why) {
  if (use_ != GpuUse::kAuto || !on_gpu_) {
    return false;
  }
  on_gpu_ = false;
  warn(fmt::format("Networks run on the CPU although OpenVINO reports a GPU: {} failed on it ({}).",
                   network, why));
  return true;
}

void DeviceChoice::warn(std::string_view message) {
  if (warnings_ != nullptr) {
    warnings_->on_warning(message);
  }
}

}  // namespace storysign::engine
