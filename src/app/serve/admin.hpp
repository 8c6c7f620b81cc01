#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "server/admin_routes.hpp"
#include "server/server.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace storysign::app {

/// What the admin listener tells of the server in any case; all outlive it.
struct AdminParts {
  telemetry::Metrics& metrics;
  telemetry::Log& log;
  const server::Content& content;   ///< Version and stats, as at the learners' port.
  std::function<bool()> is_ready;   ///< Any thread.
  std::filesystem::path dashboard;  ///< Its folder.
};

/// The operators' side of the server: routes, token and listener. Owned by the service, whose other
/// parts add their routes before open(); main thread.
class Admin {
 public:
  Admin(const config::Settings& settings, AdminParts parts);
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;
  Admin(Admin&&) = delete;
  Admin& operator=(Admin&&) = delete;
  ~Admin();

  /// To be filled before open(); nobody asks them if the listener is off.
  [[nodiscard]] server::AdminRoutes& routes() noexcept { return routes_; }

  /// Reads or makes the token and listens, if the settings say so. Fails with one sentence.
  base::Result<void> open();

 private:
  void add_common_routes();
  [[nodiscard]] server::StaticFiles dashboard();

  // Given.
  const config::Settings& settings_;
  AdminParts parts_;
  // Owned.
  server::AdminRoutes routes_;
  server::Content nothing_;             ///< The listener answers from the routes only.
  telemetry::Metrics own_connections_;  ///< Operators' connections are not counted as learners'.
  std::unique_ptr<server::Server> listener_;
};

}  // namespace storysign::app
