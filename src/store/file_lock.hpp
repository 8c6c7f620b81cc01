#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <utility>

namespace storysign::store {

/// Says to other processes that a SQLite file is in use: a lock on FILE.lock beside it, which the
/// kernel takes back when the process ends, however it ends.
class FileLock {
 public:
  enum class Kind : std::uint8_t {
    kShared,  ///< It is used; so it may be by others.
    kAlone,   ///< It is about to be replaced; nobody may use it.
  };

  /// Fails at once with kUnavailable if others have it.
  [[nodiscard]] static base::Result<FileLock> take(const std::filesystem::path& file, Kind kind);

  FileLock() = default;
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace storysign::store
