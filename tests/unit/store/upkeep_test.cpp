#include "backends.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace storysign::store::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A word that stands in every row of the learner who goes, and nowhere else.
constexpr const char* kMark = "zebrafinch";

void fill(Store& store) {
  const std::string mark = kMark;
  Account learner = account("id-" + mark, "name-" + mark);
  learner.password_hash = "hash-" + mark;
  must(store.add_account(learner));
  must(store.add_account(account("other", "bo")));
  for (const std::string& id : {learner.id, std::string("other")}) {
    const std::string own = id == "other" ? "bo" : mark;
    must(store.add_login({"login-" + own, id, at(1), at(100), at(1)}));
    LearningSession one = session("session-" + own, id);
    one.node = "node-" + own;
    one.state = R"({"note":"state-)" + own + "\"}";
    must(store.add_session(one));
    must(store.add_quality_change({one.id, 0, 0, at(12), "balanced", "reason-" + own}));
    Attempt tried = attempt("attempt-" + own, id);
    tried.session_id = one.id;
    tried.target = "target-" + own;
    tried.detail = R"({"note":"detail-)" + own + "\"}";
    got(store.add_attempt(tried));
    must(store.put_document({"kind", "document-" + own, id, R"(["json-)" + own + "\"]", at(1)}));
  }
  must(store.add_audit_line({at(1), learner.name, "login", "", "address-" + mark, ""}));
  must(store.add_audit_line({at(2), "bo", "reset", learner.name, "", "detail-" + mark}));
  must(store.add_audit_line({at(3), "bo", "login", "", "192.0.2.2", ""}));
}

TEST_P(StoreTest, ExportsEverythingOfAnAccountAndNothingElse) {
  fill(store());
  const std::string text = got(store().export_account(std::string("id-") + kMark));
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["account"]["name"], std::string("name-") + kMark);
  EXPECT_EQ(json["account"]["role"], "learner");
  EXPECT_EQ(json["account"]["created"], "2025-11-24T12:00:01.000000Z");
  ASSERT_EQ(json["sessions"].size(), 1U);
  EXPECT_EQ(json["sessions"][0]["state"]["note"], std::string("state-") + kMark);
  EXPECT_EQ(json["sessions"][0]["quality"][0]["reason"], std::string("reason-") + kMark);
  EXPECT_EQ(json["sessions"][0]["ended"], nullptr);
  ASSERT_EQ(json["attempts"].size(), 1U);
  EXPECT_EQ(json["attempts"][0]["score"], 0.8125);
  EXPECT_EQ(json["attempts"][0]["detail"]["note"], std::string("detail-") + kMark);
  EXPECT_EQ(json["documents"][0]["content"][0], std::string("json-") + kMark);
  EXPECT_EQ(json["audit"].size(), 2U);
  EXPECT_EQ(json["logins"].size(), 1U);
  EXPECT_THAT(text, Not(HasSubstr("hash-")));
  EXPECT_THAT(text, Not(HasSubstr("login-")));
  EXPECT_THAT(text, Not(HasSubstr("session-bo")));
  const auto none = store().export_account("nobody");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, base::ErrorCode::kNotFound);
}

TEST_P(StoreTest, DeletesWhatBelongsToAnAccount) {
  fill(store());
  must(store().delete_account_data(std::string("id-") + kMark));
  EXPECT_EQ(got(store().counts()), (Counts{.accounts = 2,
                                           .logins = 2,
                                           .audit_lines = 3,
                                           .sessions = 1,
                                           .attempts = 1,
                                           .quality_changes = 1,
                                           .documents = 1}));
  EXPECT_EQ(failure_of(store().delete_account_data("nobody")).code, base::ErrorCode::kNotFound);
}

TEST_P(StoreTest, LeavesNothingOfADeletedAccount) {
  fill(store());
  if (GetParam() == Backend::kSqlite) {
    // The bytes are there before, or the search below would find nothing for the wrong reason.
    EXPECT_THAT(read_all(folder_ / "storysign.db") + read_all(folder_ / "storysign.db-wal"),
                HasSubstr(kMark));
  }
  must(store().delete_account(std::string("id-") + kMark));
  must(store().compact());
  EXPECT_EQ(got(store().counts()), (Counts{.accounts = 1,
                                           .logins = 1,
                                           .audit_lines = 3,
                                           .sessions = 1,
                                           .attempts = 1,
                                           .quality_changes = 1,
                                           .documents = 1}));
  for (const AuditLine& line : got(store().audit_lines(10))) {
    for (const std::string& text : {line.actor, line.subject, line.address, line.detail}) {
      EXPECT_THAT(text, Not(HasSubstr(kMark)));
    }
  }
  EXPECT_EQ(got(store().audit_lines(1))[0].address, "192.0.2.2");
  if (GetParam() == Backend::kSqlite) {
    std::string bytes;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      bytes += read_all(entry.path());
    }
    EXPECT_THAT(bytes, HasSubstr("session-bo"));
    EXPECT_EQ(bytes.find(kMark), std::string::npos);
  }
}

TEST_P(StoreTest, RemovesOldSessionsAndKeepsAttempts) {
  must(store().add_account(account("1", "ada")));
  LearningSession old = session("old", "1");
  old.last_seen = at(100);
  LearningSession recent = session("recent", "1");
  recent.last_seen = at(101);
  for (const LearningSession& one : {old, recent}) {
    must(store().add_session(one));
    must(store().add_quality_change({one.id, 0, 0, at(12), "balanced", "start"}));
    Attempt tried = attempt("attempt-" + one.id, "1");
    tried.session_id = one.id;
    got(store().add_attempt(tried));
  }
  must(store().add_login({"expired", "1", at(1), at(200), at(1)}));
  must(store().add_login({"valid", "1", at(1), at(201), at(1)}));
  for (const std::int64_t second : {100, 102}) {
    for (const char* action : {"login", "login_failed"}) {
      must(store().add_audit_line({.time = at(second),
                                   .actor = "",
                                   .action = action,
                                   .subject = "",
                                   .address = "10.0.0.1",
                                   .detail = ""}));
    }
  }

  const Removed logins = got(store().retain(std::nullopt, at(200)));
  EXPECT_EQ(got(store().counts()).audit_lines, 4);
  EXPECT_EQ(logins.logins, 1);
  EXPECT_EQ(logins.sessions, 0);
  const Removed removed = got(store().retain(at(101), at(200)));
  EXPECT_EQ(removed.sessions, 1);
  EXPECT_EQ(removed.quality_changes, 1);
  EXPECT_EQ(got(store().find_session("old")), std::nullopt);
  EXPECT_EQ(got(store().find_session("recent")), recent);
  EXPECT_EQ(got(store().counts()).attempts, 2);
  EXPECT_EQ(got(store().counts()).audit_lines, 3) << "the old sign-in that failed is gone";
  EXPECT_NE(got(store().find_login("valid")), std::nullopt);
}

}  // namespace
}  // namespace storysign::store::testing
