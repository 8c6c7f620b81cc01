#include "engine/output_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace storysign::engine {
namespace {

std::string names_of(const ModelInfo& info) {
  std::string names;
  for (const OutputInfo& output : info.outputs) {
    names += names.empty() ? "" : ", ";
    names += output.name;
  }
  return names;
}

}  // namespace

base::Result<OutputSelection> select_outputs(const ModelInfo& info,
                                             std::span<const std::string_view> names) {
  if (names.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("No output of model {} was asked for; name at least one of {}.",
                                  info.name, names_of(info)));
  }
  OutputSelection selection;
  for (const std::string_view name : names) {
    const auto* const found = std::ranges::find(info.outputs, name, &OutputInfo::name).base();
    const auto index = static_cast<std::size_t>(found - info.outputs.data());
    if (index == info.outputs.size()) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        fmt::format("Model {} has no output \"{}\"; it has {}.", info.name, name,
                                    names_of(info)));
    }
    const std::uint32_t bit = 1U << index;
    if ((selection.mask & bit) != 0U) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        fmt::format("Output \"{}\" of model {} was asked for twice; name it once.",
                                    name, info.name));
    }
    selection.mask |= bit;
    selection.indices.push_back(index);
  }
  return selection;
}

}  // namespace storysign::engine
