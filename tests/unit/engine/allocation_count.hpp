#pragma once

#include <cstddef>

namespace storysign::test {

/// How often the calling thread has taken memory with operator new, which this test program
/// replaces.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace storysign::test
