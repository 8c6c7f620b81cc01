#include "store/backup.hpp"

#include "store/file_lock.hpp"
#include "store/files.hpp"
#include "store/migrations.hpp"
#include "store/postgres_tools.hpp"
#include "store/sqlite_database.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <string_view>
#include <system_error>
#include <vector>

namespace storysign::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "storysign-";
constexpr std::string_view kChecksum = ".sha256";

fs::path with(const fs::path& file, std::string_view ending) {
  fs::path out = file;
  out += ending;
  return out;
}

std::string stamp(Time now) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

/// The folder's own name may be empty: the working folder.
fs::path folder_of(const fs::path& file) {
  return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

base::Result<void> move_to(const fs::path& from, const fs::path& to) {
  std::error_code code;
  fs::rename(from, to, code);
  if (code) {
    return base::fail(
        base::ErrorCode::kIo,
        fmt::format("{} cannot be renamed to {}: {}.", from.string(), to.string(), code.message()));
  }
  return {};
}

base::Result<void> check_sound(SqliteDatabase& database, const fs::path& file) {
  const auto found = database.check(true);
  if (!found || *found != "ok") {
    return base::fail(base::ErrorCode::kIo, fmt::format("{} is damaged ({}).", file.string(),
                                                        found ? *found : found.error().message));
  }
  return {};
}

base::Result<void> copy_sqlite(const fs::path& file, const fs::path& copy) {
  std::error_code code;
  if (!fs::exists(file, code)) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("There is no store {} to back up.", file.string()));
  }
  auto source = SqliteDatabase::open(file, SqliteUse::kRead);
  if (!source) return tl::unexpected(source.error());
  auto target = SqliteDatabase::open(copy, SqliteUse::kWrite);
  if (!target) return tl::unexpected(target.error());
  return (*source)
      ->copy_to(**target)
      // One file, without the side files of the write-ahead log.
      .and_then(
          [&] { return (*target)->run("PRAGMA journal_mode = DELETE").map([](const Outcome&) {}); })
      .and_then([&] { return check_sound(**target, copy); });
}

/// Everything but the names: `part` becomes the backup when all is well.
base::Result<Backup> make(const Location& location, const StoreOptions& options,
                          const fs::path& part, const fs::path& target) {
  base::Result<void> made;
  if (location.is_postgres) {
    // Made first, so that it is never open to others.
    made = write_private(part, {}).and_then(
        [&] { return dump_postgres(location.url, options.password, part); });
  } else {
    made = copy_sqlite(location.file, part);
  }
  if (!made) return tl::unexpected(made.error());
  if (auto synced = sync_to_disk(part); !synced) return tl::unexpected(synced.error());
  auto sum = sha256_of(part);
  if (!sum) return tl::unexpected(sum.error());
  auto named = write_private(with(target, kChecksum),
                             fmt::format("{}  {}\n", *sum, target.filename().string()))
                   .and_then([&] { return move_to(part, target); })
                   .and_then([&] { return sync_to_disk(folder_of(target)); });
  if (!named) return tl::unexpected(named.error());
  std::error_code code;
  return Backup{.file = target, .bytes = fs::file_size(target, code), .sha256 = std::move(*sum)};
}

/// Compares with FILE.sha256; false if there is none.
base::Result<bool> compare_checksum(const fs::path& backup) {
  std::ifstream in(with(backup, kChecksum));
  std::string written;
  if (!(in >> written)) return false;
  const auto sum = sha256_of(backup);
  if (!sum) return tl::unexpected(sum.error());
  if (*sum != written) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("{} is not what was written: its checksum differs from the one "
                                  "in {}; take another backup.",
                                  backup.string(), with(backup, kChecksum).string()));
  }
  return true;
}

base::Result<void> check_backup(const fs::path& backup) {
  const auto unusable = [&](std::string_view why) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("{} cannot be restored: {}; take another backup.", backup.string(), why));
  };
  auto database = SqliteDatabase::open(backup, SqliteUse::kRead);
  if (!database) return unusable(database.error().message);
  if (auto sound = check_sound(**database, backup); !sound) return unusable("it is damaged");
  const auto schema = schema_of(**database);
  if (!schema || *schema == 0) return unusable("it is no backup of StorySign");
  if (*schema > newest_schema()) return unusable("a newer version of StorySign has made it");
  return {};
}

/// Moves the store and its side files out of the way.
base::Result<fs::path> keep_aside(const fs::path& file, Time now) {
  const fs::path aside = with(file, ".before-" + stamp(now));
  std::error_code code;
  for (const std::string_view side : {"-wal", "-shm", ""}) {
    if (!fs::exists(with(file, side), code)) continue;
    if (auto moved = move_to(with(file, side), with(aside, side)); !moved) {
      return tl::unexpected(moved.error());
    }
  }
  return fs::exists(aside, code) ? aside : fs::path();
}

}  // namespace

base::Result<Backup> back_up(const StoreOptions& options, const fs::path& target) {
  const auto location = locate(options);
  if (!location) return tl::unexpected(location.error());
  std::error_code code;
  if (fs::exists(target, code)) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("{} exists; name a file that does not.", target.string()));
  }
  const fs::path part = with(target, ".part");
  fs::remove(part, code);
  auto made = make(*location, options, part, target);
  if (!made) {
    fs::remove(part, code);
    if (!fs::exists(target, code)) fs::remove(with(target, kChecksum), code);
  }
  return made;
}

fs::path backup_name(const fs::path& folder, const StoreOptions& options, Time now) {
  const bool is_sqlite = options.url.empty() || options.url.rfind("sqlite:", 0) == 0;
  const std::string_view ending = is_sqlite ? ".db" : ".dump";
  std::error_code code;
  fs::path out = folder / fmt::format("{}{}{}", kPrefix, stamp(now), ending);
  for (int again = 2; fs::exists(out, code); ++again) {
    out = folder / fmt::format("{}{}-{}{}", kPrefix, stamp(now), again, ending);
  }
  return out;
}

base::Result<int> prune_backups(const fs::path& folder, int kept) {
  std::vector<fs::path> found;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    const std::string ending = entry.path().extension().string();
    if (name.rfind(kPrefix, 0) == 0 && (ending == ".db" || ending == ".dump")) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  int removed = 0;
  for (std::size_t i = 0; i + static_cast<std::size_t>(kept) < found.size(); ++i) {
    if (!fs::remove(found[i], code)) {
      return base::fail(base::ErrorCode::kIo,
                        fmt::format("The old backup {} cannot be removed: {}.", found[i].string(),
                                    code.message()));
    }
    fs::remove(with(found[i], kChecksum), code);
    ++removed;
  }
  return removed;
}

base::Result<Restored> restore(const StoreOptions& options, const fs::path& backup, Time now) {
  const auto location = locate(options);
  if (!location) return tl::unexpected(location.error());
  if (location->is_postgres) {
    return base::fail(base::ErrorCode::kUnsupported,
                      fmt::format("The store is PostgreSQL: stop every server that uses it, then "
                                  "run: pg_restore --clean --if-exists --single-transaction "
                                  "--dbname='{}' {}",
                                  location->url, backup.string()));
  }
  std::error_code code;
  if (!fs::is_regular_file(backup, code)) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("There is no file {}.", backup.string()));
  }
  const fs::path& file = location->file;
  const auto lock = FileLock::take(file, FileLock::Kind::kAlone);
  if (!lock) return tl::unexpected(lock.error());
  Restored out{.file = file, .aside = {}, .had_checksum = false};
  const auto compared = compare_checksum(backup);
  if (!compared) return tl::unexpected(compared.error());
  out.had_checksum = *compared;
  if (auto fit = check_backup(backup); !fit) return tl::unexpected(fit.error());
  // The copy is complete and on the disk before anything of the old store is moved.
  const fs::path part = with(file, ".restoring");
  auto prepared = write_private(part, {}).and_then([&]() -> base::Result<void> {
    if (!fs::copy_file(backup, part, fs::copy_options::overwrite_existing, code)) {
      return base::fail(base::ErrorCode::kIo,
                        fmt::format("{} cannot be copied to {}: {}.", backup.string(),
                                    part.string(), code.message()));
    }
    return sync_to_disk(part);
  });
  if (!prepared) return tl::unexpected(prepared.error());
  fs::permissions(part, fs::perms::owner_read | fs::perms::owner_write, code);
  auto aside = keep_aside(file, now);
  if (!aside) return tl::unexpected(aside.error());
  out.aside = std::move(*aside);
  if (auto placed = move_to(part, file).and_then([&] { return sync_to_disk(folder_of(file)); });
      !placed) {
    return tl::unexpected(placed.error());
  }
  return out;
}

}  // namespace storysign::store
