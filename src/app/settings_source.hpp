#pragma once

#include "base/result.hpp"
#include "config/loader.hpp"

#include <CLI/App.hpp>
#include <tl/expected.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace storysign::app {

/// Settings as the composition root gets them.
struct ProgramSettings {
  config::Loaded loaded;
  std::optional<std::filesystem::path> file;  ///< The configuration file that was read, if any.
};

/// The configuration file that load_settings() reads: `file`, else ./config.yaml if there is one.
[[nodiscard]] std::optional<std::filesystem::path> settings_file(const std::string& file);

/// Gives `command` the option -c,--config, written into `file`, and lets it take
/// --section.key=value. Read the latter with command.remaining().
void add_settings_options(CLI::App& command, std::string& file);

/// Loads from `file` (empty: ./config.yaml if there is one, else none), the process's environment
/// and `arguments`, each
/// "--section.key=value". Fails with all that is wrong, one sentence each. Main thread: it reads
/// the environment.
[[nodiscard]] tl::expected<ProgramSettings, std::vector<base::Error>> load_settings(
    const std::string& file, const std::vector<std::string>& arguments);

/// Writes each sentence to standard error; returns kExitBadInput.
int report(const std::vector<base::Error>& errors);

}  // namespace storysign::app
