#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the machine is and allows. `root` is "/" but in tests, where a folder holds made-up files of
// /proc, /sys and /dev. Any thread; nothing is kept.
namespace storysign::app {

struct Cpu {
  std::string model;
  bool sse42 = false;
  bool avx2 = false;
  bool avx512 = false;  ///< The foundation, AVX-512F.
  bool vnni = false;    ///< AVX512-VNNI or AVX-VNNI: 8-bit dot products.
};

/// From /proc/cpuinfo, the first processor. Fails with kIo if it is not there or not as expected.
[[nodiscard]] base::Result<Cpu> read_cpu(const std::filesystem::path& root);

/// How many processors this process may run on: affinity and cpuset, from /proc/self/status. At
/// least 1; fails with kIo.
[[nodiscard]] base::Result<int> allowed_cores(const std::filesystem::path& root);

/// The tightest CPU quota of this process's control group and those above it, in cores (1.5 is one
/// and a half); nothing if there is none. Control groups v2 (cpu.max) and v1 (cpu.cfs_quota_us over
/// cpu.cfs_period_us).
[[nodiscard]] std::optional<double> cpu_quota(const std::filesystem::path& root);

/// The same for memory, in bytes: v2 memory.max, v1 memory.limit_in_bytes.
[[nodiscard]] std::optional<std::uint64_t> memory_limit(const std::filesystem::path& root);

/// Cores that compute at the same time: the allowed ones, or the whole cores of the quota where
/// that is less; at least 1.
[[nodiscard]] int usable_cores(int allowed, std::optional<double> quota);

struct Memory {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
};

/// From /proc/meminfo. Fails with kIo.
[[nodiscard]] base::Result<Memory> read_memory(const std::filesystem::path& root);

/// The text of a small file such as /proc/sys/vm/swappiness without the white space around it;
/// nothing if it cannot be read. `path` is relative to `root`.
[[nodiscard]] std::optional<std::string> read_small_file(const std::filesystem::path& root,
                                                         std::string_view path);

/// Devices through which a GPU computes: "renderD128" and so on, in /dev/dri, sorted.
[[nodiscard]] std::vector<std::string> render_nodes(const std::filesystem::path& root);

/// Listens on the address and port for a moment. `port` is 1 to 65535. Fails with kInvalidInput if
/// the name has no address, else kUnavailable, with the system's reason.
[[nodiscard]] base::Result<void> try_listening(const std::string& host, int port);

}  // namespace storysign::app
