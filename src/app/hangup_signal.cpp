#include "app/hangup_signal.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace storysign::app {
namespace {

// A signal handler can reach only what is static.
std::atomic<bool> g_came{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_hangup(int /*number*/) {
  g_came.store(true, std::memory_order_relaxed);
}

}  // namespace

HangupSignal::HangupSignal() : had_terminal_(::isatty(STDIN_FILENO) == 1) {
  g_came.store(false);
  struct sigaction action{};
  action.sa_handler = &on_hangup;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGHUP, &action, nullptr);
}

HangupSignal::~HangupSignal() {
  std::signal(SIGHUP, SIG_DFL);
}

bool HangupSignal::take() noexcept {
  return g_came.exchange(false, std::memory_order_relaxed);
}

bool HangupSignal::gone() const noexcept {
  return had_terminal_ && ::isatty(STDIN_FILENO) != 1;
}

}  // namespace storysign::app
