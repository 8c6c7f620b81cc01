#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace storysign::app {

/// Where the file of a secret is that a setting names: "credential:NAME" is NAME in systemd's
/// $CREDENTIALS_DIRECTORY, all else a path. Fails with kInvalidInput if there is no such folder, or
/// NAME is more than a name. Reads the environment: main thread.
[[nodiscard]] base::Result<std::filesystem::path> secret_file(std::string_view setting,
                                                              std::string_view value);

/// The first line of such a file; `value` must not be empty. Fails if the file cannot be read, is
/// empty, or others than its owner may read it too; a credential of systemd is always its own.
[[nodiscard]] base::Result<std::string> read_secret(std::string_view setting,
                                                    std::string_view value);

/// A password from the terminal, without showing it, or from standard input if that is none: its
/// first line. Main thread.
[[nodiscard]] base::Result<std::string> ask_password(std::string_view prompt);

}  // namespace storysign::app
