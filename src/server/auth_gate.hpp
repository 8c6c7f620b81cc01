#pragma once

#include "auth/authenticator.hpp"
#include "server/async_routes.hpp"
#include "telemetry/metrics.hpp"

#include <string>
#include <string_view>

namespace storysign::server {

/// Where the time comes from.
struct AuthClock {
  base::SteadyTime (*steady)() noexcept;
  store::Time (*wall)();

  [[nodiscard]] auth::Moment now() const { return {.steady = steady(), .wall = wall()}; }
};

inline constexpr std::string_view kSessionCookie = "storysign_session";

/// The value of the login's cookie in a header Cookie; empty if there is none.
[[nodiscard]] std::string session_token(std::string_view cookies);

/// The header Set-Cookie that keeps `token`, or with an empty one takes it away. No script of the
/// page can read it, no other site's page makes the browser send it.
[[nodiscard]] std::string session_cookie(std::string_view token, std::chrono::seconds lifetime,
                                         bool is_tls);

/// The mode with accounts: somebody is who the cookie or the ticket says. Any thread; outlives the
/// server.
class AccountGate : public Gatekeeper {
 public:
  AccountGate(auth::Authenticator& authenticator, telemetry::Metrics& metrics, AuthClock clock)
      : authenticator_(authenticator), metrics_(metrics), clock_(clock) {}

  [[nodiscard]] bool is_open() const noexcept override { return false; }
  void identify(const Credentials& credentials, Found found) override;
  void look_up(const std::string& account_id, Found found) override;
  [[nodiscard]] base::Result<auth::Identity> redeem(std::string_view ticket) override;

 private:
  auth::Authenticator& authenticator_;
  telemetry::Metrics& metrics_;
  AuthClock clock_;
};

}  // namespace storysign::server
