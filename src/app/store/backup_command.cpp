#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"
#include "app/store/backups.hpp"
#include "app/store/keeper.hpp"
#include "store/backup.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace storysign::app {
namespace {

/// What the options of one run are written to; lives as long as the command.
struct Options {
  std::string config;
  std::string file;
};

int fail(const base::Error& error) {
  write_error(error.message);
  return error.code == base::ErrorCode::kInvalidInput || error.code == base::ErrorCode::kNotFound
             ? kExitBadInput
             : kExitFailed;
}

int backup(const config::Settings& settings, const Options& options) {
  std::optional<std::filesystem::path> target;
  if (!options.file.empty()) target = options.file;
  const auto made = make_backup(settings, target, std::chrono::system_clock::now());
  if (!made) return fail(made.error());
  return write_stdout(fmt::format("The backup {} is written and checked: {} bytes, SHA-256 {}.\n",
                                  made->file.string(), made->bytes, made->sha256));
}

int restore(const config::Settings& settings, const Options& options) {
  const auto store = store_options(settings);
  if (!store) return fail(store.error());
  const auto done = store::restore(*store, options.file, std::chrono::system_clock::now());
  if (!done) return fail(done.error());
  std::string text =
      fmt::format("The store {} is what {} holds.\n", done->file.string(), options.file);
  if (!done->aside.empty()) {
    text += fmt::format("The file that was there is kept as {}.\n", done->aside.string());
  }
  if (!done->had_checksum) {
    text += fmt::format("There was no {}.sha256 to compare with; the file itself is sound.\n",
                        options.file);
  }
  return write_stdout(text);
}

}  // namespace

void add_backup(CLI::App& app, int& status) {
  CLI::App* const command = app.add_subcommand(
      "backup", "Copy the store while servers go on using it, and check the copy");
  // The callbacks keep the options alive; CLI11 copies them, so shared it is.
  const auto options = std::make_shared<Options>();
  add_settings_options(*command, options->config);
  command->add_option("--to", options->file,
                      "File to write; without it a new one in the folder backups of the state "
                      "folder, where store.backups_kept stay");
  command->callback([command, options, &status] {
    const auto settings = load_settings(options->config, command->remaining());
    status = settings ? backup(settings->loaded.settings, *options) : report(settings.error());
  });
}

void add_restore(CLI::App& app, int& status) {
  CLI::App* const command = app.add_subcommand(
      "restore", "Put a backup in the place of the store; the file that was there is kept");
  const auto options = std::make_shared<Options>();
  add_settings_options(*command, options->config);
  command->add_option("FILE", options->file, "What `storysign backup` has written")->required();
  command->callback([command, options, &status] {
    const auto settings = load_settings(options->config, command->remaining());
    status = settings ? restore(settings->loaded.settings, *options) : report(settings.error());
  });
}

}  // namespace storysign::app
