#pragma once

#include "base/result.hpp"
#include "store/open.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace storysign::store {

struct Backup {
  std::filesystem::path file;
  std::uintmax_t bytes = 0;
  std::string sha256;  ///< Also in FILE.sha256, as `sha256sum --check` reads it.
};

/// Copies the store, as it is at one moment, into `target` while servers go on using it; checks the
/// copy as a whole before it gets that name, and writes its checksum beside it. SQLite: a SQLite
/// file. PostgreSQL: an archive by pg_dump, or a sentence that says what to run if that is not
/// installed. `target` must not exist. Waits for disks: no I/O thread.
[[nodiscard]] base::Result<Backup> back_up(const StoreOptions& options,
                                           const std::filesystem::path& target);

/// A new name in `folder` that sorts by time: storysign-20260131T235959Z.db.
[[nodiscard]] std::filesystem::path backup_name(const std::filesystem::path& folder,
                                                const StoreOptions& options, Time now);

/// Removes the oldest backups of that name in `folder`, with their checksums, until `kept` are
/// left; returns how many went.
base::Result<int> prune_backups(const std::filesystem::path& folder, int kept);

struct Restored {
  std::filesystem::path file;   ///< The store.
  std::filesystem::path aside;  ///< Where the file that was there is now; empty: there was none.
  bool had_checksum = false;    ///< Whether there was one to compare with.
};

/// Puts a backup in the place of a SQLite store, after checking it; the file that was there is kept
/// aside. Refuses while a server uses the store, and with PostgreSQL, where it says what to run.
base::Result<Restored> restore(const StoreOptions& options, const std::filesystem::path& backup,
                               Time now);

}  // namespace storysign::store
