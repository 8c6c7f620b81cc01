#pragma once

#include "engine/models.hpp"

#include <span>

namespace storysign::engine {

/// The bytes of a model whose home is the program; empty for the others. They live as long as the
/// program. Any thread. Internal to the room.
[[nodiscard]] std::span<const char> built_in(Model model) noexcept;

}  // namespace storysign::engine
