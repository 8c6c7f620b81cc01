#include "store/backup.hpp"

#include "backends.hpp"
#include "store/file_lock.hpp"
#include "store/files.hpp"
#include "store/migrations.hpp"
#include "store/sqlite_database.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <cstdlib>
#include <thread>

// getenv, setenv and system: these tests have one thread when they call them.
// NOLINTBEGIN(concurrency-mt-unsafe)

namespace storysign::store::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class BackupTest : public ::testing::Test {
 protected:
  std::int64_t accounts() {
    const auto store = got(open_store(options_, at(0)));
    return got(store->counts()).accounts;
  }
  void add(const char* id) { must(got(open_store(options_, at(0)))->add_account(account(id, id))); }
  base::Error refusal(const fs::path& backup) {
    const auto done = restore(options_, backup, at(0));
    EXPECT_FALSE(done);
    return done ? base::Error{} : done.error();
  }

  TempFolder folder_;
  StoreOptions options_{.url = "", .directory = folder_.path(), .password = {}};
};

TEST_F(BackupTest, IsTheStoreAsItWas) {
  add("1");
  const Backup made = got(back_up(options_, folder_ / "copy.db"));
  EXPECT_EQ(made.bytes, fs::file_size(folder_ / "copy.db"));
  EXPECT_EQ(made.sha256, got(sha256_of(folder_ / "copy.db")));
  EXPECT_EQ(read_all(folder_ / "copy.db.sha256"), made.sha256 + "  copy.db\n");
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "copy.db").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_FALSE(fs::exists(folder_ / "copy.db.part"));
  EXPECT_FALSE(fs::exists(folder_ / "copy.db-wal"));
  EXPECT_EQ(std::system(("cd " + folder_.path().string() +
                         " && sha256sum --quiet --check "
                         "copy.db.sha256")
                            .c_str()),
            0);

  add("2");
  const Restored done = got(restore(options_, folder_ / "copy.db", at(0)));
  EXPECT_TRUE(done.had_checksum);
  EXPECT_EQ(accounts(), 1);
  ASSERT_FALSE(done.aside.empty());
  const auto aside = got(SqliteDatabase::open(done.aside, SqliteUse::kRead));
  EXPECT_EQ(whole_of(got(aside->run("SELECT count(*) FROM accounts")).rows[0][0]), 2);
}

TEST_F(BackupTest, IsWholeWhileOthersWrite) {
  const auto store = got(open_store(options_, at(0)));
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  // Two rows at a time: a copy from the middle of a transaction would hold an odd number.
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const std::string id = std::to_string(i);
      must(store->atomically([&] {
        return store->add_account(account("a" + id, "a" + id)).and_then([&] {
          return store->add_account(account("b" + id, "b" + id));
        });
      }));
      written = i + 1;
    }
  });
  for (int round = 0; round < 5; ++round) {
    while (written < 5 * (round + 1)) std::this_thread::yield();
    const int before = written;
    const fs::path file = folder_ / ("copy" + std::to_string(round) + ".db");
    got(back_up(options_, file));
    const auto copy = got(SqliteDatabase::open(file, SqliteUse::kRead));
    const auto found = whole_of(got(copy->run("SELECT count(*) FROM accounts")).rows[0][0]);
    EXPECT_EQ(found % 2, 0);
    EXPECT_GE(found, 2 * before);
  }
  stop = true;
  writer.join();
}

TEST_F(BackupTest, OverwritesNothing) {
  add("1");
  std::ofstream(folder_ / "letter") << "dear";
  const auto refused = back_up(options_, folder_ / "letter");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_EQ(read_all(folder_ / "letter"), "dear");
  const auto nowhere = back_up(options_, folder_ / "no/such/copy.db");
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("no/such/copy.db"));
}

TEST_F(BackupTest, NeedsAStore) {
  const auto none = back_up(options_, folder_ / "copy.db");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("There is no store"));
  EXPECT_FALSE(fs::exists(folder_ / "storysign.db"));
}

TEST_F(BackupTest, IsNotMadeOfADamagedStore) {
  const auto store = got(open_store(options_, at(0)));
  for (int i = 0; i < 200; ++i) {
    must(store->put_document(
        {"lesson", std::to_string(i), std::nullopt, std::string(500, 'x'), at(0)}));
  }
  must(store->compact());
  std::fstream bytes(folder_ / "storysign.db", std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(20L * 4096);
  bytes << std::string(4096, '\xA5');
  bytes.close();
  const auto refused = back_up(options_, folder_ / "copy.db");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("damaged"));
  EXPECT_FALSE(fs::exists(folder_ / "copy.db"));
  EXPECT_FALSE(fs::exists(folder_ / "copy.db.part"));
  EXPECT_FALSE(fs::exists(folder_ / "copy.db.sha256"));
}

TEST_F(BackupTest, KeepsTheNewestOnes) {
  add("1");
  std::ofstream(folder_ / "storysign.txt") << "not one of them";
  std::vector<fs::path> made;
  for (int i = 0; i < 3; ++i) {
    made.push_back(backup_name(folder_.path(), options_, at(i)));
    got(back_up(options_, made.back()));
  }
  EXPECT_EQ(made[0].filename(), "storysign-20251124T120000Z.db");
  EXPECT_EQ(backup_name(folder_.path(), options_, at(0)).filename(),
            "storysign-20251124T120000Z-2.db");
  EXPECT_EQ(got(prune_backups(folder_.path(), 2)), 1);
  EXPECT_FALSE(fs::exists(made[0]));
  EXPECT_FALSE(fs::exists(made[0].string() + ".sha256"));
  EXPECT_TRUE(fs::exists(made[1]));
  EXPECT_TRUE(fs::exists(made[2].string() + ".sha256"));
  EXPECT_TRUE(fs::exists(folder_ / "storysign.txt"));
  EXPECT_EQ(accounts(), 1);
}

TEST_F(BackupTest, IsRefusedWhenItIsNotWhatWasWritten) {
  add("1");
  got(back_up(options_, folder_ / "copy.db"));
  add("2");
  std::fstream bytes(folder_ / "copy.db", std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(3L * 4096 + 1000);
  bytes << "x";
  bytes.close();
  EXPECT_THAT(refusal(folder_ / "copy.db").message, HasSubstr("its checksum differs"));
  EXPECT_EQ(accounts(), 2);

  // Without its checksum a damaged one is still seen.
  fs::remove(folder_ / "copy.db.sha256");
  std::fstream more(folder_ / "copy.db", std::ios::in | std::ios::out | std::ios::binary);
  more.seekp(3L * 4096);
  more << std::string(4096, '\xA5');
  more.close();
  EXPECT_THAT(refusal(folder_ / "copy.db").message, HasSubstr("cannot be restored"));
  std::ofstream(folder_ / "letter.db") << "dear Ada, this is no store at all, is it?";
  EXPECT_THAT(refusal(folder_ / "letter.db").message, HasSubstr("cannot be restored"));
  EXPECT_EQ(refusal(folder_ / "none.db").code, base::ErrorCode::kNotFound);
  EXPECT_EQ(accounts(), 2);
}

TEST_F(BackupTest, IsRefusedWhenAnotherProgramHasMadeIt) {
  add("1");
  {
    const auto other = got(SqliteDatabase::open(folder_ / "other.db", SqliteUse::kWrite));
    got(other->run("CREATE TABLE songs (title TEXT)"));
  }
  EXPECT_THAT(refusal(folder_ / "other.db").message, HasSubstr("no backup of StorySign"));
  got(back_up(options_, folder_ / "later.db"));
  fs::remove(folder_ / "later.db.sha256");
  {
    const auto later = got(SqliteDatabase::open(folder_ / "later.db", SqliteUse::kWrite));
    got(later->run("INSERT INTO schema_migrations VALUES ($1, 'later', 0)", {newest_schema() + 1}));
  }
  EXPECT_THAT(refusal(folder_ / "later.db").message, HasSubstr("newer version of StorySign"));
}

TEST_F(BackupTest, WaitsForNoServer) {
  add("1");
  got(back_up(options_, folder_ / "copy.db"));
  const auto running = got(open_store(options_, at(0)));
  EXPECT_THAT(refusal(folder_ / "copy.db").message, HasSubstr("in use by a running server"));
}

TEST_F(BackupTest, BringsBackAStoreThatIsGone) {
  add("1");
  got(back_up(options_, folder_ / "copy.db"));
  for (const char* name : {"storysign.db", "storysign.db-wal", "storysign.db-shm"}) {
    fs::remove(folder_ / name);
  }
  EXPECT_TRUE(got(restore(options_, folder_ / "copy.db", at(0))).aside.empty());
  EXPECT_EQ(accounts(), 1);
}

TEST(PostgresBackup, IsAnArchiveThatRestores) {
  ASSERT_TRUE(postgres().is_running()) << postgres().problem();
  const TempFolder folder;
  StoreOptions options{
      .url = postgres().make_database(), .directory = {}, .password = postgres().password()};
  must(got(open_store(options, at(0)))->add_account(account("1", "ada")));
  const fs::path file = backup_name(folder.path(), options, at(0));
  EXPECT_EQ(file.extension(), ".dump");
  const Backup made = got(back_up(options, file));
  EXPECT_EQ(made.sha256, got(sha256_of(file)));
  must(got(open_store(options, at(0)))->add_account(account("2", "bo")));

  const auto refused = restore(options, file, at(0));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnsupported);
  // What the sentence says to run works as it stands.
  const std::string& sentence = refused.error().message;
  const std::string command = sentence.substr(sentence.find("pg_restore"));
  ASSERT_EQ(std::system(("PGPASSWORD='secret of the tests' " + command).c_str()), 0);
  EXPECT_EQ(got(got(open_store(options, at(0)))->counts()).accounts, 1);
}

TEST(PostgresBackup, SaysWhatToRunWithoutPgDump) {
  ASSERT_TRUE(postgres().is_running()) << postgres().problem();
  const TempFolder folder;
  const StoreOptions options{
      .url = postgres().make_database(), .directory = {}, .password = postgres().password()};
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.path().c_str(), 1);
  const auto refused = back_up(options, folder / "copy.dump");
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::kUnsupported);
  EXPECT_THAT(refused.error().message,
              AllOf(HasSubstr("install postgresql-client"), HasSubstr(options.url),
                    ::testing::Not(HasSubstr("secret"))));
  EXPECT_FALSE(fs::exists(folder / "copy.dump.part"));
}

}  // namespace
}  // namespace storysign::store::testing

// NOLINTEND(concurrency-mt-unsafe)
