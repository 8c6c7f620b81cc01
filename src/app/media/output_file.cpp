#include "app/media/output_file.hpp"

#include "app/media/input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// Hidden, in the same folder (a rename must not cross file systems), and the process's own.
fs::path temporary_name(const fs::path& target) {
  return folder_of(target) /
         fmt::format(".{}.{}.partial", target.filename().string(), static_cast<long>(getpid()));
}

/// The file behind symbolic links, so that the links stay and what they point to is replaced.
fs::path resolved(const fs::path& target) {
  constexpr int kMostLinks = 40;  // As Linux itself follows.
  fs::path real = target;
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(real, error); ++i) {
    const fs::path next = fs::read_symlink(real, error);
    if (error) {
      break;
    }
    real = folder_of(real) / next;
  }
  // "out/" names the same folder as "out".
  return real.has_filename() ? real : real.parent_path();
}

base::Result<void> check_parent(const fs::path& target) {
  std::error_code error;
  const fs::path folder = folder_of(target);
  const fs::file_status status = fs::status(folder, error);
  if (fs::is_directory(status)) {
    return {};
  }
  if (fs::exists(status)) {
    return fail(ErrorCode::kInvalidInput, fmt::format("Cannot write {}: {} is not a folder.",
                                                      quoted(target), quoted(folder)));
  }
  return fail(ErrorCode::kInvalidInput,
              fmt::format("Cannot write {}: there is no folder {}; create it first.",
                          quoted(target), quoted(folder)));
}

base::Error exists_already(const fs::path& target) {
  return {ErrorCode::kInvalidInput,
          fmt::format("{} exists already; leave out --no-overwrite to replace it, or choose "
                      "another name.",
                      quoted(target))};
}

/// A file with nothing in it is not worth protecting: scripts make their temporary files that way.
bool is_precious(const fs::path& target) {
  std::error_code error;
  return fs::exists(target, error) && (fs::file_size(target, error) > 0 || error);
}

}  // namespace

base::Error cannot_write(const fs::path& path, int number) {
  std::string_view advice = "check the disk and try again";
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      advice = "free some space or choose another place";
      break;
    case EACCES:
    case EPERM:
    case EROFS:
      advice = "choose a folder that you may write to";
      break;
    case ENAMETOOLONG:
      advice = "choose a shorter name";
      break;
    default:
      break;
  }
  return {ErrorCode::kIo, fmt::format("Cannot write {}: {}; {}.", quoted(path),
                                      std::generic_category().message(number), advice)};
}

base::Result<OutputFile> OutputFile::create(const fs::path& target, bool overwrite) {
  const fs::path real = resolved(target);
  std::error_code error;
  const fs::file_status status = fs::status(real, error);
  if (fs::is_directory(status)) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("Cannot write {}: it is a folder; name a file in it.", quoted(target)));
  }
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    return OutputFile(real, real, true);
  }
  if (auto folder = check_parent(real); !folder) {
    return tl::unexpected(folder.error());
  }
  if (!overwrite && is_precious(real)) {
    return tl::unexpected(exists_already(target));
  }
  const fs::path temporary = temporary_name(real);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) {
    return tl::unexpected(cannot_write(target, errno));
  }
  ::close(file);
  return OutputFile(real, temporary, overwrite);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      overwrite_(other.overwrite_),
      pending_(std::exchange(other.pending_, false)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  if (this != &other) {
    discard();
    target_ = std::move(other.target_);
    temporary_ = std::move(other.temporary_);
    overwrite_ = other.overwrite_;
    pending_ = std::exchange(other.pending_, false);
  }
  return *this;
}

OutputFile::~OutputFile() {
  discard();
}

void OutputFile::discard() noexcept {
  if (std::exchange(pending_, false) && !in_place()) {
    ::unlink(temporary_.c_str());
  }
}

base::Result<void> OutputFile::sync() const {
  if (in_place()) {
    return {};
  }
  // Some file systems tell only now that the disk is full.
  const int file = ::open(temporary_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return tl::unexpected(cannot_write(target_, errno));
  }
  const int number = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (number != 0) {
    return tl::unexpected(cannot_write(target_, number));
  }
  return {};
}

base::Result<void> OutputFile::commit() {
  if (in_place()) {
    pending_ = false;
    return {};
  }
  if (!overwrite_ && is_precious(target_)) {
    return tl::unexpected(exists_already(target_));
  }
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) {
    return tl::unexpected(cannot_write(target_, errno));
  }
  pending_ = false;
  return {};
}

base::Result<OutputFolder> OutputFolder::create(const fs::path& target, bool overwrite) {
  const fs::path real = resolved(target);
  std::error_code error;
  const fs::file_status status = fs::status(real, error);
  if (fs::exists(status) && !fs::is_directory(status)) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("Cannot write {}: pictures of a folder go to a folder, and this is a file.",
                    quoted(target)));
  }
  if (auto folder = check_parent(real); !folder) {
    return tl::unexpected(folder.error());
  }
  if (fs::is_directory(status) && !overwrite && !fs::is_empty(real, error)) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The folder {} is not empty; leave out --no-overwrite to write into it, or "
                    "choose another name.",
                    quoted(target)));
  }
  const fs::path temporary = temporary_name(real);
  if (::mkdir(temporary.c_str(), 0777) != 0) {
    return tl::unexpected(cannot_write(target, errno));
  }
  return OutputFolder(real, temporary);
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      pending_(std::exchange(other.pending_, false)) {}

OutputFolder& OutputFolder::operator=(OutputFolder&& other) noexcept {
  if (this != &other) {
    discard();
    target_ = std::move(other.target_);
    temporary_ = std::move(other.temporary_);
    pending_ = std::exchange(other.pending_, false);
  }
  return *this;
}

OutputFolder::~OutputFolder() {
  discard();
}

void OutputFolder::discard() noexcept {
  if (std::exchange(pending_, false)) {
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
  }
}

base::Result<void> OutputFolder::commit() {
  // Takes the place of a missing or empty folder at once.
  if (::rename(temporary_.c_str(), target_.c_str()) == 0) {
    pending_ = false;
    return {};
  }
  if (errno != ENOTEMPTY && errno != EEXIST) {
    return tl::unexpected(cannot_write(target_, errno));
  }
  std::error_code error;
  fs::directory_iterator entry(temporary_, error);
  for (const fs::directory_iterator end; !error && entry != end; entry.increment(error)) {
    fs::rename(entry->path(), target_ / entry->path().filename(), error);
    if (error) {
      break;
    }
  }
  if (error) {
    return tl::unexpected(cannot_write(target_, error.value()));
  }
  discard();
  return {};
}

}  // namespace storysign::app
