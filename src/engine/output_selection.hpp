#pragma once

#include "base/result.hpp"
#include "engine/models.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace storysign::engine {

/// Which outputs of a model a request computes. Internal to the room: shared by the engines.
struct OutputSelection {
  std::vector<std::size_t> indices;  ///< Into ModelInfo::outputs, in the order asked for.
  std::uint32_t mask = 0;            ///< Bit i: ModelInfo::outputs[i] is asked for.
};

/// Looks the names up in the model's table. Fails with kInvalidInput if none is given, if one is
/// not the model's, or if one is named twice.
[[nodiscard]] base::Result<OutputSelection> select_outputs(const ModelInfo& info,
                                                           std::span<const std::string_view> names);

}  // namespace storysign::engine
