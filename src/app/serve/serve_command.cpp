#include "app/commands.hpp"
#include "app/hangup_signal.hpp"
#include "app/model_folder.hpp"
#include "app/output.hpp"
#include "app/serve/service.hpp"
#include "app/settings_source.hpp"
#include "app/stop_signal.hpp"
#include "base/clock.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace storysign::app {
namespace {

// How soon a stop is noticed; how often the machine is measured.
constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kTick{500};

int serve(const std::string& file, const std::vector<std::string>& arguments) {
  const auto settings = load_settings(file, arguments);
  if (!settings) {
    return report(settings.error());
  }
  // Memory holds pictures of people: it must not end up in a file, whatever happens.
  static_cast<void>(prctl(PR_SET_DUMPABLE, 0));
  const StopSignal stop;
  HangupSignal hangup;
  ReopenSignal reopen;
  auto service =
      Service::start(settings->loaded.settings, SettingsSource{file, arguments}, program_path());
  if (!service) {
    write_error(service.error().message);
    return service.error().code == base::ErrorCode::kInvalidInput ? kExitBadInput : kExitFailed;
  }
  const std::string address = (*service)->address();
  const int status =
      write_stdout((*service)->has_page()
                       ? fmt::format("StorySign is ready: open {} in a browser.\n", address)
                       : fmt::format("StorySign is ready at {}, without its page.\n", address));
  if (status != kExitOk) {
    return status;
  }
  (*service)->ready();
  base::SteadyTime next{};
  while (!stop.stopped() && !(*service)->stop_wanted()) {
    const base::SteadyTime now = base::steady_now();
    const bool asked = hangup.take();
    if (asked && hangup.gone()) break;
    if (reopen.taken()) (*service)->reopen_log();
    (*service)->poll_reload(asked, now);
    if (now >= next) {
      (*service)->tick(now);
      next = now + kTick;
    }
    std::this_thread::sleep_for(kLook);
  }
  (*service)->drain();
  return kExitOk;
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
  CLI::App* const command = app.add_subcommand(
      "serve", "Run the server: the page, and the WebSocket that learners' frames come through");
  // The callback keeps the name alive; CLI11 copies it, so shared it is.
  const auto file = std::make_shared<std::string>();
  add_settings_options(*command, *file);
  command->callback([command, file, &status] { status = serve(*file, command->remaining()); });
}

}  // namespace storysign::app
