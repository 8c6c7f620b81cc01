#include "store/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace storysign::store {

base::Result<FileLock> FileLock::take(const std::filesystem::path& file, Kind kind) {
  constexpr mode_t kOwnerOnly = 0600;
  std::filesystem::path lock_file = file;
  lock_file += ".lock";
  FileLock lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (lock.descriptor_ < 0) {
    return base::fail(
        base::ErrorCode::kIo,
        fmt::format("The store {} cannot be opened: {}; see that its folder exists and belongs to "
                    "this user, or name another one in store.directory or store.url.",
                    file.string(), std::generic_category().message(errno)));
  }
  if (::flock(lock.descriptor_, (kind == Kind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
    return base::fail(base::ErrorCode::kUnavailable,
                      kind == Kind::kShared
                          ? fmt::format("The store {} is being restored; try again when that has "
                                        "ended.",
                                        file.string())
                          : fmt::format("The store {} is in use by a running server; stop that "
                                        "first, then try again.",
                                        file.string()));
  }
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace storysign::store
