#include "app/state_folder.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): main thread.
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

base::Result<fs::path> state_folder_path(const config::Settings& settings) {
  if (!settings.store.directory.empty()) return fs::path(settings.store.directory);
  const std::string_view given = variable("STATE_DIRECTORY");
  if (const auto first = given.substr(0, given.find(':')); !first.empty()) return fs::path(first);
  // Only absolute paths count (XDG Base Directory Specification).
  if (const auto state = variable("XDG_STATE_HOME"); state.starts_with('/')) {
    return fs::path(state) / "storysign";
  }
  if (const auto home = variable("HOME"); home.starts_with('/')) {
    return fs::path(home) / ".local/state/storysign";
  }
  return base::fail(base::ErrorCode::kInvalidInput,
                    "There is no folder for the server's state, because HOME is not set; name one "
                    "in store.directory.");
}

base::Result<fs::path> state_folder(const config::Settings& settings) {
  auto folder = state_folder_path(settings);
  if (!folder) return folder;
  std::error_code code;
  if (fs::is_directory(*folder, code)) return folder;
  const bool made = fs::create_directories(*folder, code);
  if (made && !code) fs::permissions(*folder, fs::perms::owner_all, code);
  if (!fs::is_directory(*folder) || code) {
    return base::fail(
        base::ErrorCode::kIo,
        fmt::format("The state folder {} cannot be made: {}; make it, or name another "
                    "one in store.directory.",
                    folder->string(), code ? code.message() : std::string("it is no folder")));
  }
  return folder;
}

}  // namespace storysign::app
