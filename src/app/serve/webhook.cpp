#include "app/serve/webhook.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <exception>
#include <random>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestWait{60000};

bool is_taken(unsigned status) noexcept {
  return status >= 200 && status < 300;
}

/// Whether the same request may be taken later: RFC 9110, 15.5 and 15.6.
bool is_worth_another_try(unsigned status) noexcept {
  return status >= 500 || status == 408 || status == 425 || status == 429;
}

double random_part() {
  static thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
}

}  // namespace

/// How a try ended.
struct Webhook::Outcome {
  bool taken = false;
  bool again = true;  ///< If it was not taken: whether another try makes sense.
  std::string why;    ///< Without the URL, which may hold a key.
};

milliseconds webhook_wait(milliseconds first, int tries, double random) noexcept {
  milliseconds whole = first;
  for (int i = 1; i < tries && whole < kLongestWait; ++i) whole *= 2;
  whole = std::min(whole, kLongestWait);
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(whole.count()) *
                                                     (0.5 + 0.5 * std::clamp(random, 0.0, 1.0))));
}

Webhook::Webhook(telemetry::Log& log) : log_(log) {}

Webhook::~Webhook() {
  std::size_t left = 0;
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    left = waiting_.size();
    waiting_.clear();
    changed_.notify_all();
  }
  client_.stop();
  if (thread_.joinable()) thread_.join();
  if (left > 0) {
    log_.warning("Messages to the webhook are dropped, for the server stops.",
                 {{"messages", static_cast<std::uint64_t>(left)}});
  }
}

void Webhook::set_options(const WebhookOptions& options) {
  const base::MutexLock lock(mutex_);
  options_ = options;
  changed_.notify_all();
  if (options.url.empty() || thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "webhook");
  } catch (const std::system_error& failure) {
    log_.error("There is no thread for the webhook; nobody is told of alerts by it.",
               {{"reason", failure.what()}});
  }
}

WebhookOptions Webhook::options() const {
  const base::MutexLock lock(mutex_);
  return options_;
}

void Webhook::post(std::string body) {
  bool dropped = false;
  {
    const base::MutexLock lock(mutex_);
    if (options_.url.empty()) return;
    dropped = waiting_.size() >= kMostWaiting;
    if (dropped) waiting_.pop_front();
    waiting_.push_back(std::move(body));
    changed_.notify_all();
  }
  if (dropped) log_.warning("Too many messages wait for the webhook; the oldest is dropped.");
}

bool Webhook::stopping() const {
  const base::MutexLock lock(mutex_);
  return stopping_;
}

void Webhook::run() noexcept {
  for (;;) {
    std::string body;
    {
      const base::MutexLock lock(mutex_);
      while (waiting_.empty() && !stopping_) changed_.wait(mutex_);
      if (stopping_) return;
      body = std::move(waiting_.front());
      waiting_.pop_front();
    }
    try {
      deliver(body);
    } catch (const std::exception& failure) {
      log_.error("A message to the webhook is lost: sending it failed inside.",
                 {{"reason", failure.what()}});
    }
  }
}

void Webhook::deliver(const std::string& body) {
  for (int tries = 1;; ++tries) {
    const WebhookOptions now = options();
    if (now.url.empty()) return;
    const Outcome outcome = attempt(body, now);
    if (outcome.taken) {
      if (tries > 1) log_.info("The webhook took a message at last.", {{"tries", tries}});
      return;
    }
    if (stopping()) return;
    if (!outcome.again || tries >= now.tries) {
      log_.warning("The webhook does not take a message; it is given up.",
                   {{"tries", tries}, {"reason", outcome.why}});
      return;
    }
    const milliseconds wait = webhook_wait(now.first_wait, tries, random_part());
    log_.debug("The webhook did not take a message; it is tried again.",
               {{"tries", tries},
                {"wait_ms", static_cast<std::int64_t>(wait.count())},
                {"reason", outcome.why}});
    if (!client_.rest(wait)) return;
  }
}

Webhook::Outcome Webhook::attempt(const std::string& body, const WebhookOptions& options) {
  const auto answer = client_.post({.url = options.url,
                                    .body = body,
                                    .bearer = {},
                                    .timeout = options.timeout,
                                    .largest_answer = 0});
  if (!answer) {
    return {.taken = false,
            .again = answer.error().code != base::ErrorCode::kInvalidInput,
            .why = answer.error().message};
  }
  return {.taken = is_taken(answer->status),
          .again = is_worth_another_try(answer->status),
          .why = fmt::format("it answers with status {}", answer->status)};
}

}  // namespace storysign::app
