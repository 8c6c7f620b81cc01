#include "server/auth_gate.hpp"

#include <fmt/format.h>

#include <utility>

namespace storysign::server {
namespace {

/// What a browser may keep, and what is never part of a token.
constexpr std::string_view kEndOfCookie = ";";

Gatekeeper::Answer answer_of(auth::Outcome<std::optional<auth::Identity>> outcome) {
  if (!outcome) {
    return base::fail(base::ErrorCode::kUnavailable, outcome.error().sentence);
  }
  return *std::move(outcome);
}

}  // namespace

std::string session_token(std::string_view cookies) {
  while (!cookies.empty()) {
    const std::size_t end = cookies.find(kEndOfCookie);
    std::string_view one = cookies.substr(0, end);
    cookies = end == std::string_view::npos ? std::string_view() : cookies.substr(end + 1);
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos && one.substr(0, equals) == kSessionCookie) {
      return std::string(one.substr(equals + 1));
    }
  }
  return {};
}

std::string session_cookie(std::string_view token, std::chrono::seconds lifetime, bool is_tls) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kSessionCookie,
                     token, token.empty() ? 0 : lifetime.count(), is_tls ? "; Secure" : "");
}

void AccountGate::identify(const Credentials& credentials, Found found) {
  const std::string token = session_token(credentials.cookies);
  authenticator_.identify(token, clock_.now(),
                          [this, has_token = !token.empty(), found = std::move(found)](
                              auth::Outcome<std::optional<auth::Identity>> outcome) {
                            if (outcome && !*outcome && has_token) {
                              metrics_.add(telemetry::AuthFailure::kSession);
                            }
                            found(answer_of(std::move(outcome)));
                          });
}

void AccountGate::look_up(const std::string& account_id, Found found) {
  authenticator_.look_up(
      account_id, [found = std::move(found)](auth::Outcome<std::optional<auth::Identity>> outcome) {
        found(answer_of(std::move(outcome)));
      });
}

base::Result<auth::Identity> AccountGate::redeem(std::string_view ticket) {
  const auth::Redeemed redeemed = authenticator_.tickets().redeem(ticket, clock_.steady());
  if (redeemed.who) {
    return *redeemed.who;
  }
  metrics_.add(telemetry::AuthFailure::kWsToken);
  return base::fail(base::ErrorCode::kInvalidInput,
                    fmt::format("This token is {}; ask for a new one at /api/auth/ws-token.",
                                auth::fault_name(redeemed.fault)));
}

}  // namespace storysign::server
