#include "store/migrations.hpp"

#include <fmt/format.h>

#include <array>
#include <span>
#include <string>

namespace storysign::store {
namespace {

struct Migration {
  std::int64_t number;
  std::string_view name;
  std::span<const std::string_view> statements;
};

// Both databases read all of this; {identity} is a key that counts by itself. Times are
// microseconds since 1970 (UTC), flags are 0 or 1, JSON is text. What has once been released is
// never changed: a later migration does that.
constexpr std::array<std::string_view, 15> kFirst = {
    R"(CREATE TABLE accounts (
         id TEXT PRIMARY KEY,
         name TEXT NOT NULL UNIQUE,
         display_name TEXT NOT NULL,
         role TEXT NOT NULL CHECK (role IN ('learner', 'teacher', 'admin')),
         password_hash TEXT,
         created BIGINT NOT NULL,
         disabled BIGINT NOT NULL CHECK (disabled IN (0, 1))))",
    R"(CREATE TABLE logins (
         token_hash TEXT PRIMARY KEY,
         account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
         created BIGINT NOT NULL,
         expires BIGINT NOT NULL,
         last_seen BIGINT NOT NULL))",
    "CREATE INDEX logins_account ON logins (account_id)",
    "CREATE INDEX logins_expires ON logins (expires)",
    R"(CREATE TABLE audit_lines (
         id {identity},
         time BIGINT NOT NULL,
         actor TEXT NOT NULL,
         action TEXT NOT NULL,
         subject TEXT NOT NULL,
         address TEXT NOT NULL,
         detail TEXT NOT NULL))",
    R"(CREATE TABLE sessions (
         id TEXT PRIMARY KEY,
         account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
         node TEXT NOT NULL,
         started BIGINT NOT NULL,
         last_seen BIGINT NOT NULL,
         ended BIGINT,
         close_code BIGINT,
         state TEXT NOT NULL,
         epoch BIGINT NOT NULL))",
    "CREATE INDEX sessions_account ON sessions (account_id, started)",
    "CREATE INDEX sessions_last_seen ON sessions (last_seen)",
    // An attempt outlives its session, which retention removes earlier: no reference.
    R"(CREATE TABLE attempts (
         id TEXT PRIMARY KEY,
         session_id TEXT,
         account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
         time BIGINT NOT NULL,
         kind TEXT NOT NULL,
         target TEXT NOT NULL,
         accepted BIGINT NOT NULL CHECK (accepted IN (0, 1)),
         score DOUBLE PRECISION NOT NULL,
         detail TEXT NOT NULL))",
    "CREATE INDEX attempts_account ON attempts (account_id, time)",
    "CREATE INDEX attempts_session ON attempts (session_id)",
    R"(CREATE TABLE quality_changes (
         session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
         epoch BIGINT NOT NULL,
         number BIGINT NOT NULL,
         time BIGINT NOT NULL,
         profile TEXT NOT NULL,
         reason TEXT NOT NULL,
         PRIMARY KEY (session_id, epoch, number)))",
    R"(CREATE TABLE documents (
         kind TEXT NOT NULL,
         id TEXT NOT NULL,
         account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
         json TEXT NOT NULL,
         updated BIGINT NOT NULL,
         PRIMARY KEY (kind, id)))",
    "CREATE INDEX documents_account ON documents (account_id)",
    "CREATE INDEX audit_lines_time ON audit_lines (time)",
};

constexpr std::array<Migration, 1> kMigrations = {{{1, "first", kFirst}}};

std::string in_dialect(std::string_view sql, Dialect dialect) {
  constexpr std::string_view kIdentity = "{identity}";
  std::string out(sql);
  const std::size_t at = out.find(kIdentity);
  if (at != std::string::npos) {
    out.replace(at, kIdentity.size(),
                dialect == Dialect::kSqlite ? "INTEGER PRIMARY KEY AUTOINCREMENT"
                                            : "BIGSERIAL PRIMARY KEY");
  }
  return out;
}

base::Result<void> apply(Database& database, const Migration& migration, std::int64_t now) {
  for (const std::string_view sql : migration.statements) {
    if (auto done = database.run(in_dialect(sql, database.dialect())); !done) {
      return tl::unexpected(done.error());
    }
  }
  auto noted = database.run(
      "INSERT INTO schema_migrations (number, name, applied) "
      "VALUES ($1, $2, $3)",
      {migration.number, migration.name, now});
  if (!noted) return tl::unexpected(noted.error());
  return {};
}

base::Result<void> bring_up(Database& database, std::int64_t now) {
  if (database.dialect() == Dialect::kPostgres) {
    // Any number of this program's own: servers that start together take turns.
    auto locked = database.run("SELECT pg_advisory_xact_lock(7953764229)");
    if (!locked) return tl::unexpected(locked.error());
  }
  auto made = database.run(
      "CREATE TABLE IF NOT EXISTS schema_migrations (number BIGINT PRIMARY KEY, "
      "name TEXT NOT NULL, applied BIGINT NOT NULL)");
  if (!made) return tl::unexpected(made.error());
  const auto has = schema_of(database);
  if (!has) return tl::unexpected(has.error());
  if (*has > newest_schema()) {
    return base::fail(
        base::ErrorCode::kUnsupported,
        fmt::format("The store ({}) has schema {}, and this version of StorySign knows only up to "
                    "{}: a newer one has used it. Start that version, or restore a backup made "
                    "before it.",
                    database.describe(), *has, newest_schema()));
  }
  for (const Migration& migration : kMigrations) {
    if (migration.number > *has) {
      if (auto done = apply(database, migration, now); !done) return done;
    }
  }
  return {};
}

}  // namespace

std::int64_t newest_schema() noexcept {
  return kMigrations.back().number;
}

base::Result<std::int64_t> schema_of(Database& database) {
  const std::string_view find = database.dialect() == Dialect::kSqlite
                                    ? "SELECT count(*) FROM sqlite_master WHERE name = $1"
                                    : "SELECT count(*) FROM pg_tables WHERE tablename = $1 AND "
                                      "schemaname = current_schema()";
  const auto is_there = database.run(find, {std::string_view("schema_migrations")});
  if (!is_there) return tl::unexpected(is_there.error());
  if (whole_of(is_there->rows.at(0).at(0)) == 0) return 0;
  const auto newest = database.run("SELECT max(number) FROM schema_migrations");
  if (!newest) return tl::unexpected(newest.error());
  return whole_of(newest->rows.at(0).at(0));
}

base::Result<void> migrate(Database& database, std::int64_t now) {
  auto begun = database.run(database.dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  if (!begun) return tl::unexpected(begun.error());
  auto done = bring_up(database, now);
  if (!done) {
    // The first failure is what is told.
    static_cast<void>(database.run("ROLLBACK"));
    return done;
  }
  auto committed = database.run("COMMIT");
  if (!committed) return tl::unexpected(committed.error());
  return {};
}

}  // namespace storysign::store
