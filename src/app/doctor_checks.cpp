#include "app/doctor_checks.hpp"

#include "engine/model_store.hpp"
#include "engine/models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGiB = std::uint64_t{1} << 30U;

// The recommended server and the TCP buffers are those of the requirements; the other limits are
// the project's own.
constexpr int kRecommendedCores = 8;
constexpr std::uint64_t kRecommendedMemory = 16 * kGiB;
constexpr std::uint64_t kReported =
    kRecommendedMemory * 9 / 10;  // Firmware and kernel keep a part.
constexpr std::uint64_t kLittleMemory = 1 * kGiB;
constexpr std::uint64_t kTcpBuffer = 16 * kMiB;
constexpr std::uint64_t kSharedMemory = 256 * kMiB;
constexpr std::uint64_t kLittleDisk = 1 * kGiB;
constexpr std::uint64_t kNoDisk = 100 * kMiB;
constexpr std::uint64_t kSwappiness = 10;

Finding ok(std::string name, std::string message) {
  return {Level::kOk, std::move(name), std::move(message)};
}
Finding warn(std::string name, std::string message) {
  return {Level::kWarn, std::move(name), std::move(message)};
}
Finding bad(std::string name, std::string message) {
  return {Level::kFail, std::move(name), std::move(message)};
}

std::string size_text(std::uint64_t bytes) {
  return bytes >= kGiB
             ? fmt::format("{:.1f} GiB", static_cast<double>(bytes) / static_cast<double>(kGiB))
             : fmt::format("{} MiB", bytes / kMiB);
}

std::optional<std::uint64_t> kernel_number(const fs::path& root, std::string_view path) {
  const std::string text = read_small_file(root, path).value_or("");
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> gpus(const base::Result<engine::RuntimeInfo>& runtime) {
  std::vector<std::string> out;
  if (!runtime) return out;
  for (const engine::RuntimeDevice& device : runtime->devices) {
    if (device.name.starts_with("GPU")) out.push_back(device.name + " " + device.full_name);
  }
  return out;
}

Finding check_shared_memory(const fs::path& root) {
  const auto segment = kernel_number(root, "proc/sys/kernel/shmmax");
  std::error_code code;
  const auto space = fs::space(root / "dev/shm", code);
  if (!segment || code) {
    return warn("shared memory",
                "kernel.shmmax or /dev/shm cannot be read here; look at them on the host.");
  }
  if (*segment < kSharedMemory) {
    return warn(
        "shared memory",
        fmt::format("kernel.shmmax is {} bytes; raise it with `sysctl -w kernel.shmmax={}`.",
                    *segment, kSharedMemory));
  }
  if (space.capacity < kSharedMemory) {
    return warn("shared memory",
                fmt::format("/dev/shm holds {}; give it {} (`mount -o remount,size=256m /dev/shm`, "
                            "or --shm-size=256m for a container).",
                            size_text(space.capacity), size_text(kSharedMemory)));
  }
  return ok("shared memory", fmt::format("kernel.shmmax allows {} or more, /dev/shm holds {}.",
                                         size_text(kSharedMemory), size_text(space.capacity)));
}

Finding check_tcp_buffers(const fs::path& root) {
  constexpr std::array<std::string_view, 2> kNames = {"rmem_max", "wmem_max"};
  std::vector<std::string> small;
  std::vector<std::string> cure;
  for (const std::string_view name : kNames) {
    const auto size = kernel_number(root, fmt::format("proc/sys/net/core/{}", name));
    if (!size) {
      return warn("tcp buffers",
                  fmt::format("net.core.{} cannot be read here; look at it on the host.", name));
    }
    if (*size < kTcpBuffer) {
      small.push_back(fmt::format("net.core.{} is {} bytes", name, *size));
      cure.push_back(fmt::format("net.core.{}={}", name, kTcpBuffer));
    }
  }
  if (small.empty()) return ok("tcp buffers", "Both may grow to 16 MiB.");
  return warn("tcp buffers", fmt::format("{}; for many learners raise with `sysctl -w {}`.",
                                         fmt::join(small, " and "), fmt::join(cure, " ")));
}

Finding check_congestion(const fs::path& root) {
  const auto now = read_small_file(root, "proc/sys/net/ipv4/tcp_congestion_control");
  if (!now) {
    return warn("tcp congestion control",
                "It cannot be read here; look at net.ipv4.tcp_congestion_control on the host.");
  }
  if (*now == "bbr") return ok("tcp congestion control", "It is bbr.");
  return warn("tcp congestion control",
              fmt::format("It is {}; for learners on poor networks run `modprobe tcp_bbr` and "
                          "`sysctl -w net.ipv4.tcp_congestion_control=bbr`.",
                          *now));
}

Finding check_swapping(const fs::path& root) {
  const auto now = kernel_number(root, "proc/sys/vm/swappiness");
  if (!now) {
    return warn("swap", "vm.swappiness cannot be read here; look at it on the host.");
  }
  if (*now <= kSwappiness) return ok("swap", fmt::format("vm.swappiness is {}.", *now));
  return warn("swap", fmt::format("vm.swappiness is {}; keep the program in memory with `sysctl -w "
                                  "vm.swappiness={}`.",
                                  *now, kSwappiness));
}

}  // namespace

std::string_view to_string(Level level) noexcept {
  switch (level) {
    case Level::kOk:
      return "OK";
    case Level::kWarn:
      return "WARN";
    case Level::kFail:
      break;
  }
  return "FAIL";
}

Finding judge_cpu(const base::Result<Cpu>& cpu) {
  if (!cpu) {
    return bad("cpu", fmt::format("{}; the program needs an x86-64 CPU with SSE4.2 under Linux.",
                                  cpu.error().message));
  }
  const auto yes = [](bool has) { return has ? "yes" : "no"; };
  const std::string features =
      fmt::format("{}: SSE4.2 {}, AVX2 {}, AVX-512 {}, VNNI {}", cpu->model, yes(cpu->sse42),
                  yes(cpu->avx2), yes(cpu->avx512), yes(cpu->vnni));
  if (!cpu->sse42) return bad("cpu", features + "; use a machine with SSE4.2, it is needed.");
  if (!cpu->avx2) {
    return warn("cpu", features +
                           "; the networks run slower without AVX2, use a newer machine or "
                           "let the virtual machine see its host's CPU.");
  }
  return ok("cpu", features + ".");
}

Finding judge_cores(const base::Result<int>& allowed, std::optional<double> quota) {
  if (!allowed) {
    return warn("cores",
                fmt::format("{}; make sure that /proc is mounted.", allowed.error().message));
  }
  const int usable = usable_cores(*allowed, quota);
  const std::string found = fmt::format(
      "{} usable: {} allowed by affinity, {}", usable, *allowed,
      quota ? fmt::format("a control group's quota of {:.2f}", *quota) : "no CPU quota");
  if (usable >= kRecommendedCores) return ok("cores", found + ".");
  return warn("cores", fmt::format("{}; enough for annotate, but for 20 learners and more give the "
                                   "server {} cores.",
                                   found, kRecommendedCores));
}

Finding judge_memory(const base::Result<Memory>& memory, std::optional<std::uint64_t> limit,
                     const config::Settings& settings) {
  if (!memory) {
    return warn("memory",
                fmt::format("{}; make sure that /proc is mounted.", memory.error().message));
  }
  const std::uint64_t usable = std::min(memory->total_bytes, limit.value_or(memory->total_bytes));
  const std::string found = fmt::format(
      "{} in all, {} available, {}", size_text(memory->total_bytes),
      size_text(memory->available_bytes),
      limit ? fmt::format("a control group's limit of {}", size_text(*limit)) : "no limit");
  const auto wanted = static_cast<std::uint64_t>(settings.performance.max_memory_usage) * kMiB;
  if (usable < wanted) {
    return warn("memory", fmt::format("{}; performance.max_memory_usage is {} MiB, which can never "
                                      "be reached: set it to {} or less.",
                                      found, wanted / kMiB, usable / kMiB * 3 / 4));
  }
  if (std::min(usable, memory->available_bytes) < kLittleMemory) {
    return warn("memory", found + "; end other programs, at least 1 GiB should be free.");
  }
  if (usable < kReported) {
    return warn("memory", fmt::format("{}; enough for annotate, but for 20 learners and more give "
                                      "the server {}.",
                                      found, size_text(kRecommendedMemory)));
  }
  return ok("memory", found + ".");
}

Finding judge_runtime(const base::Result<engine::RuntimeInfo>& runtime) {
  if (!runtime) return bad("inference", runtime.error().message);
  std::vector<std::string> devices;
  bool cpu = false;
  for (const engine::RuntimeDevice& device : runtime->devices) {
    devices.push_back(device.full_name.empty()
                          ? device.name
                          : fmt::format("{} ({})", device.name, device.full_name));
    cpu = cpu || device.name == "CPU";
  }
  const std::string found =
      fmt::format("OpenVINO {}; devices: {}", runtime->version,
                  devices.empty() ? "none" : fmt::format("{}", fmt::join(devices, ", ")));
  if (cpu) return ok("inference", found + ".");
  return bad("inference", found + "; the CPU plugin is missing, run `make setup` again.");
}

Finding judge_gpu(config::GpuUse use, const base::Result<engine::RuntimeInfo>& runtime,
                  const std::vector<std::string>& nodes) {
  const std::vector<std::string> found = gpus(runtime);
  const std::string seen =
      !found.empty()  ? fmt::format("the runtime reports {}", fmt::join(found, ", "))
      : nodes.empty() ? "the machine shows no GPU (no /dev/dri/renderD*)"
                      : fmt::format("the machine has {} but the runtime reports no GPU",
                                    fmt::join(nodes, ", "));
  const std::string driver = "install its OpenCL driver (intel-opencl-icd for Intel)";
  switch (use) {
    case config::GpuUse::kOff:
      return ok("gpu", fmt::format("gpu is off: the networks run on the CPU; {}.", seen));
    case config::GpuUse::kAuto:
      if (!found.empty()) break;
      return warn("gpu",
                  fmt::format("gpu is auto, and {}: the networks will run on the CPU; set gpu "
                              "to off, or {}.",
                              seen, driver));
    case config::GpuUse::kRequire:
      if (!found.empty()) break;
      return bad("gpu", fmt::format("gpu is require, but {}; set gpu to off or auto, or {}.", seen,
                                    driver));
  }
  return ok("gpu", fmt::format("The networks may use it: {}.", seen));
}

std::vector<Finding> check_models(const fs::path& folder) {
  const engine::ModelStore store(folder);
  std::vector<Finding> out;
  std::size_t files = 0;
  for (const engine::ModelInfo& model : engine::all_models()) {
    if (model.home == engine::ModelHome::kProgram) continue;
    ++files;
    const auto file = store.verify(model.model);
    if (!file) out.push_back(bad("models", file.error().message));
  }
  if (out.empty()) {
    out.push_back(ok("models", fmt::format("All {} files in {} are the expected ones.", files,
                                           folder.string())));
  }
  return out;
}

std::vector<Finding> check_kernel(const fs::path& root) {
  return {check_shared_memory(root), check_tcp_buffers(root), check_congestion(root),
          check_swapping(root)};
}

Finding check_port(const config::Settings& settings) {
  const auto listening = try_listening(settings.server.host, settings.server.port);
  const std::string where = fmt::format("{} port {}", settings.server.host, settings.server.port);
  if (listening) return ok("port", where + " is free.");
  return bad("port",
             fmt::format("Nothing can listen on {}: {}; end what uses it, or set server.host "
                         "and server.port.",
                         where, listening.error().message));
}

Finding judge_disk(std::string name, const fs::path& folder, std::uint64_t available) {
  const std::string found = fmt::format("{} free in {}", size_text(available), folder.string());
  if (available < kNoDisk) {
    return bad(std::move(name), found + "; make room, results could not be written.");
  }
  if (available < kLittleDisk) {
    return warn(std::move(name), found + "; make room, a long video needs more.");
  }
  return ok(std::move(name), found + ".");
}

Finding check_disk(std::string name, const fs::path& folder) {
  std::error_code code;
  const auto space = fs::space(folder, code);
  if (code) {
    return warn(std::move(name), fmt::format("The free space of {} cannot be told: {}; check it.",
                                             folder.string(), code.message()));
  }
  return judge_disk(std::move(name), folder, space.available);
}

}  // namespace storysign::app
