#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace storysign::app {

/// The failure of writing `path`, with the reason of the operating system (an errno value) and what
/// to do about it.
[[nodiscard]] base::Error cannot_write(const std::filesystem::path& path, int number);

/// A file that appears under its name only when it is whole: it is written under a hidden temporary
/// name in the same folder and renamed by commit(). Without a commit() the temporary file is
/// removed. A device such as /dev/null is written in place. Owned by the run; one thread.
class OutputFile {
 public:
  /// Makes the temporary file, so that a folder that cannot be written to is seen before any work.
  /// An existing file with something in it is refused unless `overwrite`. Fails with kIo or
  /// kInvalidInput.
  [[nodiscard]] static base::Result<OutputFile> create(const std::filesystem::path& target,
                                                       bool overwrite);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Where to write; the file exists and is empty.
  [[nodiscard]] const std::filesystem::path& writing_path() const noexcept { return temporary_; }
  [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

  /// Puts all bytes on the disk, so that commit() can hardly fail any more. The file must be
  /// closed.
  [[nodiscard]] base::Result<void> sync() const;

  /// Gives the file its name.
  [[nodiscard]] base::Result<void> commit();

 private:
  OutputFile(std::filesystem::path target, std::filesystem::path temporary, bool overwrite)
      : target_(std::move(target)), temporary_(std::move(temporary)), overwrite_(overwrite) {}

  void discard() noexcept;
  [[nodiscard]] bool in_place() const noexcept { return temporary_ == target_; }

  // Given.
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool overwrite_ = false;
  // State.
  bool pending_ = true;
};

/// A folder that appears only when its files are whole, by the same means: a hidden folder beside
/// it, renamed (or, where the folder exists already and `overwrite`, its files moved one by one) by
/// commit().
class OutputFolder {
 public:
  /// Fails with kIo if the folder cannot be made, with kInvalidInput if it exists with something in
  /// it, unless `overwrite`.
  [[nodiscard]] static base::Result<OutputFolder> create(const std::filesystem::path& target,
                                                         bool overwrite);

  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder& operator=(OutputFolder&& other) noexcept;
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  ~OutputFolder();

  [[nodiscard]] const std::filesystem::path& writing_path() const noexcept { return temporary_; }
  [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }

  /// Gives the folder its name.
  [[nodiscard]] base::Result<void> commit();

 private:
  OutputFolder(std::filesystem::path target, std::filesystem::path temporary)
      : target_(std::move(target)), temporary_(std::move(temporary)) {}

  void discard() noexcept;

  // Given.
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  // State.
  bool pending_ = true;
};

}  // namespace storysign::app
