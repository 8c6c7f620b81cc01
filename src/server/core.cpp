#include "server/core.hpp"

#include <chrono>
#include <utility>

namespace storysign::server {
namespace {

// A browser shows a page nothing of a refused upgrade, so somebody who finds no room is let in to
// be told; only so many at a time, the others get HTTP 503.
constexpr std::size_t kGoodbyes = 32;
constexpr std::chrono::seconds kWarningInterval{10};

}  // namespace

void Roster::add(std::uint64_t number, std::weak_ptr<Drainable> connection) {
  const base::MutexLock lock(mutex_);
  connections_.emplace(number, std::move(connection));
}

void Roster::remove(std::uint64_t number) {
  const base::MutexLock lock(mutex_);
  connections_.erase(number);
}

std::vector<std::shared_ptr<Drainable>> Roster::all() const {
  std::vector<std::shared_ptr<Drainable>> out;
  const base::MutexLock lock(mutex_);
  for (const auto& [number, weak] : connections_) {
    if (auto connection = weak.lock()) {
      out.push_back(std::move(connection));
    }
  }
  return out;
}

std::size_t Roster::size() const {
  const base::MutexLock lock(mutex_);
  return connections_.size();
}

Core::Core(const Limits& given_limits, std::vector<std::string> given_origins,
           const Content& given_content, session::ConversationFactory* given_factory,
           telemetry::Metrics& given_metrics, telemetry::Log& given_log,
           base::SteadyTime (*given_now)() noexcept, AdminRoutes* given_admin)
    : content(given_content),
      factory(given_factory),
      admin(given_admin),
      metrics(given_metrics),
      log(given_log),
      now(given_now),
      sockets(given_limits.max_connections + given_limits.http_connections,
              given_limits.max_connections_per_address + given_limits.http_connections_per_address),
      sessions(given_limits.max_connections, given_limits.max_connections_per_address),
      goodbyes(kGoodbyes, kGoodbyes),
      penalties(given_limits.penalty),
      accept_warnings(kWarningInterval),
      refusal_warnings(kWarningInterval),
      policy_(std::make_shared<const Policy>(Policy{given_limits, std::move(given_origins)})) {}

std::shared_ptr<const Policy> Core::policy() const {
  const base::MutexLock lock(mutex_);
  return policy_;
}

void Core::set_policy(Policy policy) {
  const Limits& limits = policy.limits;
  sockets.set_most(limits.max_connections + limits.http_connections,
                   limits.max_connections_per_address + limits.http_connections_per_address);
  sessions.set_most(limits.max_connections, limits.max_connections_per_address);
  penalties.set_first(limits.penalty);
  auto fresh = std::make_shared<const Policy>(std::move(policy));
  const base::MutexLock lock(mutex_);
  policy_.swap(fresh);
}

}  // namespace storysign::server
