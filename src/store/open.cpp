#include "store/open.hpp"

#include "store/migrations.hpp"
#include "store/postgres_database.hpp"
#include "store/sql_store.hpp"
#include "store/sqlite_database.hpp"

#include <fmt/format.h>

#include <utility>

namespace storysign::store {
namespace {

constexpr std::string_view kSqlite = "sqlite:";
constexpr std::string_view kFileName = "storysign.db";

bool starts_with(std::string_view text, std::string_view word) {
  return text.substr(0, word.size()) == word;
}

/// Whether a URL has a password in it: user:password@ or password=.
bool has_password(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string_view rest = url.substr(begin);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t at = authority.rfind('@');
  return (at != std::string_view::npos && authority.substr(0, at).find(':') != std::string::npos) ||
         url.find("password=") != std::string_view::npos;
}

base::Result<std::unique_ptr<Database>> connect(const Location& location,
                                                const std::string& password) {
  if (!location.is_postgres) {
    return SqliteDatabase::open(location.file, SqliteUse::kServe)
        .map([](std::unique_ptr<SqliteDatabase> made) {
          return std::unique_ptr<Database>(std::move(made));
        });
  }
  return PostgresDatabase::open(location.url, password)
      .map([](std::unique_ptr<PostgresDatabase> made) {
        return std::unique_ptr<Database>(std::move(made));
      });
}

}  // namespace

base::Result<Location> locate(const StoreOptions& options) {
  Location out;
  const std::string_view url = options.url;
  if (url.empty()) {
    out.file = options.directory / kFileName;
  } else if (starts_with(url, kSqlite) && url.size() > kSqlite.size()) {
    out.file = url.substr(kSqlite.size());
  } else if (starts_with(url, "postgresql://") || starts_with(url, "postgres://")) {
    if (has_password(url)) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        "store.url holds a password, which whoever sees the settings would see; "
                        "take it out and put it into a file of mode 0600 that "
                        "store.password_file names.");
    }
    out.is_postgres = true;
    out.url = url;
  } else {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("store.url is \"{}\"; it must be empty (SQLite in "
                                  "store.directory), sqlite:PATH or "
                                  "postgresql://USER@HOST:PORT/DATABASE.",
                                  url));
  }
  return out;
}

base::Result<std::unique_ptr<Store>> open_store(const StoreOptions& options, Time now) {
  const auto location = locate(options);
  if (!location) return tl::unexpected(location.error());
  auto database = connect(*location, options.password);
  if (!database) return tl::unexpected(database.error());
  if (auto migrated = migrate(**database, micros(now)); !migrated) {
    return tl::unexpected(migrated.error());
  }
  return std::make_unique<SqlStore>(std::move(*database));
}

}  // namespace storysign::store
