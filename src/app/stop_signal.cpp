#include "app/stop_signal.hpp"

#include <array>
#include <csignal>
#include <cstddef>

namespace storysign::app {
namespace {

constexpr std::array<int, 4> kSignals = {SIGINT, SIGTERM, SIGXFSZ, SIGPIPE};
constexpr int kPatience = 3;

// A signal handler can reach only what is static.
std::atomic<int> g_count{0};
static_assert(std::atomic<int>::is_always_lock_free);

std::atomic<bool> g_reopen{false};
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_reopen_signal(int /*number*/) {
  g_reopen.store(true, std::memory_order_relaxed);
}

extern "C" void on_stop_signal(int number) {
  if (g_count.fetch_add(1, std::memory_order_relaxed) + 1 >= kPatience) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

}  // namespace

struct StopSignal::Saved {
  std::array<struct sigaction, kSignals.size()> actions{};
};

StopSignal::Saved& StopSignal::saved() noexcept {
  static Saved saved;
  return saved;
}

StopSignal::StopSignal() {
  g_count.store(0);
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    const bool stops = kSignals[i] == SIGINT || kSignals[i] == SIGTERM;
    action.sa_handler = stops ? on_stop_signal : SIG_IGN;
    // Reads of files go on; the loop looks at the count after each frame.
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(kSignals[i], &action, &saved().actions[i]);
  }
}

StopSignal::~StopSignal() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &saved().actions[i], nullptr);
  }
}

ReopenSignal::ReopenSignal() {
  g_reopen.store(false);
  struct sigaction action{};
  action.sa_handler = on_reopen_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, nullptr);
}

ReopenSignal::~ReopenSignal() {
  std::signal(SIGUSR1, SIG_DFL);
}

bool ReopenSignal::taken() noexcept {
  return g_reopen.exchange(false, std::memory_order_relaxed);
}

const std::atomic<int>& StopSignal::count() const noexcept {
  return g_count;
}

}  // namespace storysign::app
