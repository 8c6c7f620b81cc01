#include "store/sqlite_database.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace storysign::store {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 5000;

base::ErrorCode code_of(int code) {
  constexpr int kPrimary = 0xFF;
  switch (code & kPrimary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return base::ErrorCode::kUnavailable;
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
      return base::ErrorCode::kInvalidInput;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      return base::ErrorCode::kIo;
    default:
      return base::ErrorCode::kInternal;
  }
}

base::Error damaged(const fs::path& file, std::string_view what) {
  return {base::ErrorCode::kIo,
          fmt::format("The store {} is damaged ({}); bring back the last backup with `storysign "
                      "restore FILE`, which keeps the damaged file aside.",
                      file.string(), what)};
}

/// Made beforehand, so that nobody else can ever read it; SQLite gives its side files the same
/// mode.
base::Result<void> make_private(const fs::path& file) {
  constexpr mode_t kOwnerOnly = 0600;
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (made < 0) {
    return base::fail(
        base::ErrorCode::kIo,
        fmt::format("The store {} cannot be opened: {}; see that its folder exists and belongs to "
                    "this user, or name another one in store.directory or store.url.",
                    file.string(), std::generic_category().message(errno)));
  }
  ::close(made);
  return {};
}

int bind(sqlite3_stmt* statement, int at, const Parameter& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    return sqlite3_bind_int64(statement, at, *whole);
  }
  if (const auto* real = std::get_if<double>(&value)) {
    return sqlite3_bind_double(statement, at, *real);
  }
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    // Static: the values outlive the run, after which they are unbound. Null would mean NULL.
    const char* data = text->data() == nullptr ? "" : text->data();
    return sqlite3_bind_text64(statement, at, data, text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, at);
}

Value column(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER:
      return static_cast<std::int64_t>(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT:
      return sqlite3_column_double(statement, at);
    case SQLITE_NULL:
      return std::monostate{};
    default: {
      const void* text = sqlite3_column_blob(statement, at);
      const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
      return text == nullptr ? std::string() : std::string(static_cast<const char*>(text), size);
    }
  }
}

}  // namespace

void SqliteDatabase::CloseConnection::operator()(sqlite3* connection) const noexcept {
  sqlite3_close_v2(connection);
}

void SqliteDatabase::Finish::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

SqliteDatabase::SqliteDatabase(fs::path file, std::unique_ptr<sqlite3, CloseConnection> connection)
    : file_(std::move(file)), connection_(std::move(connection)) {}

SqliteDatabase::~SqliteDatabase() = default;

base::Result<std::unique_ptr<SqliteDatabase>> SqliteDatabase::open(const fs::path& file,
                                                                   SqliteUse use) {
  FileLock lock;
  if (use == SqliteUse::kServe) {
    auto taken = FileLock::take(file, FileLock::Kind::kShared);
    if (!taken) return tl::unexpected(taken.error());
    lock = std::move(*taken);
  }
  if (use != SqliteUse::kRead) {
    if (auto made = make_private(file); !made) return tl::unexpected(made.error());
  }
  const int flags = use == SqliteUse::kRead ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<SqliteDatabase> database(
      new SqliteDatabase(file, std::unique_ptr<sqlite3, CloseConnection>(raw)));
  database->lock_ = std::move(lock);
  if (code != SQLITE_OK) {
    return base::fail(base::ErrorCode::kIo, fmt::format("The store {} cannot be opened: {}.",
                                                        file.string(), sqlite3_errstr(code)));
  }
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  if (auto prepared = database->prepare_for(use); !prepared) {
    return tl::unexpected(prepared.error());
  }
  return database;
}

base::Result<void> SqliteDatabase::prepare_for(SqliteUse use) {
  // FULL: with the write-ahead log, a commit waits until the log is on the disk.
  constexpr std::array<std::string_view, 5> kAlways = {
      "PRAGMA foreign_keys = ON", "PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
      "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON"};
  for (const std::string_view pragma : kAlways) {
    if (auto done = run(pragma); !done) return tl::unexpected(done.error());
  }
  if (use != SqliteUse::kServe) return {};
  if (auto done = run("PRAGMA journal_mode = WAL"); !done) return tl::unexpected(done.error());
  const auto found = check(false);
  if (!found) return tl::unexpected(found.error());
  if (*found != "ok") return tl::unexpected(damaged(file_, *found));
  return {};
}

base::Result<std::string> SqliteDatabase::check(bool thorough) {
  const auto found = run(thorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)");
  if (!found) return tl::unexpected(found.error());
  if (found->rows.empty()) return std::string("it says nothing");
  return text_of(found->rows.front().front());
}

std::string SqliteDatabase::describe() const {
  return fmt::format("SQLite, {}", file_.string());
}

tl::unexpected<base::Error> SqliteDatabase::failure(int code) const {
  constexpr int kPrimary = 0xFF;
  const std::string_view what = sqlite3_errmsg(connection_.get());
  if ((code & kPrimary) == SQLITE_CORRUPT || (code & kPrimary) == SQLITE_NOTADB) {
    return tl::unexpected(damaged(file_, what));
  }
  return base::fail(code_of(code), fmt::format("The store {}: {}.", file_.string(), what));
}

base::Result<sqlite3_stmt*> SqliteDatabase::statement(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second.get();
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  Statement made(raw);
  if (code != SQLITE_OK) return failure(code);
  statements_.emplace(std::string(sql), std::move(made));
  return raw;
}

base::Result<Outcome> SqliteDatabase::run(std::string_view sql, std::span<const Parameter> values) {
  const auto prepared = statement(sql);
  if (!prepared) return tl::unexpected(prepared.error());
  const auto done = [](sqlite3_stmt* used) {
    sqlite3_reset(used);
    sqlite3_clear_bindings(used);
  };
  const std::unique_ptr<sqlite3_stmt, decltype(done)> running(*prepared, done);
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A number may stand twice in the text, or not at all.
    const int at = sqlite3_bind_parameter_index(running.get(), fmt::format("${}", i + 1).c_str());
    if (at == 0) continue;
    if (const int code = bind(running.get(), at, values[i]); code != SQLITE_OK) {
      return failure(code);
    }
  }
  Outcome out;
  const int before = sqlite3_total_changes(connection_.get());
  int code = sqlite3_step(running.get());
  for (; code == SQLITE_ROW; code = sqlite3_step(running.get())) {
    Row& row = out.rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(running.get()); ++i) {
      row.push_back(column(running.get(), i));
    }
  }
  if (code != SQLITE_DONE) return failure(code);
  if (sqlite3_total_changes(connection_.get()) != before) {
    out.changed = sqlite3_changes(connection_.get());
  }
  return out;
}

base::Result<void> SqliteDatabase::compact() {
  // The log holds the pages as they were, so it is emptied as well.
  constexpr std::array<std::string_view, 2> kSteps = {"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"};
  for (const std::string_view step : kSteps) {
    const auto done = run(step);
    if (!done) return tl::unexpected(done.error());
    if (!done->rows.empty() && whole_of(done->rows.front().front()) != 0) {
      return base::fail(base::ErrorCode::kUnavailable,
                        "Deleted rows are still in the log of the store, because another program "
                        "reads it; they go with its next use.");
    }
  }
  return {};
}

base::Result<void> SqliteDatabase::copy_to(SqliteDatabase& target) {
  sqlite3_backup* copy =
      sqlite3_backup_init(target.connection_.get(), "main", connection_.get(), "main");
  if (copy == nullptr) return target.failure(sqlite3_errcode(target.connection_.get()));
  // All pages in one step: one moment, and in the write-ahead log no writer waits for a reader.
  constexpr int kAllPages = -1;
  const int code = sqlite3_backup_step(copy, kAllPages);
  const int finished = sqlite3_backup_finish(copy);
  if (code != SQLITE_DONE) return failure(code);
  if (finished != SQLITE_OK) return target.failure(finished);
  return {};
}

}  // namespace storysign::store
