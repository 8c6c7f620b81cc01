#include "app/serve/worker_follower.hpp"

#include "app/machine.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;

constexpr int kMostWorkers = 256;  // As performance.workers.

cpu_set_t mask_of_first_thread() {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  static_cast<void>(::sched_getaffinity(::getpid(), sizeof mask, &mask));
  return mask;
}

}  // namespace

WorkerFollower::WorkerFollower(int configured, fs::path root) : root_(std::move(root)) {
  look();
  configure(configured);
}

int WorkerFollower::configure(int configured) {
  configured_ = configured;
  workers_ = configured > 0 ? configured : std::min(cores_, kMostWorkers);
  return workers_;
}

std::optional<int> WorkerFollower::check(base::SteadyTime now) {
  if (now < next_look_) return std::nullopt;
  next_look_ = now + kInterval;
  look();
  const int wanted = std::min(cores_, kMostWorkers);
  if (configured_ > 0 || wanted == workers_) return std::nullopt;
  workers_ = wanted;
  return wanted;
}

void WorkerFollower::look() {
  if (const auto allowed = allowed_cores(root_)) cores_ = usable_cores(*allowed, cpu_quota(root_));
}

AffinityFollower::AffinityFollower() : last_(mask_of_first_thread()) {}

bool AffinityFollower::check() {
  const cpu_set_t mask = mask_of_first_thread();
  if (CPU_EQUAL(&mask, &last_)) return false;
  last_ = mask;
  std::error_code code;
  for (fs::directory_iterator at("/proc/self/task", code), end; !code && at != end;
       at.increment(code)) {
    const std::string name = at->path().filename().string();
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    // A thread that has just ended has no mask to be set.
    if (thread > 0) static_cast<void>(::sched_setaffinity(thread, sizeof mask, &mask));
  }
  return true;
}

}  // namespace storysign::app
