#include "store/postgres_database.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

namespace storysign::store {
namespace {

// Types by their numbers in pg_type.dat, which never change.
constexpr Oid kBool = 16;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;

/// libpq's messages have several lines; the log and people get one.
std::string one_line(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\n', ' ');
  const auto end = out.find_last_not_of(" .");
  out.erase(end == std::string::npos ? 0 : end + 1);
  return out;
}

/// The classes of SQLSTATE (PostgreSQL manual, appendix A).
base::ErrorCode code_of(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  if (state == "40001" || state == "40P01" || kind == "08" || kind == "57" || state == "55P03") {
    return base::ErrorCode::kUnavailable;
  }
  if (kind == "22" || kind == "23") return base::ErrorCode::kInvalidInput;
  if (kind == "53" || kind == "58" || kind == "XX") return base::ErrorCode::kIo;
  return base::ErrorCode::kInternal;
}

Value value_of(const PGresult* answer, int row, int column) {
  if (PQgetisnull(answer, row, column) != 0) return std::monostate{};
  const std::string_view text(PQgetvalue(answer, row, column),
                              static_cast<std::size_t>(PQgetlength(answer, row, column)));
  switch (PQftype(answer, column)) {
    case kBool:
      return std::int64_t{text == "t" ? 1 : 0};
    case kInt2:
    case kInt4:
    case kInt8: {
      std::int64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
    case kFloat4:
    case kFloat8: {
      double number = 0.0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return number;
    }
    default:
      return std::string(text);
  }
}

/// As text, NULL as nothing.
std::optional<std::string> text_of(const Parameter& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("{}", *real);
  if (const auto* text = std::get_if<std::string_view>(&value)) return std::string(*text);
  return std::nullopt;
}

bool starts_with(std::string_view text, std::string_view word) {
  return text.substr(0, word.size()) == word;
}

}  // namespace

void PostgresDatabase::CloseConnection::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

void PostgresDatabase::Clear::operator()(pg_result* result) const noexcept {
  PQclear(result);
}

PostgresDatabase::PostgresDatabase(std::string url, std::string password)
    : url_(std::move(url)), password_(std::move(password)) {}

PostgresDatabase::~PostgresDatabase() = default;

base::Result<std::unique_ptr<PostgresDatabase>> PostgresDatabase::open(std::string url,
                                                                       std::string password) {
  std::unique_ptr<PostgresDatabase> database(
      new PostgresDatabase(std::move(url), std::move(password)));
  if (auto connected = database->connect(); !connected) {
    return tl::unexpected(connected.error());
  }
  return database;
}

base::Result<void> PostgresDatabase::connect() {
  statements_.clear();
  is_cut_off_ = false;
  in_transaction_ = false;
  // What stands later wins over the URL; a server that does not answer holds up the store's thread
  // for seconds, not for minutes.
  std::vector<const char*> names = {"dbname", "client_encoding", "application_name",
                                    "connect_timeout", "tcp_user_timeout"};
  std::vector<const char*> values = {url_.c_str(), "UTF8", "storysign", "3", "5000"};
  if (!password_.empty()) {
    names.push_back("password");
    values.push_back(password_.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    return base::fail(base::ErrorCode::kUnavailable,
                      fmt::format("PostgreSQL cannot be reached: {}; check store.url, "
                                  "store.password_file and that the server runs.",
                                  one_line(PQerrorMessage(connection_.get()))));
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  // A commit that has returned must be on the disk, whatever the server's own setting.
  constexpr std::array<std::string_view, 2> kFirst = {
      "SELECT set_config('synchronous_commit', 'on', false) "
      "WHERE current_setting('synchronous_commit') IN ('off', 'local')",
      "SET statement_timeout = '30s'"};
  for (const std::string_view sql : kFirst) {
    if (auto done = run_once(sql, {}); !done) return tl::unexpected(done.error());
  }
  return {};
}

std::string PostgresDatabase::describe() const {
  const auto part = [](const char* text) { return std::string(text == nullptr ? "" : text); };
  return fmt::format("PostgreSQL, {} on {}:{}", part(PQdb(connection_.get())),
                     part(PQhost(connection_.get())), part(PQport(connection_.get())));
}

tl::unexpected<base::Error> PostgresDatabase::failure(const pg_result* answer) {
  const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  // Both come before PQstatus() knows: the server's word that it ends (class 57P), and an error of
  // libpq itself, which has no SQLSTATE.
  is_cut_off_ = is_cut_off_ || state == nullptr || starts_with(state, "57P");
  const base::ErrorCode code =
      is_lost() || state == nullptr ? base::ErrorCode::kUnavailable : code_of(state);
  const char* said =
      answer == nullptr ? PQerrorMessage(connection_.get()) : PQresultErrorMessage(answer);
  return base::fail(code, fmt::format("PostgreSQL: {}.", one_line(said)));
}

base::Result<std::string> PostgresDatabase::prepared(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  std::string name = fmt::format("s{}", statements_.size());
  const std::string text(sql);
  const Answer answer(PQprepare(connection_.get(), name.c_str(), text.c_str(), 0, nullptr));
  if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) return failure(answer.get());
  statements_.emplace(text, name);
  return name;
}

base::Result<Outcome> PostgresDatabase::run_once(std::string_view sql,
                                                 std::span<const Parameter> values) {
  std::vector<std::optional<std::string>> texts;
  std::vector<const char*> pointers;
  texts.reserve(values.size());
  for (const Parameter& value : values) {
    texts.push_back(text_of(value));
    // libpq's texts end there: what follows would be lost, and another row might be found.
    if (texts.back() && texts.back()->find('\0') != std::string::npos) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        "PostgreSQL: a text with a zero byte cannot be stored or looked for.");
    }
    pointers.push_back(texts.back() ? texts.back()->c_str() : nullptr);
  }
  Answer answer;
  if (values.empty()) {
    // Commands about transactions and tables cannot or need not be prepared.
    answer.reset(PQexec(connection_.get(), std::string(sql).c_str()));
  } else {
    const auto name = prepared(sql);
    if (!name) return tl::unexpected(name.error());
    answer.reset(PQexecPrepared(connection_.get(), name->c_str(), static_cast<int>(values.size()),
                                pointers.data(), nullptr, nullptr, 0));
  }
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return failure(answer.get());
  Outcome out;
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    Row& made = out.rows.emplace_back();
    for (int column = 0; column < PQnfields(answer.get()); ++column) {
      made.push_back(value_of(answer.get(), row, column));
    }
  }
  const std::string_view changed = PQcmdTuples(answer.get());
  std::from_chars(changed.data(), changed.data() + changed.size(), out.changed);
  in_transaction_ = PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
  return out;
}

base::Result<Outcome> PostgresDatabase::run(std::string_view sql,
                                            std::span<const Parameter> values) {
  const bool continues = in_transaction_;
  const bool ends = sql == "COMMIT" || sql == "ROLLBACK";
  if (is_lost() && continues) {
    // The server has undone it; nothing of it may go on as if it were a new one.
    in_transaction_ = !ends;
    return base::fail(base::ErrorCode::kUnavailable,
                      "PostgreSQL: the connection was lost inside a transaction.");
  }
  if (is_lost()) {
    if (auto again = connect(); !again) return tl::unexpected(again.error());
  }
  auto done = run_once(sql, values);
  // A connection can be dead without this end having noticed. What changes nothing is tried again.
  const bool is_harmless = starts_with(sql, "SELECT") || starts_with(sql, "BEGIN");
  if (!done && !continues && is_harmless && is_lost()) {
    if (auto again = connect(); !again) return tl::unexpected(again.error());
    done = run_once(sql, values);
  }
  if (is_lost() && ends) in_transaction_ = false;
  return done;
}

bool PostgresDatabase::is_lost() const {
  return is_cut_off_ || PQstatus(connection_.get()) != CONNECTION_OK;
}

base::Result<void> PostgresDatabase::compact() {
  return run("VACUUM").map([](const Outcome&) {});
}

}  // namespace storysign::store
