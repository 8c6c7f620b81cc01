// Where a server may run without accounts or without TLS, and where secrets are read from.

#include "app/serve/accounts.hpp"

#include "app/secret_file.hpp"
#include "app/store/keeper.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using config::AuthMode;
using ::testing::HasSubstr;

struct Case {
  const char* host;
  AuthMode mode;
  bool tls;
  bool insecure;
  const char* answer;  ///< "accounts", "open", or a word of the refusal.
};

TEST(WithAccounts, WalksTheWholeTable) {
  const Case cases[] = {
      {"127.0.0.1", AuthMode::kAuto, false, false, "open"},
      {"127.0.0.1", AuthMode::kOpen, false, false, "open"},
      {"127.0.0.1", AuthMode::kAccounts, false, false, "accounts"},
      {"::1", AuthMode::kAuto, true, true, "open"},
      {"0.0.0.0", AuthMode::kAuto, false, false, "server.tls_certificate"},
      {"0.0.0.0", AuthMode::kAuto, true, false, "accounts"},
      {"0.0.0.0", AuthMode::kAuto, false, true, "accounts"},
      {"0.0.0.0", AuthMode::kAccounts, false, false, "server.tls_certificate"},
      {"0.0.0.0", AuthMode::kAccounts, true, false, "accounts"},
      {"0.0.0.0", AuthMode::kAccounts, false, true, "accounts"},
      {"0.0.0.0", AuthMode::kOpen, false, false, "auth.mode"},
      {"0.0.0.0", AuthMode::kOpen, true, false, "auth.mode"},
      {"0.0.0.0", AuthMode::kOpen, false, true, "open"},
      {"::", AuthMode::kAuto, false, false, "server.tls_certificate"},
      {"192.0.2.1", AuthMode::kOpen, true, false, "auth.mode"},
  };
  for (const Case& one : cases) {
    config::Settings settings;
    settings.server.host = one.host;
    settings.auth.mode = one.mode;
    settings.auth.insecure = one.insecure;
    if (one.tls) settings.server.tls_certificate = "cert.pem";
    const auto accounts = with_accounts(settings);
    const std::string got = accounts ? (*accounts ? "accounts" : "open") : accounts.error().message;
    EXPECT_THAT(got, HasSubstr(one.answer)) << one.host << one.tls << one.insecure;
    if (!accounts) {
      EXPECT_EQ(accounts.error().code, base::ErrorCode::kInvalidInput);
    }
  }
}

TEST(PasswordCost, IsThatOfTheSettings) {
  config::Settings settings;
  EXPECT_EQ(password_cost(settings).memory_kib, 19456U);
  EXPECT_EQ(password_cost(settings).passes, 2U);
  EXPECT_EQ(password_cost(settings).lanes, 1U);
  settings.auth.argon2_lanes = 4;
  EXPECT_EQ(password_cost(settings).lanes, 4U);
}

class Secrets : public ::testing::Test {
 public:
  Secrets() { fs::create_directories(folder_); }
  ~Secrets() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    ::unsetenv("CREDENTIALS_DIRECTORY");  // NOLINT(concurrency-mt-unsafe): one thread.
  }
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  Secrets(Secrets&&) = delete;
  Secrets& operator=(Secrets&&) = delete;

 protected:
  std::string write(const std::string& name, const std::string& text,
                    fs::perms mode = fs::perms::owner_read | fs::perms::owner_write) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << text;
    fs::permissions(path, mode);
    return path.string();
  }

  fs::path folder_ = fs::temp_directory_path() / ("storysign-secrets-" + std::to_string(getpid()));
};

TEST_F(Secrets, AreTheFirstLineOfAFileOfTheOwner) {
  EXPECT_EQ(*read_secret("key", write("a", "open sesame\nmore\n")), "open sesame");
  EXPECT_EQ(*read_secret("key", write("b", "open sesame\r\n")), "open sesame");
  EXPECT_EQ(*read_secret("key", write("c", "open sesame")), "open sesame");
  for (const std::string& bad :
       {write("empty", ""), write("line", "\n"), write("long", std::string(4097, 'x')),
        (folder_ / "missing").string(), folder_.string()}) {
    const auto secret = read_secret("some.key", bad);
    ASSERT_FALSE(secret) << bad;
    EXPECT_THAT(secret.error().message, HasSubstr("some.key"));
  }
  const auto shared =
      read_secret("some.key", write("shared", "x", fs::perms::owner_read | fs::perms::group_read));
  ASSERT_FALSE(shared);
  EXPECT_THAT(shared.error().message, HasSubstr("chmod 600"));
}

TEST_F(Secrets, MayBeCredentialsOfSystemd) {
  EXPECT_THAT(read_secret("key", "credential:a").error().message,
              HasSubstr("CREDENTIALS_DIRECTORY"));
  // NOLINTNEXTLINE(concurrency-mt-unsafe): one thread.
  ::setenv("CREDENTIALS_DIRECTORY", folder_.c_str(), 1);
  // Those of a unit may be readable for its group.
  write("a", "open sesame\n", fs::perms::owner_read | fs::perms::group_read);
  EXPECT_EQ(*read_secret("key", "credential:a"), "open sesame");
  config::Settings settings;
  settings.store.url = "postgresql://storysign@db/storysign";
  settings.store.password_file = "credential:a";
  const auto store = store_options(settings);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(store->password, "open sesame");
  for (const char* const bad :
       {"credential:", "credential:../a", "credential:..", "credential:b"}) {
    EXPECT_FALSE(read_secret("key", bad)) << bad;
  }
}

}  // namespace
}  // namespace storysign::app
