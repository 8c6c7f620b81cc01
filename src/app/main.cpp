#include "app/commands.hpp"
#include "app/output.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <exception>
#include <string>
#include <vector>

namespace {

using storysign::app::kExitBadInput;
using storysign::app::kExitFailed;
using storysign::app::kExitOk;

/// The command that was named last: "config show" is its own app within "config".
const CLI::App& deepest(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : deepest(*named.back());
}

/// One sentence for every way to misuse the command line.
std::string explain(const CLI::App& app, const CLI::ParseError& end) {
  const CLI::App& command = deepest(app);
  const std::vector<std::string> left_over = command.remaining();
  if (!left_over.empty()) {
    return fmt::format("{} does not know {}", command.get_display_name(), left_over.front());
  }
  std::vector<std::string> names;
  for (const CLI::App* const sub : command.get_subcommands({})) names.push_back(sub->get_name());
  if (!names.empty()) {
    return fmt::format("{} needs one of the commands {}", command.get_display_name(),
                       fmt::join(names, ", "));
  }
  std::string reason = end.what();
  while (!reason.empty() && (reason.back() == '.' || reason.back() == '\n')) reason.pop_back();
  return reason;
}

/// CLI11 ends --help, --version and every misuse with an exception and many exit codes; the program
/// has three.
int finish(const CLI::App& app, const CLI::ParseError& end) {
  if (end.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
    static_cast<void>(app.exit(end));
    return kExitOk;
  }
  storysign::app::write_error(
      fmt::format("{}; `storysign --help` and `storysign COMMAND --help` list what is understood.",
                  explain(app, end)));
  return kExitBadInput;
}

int run(int argc, char** argv) {
  int status = kExitOk;
  CLI::App app("StorySign: landmarks of face, hands and body of a person signing.", "storysign");
  app.set_version_flag("--version", "storysign " STORYSIGN_VERSION);
  app.require_subcommand(1);
  storysign::app::add_serve(app, status);
  storysign::app::add_annotate(app, status);
  storysign::app::add_load(app, status);
  storysign::app::add_backup(app, status);
  storysign::app::add_restore(app, status);
  storysign::app::add_account(app, status);
  storysign::app::add_ctl(app, status);
  storysign::app::add_config(app, status);
  storysign::app::add_doctor(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    return finish(app, end);
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& failure) {
    storysign::app::write_error(
        fmt::format("stopped by an internal failure: {}; please report it.", failure.what()));
    return kExitFailed;
  }
}
