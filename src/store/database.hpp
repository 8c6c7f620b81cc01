#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace storysign::store {

/// A value handed to a statement: NULL, a whole number, a number, or UTF-8.
using Parameter = std::variant<std::monostate, std::int64_t, double, std::string_view>;
/// A value of a result.
using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
using Row = std::vector<Value>;

struct Outcome {
  std::vector<Row> rows;
  std::int64_t changed = 0;  ///< Rows inserted, updated or deleted.
};

/// Where the SQL of one database differs from the other's.
enum class Dialect : std::uint8_t { kSqlite, kPostgres };

/// One connection to a database. Called by one thread at a time. Failures are those of Store;
/// kUnavailable may be tried again, from the start of the transaction.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  Database(Database&&) = delete;
  Database& operator=(Database&&) = delete;
  virtual ~Database() = default;

  [[nodiscard]] virtual Dialect dialect() const noexcept = 0;
  /// For people, without passwords.
  [[nodiscard]] virtual std::string describe() const = 0;

  /// Runs one statement with the values of $1, $2, ...; it is prepared once and kept by its text.
  virtual base::Result<Outcome> run(std::string_view sql, std::span<const Parameter> values) = 0;

  base::Result<Outcome> run(std::string_view sql) { return run(sql, {}); }
  base::Result<Outcome> run(std::string_view sql, std::initializer_list<Parameter> values) {
    return run(sql, std::span<const Parameter>(values.begin(), values.size()));
  }

  /// Leaves nothing of deleted rows in the files. Not inside a transaction.
  virtual base::Result<void> compact() = 0;
};

// The columns of a row, for a caller that knows their types.
[[nodiscard]] inline std::string text_of(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}
[[nodiscard]] inline std::int64_t whole_of(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? *number : 0;
}
[[nodiscard]] inline double real_of(const Value& value) {
  const auto* number = std::get_if<double>(&value);
  return number != nullptr ? *number : static_cast<double>(whole_of(value));
}
[[nodiscard]] inline bool is_null(const Value& value) {
  return std::holds_alternative<std::monostate>(value);
}

}  // namespace storysign::store
