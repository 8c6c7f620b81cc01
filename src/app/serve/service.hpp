#pragma once

#include "app/practice/classroom.hpp"
#include "app/serve/accounts.hpp"
#include "app/serve/admin.hpp"
#include "app/serve/admin_overview.hpp"
#include "app/serve/alert_monitor.hpp"
#include "app/serve/history.hpp"
#include "app/serve/live_settings.hpp"
#include "app/serve/machine_report.hpp"
#include "app/serve/notify.hpp"
#include "app/serve/reload.hpp"
#include "app/serve/session_factory.hpp"
#include "app/serve/worker_follower.hpp"
#include "app/store/keeper.hpp"
#include "base/mutex.hpp"
#include "base/pool.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "engine/openvino_engine.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/timed_engine.hpp"
#include "server/async_routes.hpp"
#include "server/server.hpp"
#include "session/analyst.hpp"
#include "session/governor.hpp"
#include "session/live_sessions.hpp"
#include "telemetry/gpu_sampler.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

namespace storysign::app {

/// Everything that a running server consists of, wired together. Members are made from top to
/// bottom and destroyed from the bottom up: sockets first, then the workers, then what they ran on.
/// Main thread.
class Service {
 public:
  /// Loads the networks, starts the workers, listens. `program` is the program's own path. Fails
  /// with one sentence that says what to change.
  /// `source` is where `settings` came from.
  [[nodiscard]] static base::Result<std::unique_ptr<Service>> start(
      const config::Settings& settings, SettingsSource source,
      const std::filesystem::path& program);

  /// The address of the page: "http://127.0.0.1:8000".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] bool has_page() const noexcept { return !content_.page.empty(); }

  /// The service manager is told: the address has been announced.
  void ready() { supervisor_.ready(); }

  /// Twice a second: tells the service manager how the server is, measures the machine, has as many
  /// workers as it now allows, decides on the quality of all, looks for a new certificate.
  void tick(base::SteadyTime now);

  /// A few times a second: reads the configuration again if somebody asks for it; `asked` says that
  /// SIGHUP came.
  void poll_reload(bool asked, base::SteadyTime now) { reloader_->poll(asked, now); }

  /// Opens the log file again; main thread.
  void reopen_log();

  /// Whether an operator has asked for the end; any thread.
  [[nodiscard]] bool stop_wanted() const noexcept { return stop_wanted_; }

  /// Tells every client, answers what is in flight, and waits until all are gone or the time that
  /// the settings give is over.
  void drain();

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  Service(Service&&) = delete;
  Service& operator=(Service&&) = delete;
  ~Service();

 private:
  explicit Service(const config::Settings& settings);
  base::Result<void> open_store();
  base::Result<void> load_networks(const std::filesystem::path& program);
  base::Result<void> load_page(const std::filesystem::path& program);
  base::Result<void> listen();
  base::Result<void> open_admin(const std::filesystem::path& program);
  [[nodiscard]] std::filesystem::path web_folder(const std::filesystem::path& program) const;
  base::Result<void> reconfigure(const config::Settings& settings);
  void follow_machine(base::SteadyTime now);
  void beat(base::SteadyTime now);
  void govern(const telemetry::ResourceReading& reading, base::SteadyTime now);
  [[nodiscard]] ServerState state() const;
  [[nodiscard]] std::string metrics_text();
  base::Result<void> set_workers(int configured);

  // Given.
  config::Settings settings_;  ///< What is in force; a reload changes the live keys.
  // Owned; what is later uses what is earlier.
  mutable base::Mutex workers_mutex_;  ///< An operator changes workers_ on another thread.
  WorkerFollower workers_;
  AffinityFollower affinity_;
  telemetry::Log log_;
  telemetry::Log engine_log_;  ///< Views of the log for rooms, each with a level of its own.
  telemetry::Log pipeline_log_;
  telemetry::Log server_log_;
  Supervisor supervisor_;
  telemetry::Metrics metrics_;
  telemetry::ResourceSampler sampler_;
  telemetry::GpuSampler gpus_;  ///< On the admin listener's thread.
  History history_;
  session::LiveSessions live_;
  telemetry::TraceRing traces_;
  std::atomic<bool> stop_wanted_{false};
  MachineReport machine_;
  AlertMonitor alerts_;
  base::SteadyTime started_;
  session::Governor governor_;
  std::unique_ptr<Keeper> keeper_;
  server::AsyncRoutes api_;
  server::Content content_;
  std::unique_ptr<Accounts> accounts_;
  std::unique_ptr<Classroom> classroom_;
  std::unique_ptr<engine::WarningListener> warnings_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<pipeline::TimedEngine> timed_engine_;
  std::unique_ptr<session::Analyst> analyst_;
  base::Pool<std::string> texts_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::unique_ptr<SessionFactory> factory_;
  std::unique_ptr<server::Server> server_;
  std::unique_ptr<Reloader> reloader_;
  std::unique_ptr<Admin> admin_;  ///< The last: its routes reach everything above.
};

}  // namespace storysign::app
