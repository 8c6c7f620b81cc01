#include "app/settings_source.hpp"

#include "app/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kDefaultFile = "config.yaml";

Pairs environment() {
  Pairs out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) {
      out.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  // The system's order is an accident; that of the messages should not be.
  std::sort(out.begin(), out.end());
  return out;
}

Pairs overrides(const std::vector<std::string>& arguments, std::vector<base::Error>& errors) {
  Pairs out;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || argument.size() == 2) {
      errors.push_back({base::ErrorCode::kInvalidInput,
                        fmt::format("command line: {} is not understood here; a setting is written "
                                    "--section.key=value.",
                                    argument)});
    } else if (equals == std::string::npos) {
      errors.push_back(
          {base::ErrorCode::kInvalidInput,
           fmt::format(
               "command line: {0} is no flag of this command, and as a setting it lacks its "
               "value; write --section.key=value.",
               argument)});
    } else {
      out.emplace_back(argument.substr(2, equals - 2), argument.substr(equals + 1));
    }
  }
  return out;
}

}  // namespace

void add_settings_options(CLI::App& command, std::string& file) {
  command
      .add_option("-c,--config", file,
                  "Configuration file (default: config.yaml in this folder, if there is one)")
      ->type_name("FILE")
      // As from an unset shell variable; it must not pass for "no -c".
      ->check([](const std::string& name) {
        return std::string(name.empty() ? "the file name is empty" : "");
      });
  command.allow_extras();
  command.footer(
      "Any setting can be given as --section.key=value; `storysign config defaults` lists "
      "them.");
}

std::optional<std::filesystem::path> settings_file(const std::string& file) {
  if (!file.empty()) return file;
  std::error_code code;
  if (std::filesystem::exists(std::filesystem::symlink_status(kDefaultFile, code))) {
    return kDefaultFile;
  }
  return std::nullopt;
}

tl::expected<ProgramSettings, std::vector<base::Error>> load_settings(
    const std::string& file, const std::vector<std::string>& arguments) {
  std::vector<base::Error> errors;
  const Pairs given = overrides(arguments, errors);
  const Pairs variables = environment();

  const std::optional<std::filesystem::path> path = settings_file(file);
  auto loaded = config::load({path, variables, given});
  if (!loaded) errors.insert(errors.end(), loaded.error().begin(), loaded.error().end());
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  return ProgramSettings{*std::move(loaded), path};
}

int report(const std::vector<base::Error>& errors) {
  for (const base::Error& error : errors) write_error(error.message);
  return kExitBadInput;
}

}  // namespace storysign::app
