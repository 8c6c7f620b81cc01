#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>

namespace storysign::store {

/// Writes an archive of a PostgreSQL database into `file` with pg_dump, and reads it through with
/// pg_restore. Fails with a sentence that says what to run if they are not installed.
[[nodiscard]] base::Result<void> dump_postgres(const std::string& url, const std::string& password,
                                               const std::filesystem::path& file);

}  // namespace storysign::store
