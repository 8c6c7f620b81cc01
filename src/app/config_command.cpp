#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"
#include "config/generate.hpp"
#include "config/keys.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <variant>

namespace storysign::app {
namespace {

using Json = nlohmann::ordered_json;
using Kind = config::Origin::Kind;

/// What the options of one run are written to; lives as long as the command.
struct Options {
  std::string file;
  bool json = false;
};

std::string file_sentence(const ProgramSettings& settings) {
  return settings.file ? fmt::format("file {}", settings.file->string())
                       : "no file (there is no config.yaml in this folder)";
}

int check(const ProgramSettings& settings) {
  std::array<std::size_t, 4> counts{};
  for (const config::Origin& origin : settings.loaded.origins) {
    ++counts.at(static_cast<std::size_t>(origin.kind));
  }
  const auto count = [&](Kind kind) { return counts.at(static_cast<std::size_t>(kind)); };
  return write_stdout(
      fmt::format("The configuration is valid: {}; in force are {} values from the file, {} from "
                  "the environment, "
                  "{} from the command line and {} defaults.\n",
                  file_sentence(settings), count(Kind::kFile), count(Kind::kEnvironment),
                  count(Kind::kCommandLine), count(Kind::kDefault)));
}

/// For a value that is set, but not shown.
constexpr const char* kHidden = "(set, not shown)";

std::string show_table(const ProgramSettings& settings) {
  constexpr std::array<const char*, 4> kHead = {"KEY", "VALUE", "UNIT", "FROM"};
  std::vector<std::array<std::string, 4>> rows = {{kHead[0], kHead[1], kHead[2], kHead[3]}};
  for (std::size_t i = 0; i < config::keys().size(); ++i) {
    const config::Key& key = config::keys()[i];
    std::string value = config::to_text(key.get(settings.loaded.settings));
    if (key.is_secret() && !value.empty()) value = kHidden;
    rows.push_back({std::string(key.name), value.empty() ? "\"\"" : value, std::string(key.unit),
                    config::to_string(settings.loaded.origins[i])});
  }
  std::array<std::size_t, 4> widths{};
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out = fmt::format("Read: {}.\n", file_sentence(settings));
  for (const auto& row : rows) {
    out += fmt::format("{:<{}}  {:<{}}  {:<{}}  {}\n", row[0], widths[0], row[1], widths[1], row[2],
                       widths[2], row[3]);
  }
  return out;
}

std::string show_json(const ProgramSettings& settings) {
  constexpr std::array<const char*, 4> kKinds = {"default", "file", "environment", "command line"};
  Json values = Json::object();
  for (std::size_t i = 0; i < config::keys().size(); ++i) {
    const config::Key& key = config::keys()[i];
    const config::Origin& origin = settings.loaded.origins[i];
    Json& entry = values[std::string(key.name)];
    const config::Value value = key.get(settings.loaded.settings);
    const bool is_hidden = key.is_secret() && !config::to_text(value).empty();
    entry["value"] =
        is_hidden ? Json(kHidden) : std::visit([](const auto& held) { return Json(held); }, value);
    if (!key.unit.empty()) entry["unit"] = key.unit;
    entry["from"] = kKinds.at(static_cast<std::size_t>(origin.kind));
    if (origin.kind == Kind::kFile) entry["line"] = origin.line;
    if (origin.kind == Kind::kEnvironment) entry["variable"] = origin.name;
  }
  const Json out = {{"file", settings.file ? Json(settings.file->string()) : Json()},
                    {"settings", std::move(values)}};
  // Paths need not be UTF-8.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

void add_config(CLI::App& app, int& status) {
  CLI::App* const config = app.add_subcommand("config", "Check, show and explain the settings");
  config->require_subcommand(1);
  // The commands' callbacks keep the options alive; CLI11 copies them, so shared it is.
  const auto options = std::make_shared<Options>();

  const auto with_settings = [&, options](const char* name, const char* doc, const auto& run) {
    CLI::App* const command = config->add_subcommand(name, doc);
    add_settings_options(*command, options->file);
    command->callback([command, options, run, &status] {
      const auto settings = load_settings(options->file, command->remaining());
      status = settings ? run(*settings) : report(settings.error());
    });
    return command;
  };
  with_settings("check", "Say whether file, environment and flags are valid", check);
  with_settings("show", "Print each setting in force and where it came from",
                [options](const ProgramSettings& settings) {
                  return write_stdout(options->json ? show_json(settings) : show_table(settings));
                })
      ->add_flag("--json", options->json, "As JSON");

  const auto printer = [&](const char* name, const char* doc, std::string (*make)()) {
    config->add_subcommand(name, doc)->callback([make, &status] { status = write_stdout(make()); });
  };
  printer("defaults", "Print a commented config.yaml with every default", config::defaults_yaml);
  printer("schema", "Print the JSON schema of config.yaml", config::schema_json);
  printer("docs", "Print docs/configuration.md", config::docs_markdown);
}

}  // namespace storysign::app
