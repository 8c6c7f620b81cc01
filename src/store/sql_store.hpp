#pragma once

#include "store/database.hpp"
#include "store/store.hpp"

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::store {

/// The rows in a database, by SQL that both kinds of database read.
class SqlStore : public Store {
 public:
  /// `database` is migrated.
  explicit SqlStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  [[nodiscard]] std::string describe() const override { return database_->describe(); }
  base::Result<void> atomically(const std::function<base::Result<void>()>& work) override;

  base::Result<void> add_account(const Account& account) override;
  base::Result<std::optional<Account>> find_account(std::string_view id) override;
  base::Result<std::optional<Account>> find_account_by_name(std::string_view name) override;
  base::Result<std::vector<Account>> accounts() override;
  base::Result<void> update_account(const Account& account) override;
  base::Result<void> delete_account(std::string_view id) override;

  base::Result<void> add_login(const Login& login) override;
  base::Result<std::optional<Login>> find_login(std::string_view token_hash) override;
  base::Result<void> renew_login(std::string_view token_hash, Time last_seen,
                                 Time expires) override;
  base::Result<void> remove_login(std::string_view token_hash) override;
  base::Result<void> remove_logins(std::string_view account_id,
                                   std::string_view but_token_hash) override;

  base::Result<void> add_audit_line(const AuditLine& line) override;
  base::Result<std::vector<AuditLine>> audit_lines(int limit) override;

  base::Result<void> add_session(const LearningSession& session) override;
  base::Result<std::optional<LearningSession>> find_session(std::string_view id) override;
  base::Result<std::vector<LearningSession>> sessions_of(std::string_view account_id,
                                                         int limit) override;
  base::Result<void> save_session(std::string_view id, std::int64_t epoch, Time last_seen,
                                  std::string_view state) override;
  base::Result<void> end_session(std::string_view id, std::int64_t epoch, Time ended,
                                 int close_code) override;
  base::Result<Resumed> resume_session(const ResumeRequest& request) override;
  base::Result<void> add_quality_change(const QualityChange& change) override;
  base::Result<std::vector<QualityChange>> quality_changes(std::string_view session_id) override;

  base::Result<Added> add_attempt(const Attempt& attempt) override;
  base::Result<std::vector<Attempt>> attempts_of(std::string_view account_id, int limit) override;

  base::Result<void> put_document(const Document& document) override;
  base::Result<std::optional<Document>> find_document(std::string_view kind,
                                                      std::string_view id) override;
  base::Result<std::vector<Document>> documents(std::string_view kind) override;
  base::Result<std::vector<Document>> document_list(std::string_view kind) override;
  base::Result<void> remove_document(std::string_view kind, std::string_view id) override;

  base::Result<Removed> retain(std::optional<Time> before, Time now) override;
  base::Result<std::string> export_account(std::string_view id) override;
  base::Result<void> delete_account_data(std::string_view id) override;
  base::Result<void> compact() override { return database_->compact(); }
  base::Result<Counts> counts() override;

 private:
  using Parameters = std::initializer_list<Parameter>;

  /// Runs one statement that changes rows, and says how many.
  base::Result<std::int64_t> change(std::string_view sql, Parameters values);
  /// The same for one that may change none.
  base::Result<void> execute(std::string_view sql, Parameters values);
  /// Every row, made by `make(const Row&)`.
  template <class T>
  base::Result<std::vector<T>> all(std::string_view sql, Parameters values, T (*make)(const Row&)) {
    const auto found = database_->run(sql, values);
    if (!found) return tl::unexpected(found.error());
    std::vector<T> out;
    out.reserve(found->rows.size());
    for (const Row& row : found->rows) out.push_back(make(row));
    return out;
  }
  /// The first row, if there is one.
  template <class T>
  base::Result<std::optional<T>> one(std::string_view sql, Parameters values,
                                     T (*make)(const Row&)) {
    auto found = all(sql, values, make);
    if (!found) return tl::unexpected(found.error());
    if (found->empty()) return std::optional<T>();
    return std::optional<T>(std::move(found->front()));
  }
  base::Result<std::int64_t> count(std::string_view sql, Parameters values);
  base::Result<void> take_over(const ResumeRequest& request, LearningSession& session);
  base::Result<void> store_attempt(const Attempt& attempt, Added& added);
  base::Result<void> forget(std::string_view id, bool account_too);

  // Owned.
  std::unique_ptr<Database> database_;
  // State.
  int depth_ = 0;  ///< Of atomically().
};

/// Rows as columns in the order of their members.
[[nodiscard]] Account account_of(const Row& row);
[[nodiscard]] Login login_of(const Row& row);
[[nodiscard]] AuditLine audit_line_of(const Row& row);
[[nodiscard]] LearningSession session_of(const Row& row);
[[nodiscard]] QualityChange quality_change_of(const Row& row);
[[nodiscard]] Attempt attempt_of(const Row& row);
[[nodiscard]] Document document_of(const Row& row);

/// Microseconds since 1970.
[[nodiscard]] std::int64_t micros(Time time) noexcept;

}  // namespace storysign::store
