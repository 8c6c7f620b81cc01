#include "backends.hpp"
#include "store/file_lock.hpp"
#include "store/migrations.hpp"
#include "store/sqlite_database.hpp"

#include <gmock/gmock.h>

namespace storysign::store::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

base::Error failure_to_open(const StoreOptions& options) {
  const auto opened = open_store(options, at(0));
  EXPECT_FALSE(opened);
  return opened ? base::Error{} : opened.error();
}

TEST(StoreUrl, NamesTheStore) {
  EXPECT_EQ(got(locate({.url = "", .directory = "/state", .password = {}})).file,
            "/state/storysign.db");
  EXPECT_EQ(got(locate({.url = "sqlite:/a/b.db", .directory = "/state", .password = {}})).file,
            "/a/b.db");
  const Location postgres =
      got(locate({.url = "postgresql://me@db:5433/school", .directory = {}, .password = {}}));
  EXPECT_TRUE(postgres.is_postgres);
  EXPECT_EQ(postgres.url, "postgresql://me@db:5433/school");
}

TEST(StoreUrl, RefusesWhatItDoesNotKnowAndPasswords) {
  const auto refused = [](std::string url) {
    const auto found = locate({.url = std::move(url), .directory = "/state", .password = {}});
    EXPECT_FALSE(found);
    return found ? std::string() : found.error().message;
  };
  EXPECT_THAT(refused("mysql://x"), AllOf(HasSubstr("mysql://x"), HasSubstr("sqlite:PATH")));
  EXPECT_THAT(refused("sqlite:"), HasSubstr("must be empty"));
  for (const char* url :
       {"postgresql://me:hunter2@db/school", "postgres://db/s?password=hunter2"}) {
    EXPECT_THAT(refused(url),
                AllOf(HasSubstr("store.password_file"), ::testing::Not(HasSubstr("hunter2"))));
  }
}

TEST(SqliteFile, IsForItsOwnerOnly) {
  const TempFolder folder;
  const auto store =
      got(open_store({.url = "", .directory = folder.path(), .password = {}}, at(0)));
  must(store->add_account(account("1", "ada")));
  for (const char* name : {"storysign.db", "storysign.db-wal", "storysign.db.lock"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST(SqliteFile, WaitsForTheDiskAtEachCommit) {
  const TempFolder folder;
  const auto database = got(SqliteDatabase::open(folder / "x.db", SqliteUse::kServe));
  constexpr std::int64_t kFull = 2;
  EXPECT_EQ(whole_of(got(database->run("PRAGMA synchronous")).rows[0][0]), kFull);
  EXPECT_EQ(text_of(got(database->run("PRAGMA journal_mode")).rows[0][0]), "wal");
  EXPECT_EQ(whole_of(got(database->run("PRAGMA foreign_keys")).rows[0][0]), 1);
  EXPECT_EQ(whole_of(got(database->run("PRAGMA secure_delete")).rows[0][0]), 1);
}

TEST(SqliteFile, SaysWhatToDoWhereItCannotBeMade) {
  const TempFolder folder;
  const base::Error error =
      failure_to_open({.url = "sqlite:" + (folder / "no/such/folder/x.db").string(),
                       .directory = {},
                       .password = {}});
  EXPECT_EQ(error.code, base::ErrorCode::kIo);
  EXPECT_THAT(error.message, AllOf(HasSubstr("no/such/folder"), HasSubstr("store.directory")));
}

TEST(SqliteFile, IsRefusedWhenItIsDamaged) {
  const TempFolder folder;
  const StoreOptions options{.url = "", .directory = folder.path(), .password = {}};
  {
    const auto store = got(open_store(options, at(0)));
    for (int i = 0; i < 200; ++i) {
      must(store->put_document(
          {"lesson", std::to_string(i), std::nullopt, std::string(500, 'x'), at(0)}));
    }
    must(store->compact());
  }
  const auto file = folder / "storysign.db";
  constexpr std::streamoff kPage = 4096;
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  for (std::streamoff page = 20; page < 24; ++page) {
    bytes.seekp(page * kPage);
    bytes << std::string(kPage, '\xA5');
  }
  bytes.close();
  const base::Error error = failure_to_open(options);
  EXPECT_EQ(error.code, base::ErrorCode::kIo);
  EXPECT_THAT(error.message, AllOf(HasSubstr(file.string()), HasSubstr("is damaged"),
                                   HasSubstr("storysign restore FILE")));

  std::ofstream(file, std::ios::trunc) << "This is a letter, not a store, and a long one." << file;
  EXPECT_THAT(failure_to_open(options).message,
              AllOf(HasSubstr("is damaged"), HasSubstr("storysign restore FILE")));
}

TEST(SqliteFile, IsNotOpenedWhileItIsReplaced) {
  const TempFolder folder;
  const StoreOptions options{.url = "", .directory = folder.path(), .password = {}};
  {
    const auto alone = got(FileLock::take(folder / "storysign.db", FileLock::Kind::kAlone));
    EXPECT_THAT(failure_to_open(options).message, HasSubstr("is being restored"));
  }
  const auto store = got(open_store(options, at(0)));
  const auto refused = FileLock::take(folder / "storysign.db", FileLock::Kind::kAlone);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("in use by a running server"));
}

TEST(SqliteFile, IsRefusedWhenItsSchemaIsNewer) {
  const TempFolder folder;
  const StoreOptions options{.url = "", .directory = folder.path(), .password = {}};
  EXPECT_NE(got(open_store(options, at(0))), nullptr);
  {
    const auto database = got(SqliteDatabase::open(folder / "storysign.db", SqliteUse::kServe));
    EXPECT_EQ(got(schema_of(*database)), newest_schema());
    got(database->run("INSERT INTO schema_migrations VALUES ($1, 'later', 0)",
                      {newest_schema() + 1}));
  }
  const base::Error error = failure_to_open(options);
  EXPECT_EQ(error.code, base::ErrorCode::kUnsupported);
  EXPECT_THAT(error.message, AllOf(HasSubstr("a newer one has used it"), HasSubstr("restore")));
}

TEST(Migrations, LeaveNothingBehindWhenOneFails) {
  const TempFolder folder;
  const auto database = got(SqliteDatabase::open(folder / "x.db", SqliteUse::kServe));
  // A table that is in the way of one in the middle.
  got(database->run("CREATE TABLE attempts (x)"));
  EXPECT_FALSE(migrate(*database, 0));
  EXPECT_EQ(
      whole_of(
          got(database->run("SELECT count(*) FROM sqlite_master WHERE type = 'table'")).rows[0][0]),
      1);
  got(database->run("DROP TABLE attempts"));
  must(migrate(*database, 0));
  must(migrate(*database, 1));
  EXPECT_EQ(got(schema_of(*database)), newest_schema());
}

}  // namespace
}  // namespace storysign::store::testing
