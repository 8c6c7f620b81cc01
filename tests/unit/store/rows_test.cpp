#include "backends.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace storysign::store::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_P(StoreTest, KeepsAccountsAsTheyWere) {
  Account ada = account("1", "ada");
  Account bo = account("2", "bo");
  bo.role = Role::kAdmin;
  bo.password_hash = "$argon2id$...";
  bo.disabled = true;
  bo.display_name = "Bo \xC3\x85 'quoted'; --";
  bo.created = at(5) + std::chrono::microseconds(123456);
  must(store().add_account(bo));
  must(store().add_account(ada));
  EXPECT_THAT(got(store().accounts()), ElementsAre(ada, bo));
  EXPECT_EQ(got(store().find_account("2")), bo);
  EXPECT_EQ(got(store().find_account_by_name("ada")), ada);
  EXPECT_EQ(got(store().find_account_by_name("Ada")), std::nullopt);
  EXPECT_EQ(got(store().find_account("3")), std::nullopt);
}

TEST_P(StoreTest, RefusesANameThatIsTaken) {
  must(store().add_account(account("1", "ada")));
  must(store().add_account(account("2", "bo")));
  const base::Error again = failure_of(store().add_account(account("3", "ada")));
  EXPECT_EQ(again.code, base::ErrorCode::kInvalidInput);
  EXPECT_THAT(again.message, HasSubstr("The name ada is taken"));
  Account renamed = account("2", "ada");
  EXPECT_EQ(failure_of(store().update_account(renamed)).code, base::ErrorCode::kInvalidInput);
  EXPECT_EQ(got(store().counts()).accounts, 2);
}

TEST_P(StoreTest, ChangesAnAccount) {
  Account ada = account("1", "ada");
  must(store().add_account(ada));
  ada.name = "lovelace";
  ada.role = Role::kTeacher;
  ada.password_hash = "hash";
  ada.disabled = true;
  must(store().update_account(ada));
  EXPECT_EQ(got(store().find_account("1")), ada);
  EXPECT_EQ(failure_of(store().update_account(account("9", "x"))).code, base::ErrorCode::kNotFound);
}

TEST_P(StoreTest, KeepsLoginsUntilTheyAreRemoved) {
  must(store().add_account(account("1", "ada")));
  Login login{"hash-1", "1", at(1), at(100), at(1)};
  must(store().add_login(login));
  must(store().add_login({"hash-2", "1", at(2), at(100), at(2)}));
  must(store().add_login({"hash-3", "1", at(3), at(100), at(3)}));
  must(store().renew_login("hash-1", at(50), at(150)));
  must(store().renew_login("gone", at(50), at(150)));
  login.last_seen = at(50);
  login.expires = at(150);
  EXPECT_EQ(got(store().find_login("hash-1")), login);
  must(store().remove_login("hash-2"));
  EXPECT_EQ(got(store().find_login("hash-2")), std::nullopt);
  must(store().remove_logins("1", "hash-1"));
  EXPECT_EQ(got(store().find_login("hash-3")), std::nullopt);
  EXPECT_NE(got(store().find_login("hash-1")), std::nullopt);
  must(store().remove_logins("1", ""));
  EXPECT_EQ(got(store().counts()).logins, 0);
}

TEST_P(StoreTest, RefusesALoginOfNobody) {
  EXPECT_EQ(failure_of(store().add_login({"hash", "nobody", at(1), at(2), at(1)})).code,
            base::ErrorCode::kInvalidInput);
}

TEST_P(StoreTest, GivesTheNewestAuditLinesFirst) {
  const AuditLine first{at(1), "ada", "login", "", "192.0.2.1", "with 'quotes'"};
  const AuditLine second{at(1), "bo", "login_failed", "ada", "", ""};
  must(store().add_audit_line(first));
  must(store().add_audit_line(second));
  EXPECT_THAT(got(store().audit_lines(10)), ElementsAre(second, first));
  EXPECT_THAT(got(store().audit_lines(1)), ElementsAre(second));
}

TEST_P(StoreTest, KeepsASessionFromStartToEnd) {
  must(store().add_account(account("1", "ada")));
  LearningSession one = session("s1", "1");
  must(store().add_session(one));
  EXPECT_EQ(got(store().find_session("s1")), one);
  must(store().save_session("s1", 0, at(30), R"({"answers":9})"));
  one.last_seen = at(30);
  one.state = R"({"answers":9})";
  EXPECT_EQ(got(store().find_session("s1")), one);
  must(store().end_session("s1", 0, at(40), 1001));
  one.last_seen = at(40);
  one.ended = at(40);
  one.close_code = 1001;
  EXPECT_EQ(got(store().find_session("s1")), one);
  LearningSession two = session("s2", "1");
  two.started = at(50);
  must(store().add_session(two));
  must(store().add_session(session("s3", "")));
  EXPECT_THAT(got(store().sessions_of("1", 10)), ElementsAre(two, one));
  EXPECT_THAT(got(store().sessions_of("1", 1)), ElementsAre(two));
}

TEST_P(StoreTest, ResumesASessionWithItsAttemptsAndHistory) {
  must(store().add_account(account("1", "ada")));
  must(store().add_session(session("old", "1")));
  must(store().add_quality_change({"old", 0, 0, at(11), "balanced", "start"}));
  Attempt before = attempt("a1", "1");
  before.session_id = "old";
  got(store().add_attempt(before));
  must(store().end_session("old", 0, at(12), 1006));
  must(store().add_session(session("fresh", "1")));
  must(store().add_quality_change({"fresh", 0, 0, at(13), "balanced", "start"}));
  Attempt after = attempt("a2", "1");
  after.session_id = "fresh";
  got(store().add_attempt(after));

  const Resumed resumed = got(store().resume_session({"old", "fresh", "1", "node-b", at(14)}));
  LearningSession now = session("old", "1");
  now.node = "node-b";
  now.last_seen = at(14);
  now.epoch = 1;
  EXPECT_EQ(resumed.session, now);
  EXPECT_EQ(resumed.attempts, 2);
  EXPECT_EQ(got(store().find_session("old")), now);
  EXPECT_EQ(got(store().find_session("fresh")), std::nullopt);
  EXPECT_THAT(got(store().quality_changes("old")),
              ElementsAre(QualityChange{"old", 0, 0, at(11), "balanced", "start"},
                          QualityChange{"old", 0, 1, at(13), "balanced", "start"}));

  // The connection before, which has not noticed yet, changes nothing any more.
  must(store().save_session("old", 0, at(99), "{}"));
  must(store().end_session("old", 0, at(99), 1006));
  EXPECT_EQ(got(store().find_session("old")), now);
  must(store().end_session("old", 1, at(15), 1000));
  EXPECT_EQ(got(store().find_session("old"))->close_code, 1000);
}

TEST_P(StoreTest, ResumesOnlyOnesOwnSession) {
  must(store().add_account(account("1", "ada")));
  must(store().add_account(account("2", "bo")));
  must(store().add_session(session("old", "1")));
  must(store().add_session(session("open", "")));
  must(store().add_session(session("fresh", "2")));
  const auto refused = [&](const ResumeRequest& request) {
    const auto resumed = store().resume_session(request);
    EXPECT_FALSE(resumed);
    return resumed ? base::Error{} : resumed.error();
  };
  const base::Error others = refused({"old", "fresh", "2", "n", at(20)});
  EXPECT_EQ(others.code, base::ErrorCode::kNotFound);
  EXPECT_EQ(refused({"none", "fresh", "2", "n", at(20)}).message,
            "There is no session none to go on with; a new one has begun.");
  refused({"old", "fresh", std::nullopt, "n", at(20)});
  refused({"open", "fresh", "2", "n", at(20)});
  EXPECT_EQ(got(store().find_session("old")), session("old", "1"));
  EXPECT_EQ(got(store().find_session("fresh")), session("fresh", "2"));
  EXPECT_EQ(got(store().resume_session({"open", "x", std::nullopt, "n", at(20)})).session.epoch, 1);
}

TEST_P(StoreTest, StoresAnAttemptOnce) {
  must(store().add_account(account("1", "ada")));
  must(store().add_account(account("2", "bo")));
  must(store().add_session(session("s1", "1")));
  Attempt first = attempt("a1", "1");
  first.session_id = "s1";
  first.detail = R"({"hand":"right"})";
  EXPECT_EQ(got(store().add_attempt(first)), Added::kStored);
  Attempt again = first;
  again.score = 0.1;
  EXPECT_EQ(got(store().add_attempt(again)), Added::kKnown);
  EXPECT_THAT(got(store().attempts_of("1", 10)), ElementsAre(first));

  const auto stolen = store().add_attempt(attempt("a1", "2"));
  ASSERT_FALSE(stolen);
  EXPECT_EQ(stolen.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_THAT(stolen.error().message, HasSubstr("attempt_id a1 is taken"));
  Attempt strange = attempt("a2", "2");
  strange.session_id = "s1";
  const auto refused = store().add_attempt(strange);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("not one of this account"));
  EXPECT_EQ(got(store().counts()).attempts, 1);
}

TEST_P(StoreTest, KeepsAnAttemptWhoseSessionItDoesNotKnow) {
  must(store().add_account(account("1", "ada")));
  Attempt one = attempt("a1", "1");
  one.session_id = "never seen";
  one.score = 1.0 / 3.0;
  EXPECT_EQ(got(store().add_attempt(one)), Added::kStored);
  Attempt two = attempt("a2", "1");
  two.time = at(21);
  two.accepted = false;
  EXPECT_EQ(got(store().add_attempt(two)), Added::kStored);
  EXPECT_THAT(got(store().attempts_of("1", 10)), ElementsAre(two, one));
  EXPECT_THAT(got(store().attempts_of("1", 1)), ElementsAre(two));
}

TEST_P(StoreTest, ReplacesADocument) {
  must(store().add_account(account("1", "ada")));
  Document b{"lesson", "b", std::nullopt, R"({"v":1})", at(1)};
  Document a{"lesson", "a", "1", R"({"v":1})", at(1)};
  must(store().put_document(b));
  must(store().put_document(a));
  must(store().put_document({"sign", "a", std::nullopt, "{}", at(1)}));
  b.json = R"({"v":2})";
  b.updated = at(2);
  must(store().put_document(b));
  EXPECT_THAT(got(store().documents("lesson")), ElementsAre(a, b));
  EXPECT_EQ(got(store().find_document("lesson", "b")), b);
  Document without_text = a;
  without_text.json.clear();
  b.json.clear();
  EXPECT_THAT(got(store().document_list("lesson")), ElementsAre(without_text, b));
  must(store().remove_document("lesson", "b"));
  EXPECT_EQ(got(store().find_document("lesson", "b")), std::nullopt);
  EXPECT_EQ(got(store().counts()).documents, 2);
}

TEST_P(StoreTest, DoesAllOrNothing) {
  const auto fail = [] { return base::fail(base::ErrorCode::kInternal, "no"); };
  EXPECT_EQ(failure_of(store().atomically([&]() -> base::Result<void> {
              must(store().add_account(account("1", "ada")));
              return fail();
            })).message,
            "no");
  EXPECT_EQ(got(store().counts()).accounts, 0);
  must(store().atomically([&]() -> base::Result<void> {
    must(store().add_account(account("1", "ada")));
    EXPECT_FALSE(store().atomically([&]() -> base::Result<void> {
      must(store().add_account(account("2", "bo")));
      return store().add_login({"hash", "nobody", at(1), at(2), at(1)});
    }));
    return store().add_account(account("3", "cy"));
  }));
  EXPECT_THAT(got(store().accounts()), ElementsAre(account("1", "ada"), account("3", "cy")));
}

TEST_P(StoreTest, IsThereAfterItWasClosed) {
  must(store().add_account(account("1", "ada")));
  store_.reset();
  store_ = open_again();
  EXPECT_EQ(got(store().find_account("1")), account("1", "ada"));
}

TEST_P(StoreTest, ServesTwoAtATime) {
  const std::unique_ptr<Store> other = open_again();
  must(store().add_account(account("1", "ada")));
  EXPECT_EQ(got(other->find_account("1")), account("1", "ada"));
  must(other->add_account(account("2", "bo")));
  EXPECT_EQ(got(store().counts()).accounts, 2);
}

}  // namespace
}  // namespace storysign::store::testing
