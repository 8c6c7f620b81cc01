#pragma once

#include "app/machine.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "engine/openvino_engine.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `storysign doctor` thinks of what it finds. The judge_ functions are pure; the check_
// functions look for themselves, `root` as in machine.hpp. Any thread.
namespace storysign::app {

enum class Level : std::uint8_t { kOk, kWarn, kFail };

/// One line of the report: what was looked at, and one sentence that says what was found and,
/// unless it is fine, what to do.
struct Finding {
  Level level;
  std::string name;
  std::string message;
};

/// "OK", "WARN" or "FAIL".
[[nodiscard]] std::string_view to_string(Level level) noexcept;

[[nodiscard]] Finding judge_cpu(const base::Result<Cpu>& cpu);
[[nodiscard]] Finding judge_cores(const base::Result<int>& allowed, std::optional<double> quota);
[[nodiscard]] Finding judge_memory(const base::Result<Memory>& memory,
                                   std::optional<std::uint64_t> limit,
                                   const config::Settings& settings);
[[nodiscard]] Finding judge_runtime(const base::Result<engine::RuntimeInfo>& runtime);

/// `nodes` as render_nodes() gives them.
[[nodiscard]] Finding judge_gpu(config::GpuUse use,
                                const base::Result<engine::RuntimeInfo>& runtime,
                                const std::vector<std::string>& nodes);

/// One finding if all files are as they must be, else one for each that is not.
[[nodiscard]] std::vector<Finding> check_models(const std::filesystem::path& folder);

/// Shared memory, TCP buffers, congestion control, swapping.
[[nodiscard]] std::vector<Finding> check_kernel(const std::filesystem::path& root);

[[nodiscard]] Finding check_port(const config::Settings& settings);

/// `name` is what the finding is called, `available` the bytes that are free in `folder`.
[[nodiscard]] Finding judge_disk(std::string name, const std::filesystem::path& folder,
                                 std::uint64_t available);

/// The same, of the file system of `folder` as it is now.
[[nodiscard]] Finding check_disk(std::string name, const std::filesystem::path& folder);

}  // namespace storysign::app
