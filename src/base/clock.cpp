#include "base/clock.hpp"

#include <ctime>

namespace storysign::base {

SteadyTime steady_now() noexcept {
  return std::chrono::steady_clock::now();
}

std::chrono::nanoseconds process_cpu_time() noexcept {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace storysign::base
