#pragma once

#include "app/net/http_client.hpp"
#include "base/mutex.hpp"
#include "telemetry/log.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <thread>

namespace storysign::app {

struct WebhookOptions {
  std::string url;  ///< As base::parse_web_url() reads it; empty: nobody is told.
  std::chrono::milliseconds timeout{5000};  ///< Of one try, from connecting to the answer.
  int tries = 6;
  std::chrono::milliseconds first_wait{1000};  ///< Before the second try; see webhook_wait().

  bool operator==(const WebhookOptions&) const = default;
};

/// How long to wait after the `tries`th try that failed (from 1): `first` doubled each time, at
/// most a minute, and of that the half to the whole, as `random` (0 to 1) says: senders that failed
/// together shall not come again together.
[[nodiscard]] std::chrono::milliseconds webhook_wait(std::chrono::milliseconds first, int tries,
                                                     double random) noexcept;

/// Sends messages to a URL by POST, one after the other, on a thread of its own, each again until
/// it is taken (a status from 200 to 299) or given up. The certificate of an https:// address must
/// be good for its host by the system's roots. Owned by the service; any thread but the
/// destructor's.
class Webhook {
 public:
  /// More messages than these wait for nobody: the oldest is dropped.
  static constexpr std::size_t kMostWaiting = 64;

  /// `log` outlives this.
  explicit Webhook(telemetry::Log& log);
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;
  Webhook(Webhook&&) = delete;
  Webhook& operator=(Webhook&&) = delete;
  /// What waits is dropped, with a line in the log; waits only for a name to be resolved.
  ~Webhook();

  /// Also for what waits already. From one thread.
  void set_options(const WebhookOptions& options);
  [[nodiscard]] WebhookOptions options() const;

  /// Queues a JSON text; never waits. Without a URL nothing happens.
  void post(std::string body);

 private:
  struct Outcome;

  void run() noexcept;
  void deliver(const std::string& body);
  [[nodiscard]] Outcome attempt(const std::string& body, const WebhookOptions& options);
  [[nodiscard]] bool stopping() const;

  // Given.
  telemetry::Log& log_;
  // Owned.
  HttpClient client_;
  std::thread thread_;
  // State.
  mutable base::Mutex mutex_;
  base::Condition changed_;
  WebhookOptions options_ STORYSIGN_GUARDED_BY(mutex_);
  std::deque<std::string> waiting_ STORYSIGN_GUARDED_BY(mutex_);
  bool stopping_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

}  // namespace storysign::app
