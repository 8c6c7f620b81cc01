#include "store/sql_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace storysign::store {
namespace {

/// NULL where there is nothing.
template <class Optional>
Parameter optional(const Optional& value) {
  if (!value) return std::monostate{};
  return *value;
}

Parameter optional_text(const std::optional<std::string>& value) {
  if (!value) return std::monostate{};
  return std::string_view(*value);
}

std::optional<std::int64_t> optional_micros(const std::optional<Time>& time) {
  if (!time) return std::nullopt;
  return micros(*time);
}

std::int64_t flag(bool value) {
  return value ? 1 : 0;
}

tl::unexpected<base::Error> unknown_account(std::string_view id) {
  return base::fail(base::ErrorCode::kNotFound, fmt::format("There is no account {}.", id));
}

constexpr std::string_view kAccounts =
    "SELECT id, name, display_name, role, password_hash, created, disabled FROM accounts";

}  // namespace

base::Result<void> SqlStore::atomically(const std::function<base::Result<void>()>& work) {
  // A transaction, and inside it save points, by their depth.
  const bool is_outer = depth_ == 0;
  const std::string point = fmt::format("point_{}", depth_);
  const auto run = [this](const std::string& sql) -> base::Result<void> {
    return database_->run(sql).map([](const Outcome&) {});
  };
  // Immediate: SQLite takes the right to write now, and waits for it, rather than in the middle.
  const std::string begin = database_->dialect() == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN";
  if (auto begun = run(is_outer ? begin : "SAVEPOINT " + point); !begun) return begun;
  ++depth_;
  auto done = work();
  --depth_;
  if (done) {
    done = run(is_outer ? "COMMIT" : "RELEASE SAVEPOINT " + point);
  }
  if (!done) {
    // What is told is the first failure; this one may fail because the connection is gone, and the
    // transaction with it.
    static_cast<void>(run(is_outer ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT " + point));
  }
  return done;
}

base::Result<std::int64_t> SqlStore::change(std::string_view sql, Parameters values) {
  return database_->run(sql, values).map([](const Outcome& out) { return out.changed; });
}

base::Result<void> SqlStore::execute(std::string_view sql, Parameters values) {
  return database_->run(sql, values).map([](const Outcome&) {});
}

base::Result<std::int64_t> SqlStore::count(std::string_view sql, Parameters values) {
  return database_->run(sql, values).map([](const Outcome& out) {
    return whole_of(out.rows.at(0).at(0));
  });
}

// Accounts. Conflicts are left to DO NOTHING and seen in the number of rows: in PostgreSQL an error
// would spoil the transaction that others share.

base::Result<void> SqlStore::add_account(const Account& account) {
  const auto added = change(
      "INSERT INTO accounts (id, name, display_name, role, password_hash, created, disabled) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
      {std::string_view(account.id), std::string_view(account.name),
       std::string_view(account.display_name), role_name(account.role),
       optional_text(account.password_hash), micros(account.created), flag(account.disabled)});
  if (!added) return tl::unexpected(added.error());
  if (*added == 0) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The name {} is taken; choose another one.", account.name));
  }
  return {};
}

base::Result<std::optional<Account>> SqlStore::find_account(std::string_view id) {
  return one(fmt::format("{} WHERE id = $1", kAccounts), {id}, &account_of);
}

base::Result<std::optional<Account>> SqlStore::find_account_by_name(std::string_view name) {
  return one(fmt::format("{} WHERE name = $1", kAccounts), {name}, &account_of);
}

base::Result<std::vector<Account>> SqlStore::accounts() {
  auto found = all(kAccounts, {}, &account_of);
  // Sorted here: databases differ in how they order texts.
  if (found) std::ranges::sort(*found, {}, &Account::name);
  return found;
}

base::Result<void> SqlStore::update_account(const Account& account) {
  const auto taken = count("SELECT count(*) FROM accounts WHERE name = $1 AND id <> $2",
                           {std::string_view(account.name), std::string_view(account.id)});
  if (!taken) return tl::unexpected(taken.error());
  if (*taken != 0) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The name {} is taken; choose another one.", account.name));
  }
  const auto changed = change(
      "UPDATE accounts SET name = $2, display_name = $3, role = $4, password_hash = $5, "
      "disabled = $6 WHERE id = $1",
      {std::string_view(account.id), std::string_view(account.name),
       std::string_view(account.display_name), role_name(account.role),
       optional_text(account.password_hash), flag(account.disabled)});
  if (!changed) return tl::unexpected(changed.error());
  if (*changed == 0) return unknown_account(account.id);
  return {};
}

// Logins.

base::Result<void> SqlStore::add_login(const Login& login) {
  return execute(
      "INSERT INTO logins (token_hash, account_id, created, expires, last_seen) "
      "VALUES ($1, $2, $3, $4, $5)",
      {std::string_view(login.token_hash), std::string_view(login.account_id),
       micros(login.created), micros(login.expires), micros(login.last_seen)});
}

base::Result<std::optional<Login>> SqlStore::find_login(std::string_view token_hash) {
  return one(
      "SELECT token_hash, account_id, created, expires, last_seen FROM logins "
      "WHERE token_hash = $1",
      {token_hash}, &login_of);
}

base::Result<void> SqlStore::renew_login(std::string_view token_hash, Time last_seen,
                                         Time expires) {
  return execute("UPDATE logins SET last_seen = $2, expires = $3 WHERE token_hash = $1",
                 {token_hash, micros(last_seen), micros(expires)});
}

base::Result<void> SqlStore::remove_login(std::string_view token_hash) {
  return execute("DELETE FROM logins WHERE token_hash = $1", {token_hash});
}

base::Result<void> SqlStore::remove_logins(std::string_view account_id,
                                           std::string_view but_token_hash) {
  return execute("DELETE FROM logins WHERE account_id = $1 AND token_hash <> $2",
                 {account_id, but_token_hash});
}

// Audit.

base::Result<void> SqlStore::add_audit_line(const AuditLine& line) {
  return execute(
      "INSERT INTO audit_lines (time, actor, action, subject, address, detail) "
      "VALUES ($1, $2, $3, $4, $5, $6)",
      {micros(line.time), std::string_view(line.actor), std::string_view(line.action),
       std::string_view(line.subject), std::string_view(line.address),
       std::string_view(line.detail)});
}

base::Result<std::vector<AuditLine>> SqlStore::audit_lines(int limit) {
  return all(
      "SELECT time, actor, action, subject, address, detail FROM audit_lines "
      "ORDER BY time DESC, id DESC LIMIT $1",
      {std::int64_t{limit}}, &audit_line_of);
}

// Learning sessions.

namespace {

constexpr std::string_view kSessions =
    "SELECT id, account_id, node, started, last_seen, ended, close_code, state, epoch "
    "FROM sessions";

}  // namespace

base::Result<void> SqlStore::add_session(const LearningSession& session) {
  std::optional<std::int64_t> code;
  if (session.close_code) code = *session.close_code;
  return execute(
      "INSERT INTO sessions (id, account_id, node, started, last_seen, ended, close_code, state, "
      "epoch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {std::string_view(session.id), optional_text(session.account_id),
       std::string_view(session.node), micros(session.started), micros(session.last_seen),
       optional(optional_micros(session.ended)), optional(code), std::string_view(session.state),
       session.epoch});
}

base::Result<std::optional<LearningSession>> SqlStore::find_session(std::string_view id) {
  return one(fmt::format("{} WHERE id = $1", kSessions), {id}, &session_of);
}

base::Result<std::vector<LearningSession>> SqlStore::sessions_of(std::string_view account_id,
                                                                 int limit) {
  return all(fmt::format("{} WHERE account_id = $1 ORDER BY started DESC LIMIT $2", kSessions),
             {account_id, std::int64_t{limit}}, &session_of);
}

base::Result<void> SqlStore::save_session(std::string_view id, std::int64_t epoch, Time last_seen,
                                          std::string_view state) {
  return execute("UPDATE sessions SET last_seen = $3, state = $4 WHERE id = $1 AND epoch = $2",
                 {id, epoch, micros(last_seen), state});
}

base::Result<void> SqlStore::end_session(std::string_view id, std::int64_t epoch, Time ended,
                                         int close_code) {
  return execute(
      "UPDATE sessions SET last_seen = $3, ended = $3, close_code = $4 "
      "WHERE id = $1 AND epoch = $2",
      {id, epoch, micros(ended), std::int64_t{close_code}});
}

base::Result<Resumed> SqlStore::resume_session(const ResumeRequest& request) {
  Resumed out;
  auto done = atomically([&] { return take_over(request, out.session); });
  if (!done) return tl::unexpected(done.error());
  const auto attempts = count("SELECT count(*) FROM attempts WHERE session_id = $1",
                              {std::string_view(out.session.id)});
  if (!attempts) return tl::unexpected(attempts.error());
  out.attempts = *attempts;
  return out;
}

base::Result<void> SqlStore::take_over(const ResumeRequest& request, LearningSession& session) {
  // One statement, so that of two that ask at once the second gets the number after.
  const auto taken =
      one("UPDATE sessions SET epoch = epoch + 1, node = $3, last_seen = $4, ended = NULL, "
          "close_code = NULL WHERE id = $1 AND account_id IS NOT DISTINCT FROM $2 "
          "RETURNING id, account_id, node, started, last_seen, ended, close_code, state, epoch",
          {std::string_view(request.session_id), optional_text(request.account_id),
           std::string_view(request.node), micros(request.now)},
          &session_of);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) {
    return base::fail(base::ErrorCode::kNotFound,
                      fmt::format("There is no session {} to go on with; a new one has begun.",
                                  request.session_id));
  }
  session = **taken;
  if (request.fresh_id == request.session_id) return {};
  const std::string_view fresh = request.fresh_id;
  const std::string_view id = session.id;
  return execute("UPDATE quality_changes SET session_id = $1, epoch = $2 WHERE session_id = $3",
                 {id, session.epoch, fresh})
      .and_then([&] {
        return execute("UPDATE attempts SET session_id = $1 WHERE session_id = $2", {id, fresh});
      })
      .and_then([&] { return execute("DELETE FROM sessions WHERE id = $1", {fresh}); });
}

base::Result<void> SqlStore::add_quality_change(const QualityChange& change) {
  return execute(
      "INSERT INTO quality_changes (session_id, number, epoch, time, profile, reason) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
      {std::string_view(change.session_id), change.number, change.epoch, micros(change.time),
       std::string_view(change.profile), std::string_view(change.reason)});
}

base::Result<std::vector<QualityChange>> SqlStore::quality_changes(std::string_view session_id) {
  return all(
      "SELECT session_id, number, epoch, time, profile, reason FROM quality_changes "
      "WHERE session_id = $1 ORDER BY epoch, number",
      {session_id}, &quality_change_of);
}

// Attempts.

namespace {

constexpr std::string_view kAttempts =
    "SELECT id, session_id, account_id, time, kind, target, accepted, score, detail FROM attempts";

}  // namespace

base::Result<Added> SqlStore::add_attempt(const Attempt& attempt) {
  Added added = Added::kStored;
  auto done = atomically([&] { return store_attempt(attempt, added); });
  if (!done) return tl::unexpected(done.error());
  return added;
}

base::Result<void> SqlStore::store_attempt(const Attempt& attempt, Added& added) {
  if (attempt.session_id) {
    const auto strange = count(
        "SELECT count(*) FROM sessions WHERE id = $1 AND account_id IS NOT NULL AND "
        "account_id <> $2",
        {std::string_view(*attempt.session_id), std::string_view(attempt.account_id)});
    if (!strange) return tl::unexpected(strange.error());
    if (*strange != 0) {
      return base::fail(base::ErrorCode::kInvalidInput,
                        fmt::format("The session {} is not one of this account; leave session_id "
                                    "out, or name one of its own.",
                                    *attempt.session_id));
    }
  }
  const auto stored = change(
      "INSERT INTO attempts (id, session_id, account_id, time, kind, target, accepted, score, "
      "detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
      {std::string_view(attempt.id), optional_text(attempt.session_id),
       std::string_view(attempt.account_id), micros(attempt.time), std::string_view(attempt.kind),
       std::string_view(attempt.target), flag(attempt.accepted), attempt.score,
       std::string_view(attempt.detail)});
  if (!stored) return tl::unexpected(stored.error());
  added = *stored == 0 ? Added::kKnown : Added::kStored;
  if (added == Added::kStored) return {};
  const auto own = count("SELECT count(*) FROM attempts WHERE id = $1 AND account_id = $2",
                         {std::string_view(attempt.id), std::string_view(attempt.account_id)});
  if (!own) return tl::unexpected(own.error());
  if (*own == 0) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The attempt_id {} is taken; make a new random uuid for each "
                                  "attempt.",
                                  attempt.id));
  }
  return {};
}

base::Result<std::vector<Attempt>> SqlStore::attempts_of(std::string_view account_id, int limit) {
  return all(fmt::format("{} WHERE account_id = $1 ORDER BY time DESC, id LIMIT $2", kAttempts),
             {account_id, std::int64_t{limit}}, &attempt_of);
}

// Documents.

base::Result<void> SqlStore::put_document(const Document& document) {
  return execute(
      "INSERT INTO documents (kind, id, account_id, json, updated) VALUES ($1, $2, $3, $4, $5) "
      "ON CONFLICT (kind, id) DO UPDATE SET account_id = excluded.account_id, "
      "json = excluded.json, updated = excluded.updated",
      {std::string_view(document.kind), std::string_view(document.id),
       optional_text(document.account_id), std::string_view(document.json),
       micros(document.updated)});
}

base::Result<std::optional<Document>> SqlStore::find_document(std::string_view kind,
                                                              std::string_view id) {
  return one(
      "SELECT kind, id, account_id, json, updated FROM documents "
      "WHERE kind = $1 AND id = $2",
      {kind, id}, &document_of);
}

base::Result<std::vector<Document>> SqlStore::documents(std::string_view kind) {
  auto found = all("SELECT kind, id, account_id, json, updated FROM documents WHERE kind = $1",
                   {kind}, &document_of);
  if (found) std::ranges::sort(*found, {}, &Document::id);
  return found;
}

base::Result<std::vector<Document>> SqlStore::document_list(std::string_view kind) {
  auto found =
      all("SELECT kind, id, account_id, '' AS json, updated FROM documents "
          "WHERE kind = $1",
          {kind}, &document_of);
  if (found) std::ranges::sort(*found, {}, &Document::id);
  return found;
}

base::Result<void> SqlStore::remove_document(std::string_view kind, std::string_view id) {
  return execute("DELETE FROM documents WHERE kind = $1 AND id = $2", {kind, id});
}

}  // namespace storysign::store
