#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "server/limits.hpp"
#include "server/routes.hpp"
#include "session/conversation.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::server {

class AdminRoutes;
struct Policy;

struct ServerOptions {
  std::string_view section = "server";  ///< Of the settings, for sentences about them.
  std::string host = "127.0.0.1";
  int port = 8000;  ///< 0: a free one.
  int io_threads = 1;
  Limits limits;
  std::string allowed_origins;            ///< As in the setting of that name.
  std::string trusted_proxies;            ///< The same.
  std::filesystem::path tls_certificate;  ///< Empty: plain HTTP.
  std::filesystem::path tls_key;
};

/// What a server needs of others; all outlive it.
struct ServerParts {
  const Content& content;
  session::ConversationFactory* factory;  ///< Null: no WebSockets.
  telemetry::Metrics& metrics;
  telemetry::Log& log;
  base::SteadyTime (*now)() noexcept = &base::steady_now;
  AdminRoutes* admin = nullptr;  ///< Then this is the admin listener: it answers from these only.
};

/// The listener, its connections and the I/O threads. Made, drained and destroyed by one thread,
/// usually the main one.
class Server {
 public:
  /// Listens, and serves from its own threads. Fails with one sentence if the address, the port or
  /// the certificate cannot be used.
  [[nodiscard]] static base::Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                                                   const ServerParts& parts);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  Server(Server&&) = delete;
  Server& operator=(Server&&) = delete;
  /// Cuts what is still open and joins the threads.
  ~Server();

  [[nodiscard]] int port() const;
  [[nodiscard]] bool is_tls() const;

  /// Reads a changed certificate; to be called now and then.
  void refresh_certificate();

  /// Limits and origins (as in ServerOptions) for connections to come; those open go on as they
  /// began.
  void set_policy(const Limits& limits, const std::string& allowed_origins);
  [[nodiscard]] std::shared_ptr<const Policy> policy() const;

  /// When an I/O thread last did what an earlier call asked of it; asks again, unless the last
  /// question is still open. To be called often.
  [[nodiscard]] base::SteadyTime io_answered();

  /// From now on nobody new is let in, and readiness is off; every client is told and closed when
  /// what it has in flight is answered.
  void begin_drain();

  /// Whether begin_drain() was called; any thread.
  [[nodiscard]] bool is_draining() const noexcept;

  /// Whether every WebSocket has ended.
  [[nodiscard]] bool is_drained() const;

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace storysign::server
