#pragma once

#include "store/database.hpp"
#include "store/file_lock.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

struct sqlite3;
struct sqlite3_stmt;

namespace storysign::store {

/// How a SQLite file is opened.
enum class SqliteUse : std::uint8_t {
  kServe,  ///< Read and written, made if it is not there, checked first.
  kRead,   ///< Read only, beside a server that may be writing.
  kWrite,  ///< Read and written as it is: for a copy that is being made.
};

/// A SQLite file: write-ahead log, foreign keys, deleted content overwritten, and a commit that has
/// returned is on the disk.
class SqliteDatabase : public Database {
 public:
  /// Fails with a sentence that says how to restore if the file is damaged or no SQLite file.
  [[nodiscard]] static base::Result<std::unique_ptr<SqliteDatabase>> open(
      const std::filesystem::path& file, SqliteUse use);
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  SqliteDatabase(SqliteDatabase&&) = delete;
  SqliteDatabase& operator=(SqliteDatabase&&) = delete;
  ~SqliteDatabase() override;

  [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::kSqlite; }
  [[nodiscard]] std::string describe() const override;
  using Database::run;
  base::Result<Outcome> run(std::string_view sql, std::span<const Parameter> values) override;
  base::Result<void> compact() override;

  /// Copies everything, as it is at one moment, into `target`, which is then like this one.
  base::Result<void> copy_to(SqliteDatabase& target);
  /// Whether the whole file is sound ("ok"), or what SQLite says is wrong with it.
  base::Result<std::string> check(bool thorough);

 private:
  struct CloseConnection {
    void operator()(sqlite3* connection) const noexcept;
  };
  struct Finish {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  /// A prepared statement; reset and unbound whenever it is not running.
  using Statement = std::unique_ptr<sqlite3_stmt, Finish>;

  SqliteDatabase(std::filesystem::path file, std::unique_ptr<sqlite3, CloseConnection> connection);
  base::Result<void> prepare_for(SqliteUse use);
  base::Result<sqlite3_stmt*> statement(std::string_view sql);
  [[nodiscard]] tl::unexpected<base::Error> failure(int code) const;

  // Given.
  std::filesystem::path file_;
  FileLock lock_;
  // Owned; statements go before their connection.
  std::unique_ptr<sqlite3, CloseConnection> connection_;
  std::map<std::string, Statement, std::less<>> statements_;
};

}  // namespace storysign::store
