#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What StorySign keeps: accounts, who is logged in, what was practised, and a few documents. Never
/// pictures, and landmarks only in signs that a teacher has recorded. This header is all that other
/// rooms see of it.
namespace storysign::store {

/// Kept to the microsecond.
using Time = std::chrono::system_clock::time_point;

enum class Role : std::uint8_t { kLearner, kTeacher, kAdmin };

/// "learner", "teacher", "admin".
[[nodiscard]] std::string_view role_name(Role role) noexcept;
[[nodiscard]] std::optional<Role> parse_role(std::string_view text) noexcept;

/// Somebody who may log in, or the guest of a server without accounts.
struct Account {
  std::string id;    ///< A uuid; made by the caller, never changes.
  std::string name;  ///< Unique, compared byte by byte.
  std::string display_name;
  Role role = Role::kLearner;
  std::optional<std::string> password_hash;  ///< As text; nothing: no password opens it.
  Time created;
  bool disabled = false;

  friend bool operator==(const Account&, const Account&) = default;
};

/// A browser that is logged in.
struct Login {
  std::string token_hash;  ///< Of the cookie's value, which is never stored itself.
  std::string account_id;
  Time created;
  Time expires;
  Time last_seen;

  friend bool operator==(const Login&, const Login&) = default;
};

/// One thing done that somebody may have to answer for.
struct AuditLine {
  Time time;
  std::string actor;    ///< Name of the account, or what acted: "operator".
  std::string action;   ///< A word: "login", "login_failed", "account_deleted".
  std::string subject;  ///< Name of the account that it was done to, or empty.
  std::string address;  ///< Where the request came from, or empty.
  std::string detail;   ///< For people; no secrets.

  friend bool operator==(const AuditLine&, const AuditLine&) = default;
};

/// One learner at work: from a WebSocket's start to its end, or over several that were resumed.
struct LearningSession {
  std::string id;                         ///< A uuid.
  std::optional<std::string> account_id;  ///< Nothing: not known who.
  std::string node;                       ///< Name of the server that has it, or had it last.
  Time started;
  Time last_seen;
  std::optional<Time> ended;
  std::optional<int> close_code;  ///< Of the WebSocket (RFC 6455, 7.4.1).
  std::string state = "{}";       ///< JSON object: what is needed to go on elsewhere.
  /// Counts resumptions. Whoever holds an older number no longer has the session.
  std::int64_t epoch = 0;

  friend bool operator==(const LearningSession&, const LearningSession&) = default;
};

/// One try at a sign, a letter or a sentence, as it was judged.
struct Attempt {
  std::string id;                         ///< A uuid, made by whoever reports it.
  std::optional<std::string> session_id;  ///< A uuid; need not be known here (any more).
  std::string account_id;
  Time time;
  std::string kind;    ///< "sign", "letter", "sentence", ...
  std::string target;  ///< What was to be signed.
  bool accepted = false;
  double score = 0.0;         ///< 0 to 1.
  std::string detail = "{}";  ///< JSON object.

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

enum class Added : std::uint8_t {
  kStored,
  kKnown,  ///< It was there already; nothing has changed.
};

/// One change of a session's quality profile.
struct QualityChange {
  std::string session_id;
  std::int64_t number = 0;  ///< 0, 1, ... within the session's connection; see `epoch`.
  std::int64_t epoch = 0;   ///< As LearningSession::epoch when it happened.
  Time time;
  std::string profile;  ///< As on the wire.
  std::string reason;   ///< As on the wire.

  friend bool operator==(const QualityChange&, const QualityChange&) = default;
};

/// A piece of JSON under a kind and an id: a lesson, a sign, a story.
struct Document {
  std::string kind;
  std::string id;                         ///< Unique within the kind.
  std::optional<std::string> account_id;  ///< Whose it is, and with whom it goes; nothing: all's.
  std::string json;
  Time updated;

  friend bool operator==(const Document&, const Document&) = default;
};

/// Who asks to go on with a session, and with what.
struct ResumeRequest {
  std::string session_id;                 ///< The one to go on with.
  std::string fresh_id;                   ///< The one that the new connection began with.
  std::optional<std::string> account_id;  ///< Must be the session's own.
  std::string node;
  Time now;
};

struct Resumed {
  LearningSession session;  ///< As it is now, with its new epoch.
  std::int64_t attempts = 0;
};

/// Rows of each kind.
struct Counts {
  std::int64_t accounts = 0;
  std::int64_t logins = 0;
  std::int64_t audit_lines = 0;
  std::int64_t sessions = 0;
  std::int64_t attempts = 0;
  std::int64_t quality_changes = 0;
  std::int64_t documents = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
};

/// What retention has removed.
struct Removed {
  std::int64_t sessions = 0;
  std::int64_t quality_changes = 0;
  std::int64_t logins = 0;
};

/// The rows of one store, whatever keeps them. Called by one thread at a time: usually that of a
/// Queue, since every call may wait for a disk or a network. A call that returns success outside of
/// atomically() is durable: it outlives the process and a loss of power. Failures:
/// kInvalidInput (it breaks a rule of the data; the sentence may go to a client), kNotFound, kIo
/// (the disk), kUnavailable (the database cannot be reached now), kInternal. Texts are UTF-8
/// without NUL.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  Store(Store&&) = delete;
  Store& operator=(Store&&) = delete;
  virtual ~Store() = default;

  /// "SQLite, /var/lib/storysign/storysign.db"; without passwords.
  [[nodiscard]] virtual std::string describe() const = 0;

  /// Does all that `work` does, or nothing if it fails or the commit does. May be nested: then the
  /// inner one alone can be undone.
  virtual base::Result<void> atomically(const std::function<base::Result<void>()>& work) = 0;

  // Accounts. A name that is taken is kInvalidInput; unknown ids and names are empty results of
  // find_*, and kNotFound where something was to change.
  virtual base::Result<void> add_account(const Account& account) = 0;
  virtual base::Result<std::optional<Account>> find_account(std::string_view id) = 0;
  virtual base::Result<std::optional<Account>> find_account_by_name(std::string_view name) = 0;
  /// In the order of their names.
  virtual base::Result<std::vector<Account>> accounts() = 0;
  /// Everything but `id` and `created` as given.
  virtual base::Result<void> update_account(const Account& account) = 0;
  /// The account with everything of it: delete_account_data(), logins and the row itself.
  virtual base::Result<void> delete_account(std::string_view id) = 0;

  // Logins.
  virtual base::Result<void> add_login(const Login& login) = 0;
  /// Expired ones too: the caller compares the times.
  virtual base::Result<std::optional<Login>> find_login(std::string_view token_hash) = 0;
  /// Sets last_seen and expires; one that is gone stays gone, without a failure.
  virtual base::Result<void> renew_login(std::string_view token_hash, Time last_seen,
                                         Time expires) = 0;
  virtual base::Result<void> remove_login(std::string_view token_hash) = 0;
  /// All of an account, except the one with `but_token_hash` (empty: all).
  virtual base::Result<void> remove_logins(std::string_view account_id,
                                           std::string_view but_token_hash) = 0;

  // Audit.
  virtual base::Result<void> add_audit_line(const AuditLine& line) = 0;
  /// The newest first.
  virtual base::Result<std::vector<AuditLine>> audit_lines(int limit) = 0;

  // Learning sessions.
  virtual base::Result<void> add_session(const LearningSession& session) = 0;
  virtual base::Result<std::optional<LearningSession>> find_session(std::string_view id) = 0;
  /// The newest first.
  virtual base::Result<std::vector<LearningSession>> sessions_of(std::string_view account_id,
                                                                 int limit) = 0;
  /// Keeps what is needed to go on elsewhere. Does nothing where `epoch` is no longer the
  /// session's.
  virtual base::Result<void> save_session(std::string_view id, std::int64_t epoch, Time last_seen,
                                          std::string_view state) = 0;
  /// The same rule for the epoch.
  virtual base::Result<void> end_session(std::string_view id, std::int64_t epoch, Time ended,
                                         int close_code) = 0;
  /// Hands a session to a new connection: its epoch grows, what the fresh session has had until now
  /// becomes part of it, and the fresh one is gone. kNotFound if there is none or it is another
  /// account's, with one sentence for both.
  virtual base::Result<Resumed> resume_session(const ResumeRequest& request) = 0;
  virtual base::Result<void> add_quality_change(const QualityChange& change) = 0;
  /// The oldest first.
  virtual base::Result<std::vector<QualityChange>> quality_changes(std::string_view session_id) = 0;

  // Attempts. One with the same id is kKnown if it is the same account's, else kInvalidInput; so is
  // one of another account's session.
  virtual base::Result<Added> add_attempt(const Attempt& attempt) = 0;
  /// The newest first.
  virtual base::Result<std::vector<Attempt>> attempts_of(std::string_view account_id,
                                                         int limit) = 0;

  // Documents.
  virtual base::Result<void> put_document(const Document& document) = 0;
  virtual base::Result<std::optional<Document>> find_document(std::string_view kind,
                                                              std::string_view id) = 0;
  /// In the order of their ids.
  virtual base::Result<std::vector<Document>> documents(std::string_view kind) = 0;
  /// The same without their JSON, for whoever only wants to know what has changed.
  virtual base::Result<std::vector<Document>> document_list(std::string_view kind) = 0;
  virtual base::Result<void> remove_document(std::string_view kind, std::string_view id) = 0;

  // Maintenance.
  /// Removes sessions last seen before `before` with their quality history (attempts stay), audit
  /// lines "login_failed" from before it, and logins that have expired at `now`. Nothing for
  /// `before`: only the logins.
  virtual base::Result<Removed> retain(std::optional<Time> before, Time now) = 0;
  /// Everything of an account as one JSON object, its password hash and logins' hashes left out.
  virtual base::Result<std::string> export_account(std::string_view id) = 0;
  /// Removes an account's sessions, quality history, attempts and documents, and its name and
  /// addresses from the audit lines; the account and its logins stay.
  virtual base::Result<void> delete_account_data(std::string_view id) = 0;
  /// After a deletion: leaves nothing of it in the bytes of the file. Not inside atomically().
  virtual base::Result<void> compact() = 0;
  virtual base::Result<Counts> counts() = 0;
};

/// The way to a Store from threads that must not wait: one thread of its own does in order what it
/// is given, many writes in one transaction. Any thread; outlives what the callbacks use.
class Queue {
 public:
  /// Run on the store's thread inside a transaction; run again if that had to be tried again, so
  /// it changes nothing but the store. What it returns as a failure undoes its own changes only.
  using Write = std::function<base::Result<void>(Store&)>;
  /// Called once on the store's thread: success only after the commit.
  using Done = std::function<void(const base::Result<void>&)>;
  /// Run once on the store's thread, after every write given before; may use any call.
  using Question = std::function<void(Store&)>;

  Queue() = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  Queue(Queue&&) = delete;
  Queue& operator=(Queue&&) = delete;
  virtual ~Queue() = default;

  /// Takes a write, or refuses at once (false, counted) if the queue is full or ending; then `done`
  /// is never called. `done` may be empty.
  [[nodiscard]] virtual bool write(Write work, Done done) = 0;
  /// The same for something that needs an answer.
  [[nodiscard]] virtual bool ask(Question question) = 0;
};

}  // namespace storysign::store
