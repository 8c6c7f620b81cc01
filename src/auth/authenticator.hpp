#pragma once

#include "auth/accounts.hpp"
#include "auth/login_limits.hpp"
#include "auth/outcome.hpp"
#include "auth/password.hpp"
#include "auth/tickets.hpp"
#include "base/clock.hpp"
#include "base/job_thread.hpp"
#include "base/mutex.hpp"
#include "store/store.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::auth {

struct AuthOptions {
  std::chrono::seconds session{std::chrono::hours(12)};  ///< From signing in to its end.
  std::chrono::seconds idle{std::chrono::minutes(60)};   ///< Without a request.
  int login_per_minute = 10;                             ///< See LoginLimits.
  PasswordCost cost;
  std::size_t waiting = 64;  ///< Passwords that may wait to be hashed.
};

/// What time it is, when a call is made.
struct Moment {
  base::SteadyTime steady;
  store::Time wall;
};

/// What a browser gets when somebody has signed in.
struct SignedIn {
  Identity who;
  std::string token;  ///< The cookie's value; stored nowhere.
  std::chrono::seconds lifetime{};
};

/// Signing in and out, and the accounts behind it. Owned by app; must outlive the server's routes,
/// and go before the store's queue. Every call returns at once, from any thread; its callback is
/// called once, from the caller's thread, the store's or the one for passwords, or never if this
/// object ends first.
class Authenticator {
 public:
  template <class T>
  using Done = std::function<void(Outcome<T>)>;

  /// Fails if no password can be hashed at this cost. `queue` outlives it.
  [[nodiscard]] static base::Result<std::unique_ptr<Authenticator>> create(
      store::Queue& queue, const AuthOptions& options, Random random);

  /// The failure is the same sentence for a wrong name, a wrong password and a disabled account,
  /// and takes as long.
  void sign_in(const std::string& name, const std::string& password, const std::string& address,
               Moment now, const Done<SignedIn>& done);
  /// Whose cookie this is; nothing if nobody's any more.
  void identify(const std::string& token, Moment now, const Done<std::optional<Identity>>& done);
  /// Whether the account may still be used, with its role as it is now.
  void look_up(const std::string& account_id, const Done<std::optional<Identity>>& done);
  void sign_out(const std::string& token, const Actor& actor, Moment now, const Done<bool>& done);
  /// Ends all other logins of the account, and its unused tickets.
  void change_password(const Actor& actor, const std::string& token,
                       const std::string& old_password, const std::string& new_password, Moment now,
                       const Done<bool>& done);

  void list(const Actor& actor, const Done<std::vector<store::Account>>& done);
  /// `account.password_hash` and `id` are made here.
  void add(const Actor& actor, NewAccount account, const std::string& password, Moment now,
           const Done<store::Account>& done);
  /// `password` is the new one, if there is one.
  void change(const Actor& actor, const std::string& name, const AccountChange& change,
              const std::optional<std::string>& password, Moment now,
              const Done<store::Account>& done);
  void remove(const Actor& actor, const std::string& name, Moment now, const Done<bool>& done);

  [[nodiscard]] Tickets& tickets() noexcept { return tickets_; }

  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;
  Authenticator(Authenticator&&) = delete;
  Authenticator& operator=(Authenticator&&) = delete;
  /// Waits for what the store was asked; passwords that wait are not looked at any more.
  ~Authenticator();

 private:
  Authenticator(store::Queue& queue, const AuthOptions& options, Random random, std::string decoy);

  [[nodiscard]] bool put(store::Queue::Question question) STORYSIGN_EXCLUDES(mutex_);
  template <class T>
  void ask(const Done<T>& done, std::function<Outcome<T>(store::Store&)> question);
  template <class T>
  bool hash_later(const Done<T>& done, std::function<void()> job);
  void check_sign_in(const store::Account& account, const std::string& password,
                     const std::string& address, Moment now, const Done<SignedIn>& done);
  void count_wrong(const std::string& name, const std::string& address, Moment now,
                   const Done<SignedIn>& done);

  // Given.
  store::Queue& queue_;
  AuthOptions options_;
  Random random_;
  std::string decoy_;  ///< A hash that no password opens, for accounts that do not exist.
  // State.
  base::Mutex mutex_;
  base::Condition answered_;
  int asked_ STORYSIGN_GUARDED_BY(mutex_) = 0;  ///< Questions that the store has yet to answer.
  LoginLimits limits_;
  Tickets tickets_;
  base::JobThread<std::function<void()>> hashing_;  ///< The last: it uses the above.
};

}  // namespace storysign::auth
