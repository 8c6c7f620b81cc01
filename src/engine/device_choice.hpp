#pragma once

#include "base/result.hpp"
#include "engine/openvino_engine.hpp"

#include <atomic>
#include <span>
#include <string>
#include <string_view>

namespace storysign::engine {

inline constexpr std::string_view kCpu = "CPU";
inline constexpr std::string_view kGpu = "GPU";

/// Decides where networks run, and what to do when that fails. Internal to the room and free of
/// OpenVINO, so that it can be tested on a machine without a GPU. Owned by the engine. device()
/// from any thread; fall_back() one thread at a time.
class DeviceChoice {
 public:
  DeviceChoice(GpuUse use, WarningListener* warnings) : use_(use), warnings_(warnings) {}

  /// Chooses among the devices that the runtime reports (not looked at for GpuUse::kOff). Fails
  /// with kUnavailable if a GPU is required and none is reported.
  base::Result<void> choose(std::span<const std::string> reported);

  /// kCpu or kGpu.
  [[nodiscard]] std::string_view device() const noexcept { return on_gpu_.load() ? kGpu : kCpu; }

  /// Called when `network` failed on device(), with the reason. True: it was the GPU and the CPU
  /// will do, device() is now the CPU for this and all later networks, and that was said in a
  /// warning. False: the failure is final.
  [[nodiscard]] bool fall_back(std::string_view network, std::string_view why);

 private:
  void warn(std::string_view message);

  // Given.
  GpuUse use_;
  WarningListener* warnings_;
  // State.
  std::atomic<bool> on_gpu_ = false;
};

}  // namespace storysign::engine
