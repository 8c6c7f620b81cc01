#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"

#include <filesystem>

namespace storysign::app {

/// Where the server keeps what outlives it: store.directory, else $STATE_DIRECTORY (as systemd sets
/// it; of several the first), else $XDG_STATE_HOME/storysign, else ~/.local/state/storysign. Fails
/// with kInvalidInput if none of them is known. Reads the environment: main thread.
[[nodiscard]] base::Result<std::filesystem::path> state_folder_path(
    const config::Settings& settings);

/// The same, made with mode 0700 if it is missing. Fails with kIo as well.
[[nodiscard]] base::Result<std::filesystem::path> state_folder(const config::Settings& settings);

}  // namespace storysign::app
