#pragma once

namespace storysign::app {

/// While it lives, SIGHUP asks for the configuration to be read again instead of killing the
/// process. Where the process was started from a terminal that has gone since, SIGHUP means what it
/// always meant, and gone() says so. One at a time per process; main thread.
class HangupSignal {
 public:
  HangupSignal();
  HangupSignal(const HangupSignal&) = delete;
  HangupSignal& operator=(const HangupSignal&) = delete;
  HangupSignal(HangupSignal&&) = delete;
  HangupSignal& operator=(HangupSignal&&) = delete;
  ~HangupSignal();

  /// Whether it came since the last call.
  [[nodiscard]] bool take() noexcept;
  /// Whether the terminal that it was started from has gone.
  [[nodiscard]] bool gone() const noexcept;

 private:
  // Given.
  bool had_terminal_;
};

}  // namespace storysign::app
