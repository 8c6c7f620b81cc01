// The WebSocket server of StorySign with a conversation that says back what it hears: its stream,
// limits and strands under the conformance tests. Prints its port; ends at the end of its input.

#include "server/server.hpp"
#include "session/conversation.hpp"

#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace storysign::server {
namespace {

constexpr std::size_t kKept = 64;
constexpr std::size_t kManyConnections = 1000;

bool recycle_text(std::string& text) noexcept {
  text.clear();
  return true;
}

class Echo : public session::Conversation {
 public:
  explicit Echo(session::TextPool& texts) : texts_(texts) {}

  void on_message(bool is_text, base::BytesLease message, base::SteadyTime /*now*/) override {
    session::Output out;
    if (is_text) {
      out.text = texts_.take();
      out.text->assign(message->begin(), message->end());
    } else {
      out.bytes = std::move(message);
    }
    to_say_.push_back(std::move(out));
  }
  void on_control_frame(base::SteadyTime /*now*/) override {}
  void on_oversized_message(base::SteadyTime /*now*/) override {
    closing_ = {.code = 1009, .reason = "message too large"};
  }
  void on_tick(base::SteadyTime /*now*/) override {}
  void collect(base::SteadyTime /*now*/) override {}
  void shut_down(base::SteadyTime /*now*/) override {
    closing_ = {.code = 1012, .reason = "server shutdown"};
  }
  std::optional<session::Output> next(base::SteadyTime /*now*/) override {
    if (to_say_.empty()) {
      return std::nullopt;
    }
    session::Output out = std::move(to_say_.front());
    to_say_.pop_front();
    return out;
  }
  [[nodiscard]] const std::optional<session::Closing>& closing() const noexcept override {
    return closing_;
  }

 private:
  session::TextPool& texts_;
  std::deque<session::Output> to_say_;
  std::optional<session::Closing> closing_;
};

class EchoFactory : public session::ConversationFactory {
 public:
  std::unique_ptr<session::Conversation> create(const session::Client& /*client*/,
                                                std::shared_ptr<session::Waker> /*waker*/,
                                                base::SteadyTime /*now*/) override {
    return std::make_unique<Echo>(texts_);
  }
  std::unique_ptr<session::Conversation> refuse(const session::Client& /*client*/,
                                                const std::string& /*why*/) override {
    return std::make_unique<Echo>(texts_);
  }
  base::BytesPool& buffers() noexcept override { return bytes_; }

 private:
  session::TextPool texts_{kKept, &recycle_text};
  base::BytesPool bytes_{kKept, &base::recycle_bytes};
};

int run() {
  const Content content;
  EchoFactory factory;
  telemetry::Metrics metrics;
  telemetry::Log log({.level = telemetry::LogLevel::kWarning});
  ServerOptions options;
  options.port = 0;
  options.limits.max_connections = kManyConnections;
  options.limits.max_connections_per_address = kManyConnections;
  options.limits.penalty = std::chrono::milliseconds(0);
  auto server = Server::start(
      options, {.content = content, .factory = &factory, .metrics = metrics, .log = log});
  if (!server) {
    fmt::print(stderr, "echo_server: {}\n", server.error().message);
    return 1;
  }
  fmt::print("{}\n", (*server)->port());
  static_cast<void>(std::fflush(stdout));
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace storysign::server

int main() {
  return storysign::server::run();
}
