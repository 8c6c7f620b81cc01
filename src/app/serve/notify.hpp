#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "telemetry/log.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::app {

/// The datagram socket of the service manager that started this process (sd_notify(3)); without one
/// everything said is dropped. Move-only. One thread at a time.
class Notifier {
 public:
  /// Nobody listens.
  Notifier() = default;
  /// `address` as in NOTIFY_SOCKET: "/path", or "@name" for the abstract name space; empty: nobody.
  /// Fails with one sentence for any other, and for one that is too long.
  [[nodiscard]] static base::Result<Notifier> to(std::string_view address);
  Notifier(Notifier&& other) noexcept;
  Notifier& operator=(Notifier&& other) noexcept;
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;
  ~Notifier();

  /// Sends "NAME=value" lines as one datagram; never blocks. Whether it was taken.
  bool send(std::string_view lines) const noexcept;
  [[nodiscard]] bool is_connected() const noexcept { return socket_ >= 0; }

 private:
  int socket_ = -1;
  sockaddr_un address_{};
  socklen_t length_ = 0;
};

/// How often the service manager wants to hear that all is well: WATCHDOG_USEC, if it is meant for
/// this process (WATCHDOG_PID, empty: for any). Nothing where there is no watchdog.
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_period(
    std::string_view microseconds, std::string_view process);

/// What can be seen of the threads that serve, from the main thread.
struct Pulse {
  base::SteadyTime io_answered{};           ///< When an I/O thread last did what it was asked.
  std::chrono::nanoseconds longest_work{};  ///< Of the workers' tasks under way.
  bool is_work_left_alone = false;          ///< Frames wait, and no worker is at work.
  std::size_t sessions = 0;
  int workers = 0;
};

/// Tells the service manager how the server is: ready, reloading, stopping, a line of status, and,
/// while the main loop comes here, I/O answers and no worker is stuck, that all is well
/// (WATCHDOG=1). Once one of them is stuck it says nothing more, and the manager starts the program
/// anew. Owned by the service; main thread.
class Supervisor {
 public:
  /// A part that has made no progress for so long is stuck, where there is no watchdog to say it.
  static constexpr std::chrono::seconds kPatience{15};

  /// `log` outlives this.
  Supervisor(Notifier notifier, std::optional<std::chrono::microseconds> watchdog,
             telemetry::Log& log)
      : notifier_(std::move(notifier)), watchdog_(watchdog), log_(log) {}
  /// As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say; what is wrong with them goes to the log.
  [[nodiscard]] static Supervisor from_environment(telemetry::Log& log);

  void ready();
  /// The configuration is read again; ready() when that is over.
  void reloading(base::SteadyTime now);
  void stopping();
  /// To be called often, with what is seen now.
  void beat(const Pulse& pulse, base::SteadyTime now);

 private:
  [[nodiscard]] std::string stuck(const Pulse& pulse, base::SteadyTime now);
  void say_status(std::string status);

  // Given.
  Notifier notifier_;
  std::optional<std::chrono::microseconds> watchdog_;
  telemetry::Log& log_;
  // State.
  bool is_stopping_ = false;
  bool was_stuck_ = false;
  std::optional<base::SteadyTime> alone_since_;
  std::optional<base::SteadyTime> last_beat_;
  std::string status_;
};

}  // namespace storysign::app
