#include "app/serve/notify.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::seconds;

// The manager should hear at least twice in a period; a little oftener, so that one late tick is no
// harm.
constexpr int kBeatsInPeriod = 4;

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets any.
  return value != nullptr ? std::string_view(value) : std::string_view();
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

base::Result<Notifier> Notifier::to(std::string_view address) {
  Notifier out;
  if (address.empty()) return out;
  if ((address.front() != '/' && address.front() != '@') ||
      address.size() >= sizeof out.address_.sun_path) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("NOTIFY_SOCKET is \"{}\", which is no path and no abstract name "
                                  "of at most {} bytes; the service manager is told nothing.",
                                  address, sizeof out.address_.sun_path - 1));
  }
  out.address_.sun_family = AF_UNIX;
  std::copy(address.begin(), address.end(), static_cast<char*>(out.address_.sun_path));
  if (address.front() == '@') out.address_.sun_path[0] = '\0';
  // An abstract name ends where the length says, a path at its zero.
  out.length_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size() +
                                       (address.front() == '/' ? 1U : 0U));
  out.socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (out.socket_ < 0) {
    return base::fail(
        base::ErrorCode::kUnavailable,
        fmt::format(
            "No socket is to be had for NOTIFY_SOCKET ({}); raise the limit of descriptors.",
            std::error_code(errno, std::generic_category()).message()));
  }
  return out;
}

Notifier::Notifier(Notifier&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), address_(other.address_), length_(other.length_) {}

Notifier& Notifier::operator=(Notifier&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(address_, other.address_);
  std::swap(length_, other.length_);
  return *this;
}

Notifier::~Notifier() {
  if (socket_ >= 0) ::close(socket_);
}

bool Notifier::send(std::string_view lines) const noexcept {
  if (socket_ < 0) return false;
  const auto* const address = reinterpret_cast<const sockaddr*>(&address_);
  return ::sendto(socket_, lines.data(), lines.size(), MSG_NOSIGNAL, address, length_) ==
         static_cast<ssize_t>(lines.size());
}

std::optional<microseconds> watchdog_period(std::string_view text, std::string_view process) {
  if (!process.empty() && number(process) != ::getpid()) return std::nullopt;
  const auto period = number(text);
  if (!period) return std::nullopt;
  return microseconds(*period);
}

Supervisor Supervisor::from_environment(telemetry::Log& log) {
  auto notifier = Notifier::to(variable("NOTIFY_SOCKET"));
  if (!notifier) log.warning(notifier.error().message);
  return {notifier ? std::move(*notifier) : Notifier(),
          watchdog_period(variable("WATCHDOG_USEC"), variable("WATCHDOG_PID")), log};
}

void Supervisor::ready() {
  notifier_.send("READY=1");
}

void Supervisor::reloading(base::SteadyTime now) {
  const auto since_start = duration_cast<microseconds>(now.time_since_epoch());
  notifier_.send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", since_start.count()));
}

void Supervisor::stopping() {
  is_stopping_ = true;
  notifier_.send("STOPPING=1");
}

void Supervisor::beat(const Pulse& pulse, base::SteadyTime now) {
  std::string trouble = stuck(pulse, now);
  if (!trouble.empty()) {
    if (!was_stuck_) {
      log_.error("A part of the server is stuck; the service manager is not told that all is well.",
                 {{"what", trouble}});
    }
    was_stuck_ = true;
    say_status(std::move(trouble));
    return;
  }
  if (was_stuck_) log_.info("What was stuck goes on.");
  was_stuck_ = false;
  say_status(is_stopping_ ? fmt::format("Stopping; {} learners are still here.", pulse.sessions)
                          : fmt::format("Serving {} learners with {} workers.", pulse.sessions,
                                        pulse.workers));
  if (watchdog_ && (!last_beat_ || now - *last_beat_ >= *watchdog_ / kBeatsInPeriod)) {
    last_beat_ = now;
    notifier_.send("WATCHDOG=1");
  }
}

std::string Supervisor::stuck(const Pulse& pulse, base::SteadyTime now) {
  const microseconds patience = watchdog_ ? *watchdog_ / 2 : microseconds(kPatience);
  if (!pulse.is_work_left_alone) alone_since_.reset();
  if (pulse.is_work_left_alone && !alone_since_) alone_since_ = now;
  const auto whole = [](auto time) { return duration_cast<seconds>(time).count(); };
  if (now - pulse.io_answered > patience) {
    return fmt::format("The I/O threads have not answered for {} s.",
                       whole(now - pulse.io_answered));
  }
  if (pulse.longest_work > patience) {
    return fmt::format("A worker has been at the same frame for {} s.", whole(pulse.longest_work));
  }
  if (alone_since_ && now - *alone_since_ > patience) {
    return fmt::format("Frames have waited for {} s and no worker takes them.",
                       whole(now - *alone_since_));
  }
  return {};
}

void Supervisor::say_status(std::string status) {
  if (status == status_) return;
  status_ = std::move(status);
  notifier_.send("STATUS=" + status_);
}

}  // namespace storysign::app
