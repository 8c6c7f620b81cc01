#pragma once

#include "base/result.hpp"

#include <filesystem>

namespace storysign::app {

/// Compares the sizes that a Matroska/WebM, MP4/MOV or AVI file states in its own headers with the
/// bytes that are there. Fails with kInvalidInput and one sentence if the file ends early or its
/// recording was never finished; says nothing about other formats. Reads a few bytes for each
/// top-level element only.
[[nodiscard]] base::Result<void> check_container_complete(const std::filesystem::path& path);

}  // namespace storysign::app
