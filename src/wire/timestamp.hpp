#pragma once

#include <chrono>
#include <string>

namespace storysign::wire {

/// A point of calendar time, UTC. Always an argument in this room.
using WallTime = std::chrono::system_clock::time_point;

/// Appends "2024-02-29T12:34:56.789Z": ISO 8601, UTC, milliseconds rounded down. Years before 0 and
/// after 9999 are not expected.
void append_timestamp(WallTime time, std::string& out);

[[nodiscard]] std::string timestamp(WallTime time);

}  // namespace storysign::wire
