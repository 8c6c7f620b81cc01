#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace storysign::store {

/// SHA-256 of a file's bytes in lower-case hex.
[[nodiscard]] base::Result<std::string> sha256_of(const std::filesystem::path& file);

/// Waits until a file, or the names in a folder, are on the disk.
[[nodiscard]] base::Result<void> sync_to_disk(const std::filesystem::path& path);

/// Writes a small file for its owner only, and waits until it is on the disk.
[[nodiscard]] base::Result<void> write_private(const std::filesystem::path& file,
                                               std::string_view text);

}  // namespace storysign::store
