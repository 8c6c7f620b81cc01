#pragma once

#include "app/settings_source.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "config/watcher.hpp"
#include "server/admin_routes.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {

/// Where the settings came from, to be read again.
struct SettingsSource {
  std::string file;                    ///< Of -c; empty: ./config.yaml, if there is one.
  std::vector<std::string> arguments;  ///< "--section.key=value".
};

/// Reads the configuration again when somebody asks (SIGHUP, POST /api/reload) or when its file has
/// changed, and hands on what a running server can take. All or nothing: if anything is wrong, all
/// stays as it is and every problem is in the log. Owned by the service, whose parts outlive it;
/// main thread but for the route.
class Reloader {
 public:
  /// Puts new settings in force; fails without having changed anything.
  using Apply = std::function<base::Result<void>(const config::Settings&)>;

  struct Parts {
    telemetry::Log& log;
    telemetry::Metrics& metrics;
    Apply apply;
  };

  /// `running`: what is in force. The file is watched from now on, if there is one.
  Reloader(SettingsSource source, const config::Settings& running, Parts parts);
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;
  Reloader(Reloader&&) = delete;
  Reloader& operator=(Reloader&&) = delete;
  ~Reloader() = default;

  /// POST /api/reload. `routes` does not outlive this.
  void add_routes(server::AdminRoutes& routes);

  /// A few times a second; `asked` says that SIGHUP came.
  void poll(bool asked, base::SteadyTime now);

  /// Nothing is read any more, and whoever waits is told so.
  void close();

  struct Report {
    std::vector<std::string> changed;        ///< Keys that are in force now.
    std::vector<std::string> needs_restart;  ///< Keys whose new value is not.
    std::vector<std::string> problems;       ///< Sentences; if there are any, nothing changed.
  };
  /// Reads and applies now; `why` is for the log.
  Report reload(std::string_view why);

  [[nodiscard]] const config::Settings& running() const noexcept { return running_; }

 private:
  /// A call of the route that waits for the main thread.
  struct Request {
    bool is_done = false;
    std::optional<Report> report;  ///< None if the server stops.
  };
  [[nodiscard]] server::AdminResponse ask();
  void answer(const std::optional<Report>& report);
  void tell(const Report& report, std::string_view why);

  // Given.
  SettingsSource source_;
  Parts parts_;
  // Owned.
  std::unique_ptr<config::FileWatcher> watcher_;  ///< Null if there is no file.
  // State.
  config::Settings running_;
  base::Mutex mutex_;
  base::Condition answered_;
  std::vector<std::shared_ptr<Request>> requests_ STORYSIGN_GUARDED_BY(mutex_);
  bool closed_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

}  // namespace storysign::app
