#pragma once

#include "base/result.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <string_view>

namespace storysign::store {

/// The schema that this program reads and writes.
[[nodiscard]] std::int64_t newest_schema() noexcept;

/// The schema that the database has; 0: none yet.
[[nodiscard]] base::Result<std::int64_t> schema_of(Database& database);

/// Brings the database to newest_schema(), all in one transaction; several servers may do so at
/// once. Refuses, with a sentence, a database that a newer program has written. `now` in
/// microseconds since 1970.
base::Result<void> migrate(Database& database, std::int64_t now);

}  // namespace storysign::store
