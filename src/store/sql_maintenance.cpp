#include "store/sql_store.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <limits>
#include <utility>

// What is done to the rows of an account as a whole, and to old ones.

namespace storysign::store {
namespace {

using nlohmann::json;

constexpr int kAll = std::numeric_limits<int>::max();
// Stands in audit lines where the name of somebody was whose data was deleted.
constexpr std::string_view kForgotten = "(deleted)";

/// ISO 8601 in UTC with microseconds.
std::string iso(Time time) {
  constexpr std::int64_t kMicros = 1000000;
  const std::int64_t total = micros(time);
  const std::int64_t fraction = ((total % kMicros) + kMicros) % kMicros;
  const auto seconds = static_cast<std::time_t>((total - fraction) / kMicros);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     fraction);
}

/// Stored JSON as JSON; what is none stays a text.
json parsed(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

json json_of(const Account& account) {
  return {{"name", account.name},
          {"display_name", account.display_name},
          {"role", role_name(account.role)},
          {"created", iso(account.created)},
          {"disabled", account.disabled}};
}

json json_of(const LearningSession& session) {
  return {{"session_id", session.id},
          {"started", iso(session.started)},
          {"last_seen", iso(session.last_seen)},
          {"ended", session.ended ? json(iso(*session.ended)) : json()},
          {"close_code", session.close_code ? json(*session.close_code) : json()},
          {"state", parsed(session.state)}};
}

json json_of(const QualityChange& change) {
  return {{"time", iso(change.time)}, {"profile", change.profile}, {"reason", change.reason}};
}

json json_of(const Attempt& attempt) {
  return {{"attempt_id", attempt.id},
          {"session_id", attempt.session_id ? json(*attempt.session_id) : json()},
          {"time", iso(attempt.time)},
          {"kind", attempt.kind},
          {"target", attempt.target},
          {"accepted", attempt.accepted},
          {"score", attempt.score},
          {"detail", parsed(attempt.detail)}};
}

json json_of(const Document& document) {
  return {{"kind", document.kind},
          {"id", document.id},
          {"updated", iso(document.updated)},
          {"content", parsed(document.json)}};
}

json json_of(const AuditLine& line) {
  return {{"time", iso(line.time)},  {"actor", line.actor},     {"action", line.action},
          {"subject", line.subject}, {"address", line.address}, {"detail", line.detail}};
}

json json_of(const Login& login) {
  return {{"created", iso(login.created)},
          {"expires", iso(login.expires)},
          {"last_seen", iso(login.last_seen)}};
}

template <class T>
json list_of(const std::vector<T>& rows) {
  json out = json::array();
  for (const T& row : rows) out.push_back(json_of(row));
  return out;
}

}  // namespace

base::Result<Removed> SqlStore::retain(std::optional<Time> before, Time now) {
  Removed out;
  auto done = atomically([&]() -> base::Result<void> {
    const auto logins = change("DELETE FROM logins WHERE expires <= $1", {micros(now)});
    if (!logins) return tl::unexpected(logins.error());
    out.logins = *logins;
    if (!before) return {};
    const std::int64_t limit = micros(*before);
    const auto changes = change(
        "DELETE FROM quality_changes WHERE session_id IN "
        "(SELECT id FROM sessions WHERE last_seen < $1)",
        {limit});
    if (!changes) return tl::unexpected(changes.error());
    out.quality_changes = *changes;
    const auto sessions = change("DELETE FROM sessions WHERE last_seen < $1", {limit});
    if (!sessions) return tl::unexpected(sessions.error());
    out.sessions = *sessions;
    // Anybody who reaches the server can make these, and they may belong to no account.
    return execute("DELETE FROM audit_lines WHERE action = 'login_failed' AND time < $1", {limit});
  });
  if (!done) return tl::unexpected(done.error());
  return out;
}

base::Result<std::string> SqlStore::export_account(std::string_view id) {
  json out;
  // In one transaction, so that the parts fit together.
  auto done = atomically([&]() -> base::Result<void> {
    const auto account = find_account(id);
    if (!account) return tl::unexpected(account.error());
    if (!*account) {
      return base::fail(base::ErrorCode::kNotFound, fmt::format("There is no account {}.", id));
    }
    const std::string_view name = (*account)->name;
    const auto sessions = sessions_of(id, kAll);
    const auto attempts = attempts_of(id, kAll);
    const auto documents =
        all("SELECT kind, id, account_id, json, updated FROM documents WHERE account_id = $1 "
            "ORDER BY kind, id",
            {id}, &document_of);
    const auto audit =
        all("SELECT time, actor, action, subject, address, detail FROM audit_lines "
            "WHERE actor = $1 OR subject = $1 ORDER BY time, id",
            {name}, &audit_line_of);
    const auto logins =
        all("SELECT token_hash, account_id, created, expires, last_seen FROM logins "
            "WHERE account_id = $1 ORDER BY created",
            {id}, &login_of);
    for (const base::Error* error :
         {sessions ? nullptr : &sessions.error(), attempts ? nullptr : &attempts.error(),
          documents ? nullptr : &documents.error(), audit ? nullptr : &audit.error(),
          logins ? nullptr : &logins.error()}) {
      if (error != nullptr) return tl::unexpected(*error);
    }
    out = {{"account", json_of(**account)},  {"sessions", list_of(*sessions)},
           {"attempts", list_of(*attempts)}, {"documents", list_of(*documents)},
           {"audit", list_of(*audit)},       {"logins", list_of(*logins)}};
    for (std::size_t i = 0; i < sessions->size(); ++i) {
      const auto changes = quality_changes((*sessions)[i].id);
      if (!changes) return tl::unexpected(changes.error());
      out["sessions"][i]["quality"] = list_of(*changes);
    }
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  // Replaced: what clients sent was checked to be UTF-8, and an export must not fail over a byte.
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

base::Result<void> SqlStore::forget(std::string_view id, bool account_too) {
  const auto account = find_account(id);
  if (!account) return tl::unexpected(account.error());
  if (!*account) {
    return base::fail(base::ErrorCode::kNotFound, fmt::format("There is no account {}.", id));
  }
  constexpr std::array<std::string_view, 6> kOwnRows = {
      "DELETE FROM quality_changes WHERE session_id IN "
      "(SELECT id FROM sessions WHERE account_id = $1)",
      "DELETE FROM sessions WHERE account_id = $1",
      "DELETE FROM attempts WHERE account_id = $1",
      "DELETE FROM documents WHERE account_id = $1",
      "DELETE FROM logins WHERE account_id = $1",
      "DELETE FROM accounts WHERE id = $1"};
  constexpr std::size_t kOfAccount = 2;  // The last of them, which only a whole account loses.
  const std::size_t rows = account_too ? kOwnRows.size() : kOwnRows.size() - kOfAccount;
  for (std::size_t i = 0; i < rows; ++i) {
    if (auto done = execute(kOwnRows[i], {id}); !done) return done;
  }
  // That something was done stays, who it was goes; and the detail, which may name somebody.
  const std::string_view name = (*account)->name;
  return execute("UPDATE audit_lines SET actor = $2, address = '', detail = '' WHERE actor = $1",
                 {name, kForgotten})
      .and_then([&] {
        return execute(
            "UPDATE audit_lines SET subject = $2, address = '', detail = '' WHERE subject = $1",
            {name, kForgotten});
      });
}

base::Result<void> SqlStore::delete_account_data(std::string_view id) {
  return atomically([&] { return forget(id, false); });
}

base::Result<void> SqlStore::delete_account(std::string_view id) {
  return atomically([&] { return forget(id, true); });
}

base::Result<Counts> SqlStore::counts() {
  const auto found = database_->run(
      "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM logins), "
      "(SELECT count(*) FROM audit_lines), (SELECT count(*) FROM sessions), "
      "(SELECT count(*) FROM attempts), (SELECT count(*) FROM quality_changes), "
      "(SELECT count(*) FROM documents)");
  if (!found) return tl::unexpected(found.error());
  const Row& row = found->rows.at(0);
  return Counts{.accounts = whole_of(row.at(0)),
                .logins = whole_of(row.at(1)),
                .audit_lines = whole_of(row.at(2)),
                .sessions = whole_of(row.at(3)),
                .attempts = whole_of(row.at(4)),
                .quality_changes = whole_of(row.at(5)),
                .documents = whole_of(row.at(6))};
}

}  // namespace storysign::store
