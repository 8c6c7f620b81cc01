#include "backends.hpp"
#include "store/migrations.hpp"
#include "store/postgres_database.hpp"
#include "store/write_behind.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <memory>

namespace storysign::store::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A server of its own, since it is killed.
class PostgresOutage : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.is_running()) << server_.problem(); }
  StoreOptions options() {
    return {.url = server_.make_database(), .directory = {}, .password = server_.password()};
  }
  storysign::testing::PostgresServer server_;
};

TEST_F(PostgresOutage, ConnectsAgainByItself) {
  const auto store = got(open_store(options(), at(0)));
  must(store->add_account(account("1", "ada")));
  server_.kill();
  const auto away = store->find_account("1");
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(
      failure_of(store->atomically([&] { return store->add_account(account("2", "bo")); })).code,
      base::ErrorCode::kUnavailable);
  server_.start();
  EXPECT_EQ(got(store->find_account("1")), account("1", "ada"));
  // A restart that nobody saw: the first to use the dead connection must not notice either.
  server_.kill();
  server_.start();
  must(store->atomically([&] { return store->add_account(account("3", "cy")); }));
  EXPECT_EQ(got(store->counts()).accounts, 2);
}

TEST_F(PostgresOutage, RefusesATextThatItWouldCutOff) {
  const auto store = got(open_store(options(), at(0)));
  must(store->add_account(account("1", "ada")));
  const auto other = store->find_account_by_name(std::string_view("ada\0x", 5));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_EQ(failure_of(store->add_account(account("2", std::string("bo\0x", 4)))).code,
            base::ErrorCode::kInvalidInput);
  EXPECT_EQ(got(store->counts()).accounts, 1);
}

TEST_F(PostgresOutage, UndoesATransactionThatWasCutOff) {
  const auto store = got(open_store(options(), at(0)));
  const auto cut = store->atomically([&]() -> base::Result<void> {
    must(store->add_account(account("1", "ada")));
    server_.kill();
    server_.start();
    EXPECT_FALSE(store->atomically([&] { return store->add_account(account("2", "bo")); }));
    return store->add_account(account("3", "cy"));
  });
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, base::ErrorCode::kUnavailable);
  EXPECT_EQ(got(store->counts()).accounts, 0);
}

TEST_F(PostgresOutage, KeepsWhatIsGivenWhileItIsAway) {
  telemetry::Metrics metrics;
  telemetry::Log log({.level = telemetry::LogLevel::kOff, .form = {}, .sink = nullptr});
  WriteBehind queue(got(open_store(options(), at(0))),
                    {.patience = std::chrono::minutes(2), .pause = std::chrono::milliseconds(20)},
                    metrics, log);
  server_.kill();
  std::promise<base::Result<void>> stored;
  std::atomic<int> tries = 0;
  ASSERT_TRUE(queue.write(
      [&](Store& store) {
        ++tries;
        return store.add_account(account("1", "ada"));
      },
      [&](const base::Result<void>& result) { stored.set_value(result); }));
  server_.start();
  must(stored.get_future().get());
  bool found = false;
  ASSERT_TRUE(
      queue.ask_and_wait([&](Store& store) { found = got(store.find_account("1")).has_value(); }));
  EXPECT_TRUE(found);
  EXPECT_EQ(metrics.snapshot().value(telemetry::StoreWrite::kDone), 1U);
}

TEST_F(PostgresOutage, SaysWhyItCannotBeReached) {
  StoreOptions wrong = options();
  wrong.password = "wrong-word";
  const auto refused = open_store(wrong, at(0));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("PostgreSQL cannot be reached"), HasSubstr("store.password_file"),
                    Not(HasSubstr("wrong-word"))));
  const StoreOptions right = options();
  server_.kill();
  const auto away = open_store(right, at(0));
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, base::ErrorCode::kUnavailable);
}

TEST(Postgres, RefusesASchemaThatIsNewer) {
  ASSERT_TRUE(postgres().is_running()) << postgres().problem();
  const std::string url = postgres().make_database();
  const auto database = got(PostgresDatabase::open(url, postgres().password()));
  must(migrate(*database, 0));
  got(database->run("INSERT INTO schema_migrations VALUES ($1, 'later', 0)",
                    {newest_schema() + 1}));
  const auto refused = migrate(*database, 0);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("PostgreSQL, database_"), HasSubstr("a newer one has used it")));
  // And goes on working.
  EXPECT_EQ(got(schema_of(*database)), newest_schema() + 1);
}

TEST(Postgres, WaitsForTheDiskEvenIfTheServerWouldNot) {
  ASSERT_TRUE(postgres().is_running()) << postgres().problem();
  const std::string url = postgres().make_database();
  const std::string password = postgres().password();
  const auto admin = got(PostgresDatabase::open(url, password));
  got(
      admin->run("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || "
                 "' SET synchronous_commit = off'; END $$"));
  const auto database = got(PostgresDatabase::open(url, password));
  EXPECT_EQ(text_of(got(database->run("SHOW synchronous_commit")).rows[0][0]), "on");
}

}  // namespace
}  // namespace storysign::store::testing
