#pragma once

#include "config/settings.hpp"

#include <filesystem>

namespace storysign::app {

/// Where this program's file is; empty if the system does not say.
[[nodiscard]] std::filesystem::path program_path();

/// The folder of the .tflite files: models.directory if set; else deps/models two folders above the
/// folder of `program`, where it is when the program runs from its build tree; else
/// ../share/storysign/models beside it, where an installation puts it. The folder need not exist.
[[nodiscard]] std::filesystem::path model_folder(const config::Settings& settings,
                                                 const std::filesystem::path& program);

}  // namespace storysign::app
