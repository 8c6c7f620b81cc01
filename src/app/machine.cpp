#include "app/machine.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

constexpr std::string_view kSpace = " \t\r\n";

/// v1 writes "no limit" as the largest number of pages, just under 2^63.
constexpr std::uint64_t kNoLimitV1 = std::uint64_t{1} << 62U;

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (true) {
    const std::size_t at = text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(file, line);) out.push_back(line);
  return out;
}

/// What stands behind the first "name:" of a file of such lines.
std::optional<std::string> field(const fs::path& path, std::string_view name) {
  for (const std::string& line : lines_of(path)) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view all = line;
    if (trim(all.substr(0, colon)) == name) return std::string(trim(all.substr(colon + 1)));
  }
  return std::nullopt;
}

/// "0-3,8" has 5.
std::optional<int> count_list(std::string_view list) {
  std::uint64_t count = 0;
  for (const std::string& part : split(list, ',')) {
    const std::vector<std::string> ends = split(part, '-');
    const auto first = to_number(ends.front());
    const auto last = to_number(ends.back());
    if (ends.size() > 2 || !first || !last || *last < *first || *last > 1'000'000U) {
      return std::nullopt;
    }
    count += *last - *first + 1;
  }
  return static_cast<int>(count);
}

/// One mounted hierarchy of control groups and this process's place in it.
struct Hierarchy {
  bool v2 = false;
  fs::path mount;      ///< Under `root`.
  fs::path mounted;    ///< Which group is at the mount; "/" but in containers.
  fs::path own_group;  ///< As /proc/self/cgroup names it.
};

bool has_word(std::string_view list, std::string_view word) {
  const std::vector<std::string> words = split(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// The group's path from a line "id:controllers:path" of /proc/self/cgroup (cgroups(7)); v2 has no
/// controllers.
std::optional<std::string> own_group(const fs::path& root, bool v2, std::string_view controller) {
  for (const std::string& line : lines_of(root / "proc/self/cgroup")) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (v2 ? controllers.empty() : has_word(controllers, controller)) {
      return line.substr(second + 1);
    }
  }
  return std::nullopt;
}

/// From /proc/self/mountinfo, proc_pid_mountinfo(5): fields 4 and 5 are root and mount point, and
/// behind a lone hyphen come the type, the source and the options, which name the controllers of
/// v1.
std::vector<Hierarchy> hierarchies(const fs::path& root, std::string_view controller) {
  std::vector<Hierarchy> out;
  for (const std::string& line : lines_of(root / "proc/self/mountinfo")) {
    const std::vector<std::string> words = split(line, ' ');
    const auto hyphen = std::find(words.begin(), words.end(), "-");
    const bool whole =
        std::distance(words.begin(), hyphen) >= 6 && std::distance(hyphen, words.end()) >= 4;
    if (!whole) continue;
    const bool v2 = *(hyphen + 1) == "cgroup2";
    const bool v1 = *(hyphen + 1) == "cgroup" && has_word(*(hyphen + 3), controller);
    if (!v1 && !v2) continue;
    if (const auto group = own_group(root, v2, controller)) {
      out.push_back({v2, root / fs::path(words[4]).relative_path(), words[3], *group});
    }
  }
  return out;
}

/// Calls `visit` with the folder of the own group and of each group above it that can be seen.
void each_group(const Hierarchy& hierarchy, const std::function<void(const fs::path&)>& visit) {
  fs::path below = hierarchy.own_group.lexically_relative(hierarchy.mounted);
  // A container may see its group under another name than its mounts have; then only the mount
  // itself is known.
  if (below.empty() || *below.begin() == "..") below = ".";
  std::error_code code;
  for (fs::path group = below; !group.empty() && group != "."; group = group.parent_path()) {
    if (fs::is_directory(hierarchy.mount / group, code)) visit(hierarchy.mount / group);
  }
  visit(hierarchy.mount);
}

std::optional<double> group_quota(const fs::path& group, bool v2) {
  std::string quota;
  std::string period;
  if (v2) {
    const auto text = read_small_file(group, "cpu.max");
    std::istringstream(text.value_or("")) >> quota >> period;
  } else {
    quota = read_small_file(group, "cpu.cfs_quota_us").value_or("");
    period = read_small_file(group, "cpu.cfs_period_us").value_or("");
  }
  // "max" in v2 and -1 in v1 are no number here: no limit.
  const auto used = to_number(quota);
  const auto of = to_number(period);
  if (!used || !of || *used == 0 || *of == 0) return std::nullopt;
  return static_cast<double>(*used) / static_cast<double>(*of);
}

std::optional<std::uint64_t> group_memory(const fs::path& group, bool v2) {
  const auto text = read_small_file(group, v2 ? "memory.max" : "memory.limit_in_bytes");
  const auto limit = to_number(text.value_or(""));
  return limit && *limit < kNoLimitV1 ? limit : std::nullopt;
}

template <class T>
std::optional<T> tightest(const fs::path& root, std::string_view controller,
                          std::optional<T> (*read)(const fs::path&, bool)) {
  std::optional<T> least;
  for (const Hierarchy& hierarchy : hierarchies(root, controller)) {
    each_group(hierarchy, [&](const fs::path& group) {
      const std::optional<T> limit = read(group, hierarchy.v2);
      if (limit && (!least || *limit < *least)) least = limit;
    });
  }
  return least;
}

/// A socket that is closed at the end.
class Socket {
 public:
  explicit Socket(const addrinfo& address)
      : handle_(
            ::socket(address.ai_family, address.ai_socktype | SOCK_CLOEXEC, address.ai_protocol)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  Socket(Socket&&) = delete;
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (handle_ >= 0) ::close(handle_);
  }

  /// Whether it listens now; if not, errno says why.
  [[nodiscard]] bool listen_on(const addrinfo& address) const {
    if (handle_ < 0) return false;
    // As a server would: connections of an earlier run that are still dying down do not count.
    const int yes = 1;
    return ::setsockopt(handle_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
           ::bind(handle_, address.ai_addr, address.ai_addrlen) == 0 && ::listen(handle_, 1) == 0;
  }

 private:
  int handle_;
};

}  // namespace

std::optional<std::string> read_small_file(const fs::path& root, std::string_view path) {
  std::ifstream file(root / path);
  if (!file) return std::nullopt;
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.bad()) return std::nullopt;
  return std::string(trim(text));
}

base::Result<Cpu> read_cpu(const fs::path& root) {
  const fs::path path = root / "proc/cpuinfo";
  const auto flags = field(path, "flags");
  if (!flags) {
    return base::fail(ErrorCode::kIo,
                      fmt::format("{} does not list the CPU's features", path.string()));
  }
  const std::vector<std::string> words = split(*flags, ' ');
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  return Cpu{field(path, "model name").value_or("unknown CPU"), has("sse4_2"), has("avx2"),
             has("avx512f"), has("avx512_vnni") || has("avx_vnni")};
}

base::Result<int> allowed_cores(const fs::path& root) {
  const fs::path path = root / "proc/self/status";
  const auto count = count_list(field(path, "Cpus_allowed_list").value_or(""));
  if (!count) {
    return base::fail(ErrorCode::kIo,
                      fmt::format("{} does not list the allowed processors", path.string()));
  }
  return *count;
}

std::optional<double> cpu_quota(const fs::path& root) {
  return tightest<double>(root, "cpu", group_quota);
}

std::optional<std::uint64_t> memory_limit(const fs::path& root) {
  return tightest<std::uint64_t>(root, "memory", group_memory);
}

int usable_cores(int allowed, std::optional<double> quota) {
  const double cores = std::min(static_cast<double>(allowed), quota.value_or(allowed));
  return std::max(1, static_cast<int>(std::floor(cores)));
}

base::Result<Memory> read_memory(const fs::path& root) {
  const fs::path path = root / "proc/meminfo";
  const auto bytes = [&](std::string_view name) -> std::optional<std::uint64_t> {
    const std::string text = field(path, name).value_or("");
    if (!text.ends_with(" kB")) return std::nullopt;
    const auto kibibytes = to_number(text.substr(0, text.size() - 3));
    return kibibytes ? std::optional(*kibibytes * 1024U) : std::nullopt;
  };
  const auto total = bytes("MemTotal");
  const auto available = bytes("MemAvailable");
  if (!total || !available) {
    return base::fail(ErrorCode::kIo, fmt::format("{} does not tell the memory", path.string()));
  }
  return Memory{*total, *available};
}

std::vector<std::string> render_nodes(const fs::path& root) {
  std::vector<std::string> out;
  std::error_code code;
  for (fs::directory_iterator at(root / "dev/dri", code), end; !code && at != end;
       at.increment(code)) {
    std::string name = at->path().filename().string();
    if (name.starts_with("renderD")) out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

base::Result<void> try_listening(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failure = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{} has no address ({})", host, ::gai_strerror(failure)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (!Socket(*address).listen_on(*address)) {
      return base::fail(ErrorCode::kUnavailable, std::generic_category().message(errno));
    }
  }
  return {};
}

}  // namespace storysign::app
