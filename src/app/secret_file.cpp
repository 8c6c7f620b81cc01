#include "app/secret_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;

constexpr std::string_view kCredential = "credential:";
constexpr std::size_t kLongestSecret = 4096;

/// The first line without its end; nothing if there is none.
std::optional<std::string> first_line(std::istream& in) {
  std::string line;
  if (!std::getline(in, line) || line.size() > kLongestSecret) {
    return std::nullopt;
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line.empty() ? std::nullopt : std::optional<std::string>(std::move(line));
}

/// Turns the terminal's echo off for a scope.
class Silence {
 public:
  Silence() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    is_on_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  Silence(Silence&&) = delete;
  Silence& operator=(Silence&&) = delete;
  ~Silence() {
    if (is_on_) static_cast<void>(tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_));
  }
  [[nodiscard]] bool is_on() const noexcept { return is_on_; }

 private:
  termios before_{};
  bool is_on_ = false;
};

}  // namespace

base::Result<fs::path> secret_file(std::string_view setting, std::string_view value) {
  if (!value.starts_with(kCredential)) {
    return fs::path(value);
  }
  const std::string_view name = value.substr(kCredential.size());
  if (name.empty() || name.find('/') != std::string_view::npos || name == "." || name == "..") {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{} is \"{}\", but behind credential: stands the name of one, "
                                  "without slashes.",
                                  setting, value));
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): main thread.
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{} is \"{}\", but there are no credentials: systemd sets "
                                  "CREDENTIALS_DIRECTORY for a unit with LoadCredential=.",
                                  setting, value));
  }
  return fs::path(folder) / name;
}

base::Result<std::string> read_secret(std::string_view setting, std::string_view value) {
  const auto file = secret_file(setting, value);
  if (!file) {
    return tl::unexpected(file.error());
  }
  struct stat status{};
  if (::stat(file->c_str(), &status) != 0) {
    return base::fail(ErrorCode::kNotFound,
                      fmt::format("{} names {}, which cannot be read.", setting, file->string()));
  }
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if (!value.starts_with(kCredential) && (status.st_mode & kOthers) != 0) {
    return base::fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} names {}, which others than its owner may use; `chmod 600 {}` first.",
                    setting, file->string(), file->string()));
  }
  std::ifstream in(*file);
  auto line = first_line(in);
  if (!line) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{} names {}, whose first line holds no secret of at most {} "
                                  "bytes, or which cannot be read.",
                                  setting, file->string(), kLongestSecret));
  }
  return *std::move(line);
}

base::Result<std::string> ask_password(std::string_view prompt) {
  std::optional<std::string> line;
  {
    const Silence silence;
    if (silence.is_on()) std::cerr << prompt << std::flush;
    line = first_line(std::cin);
    if (silence.is_on()) std::cerr << "\n";
  }
  if (!line) {
    return base::fail(ErrorCode::kInvalidInput,
                      "No password came: type one, or use --password-file, or standard input.");
  }
  return *std::move(line);
}

}  // namespace storysign::app
