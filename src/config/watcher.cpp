#include "config/watcher.hpp"

#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace storysign::config {
namespace {

constexpr std::uint32_t kEvents =
    IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

base::Result<std::unique_ptr<FileWatcher>> FileWatcher::create(const std::filesystem::path& file) {
  std::filesystem::path folder = file.parent_path();
  if (folder.empty()) folder = ".";
  const auto failed = [&](int descriptor) {
    const int why = errno;
    if (descriptor >= 0) ::close(descriptor);
    return base::fail(
        why == ENOENT || why == ENOTDIR ? base::ErrorCode::kNotFound
                                        : base::ErrorCode::kUnavailable,
        fmt::format("The folder {} cannot be watched: {}; changes of {} are read when the server "
                    "gets SIGHUP.",
                    folder.string(), std::generic_category().message(why), file.string()));
  };
  const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return failed(descriptor);
  if (::inotify_add_watch(descriptor, folder.c_str(), kEvents | IN_ONLYDIR) < 0) {
    return failed(descriptor);
  }
  return std::unique_ptr<FileWatcher>(new FileWatcher(file, descriptor));
}

FileWatcher::FileWatcher(std::filesystem::path file, int descriptor)
    : file_(std::move(file)), descriptor_(descriptor), known_(look()) {}

FileWatcher::~FileWatcher() {
  ::close(descriptor_);
}

std::optional<FileWatcher::Version> FileWatcher::look() const {
  struct stat status{};
  if (::stat(file_.c_str(), &status) != 0) return std::nullopt;
  return Version{.device = status.st_dev,
                 .inode = status.st_ino,
                 .size = status.st_size,
                 .modified_ns = status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

/// Empties the queue of events. What they say is not needed: the file itself is looked at.
bool FileWatcher::something_happened() const {
  std::array<char, 4096> events{};
  bool any = false;
  while (::read(descriptor_, events.data(), events.size()) > 0) any = true;
  return any;
}

bool FileWatcher::changed(base::SteadyTime now) {
  if (something_happened()) happened_at_ = now;
  if (!happened_at_ || now - *happened_at_ < kQuiet) return false;
  happened_at_.reset();
  const std::optional<Version> seen = look();
  if (!seen || seen == known_) return false;
  known_ = seen;
  return true;
}

}  // namespace storysign::config
