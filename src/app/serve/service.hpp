#pragma once

#include "app/serve/machine_report.hpp"
#include "app/serve/worker_follower.hpp"
#include "base/pool.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "engine/openvino_engine.hpp"
#include "pipeline/pipeline.hpp"
#include "server/server.hpp"
#include "session/context.hpp"
#include "session/conversation.hpp"
#include "session/governor.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace storysign::app {

/// Everything that a running server consists of, wired together. Members are made from top to
/// bottom and destroyed from the bottom up: sockets first, then the workers, then what they ran on.
/// Main thread.
class Service {
 public:
  /// Loads the networks, starts the workers, listens. `program` is the program's own path. Fails
  /// with one sentence that says what to change.
  [[nodiscard]] static base::Result<std::unique_ptr<Service>> start(
      const config::Settings& settings, const std::filesystem::path& program);

  /// The address of the page: "http://127.0.0.1:8000".
  [[nodiscard]] std::string address() const;
  [[nodiscard]] bool has_page() const noexcept { return !content_.page.empty(); }

  /// Twice a second: measures the machine, has as many workers as it now allows, decides on the
  /// quality of all, looks for a new certificate.
  void tick(base::SteadyTime now);

  /// Tells every client, answers what is in flight, and waits until all are gone or the time that
  /// the settings give is over.
  void drain();

 private:
  class Factory;

  explicit Service(const config::Settings& settings);
  base::Result<void> load_networks(const std::filesystem::path& program);
  base::Result<void> load_page(const std::filesystem::path& program);
  base::Result<void> listen();
  void follow_machine(base::SteadyTime now);
  void govern(const telemetry::ResourceReading& reading, base::SteadyTime now);

  // Given.
  config::Settings settings_;
  // Owned; what is later uses what is earlier.
  WorkerFollower workers_;
  AffinityFollower affinity_;
  telemetry::Log log_;
  telemetry::Metrics metrics_;
  telemetry::ResourceSampler sampler_;
  MachineReport machine_;
  base::SteadyTime started_;
  session::Governor governor_;
  std::unique_ptr<engine::WarningListener> warnings_;
  std::unique_ptr<engine::Engine> engine_;
  base::Pool<std::string> texts_;
  std::unique_ptr<pipeline::Pipeline> pipeline_;
  std::optional<session::Context> context_;
  std::unique_ptr<session::ConversationFactory> factory_;
  server::Content content_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace storysign::app
