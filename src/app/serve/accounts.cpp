#include "app/serve/accounts.hpp"

#include "base/clock.hpp"
#include "server/auth_routes.hpp"
#include "server/loopback.hpp"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

namespace storysign::app {
namespace {

store::Time wall_now() {
  return std::chrono::system_clock::now();
}

template <class Unit>
std::chrono::seconds in_seconds(double value) {
  return std::chrono::ceil<std::chrono::seconds>(std::chrono::duration<double, Unit>(value));
}

/// A server that nobody can sign in to helps nobody: say how to make the first account.
void warn_if_empty(store::Queue& queue, telemetry::Log& log) {
  static_cast<void>(queue.ask([&log](store::Store& store) {
    const auto accounts = auth::list_accounts(store, {});
    if (accounts && accounts->empty()) {
      log.warning(
          "There is no account yet, so nobody can sign in; make the first with `storysign account "
          "add NAME --role admin`.");
    }
  }));
}

}  // namespace

auth::PasswordCost password_cost(const config::Settings& settings) {
  const auto number = [](int value) { return static_cast<std::uint32_t>(value); };
  return {.memory_kib = number(settings.auth.argon2_memory_kib),
          .passes = number(settings.auth.argon2_passes),
          .lanes = number(settings.auth.argon2_lanes)};
}

base::Result<bool> with_accounts(const config::Settings& settings) {
  const auto loopback = server::is_loopback(settings.server.host);
  if (!loopback) {
    return tl::unexpected(loopback.error());
  }
  const bool accounts = settings.auth.mode == config::AuthMode::kAccounts ||
                        (settings.auth.mode == config::AuthMode::kAuto && !*loopback);
  if (*loopback || settings.auth.insecure) {
    return accounts;
  }
  if (!accounts) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("server.host {} is reached from other machines, and auth.mode open would let "
                    "everybody in; set auth.mode to accounts, or auth.insecure to true if you "
                    "mean it.",
                    settings.server.host));
  }
  if (settings.server.tls_certificate.empty()) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("server.host {} is reached from other machines, and without TLS passwords and "
                    "pictures could be read on the way; set server.tls_certificate and "
                    "server.tls_key, or auth.insecure to true if a proxy in front of it encrypts.",
                    settings.server.host));
  }
  return accounts;
}

base::Result<std::unique_ptr<Accounts>> Accounts::open(
    const config::Settings& settings, store::Queue& queue, telemetry::Metrics& metrics,
    telemetry::Log& log, server::AsyncRoutes& api, server::Content& content) {
  std::unique_ptr<Accounts> out(new Accounts());
  const auto accounts = with_accounts(settings);
  if (!accounts) {
    return tl::unexpected(accounts.error());
  }
  if (!*accounts) {
    server::add_open_routes(api);
    return out;
  }
  auth::AuthOptions options;
  options.session = in_seconds<std::ratio<3600>>(settings.auth.session_hours);
  options.idle = in_seconds<std::ratio<60>>(settings.auth.idle_minutes);
  options.login_per_minute = settings.auth.login_per_minute;
  options.cost = password_cost(settings);
  auto authenticator = auth::Authenticator::create(queue, options, &auth::system_random);
  if (!authenticator) {
    return tl::unexpected(authenticator.error());
  }
  out->authenticator_ = std::move(*authenticator);
  const server::AuthClock clock{.steady = &base::steady_now, .wall = &wall_now};
  out->gate_ = std::make_unique<server::AccountGate>(*out->authenticator_, metrics, clock);
  content.gatekeeper = out->gate_.get();
  server::add_account_routes(
      api, {.authenticator = *out->authenticator_, .metrics = metrics, .log = log, .clock = clock});
  warn_if_empty(queue, log);
  return out;
}

}  // namespace storysign::app
