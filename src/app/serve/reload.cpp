#include "app/serve/reload.hpp"

#include "config/diff.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace storysign::app {
namespace {

std::vector<std::string> names(const std::vector<const config::Key*>& keys) {
  std::vector<std::string> out;
  out.reserve(keys.size());
  for (const config::Key* const key : keys) out.emplace_back(key->name);
  return out;
}

}  // namespace

Reloader::Reloader(SettingsSource source, const config::Settings& running, Parts parts)
    : source_(std::move(source)), parts_(std::move(parts)), running_(running) {
  const auto file = settings_file(source_.file);
  if (!file) return;
  auto watcher = config::FileWatcher::create(*file);
  if (watcher) {
    watcher_ = *std::move(watcher);
  } else {
    parts_.log.warning(watcher.error().message);
  }
}

void Reloader::add_routes(server::AdminRoutes& routes) {
  routes.add({.method = "POST",
              .pattern = "/api/reload",
              .fields = {},
              .handler = [this](const server::AdminRequest& /*request*/) { return ask(); }});
}

server::AdminResponse Reloader::ask() {
  const auto request = std::make_shared<Request>();
  {
    const base::MutexLock lock(mutex_);
    if (!closed_) requests_.push_back(request);
    while (!request->is_done && !closed_) answered_.wait(mutex_);
  }
  if (!request->report) {
    return server::AdminResponse::error(503, "The server is stopping; nothing was read.");
  }
  const Report& report = *request->report;
  if (!report.problems.empty()) {
    return server::AdminResponse::json(
        {{"error", "The configuration is wrong; nothing has changed."},
         {"problems", report.problems}},
        409);
  }
  return server::AdminResponse::json(
      {{"ok", true}, {"changed", report.changed}, {"needs_restart", report.needs_restart}});
}

void Reloader::answer(const std::optional<Report>& report) {
  const base::MutexLock lock(mutex_);
  for (const auto& request : requests_) {
    request->report = report;
    request->is_done = true;
  }
  requests_.clear();
  answered_.notify_all();
}

void Reloader::poll(bool asked, base::SteadyTime now) {
  bool by_route = false;
  {
    const base::MutexLock lock(mutex_);
    by_route = !requests_.empty();
  }
  const bool by_file = watcher_ != nullptr && watcher_->changed(now);
  if (by_route) {
    answer(reload("an operator asks"));
  } else if (asked) {
    reload("SIGHUP");
  } else if (by_file) {
    reload("the file has changed");
  }
}

void Reloader::close() {
  {
    const base::MutexLock lock(mutex_);
    closed_ = true;
  }
  answer(std::nullopt);
}

Reloader::Report Reloader::reload(std::string_view why) {
  Report report;
  const auto loaded = load_settings(source_.file, source_.arguments);
  if (!loaded) {
    for (const base::Error& error : loaded.error()) report.problems.push_back(error.message);
    tell(report, why);
    return report;
  }
  const config::Settings& wanted = loaded->loaded.settings;
  const config::Difference difference = config::difference(running_, wanted);
  report.changed = names(difference.live);
  report.needs_restart = names(difference.restart);
  if (!report.changed.empty()) {
    const config::Settings next = config::with_live_values(running_, wanted);
    if (auto applied = parts_.apply(next); !applied) {
      report = {.changed = {}, .needs_restart = {}, .problems = {applied.error().message}};
    } else {
      running_ = next;
    }
  }
  tell(report, why);
  return report;
}

void Reloader::tell(const Report& report, std::string_view why) {
  if (!report.problems.empty()) {
    parts_.metrics.add(telemetry::ConfigReload::kRefused);
    for (const std::string& problem : report.problems) {
      parts_.log.error("The configuration is wrong; nothing has changed.",
                       {{"why", why}, {"problem", problem}});
    }
    return;
  }
  parts_.metrics.add(telemetry::ConfigReload::kApplied);
  parts_.log.info("The configuration was read again.",
                  {{"why", why}, {"changed", fmt::format("{}", fmt::join(report.changed, " "))}});
  if (!report.needs_restart.empty()) {
    parts_.log.warning("Some keys have another value in the configuration, but need a restart.",
                       {{"keys", fmt::format("{}", fmt::join(report.needs_restart, " "))}});
  }
}

}  // namespace storysign::app
