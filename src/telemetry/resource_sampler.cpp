#include "telemetry/resource_sampler.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace storysign::telemetry {
namespace {

constexpr std::chrono::milliseconds kShortestInterval{100};

// Fields of /proc/PID/stat after the name in brackets, counted from 0 (proc(5): state is the
// third).
constexpr std::size_t kUserTicks = 11;
constexpr std::size_t kSystemTicks = 12;
constexpr std::size_t kThreads = 17;
constexpr std::size_t kResidentPages = 21;

// Fields of the line "cpu" of /proc/stat: user nice system idle iowait irq softirq steal; guest
// time is contained in user.
constexpr std::size_t kCpuFields = 8;
constexpr std::size_t kIdle = 3;
constexpr std::size_t kIoWait = 4;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

base::Error not_understood(const std::filesystem::path& path) {
  return {base::ErrorCode::kIo,
          fmt::format("{} cannot be read or is not as Linux writes it; the use of processor and "
                      "memory is not known, check that /proc is mounted.",
                      path.string())};
}

/// The words of a text, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}

  std::string_view next() noexcept {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
    const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t\n"));
    rest_.remove_prefix(word.size());
    return word;
  }
  std::optional<std::uint64_t> number() noexcept {
    const std::string_view word = next();
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    const bool whole = error == std::errc() && end == word.data() + word.size();
    return whole ? std::optional(value) : std::nullopt;
  }

 private:
  std::string_view rest_;
};

/// "MemTotal:  16384 kB" in bytes.
std::optional<std::uint64_t> memory_row(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto kibibytes = Words(text.substr(at + key.size())).number();
  return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

double percent(double part, double whole) noexcept {
  return whole > 0.0 ? std::clamp(100.0 * part / whole, 0.0, 100.0) : 0.0;
}

}  // namespace

ResourceSampler::ResourceSampler(double usable_cores, base::SteadyTime now,
                                 const std::filesystem::path& proc)
    : usable_cores_(usable_cores),
      process_file_(proc / "self" / "stat"),
      machine_file_(proc / "stat"),
      memory_file_(proc / "meminfo"),
      ticks_per_second_(static_cast<double>(sysconf(_SC_CLK_TCK))),
      page_bytes_(static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE))),
      last_time_(now) {
  restart(now);
}

void ResourceSampler::restart(base::SteadyTime now) {
  // Files that cannot be read are reported by sample().
  last_ = read(reading_).value_or(Counts{});
  last_time_ = now;
}

base::Result<ResourceReading> ResourceSampler::sample(base::SteadyTime now) {
  if (now - last_time_ < kShortestInterval) return reading_;
  const auto counts = read(reading_);
  if (!counts) return tl::unexpected(counts.error());
  const double seconds = std::chrono::duration<double>(now - last_time_).count();
  const auto since = [](std::uint64_t current, std::uint64_t last) {
    return current > last ? static_cast<double>(current - last) : 0.0;
  };
  reading_.process_cpu_percent =
      percent(since(counts->process_ticks, last_.process_ticks) / ticks_per_second_,
              seconds * usable_cores_);
  reading_.machine_cpu_percent =
      percent(since(counts->machine_busy_ticks, last_.machine_busy_ticks),
              since(counts->machine_ticks, last_.machine_ticks));
  last_ = *counts;
  last_time_ = now;
  return reading_;
}

base::Result<ResourceSampler::Counts> ResourceSampler::read(ResourceReading& reading) const {
  Counts counts;

  const std::string process = read_file(process_file_);
  // The name may hold spaces and brackets: what counts is the last bracket.
  const std::size_t name_end = process.rfind(')');
  if (name_end == std::string::npos) return tl::unexpected(not_understood(process_file_));
  Words words(std::string_view(process).substr(name_end + 1));
  std::array<std::uint64_t, kResidentPages + 1> fields{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    // The state is a letter, and a few fields are negative: none of those is needed.
    const auto number = words.number();
    const bool needed =
        i == kUserTicks || i == kSystemTicks || i == kThreads || i == kResidentPages;
    if (needed && !number) return tl::unexpected(not_understood(process_file_));
    fields[i] = number.value_or(0);
  }
  counts.process_ticks = fields[kUserTicks] + fields[kSystemTicks];

  const std::string machine = read_file(machine_file_);
  words = Words(machine);
  if (words.next() != "cpu") return tl::unexpected(not_understood(machine_file_));
  for (std::size_t i = 0; i < kCpuFields; ++i) {
    const auto ticks = words.number();
    if (!ticks) return tl::unexpected(not_understood(machine_file_));
    counts.machine_ticks += *ticks;
    counts.machine_busy_ticks += i == kIdle || i == kIoWait ? 0 : *ticks;
  }

  const std::string memory = read_file(memory_file_);
  const auto total = memory_row(memory, "MemTotal:");
  const auto available = memory_row(memory, "MemAvailable:");
  if (!total || !available) return tl::unexpected(not_understood(memory_file_));

  reading.threads = static_cast<int>(fields[kThreads]);
  reading.memory_bytes = fields[kResidentPages] * page_bytes_;
  reading.memory_percent =
      percent(static_cast<double>(reading.memory_bytes), static_cast<double>(*total));
  reading.machine_memory_percent = percent(
      static_cast<double>(*total) - static_cast<double>(*available), static_cast<double>(*total));
  return counts;
}

}  // namespace storysign::telemetry
