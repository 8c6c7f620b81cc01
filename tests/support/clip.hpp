#pragma once

#include "base/image.hpp"
#include "base/result.hpp"

#include <filesystem>
#include <vector>

namespace storysign::test {

/// All frames of a video, as the program itself reads them.
[[nodiscard]] base::Result<std::vector<base::Image>> read_clip(const std::filesystem::path& path);

}  // namespace storysign::test
