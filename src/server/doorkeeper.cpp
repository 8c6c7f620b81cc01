#include "server/doorkeeper.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace storysign::server {
namespace {

// RFC 6455, 7.4.1.
constexpr std::uint16_t kPolicyViolation = 1008;
constexpr std::uint16_t kMessageTooBig = 1009;
constexpr std::uint16_t kServiceRestart = 1012;
// Far more than the message that is expected.
constexpr std::size_t kLongestMessage = 1024;

/// The token of an authenticate message; nothing if it is none.
std::optional<std::string> token_of(bool is_text, const base::BytesLease& message) {
  if (!is_text || message->size() > kLongestMessage) {
    return std::nullopt;
  }
  const auto parsed = nlohmann::json::parse(message->begin(), message->end(), nullptr, false);
  if (!parsed.is_object() || parsed.value("type", nlohmann::json()) != "authenticate") {
    return std::nullopt;
  }
  const auto token = parsed.find("token");
  return token != parsed.end() && token->is_string()
             ? std::optional<std::string>(token->get<std::string>())
             : std::nullopt;
}

}  // namespace

Doorkeeper::Doorkeeper(DoorParts parts, session::Client client,
                       std::shared_ptr<session::Waker> waker,
                       std::function<void(const auth::Identity&)> admitted)
    : parts_(parts),
      client_(std::move(client)),
      waker_(std::move(waker)),
      admitted_(std::move(admitted)) {}

void Doorkeeper::on_message(bool is_text, base::BytesLease message, base::SteadyTime now) {
  if (inside_) {
    inside_->on_message(is_text, std::move(message), now);
    return;
  }
  if (closing_) {
    return;
  }
  const auto token = token_of(is_text, message);
  if (!token) {
    parts_.metrics.add(telemetry::AuthFailure::kOther);
    closing_ = {kPolicyViolation, "Sign in first, or send an authenticate message with a token."};
    return;
  }
  const auto who = parts_.gatekeeper.redeem(*token);
  if (!who) {
    closing_ = {kPolicyViolation, who.error().message};
    return;
  }
  client_.account = who->name;
  client_.account_id = who->id;
  client_.may_teach = auth::may(*who, auth::Right::kTeach);
  admitted_(*who);
  inside_ = parts_.factory.create(client_, std::move(waker_), now);
}

void Doorkeeper::on_control_frame(base::SteadyTime now) {
  if (inside_) inside_->on_control_frame(now);
}

void Doorkeeper::on_oversized_message(base::SteadyTime now) {
  if (inside_) {
    inside_->on_oversized_message(now);
  } else {
    closing_ = {kMessageTooBig, "The first message must be an authenticate message."};
  }
}

void Doorkeeper::on_tick(base::SteadyTime now) {
  if (inside_) inside_->on_tick(now);
}

void Doorkeeper::collect(base::SteadyTime now) {
  if (inside_) inside_->collect(now);
}

void Doorkeeper::shut_down(base::SteadyTime now) {
  if (inside_) {
    inside_->shut_down(now);
  } else if (!closing_) {
    closing_ = {kServiceRestart, "The server is stopping."};
  }
}

void Doorkeeper::ended(std::uint16_t code) {
  if (inside_) inside_->ended(code);
}

std::optional<session::Output> Doorkeeper::next(base::SteadyTime now) {
  return inside_ ? inside_->next(now) : std::nullopt;
}

const std::optional<session::Closing>& Doorkeeper::closing() const noexcept {
  return inside_ ? inside_->closing() : closing_;
}

}  // namespace storysign::server
