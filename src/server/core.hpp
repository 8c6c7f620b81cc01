#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "server/admission.hpp"
#include "server/async_routes.hpp"
#include "server/later.hpp"
#include "server/limits.hpp"
#include "server/penalties.hpp"
#include "server/proxies.hpp"
#include "server/routes.hpp"
#include "session/conversation.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace storysign::server {

class AdminRoutes;

/// A connection that can be told to come to an end; any thread.
class Drainable {
 public:
  Drainable() = default;
  Drainable(const Drainable&) = delete;
  Drainable& operator=(const Drainable&) = delete;
  Drainable(Drainable&&) = delete;
  Drainable& operator=(Drainable&&) = delete;
  virtual ~Drainable() = default;
  /// Says goodbye and ends when what is in flight is answered.
  virtual void drain() = 0;
  /// Ends at once.
  virtual void cut() = 0;
};

/// The connections that are open, so that a stop reaches all. Any thread.
class Roster {
 public:
  /// From now on until remove(). `connection` may be null (it went in the meantime).
  void add(std::uint64_t number, std::weak_ptr<Drainable> connection);
  void remove(std::uint64_t number);
  [[nodiscard]] std::vector<std::shared_ptr<Drainable>> all() const;
  [[nodiscard]] std::size_t size() const;

 private:
  mutable base::Mutex mutex_;
  std::unordered_map<std::uint64_t, std::weak_ptr<Drainable>> connections_
      STORYSIGN_GUARDED_BY(mutex_);
};

/// What an operator may change while the server runs. A connection keeps the one it began with.
struct Policy {
  Limits limits;
  std::vector<std::string> allowed_origins;
};

/// What listener and connections share. Owned by the server, outlives them; any thread.
struct Core {
  Core(const Limits& given_limits, std::vector<std::string> given_origins,
       const Content& given_content, session::ConversationFactory* given_factory,
       telemetry::Metrics& given_metrics, telemetry::Log& given_log,
       base::SteadyTime (*given_now)() noexcept, AdminRoutes* given_admin = nullptr);

  /// Who says who a client is.
  [[nodiscard]] Gatekeeper& gatekeeper() noexcept {
    return content.gatekeeper == nullptr ? open_gate : *content.gatekeeper;
  }

  [[nodiscard]] std::shared_ptr<const Policy> policy() const;
  /// For connections to come; the places are counted by the new numbers at once, and nobody has to
  /// leave.
  void set_policy(Policy policy);

  // Given.
  TrustedProxies proxies;  ///< Set before the first connection.
  const Content& content;
  session::ConversationFactory* factory;  ///< Null: no WebSockets here.
  AdminRoutes* admin;                     ///< What answers instead of respond(); null: that.
  telemetry::Metrics& metrics;
  telemetry::Log& log;
  base::SteadyTime (*now)() noexcept;
  // State.
  Admission sockets;
  Admission sessions;
  Admission goodbyes;  ///< Connections that are only told that there is no room.
  Penalties penalties;
  Roster web_sockets;
  Roster http;
  OpenGate open_gate;
  std::shared_ptr<Door> door = std::make_shared<Door>();  ///< See Door, who shares it.
  std::atomic<std::uint64_t> next_number{1};
  std::atomic<bool> draining{false};
  telemetry::RepeatLimit accept_warnings;
  telemetry::RepeatLimit refusal_warnings;

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const Policy> policy_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::server
