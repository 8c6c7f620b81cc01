// Signing in and the accounts behind it, over a real store.

#include "auth/authenticator.hpp"

#include "store/open.hpp"
#include "store/write_behind.hpp"
#include "unit/auth/known_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace storysign::auth {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kPassword = "correct horse";

class Accounts : public ::testing::Test {
 public:
  Accounts() {
    fs::create_directories(folder_);
    open();
  }
  ~Accounts() override {
    auth_.reset();
    queue_.reset();
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  Accounts(Accounts&&) = delete;
  Accounts& operator=(Accounts&&) = delete;

 protected:
  void open(std::uint32_t memory_kib = 64) {
    auth_.reset();
    queue_.reset();
    auto store = store::open_store({.url = "", .directory = folder_, .password = {}}, wall_);
    ASSERT_TRUE(store) << store.error().message;
    queue_ = std::make_unique<store::WriteBehind>(*std::move(store), store::WriteBehindOptions{},
                                                  metrics_, log_);
    AuthOptions options;
    options.session = hours(12);
    options.idle = minutes(60);
    options.login_per_minute = 5;
    options.cost = {.memory_kib = memory_kib, .passes = 1, .lanes = 1};
    auto auth = Authenticator::create(*queue_, options, &known_random);
    ASSERT_TRUE(auth) << auth.error().message;
    auth_ = *std::move(auth);
  }

  [[nodiscard]] Moment now() const {
    return {.steady = base::SteadyTime(wall_.time_since_epoch()), .wall = wall_};
  }

  /// Calls and waits for the answer.
  template <class T, class Call>
  Outcome<T> wait(Call call) {
    auto promise = std::make_shared<std::promise<Outcome<T>>>();
    call([promise](Outcome<T> outcome) { promise->set_value(std::move(outcome)); });
    return promise->get_future().get();
  }
  Outcome<store::Account> add(const std::string& name, Role role = Role::kLearner,
                              const Actor& actor = {}) {
    return wait<store::Account>([&](const auto& done) {
      auth_->add(actor,
                 {.id = "", .name = name, .display_name = "", .role = role, .password_hash = ""},
                 std::string(kPassword), now(), done);
    });
  }
  Outcome<SignedIn> sign_in(const std::string& name, const std::string& password,
                            const std::string& address = "10.0.0.1") {
    return wait<SignedIn>(
        [&](const auto& done) { auth_->sign_in(name, password, address, now(), done); });
  }
  std::optional<Identity> who(const std::string& token) {
    return *wait<std::optional<Identity>>(
        [&](const auto& done) { auth_->identify(token, now(), done); });
  }
  Outcome<bool> change_password(const SignedIn& in, std::string_view before,
                                std::string_view after) {
    return wait<bool>([&](const auto& done) {
      auth_->change_password({.who = in.who, .address = "10.0.0.1"}, in.token, std::string(before),
                             std::string(after), now(), done);
    });
  }
  Outcome<store::Account> change(const Actor& actor, const std::string& name,
                                 const AccountChange& what) {
    return wait<store::Account>(
        [&](const auto& done) { auth_->change(actor, name, what, std::nullopt, now(), done); });
  }
  Outcome<bool> remove(const Actor& actor, const std::string& name) {
    return wait<bool>([&](const auto& done) { auth_->remove(actor, name, now(), done); });
  }
  std::vector<std::string> names(const Actor& actor) {
    const auto list =
        *wait<std::vector<store::Account>>([&](const auto& done) { auth_->list(actor, done); });
    std::vector<std::string> out;
    out.reserve(list.size());
    for (const store::Account& account : list) out.push_back(account.name);
    return out;
  }
  /// "actor action subject detail", the oldest first.
  std::vector<std::string> audit_lines() {
    std::vector<std::string> out;
    EXPECT_TRUE(queue_->ask_and_wait([&](store::Store& store) {
      const auto lines = store.audit_lines(100);
      for (const store::AuditLine& line : *lines) {
        out.insert(out.begin(), line.actor + " " + line.action + " " + line.subject + " " +
                                    line.detail + "@" + line.address);
      }
    }));
    return out;
  }
  /// Every byte that the store has on disk.
  std::string disk() {
    std::stringstream all;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file()) all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    }
    return all.str();
  }

  fs::path folder_ = fs::temp_directory_path() / ("storysign-auth-" + std::to_string(getpid()));
  store::Time wall_{seconds(1'800'000'000)};
  telemetry::Metrics metrics_;
  telemetry::Log log_{{.level = telemetry::LogLevel::kOff}};
  std::unique_ptr<store::WriteBehind> queue_;
  std::unique_ptr<Authenticator> auth_;
};

Actor as(const SignedIn& in) {
  return {.who = in.who, .address = "10.0.0.1"};
}

TEST_F(Accounts, SignInAndOut) {
  ASSERT_TRUE(add("ada"));
  const auto in = sign_in("Ada", std::string(kPassword));
  ASSERT_TRUE(in) << in.error().sentence;
  EXPECT_EQ(in->who.name, "ada");
  EXPECT_EQ(in->lifetime, hours(12));
  ASSERT_TRUE(who(in->token));
  EXPECT_EQ(who(in->token)->id, in->who.id);
  ASSERT_TRUE(
      wait<bool>([&](const auto& done) { auth_->sign_out(in->token, as(*in), now(), done); }));
  EXPECT_FALSE(who(in->token));
  EXPECT_THAT(audit_lines(), ElementsAre("operator account_made ada role learner@",
                                         "ada login ada @10.0.0.1", "ada logout ada @10.0.0.1"));
}

TEST_F(Accounts, WrongNameAndWrongPasswordLookTheSame) {
  ASSERT_TRUE(add("ada"));
  ASSERT_TRUE(add("bob"));
  ASSERT_TRUE(
      change({}, "bob", {.role = {}, .disabled = true, .display_name = {}, .password_hash = {}}));
  const auto wrong = sign_in("ada", "wrong horse", "1");
  const auto unknown = sign_in("eve", std::string(kPassword), "2");
  const auto disabled = sign_in("bob", std::string(kPassword), "3");
  const auto nonsense = sign_in("a b", std::string(kPassword), "4");
  for (const auto* outcome : {&wrong, &unknown, &disabled, &nonsense}) {
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().fault, Fault::kWrong);
    EXPECT_EQ(outcome->error().sentence, wrong.error().sentence);
  }
  const auto lines = audit_lines();
  EXPECT_EQ(lines[3], " login_failed ada @1");
  EXPECT_EQ(lines[4], " login_failed  @2") << "what was typed may be a password";
}

TEST_F(Accounts, LoginsEndByThemselves) {
  ASSERT_TRUE(add("ada"));
  const auto in = sign_in("ada", std::string(kPassword));
  wall_ += minutes(59);
  EXPECT_TRUE(who(in->token)) << "used, so it goes on";
  wall_ += minutes(59);
  EXPECT_TRUE(who(in->token));
  wall_ += minutes(60);
  EXPECT_FALSE(who(in->token)) << "idle for too long";
  const auto busy = sign_in("ada", std::string(kPassword));
  for (int i = 0; i < 23; ++i) {
    wall_ += minutes(30);
    EXPECT_TRUE(who(busy->token)) << i;
  }
  wall_ += minutes(30);
  EXPECT_FALSE(who(busy->token)) << "12 hours, however busy";
}

TEST_F(Accounts, OnlyAnExactTokenIsSomebody) {
  ASSERT_TRUE(add("ada"));
  const auto in = sign_in("ada", std::string(kPassword));
  EXPECT_FALSE(who(""));
  EXPECT_FALSE(who(in->token + "0"));
  EXPECT_FALSE(who(std::string(64, '0')));
  EXPECT_FALSE(who("' OR 1=1 --"));
}

TEST_F(Accounts, NothingThatOpensIsOnDisk) {
  ASSERT_TRUE(add("ada"));
  const auto in = sign_in("ada", std::string(kPassword));
  ASSERT_TRUE(queue_->ask_and_wait([](store::Store& /*store*/) {}));
  const std::string bytes = disk();
  EXPECT_THAT(bytes, HasSubstr("$argon2id$"));
  EXPECT_THAT(bytes, Not(HasSubstr(std::string(kPassword))));
  EXPECT_THAT(bytes, Not(HasSubstr(in->token)));
}

TEST_F(Accounts, ANewPasswordEndsTheOtherLogins) {
  ASSERT_TRUE(add("ada"));
  const auto here = sign_in("ada", std::string(kPassword));
  const auto there = sign_in("ada", std::string(kPassword));
  const auto ticket = auth_->tickets().issue(here->who, now().steady);
  EXPECT_EQ(change_password(*here, "wrong horse", "battery staple").error().fault, Fault::kWrong);
  EXPECT_EQ(change_password(*here, kPassword, "short").error().fault, Fault::kInvalid);
  EXPECT_TRUE(who(there->token));
  ASSERT_TRUE(change_password(*here, kPassword, "battery staple"));
  EXPECT_TRUE(who(here->token));
  EXPECT_FALSE(who(there->token));
  EXPECT_FALSE(auth_->tickets().redeem(*ticket, now().steady).who);
  EXPECT_FALSE(sign_in("ada", std::string(kPassword)));
  EXPECT_TRUE(sign_in("ada", "battery staple"));
}

TEST_F(Accounts, TriesAreLimited) {
  ASSERT_TRUE(add("ada"));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(sign_in("ada", "wrong horse").error().fault, Fault::kWrong);
  }
  const auto refused = sign_in("ada", std::string(kPassword));
  ASSERT_FALSE(refused) << "even with the right one";
  EXPECT_EQ(refused.error().fault, Fault::kTooMany);
  EXPECT_EQ(refused.error().retry_after, seconds(12));
  wall_ += seconds(12);
  EXPECT_TRUE(sign_in("ada", std::string(kPassword)));
}

TEST_F(Accounts, HashesAreMadeAgainAtANewCost) {
  ASSERT_TRUE(add("ada"));
  open(128);
  const auto hash = [&] {
    std::string out;
    EXPECT_TRUE(queue_->ask_and_wait([&](store::Store& store) {
      out = (*store.find_account_by_name("ada"))->password_hash.value_or("");
    }));
    return out;
  };
  EXPECT_THAT(hash(), HasSubstr("m=64"));
  EXPECT_FALSE(sign_in("ada", "wrong horse"));
  EXPECT_THAT(hash(), HasSubstr("m=64"));
  ASSERT_TRUE(sign_in("ada", std::string(kPassword)));
  EXPECT_THAT(hash(), HasSubstr("m=128"));
  EXPECT_TRUE(sign_in("ada", std::string(kPassword)));
}

TEST_F(Accounts, AreManagedByWhoMay) {
  ASSERT_TRUE(add("root", Role::kAdmin));
  ASSERT_TRUE(add("grace", Role::kTeacher));
  ASSERT_TRUE(add("ada"));
  const Actor root = as(*sign_in("root", std::string(kPassword)));
  const Actor grace = as(*sign_in("grace", std::string(kPassword)));
  const Actor ada = as(*sign_in("ada", std::string(kPassword)));
  EXPECT_THAT(names(root), ElementsAre("ada", "grace", "root"));
  EXPECT_THAT(names(grace), ElementsAre("ada"));
  EXPECT_THAT(names(ada), ElementsAre());
  EXPECT_TRUE(add("bob", Role::kLearner, grace));
  EXPECT_EQ(add("eve", Role::kTeacher, grace).error().fault, Fault::kForbidden);
  EXPECT_EQ(add("eve", Role::kLearner, ada).error().fault, Fault::kForbidden);
  EXPECT_EQ(add("bob", Role::kLearner, root).error().fault, Fault::kInvalid) << "taken";
  AccountChange promote;
  promote.role = Role::kAdmin;
  EXPECT_EQ(change(grace, "bob", promote).error().fault, Fault::kForbidden);
  EXPECT_EQ(change(grace, "root", {}).error().fault, Fault::kForbidden);
  EXPECT_EQ(change(root, "nobody", {}).error().fault, Fault::kNotFound);
  EXPECT_EQ(change(root, "guest", {}).error().fault, Fault::kNotFound);
  AccountChange demote;
  demote.role = Role::kLearner;
  EXPECT_EQ(change(root, "root", demote).error().fault, Fault::kForbidden);
  AccountChange disable;
  disable.disabled = true;
  EXPECT_EQ(change(root, "root", disable).error().fault, Fault::kForbidden);
  EXPECT_EQ(remove(root, "root").error().fault, Fault::kForbidden);
  EXPECT_EQ(remove(grace, "root").error().fault, Fault::kForbidden);
  EXPECT_TRUE(remove(grace, "bob"));
  EXPECT_THAT(names(root), ElementsAre("ada", "grace", "root"));
}

TEST_F(Accounts, LoseTheirLoginsWhenTheyChange) {
  ASSERT_TRUE(add("ada"));
  for (int i = 0; i < 3; ++i) {
    AccountChange what;
    if (i == 0) what.role = Role::kTeacher;
    if (i == 1) what.display_name = "Ada";
    if (i == 2) what.disabled = true;
    const auto in = sign_in("ada", std::string(kPassword));
    ASSERT_TRUE(in);
    ASSERT_TRUE(change({}, "ada", what));
    EXPECT_EQ(who(in->token).has_value(), i == 1) << i;
  }
}

TEST_F(Accounts, LeaveNothingWhenTheyAreRemoved) {
  ASSERT_TRUE(add("adalovelace"));
  const auto in = sign_in("adalovelace", std::string(kPassword));
  ASSERT_TRUE(remove({}, "adalovelace"));
  EXPECT_FALSE(who(in->token));
  EXPECT_FALSE(sign_in("adalovelace", std::string(kPassword)));
  const auto lines = audit_lines();
  EXPECT_THAT(lines, ::testing::Contains("operator account_removed  role learner@"));
  auth_.reset();
  queue_.reset();
  EXPECT_THAT(disk(), Not(HasSubstr("adalovelace")));
}

TEST_F(Accounts, ABusyStoreIsSaid) {
  class Full : public store::Queue {
   public:
    [[nodiscard]] bool write(Write /*work*/, Done /*done*/) override { return false; }
    [[nodiscard]] bool ask(Question /*question*/) override { return false; }
  } full;
  AuthOptions options;
  options.cost = {.memory_kib = 64, .passes = 1, .lanes = 1};
  auto auth = Authenticator::create(full, options, &known_random);
  ASSERT_TRUE(auth);
  const auto refused = wait<SignedIn>(
      [&](const auto& done) { (*auth)->sign_in("ada", std::string(kPassword), "1", now(), done); });
  EXPECT_EQ(refused.error().fault, Fault::kUnavailable);
}

}  // namespace
}  // namespace storysign::auth
