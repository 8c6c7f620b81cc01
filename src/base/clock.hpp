#pragma once

#include <chrono>

namespace storysign::base {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Wall progress on a clock that never jumps. Only app and benches call this; everything else gets
/// time as an argument.
[[nodiscard]] SteadyTime steady_now() noexcept;

/// CPU time that all threads of this process have used so far.
[[nodiscard]] std::chrono::nanoseconds process_cpu_time() noexcept;

}  // namespace storysign::base
