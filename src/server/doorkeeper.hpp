#pragma once

#include "server/async_routes.hpp"
#include "session/conversation.hpp"
#include "telemetry/metrics.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace storysign::server {

/// What a doorkeeper needs; all outlive it.
struct DoorParts {
  session::ConversationFactory& factory;
  Gatekeeper& gatekeeper;
  telemetry::Metrics& metrics;
};

/// Stands before the conversation with a client that has not said who it is: the first message must
/// be {"type": "authenticate", "token": ...}; then the conversation begins, else all ends with
/// close 1008 and a sentence. Owned by the connection, on its strand.
class Doorkeeper : public session::Conversation {
 public:
  /// `admitted` is told who came in.
  Doorkeeper(DoorParts parts, session::Client client, std::shared_ptr<session::Waker> waker,
             std::function<void(const auth::Identity&)> admitted);

  void on_message(bool is_text, base::BytesLease message, base::SteadyTime now) override;
  void on_control_frame(base::SteadyTime now) override;
  void on_oversized_message(base::SteadyTime now) override;
  void on_tick(base::SteadyTime now) override;
  void collect(base::SteadyTime now) override;
  void shut_down(base::SteadyTime now) override;
  void ended(std::uint16_t code) override;
  [[nodiscard]] std::optional<session::Output> next(base::SteadyTime now) override;
  [[nodiscard]] const std::optional<session::Closing>& closing() const noexcept override;

 private:
  // Given.
  DoorParts parts_;
  session::Client client_;
  std::shared_ptr<session::Waker> waker_;
  std::function<void(const auth::Identity&)> admitted_;
  // Owned.
  std::unique_ptr<session::Conversation> inside_;
  // State.
  std::optional<session::Closing> closing_;
};

}  // namespace storysign::server
