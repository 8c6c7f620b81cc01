#pragma once

#include "store/database.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

struct pg_conn;
struct pg_result;

namespace storysign::store {

/// A PostgreSQL database. A connection that was lost is made again by the next statement that does
/// not continue a transaction.
class PostgresDatabase : public Database {
 public:
  /// `url` as libpq takes it, without a password; `password` may be empty.
  [[nodiscard]] static base::Result<std::unique_ptr<PostgresDatabase>> open(std::string url,
                                                                            std::string password);
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;
  PostgresDatabase(PostgresDatabase&&) = delete;
  PostgresDatabase& operator=(PostgresDatabase&&) = delete;
  ~PostgresDatabase() override;

  [[nodiscard]] Dialect dialect() const noexcept override { return Dialect::kPostgres; }
  [[nodiscard]] std::string describe() const override;
  using Database::run;
  base::Result<Outcome> run(std::string_view sql, std::span<const Parameter> values) override;
  base::Result<void> compact() override;

 private:
  struct CloseConnection {
    void operator()(pg_conn* connection) const noexcept;
  };
  struct Clear {
    void operator()(pg_result* result) const noexcept;
  };
  using Answer = std::unique_ptr<pg_result, Clear>;

  PostgresDatabase(std::string url, std::string password);
  base::Result<void> connect();
  [[nodiscard]] bool is_lost() const;
  base::Result<Outcome> run_once(std::string_view sql, std::span<const Parameter> values);
  base::Result<std::string> prepared(std::string_view sql);
  [[nodiscard]] tl::unexpected<base::Error> failure(const pg_result* answer);

  // Given.
  std::string url_;
  std::string password_;
  // Owned.
  std::unique_ptr<pg_conn, CloseConnection> connection_;
  // State: names of statements that the connection knows, and whether it is in a transaction.
  std::map<std::string, std::string, std::less<>> statements_;
  bool in_transaction_ = false;
  bool is_cut_off_ = false;  ///< The connection is gone, whatever its status says.
};

}  // namespace storysign::store
