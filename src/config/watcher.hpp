#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace storysign::config {

/// Sees when a file has another content: written in place, replaced by a rename as editors do, or
/// reached through a link that now points elsewhere, as orchestrators do. Watches the file's folder
/// with inotify and looks at the file itself only after something has happened there. One thread at
/// a time.
class FileWatcher {
 public:
  /// So long nothing must have happened in the folder: a file is written in several pieces.
  static constexpr std::chrono::milliseconds kQuiet{250};

  /// `file` need not exist, its folder must. Fails with kUnavailable where the system has no more
  /// watches to give, kNotFound if there is no folder.
  [[nodiscard]] static base::Result<std::unique_ptr<FileWatcher>> create(
      const std::filesystem::path& file);
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;
  FileWatcher(FileWatcher&&) = delete;
  FileWatcher& operator=(FileWatcher&&) = delete;
  ~FileWatcher();

  /// Whether the file is another one than at the last true (or at create()), and has been left
  /// alone for kQuiet. Never waits. To be called a few times a second. A file that has gone is no
  /// change.
  [[nodiscard]] bool changed(base::SteadyTime now);

 private:
  /// What tells two versions of a file apart.
  struct Version {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    bool operator==(const Version&) const = default;
  };

  FileWatcher(std::filesystem::path file, int descriptor);
  [[nodiscard]] std::optional<Version> look() const;
  [[nodiscard]] bool something_happened() const;

  // Given.
  std::filesystem::path file_;
  // Owned.
  int descriptor_;
  // State.
  std::optional<Version> known_;
  std::optional<base::SteadyTime> happened_at_;  ///< Last, if the file was not looked at since.
};

}  // namespace storysign::config
