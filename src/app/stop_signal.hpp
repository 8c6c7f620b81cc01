#pragma once

#include <atomic>

namespace storysign::app {

/// While it lives, SIGINT and SIGTERM ask for a clean end instead of killing the process; the third
/// one kills it after all. SIGXFSZ and SIGPIPE become ordinary write errors. One at a time per
/// process; made and destroyed by the main thread.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;
  StopSignal(StopSignal&&) = delete;
  StopSignal& operator=(StopSignal&&) = delete;
  ~StopSignal();

  /// How often a stop was asked for; any thread.
  [[nodiscard]] const std::atomic<int>& count() const noexcept;
  [[nodiscard]] bool stopped() const noexcept {
    return count().load(std::memory_order_relaxed) != 0;
  }

 private:
  struct Saved;
  static Saved& saved() noexcept;
};

/// While it lives, SIGUSR1 asks for the log file to be opened again instead of killing the process.
/// One at a time per process; made, asked and destroyed by the main thread.
class ReopenSignal {
 public:
  ReopenSignal();
  ReopenSignal(const ReopenSignal&) = delete;
  ReopenSignal& operator=(const ReopenSignal&) = delete;
  ReopenSignal(ReopenSignal&&) = delete;
  ReopenSignal& operator=(ReopenSignal&&) = delete;
  ~ReopenSignal();

  /// Whether it has come since the last call.
  [[nodiscard]] bool taken() noexcept;
};

}  // namespace storysign::app
