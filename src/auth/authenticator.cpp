#include "auth/authenticator.hpp"

#include "auth/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace storysign::auth {
namespace {

// A login's last use is written down this often: not with every request.
constexpr std::chrono::seconds kRenewal{60};
constexpr std::string_view kBusy = "The server has too much to do; try again in a moment.";

tl::unexpected<Failure> wrong() {
  return refuse(Fault::kWrong, "Name and password do not belong together.");
}

tl::unexpected<Failure> too_many(std::chrono::seconds wait) {
  return tl::unexpected<Failure>(
      Failure{.fault = Fault::kTooMany,
              .sentence = fmt::format("Too many tries; wait {} second{}.", wait.count(),
                                      wait.count() == 1 ? "" : "s"),
              .retry_after = wait});
}

Identity identity_of(const store::Account& account) {
  return {.id = account.id, .name = account.name, .role = account.role, .is_guest = false};
}

bool is_token(std::string_view text) noexcept {
  return text.size() == 2 * kTokenBytes && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

/// The account if it is still as it was when its password was looked at.
base::Result<store::Account> unchanged(store::Store& store, const store::Account& account) {
  auto now = store.find_account(account.id);
  if (!now) {
    return tl::unexpected(now.error());
  }
  if (!*now || (*now)->disabled || (*now)->password_hash != account.password_hash) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "The account was changed in the meantime; sign in again.");
  }
  return **std::move(now);
}

}  // namespace

base::Result<std::unique_ptr<Authenticator>> Authenticator::create(store::Queue& queue,
                                                                   const AuthOptions& options,
                                                                   Random random) {
  auto decoy = hash_password(random_token(random), options.cost, random);
  if (!decoy) {
    return tl::unexpected(decoy.error());
  }
  return std::unique_ptr<Authenticator>(
      new Authenticator(queue, options, random, *std::move(decoy)));
}

Authenticator::Authenticator(store::Queue& queue, const AuthOptions& options, Random random,
                             std::string decoy)
    : queue_(queue),
      options_(options),
      random_(random),
      decoy_(std::move(decoy)),
      limits_(options.login_per_minute),
      tickets_(random),
      hashing_("passwords", options.waiting, [](std::function<void()>& job) { job(); }) {}

Authenticator::~Authenticator() {
  hashing_.stop();
  const base::MutexLock lock(mutex_);
  while (asked_ > 0) {
    answered_.wait(mutex_);
  }
}

/// Every question goes this way, so that none is left when this object goes.
bool Authenticator::put(store::Queue::Question question) {
  {
    const base::MutexLock lock(mutex_);
    ++asked_;
  }
  const auto finished = [this] {
    const base::MutexLock lock(mutex_);
    --asked_;
    answered_.notify_all();
  };
  if (queue_.ask([question = std::move(question), finished](store::Store& store) {
        question(store);
        finished();
      })) {
    return true;
  }
  finished();
  return false;
}

/// Answers on the store's thread, or refuses at once.
template <class T>
void Authenticator::ask(const Done<T>& done, std::function<Outcome<T>(store::Store&)> question) {
  if (!put(
          [done, question = std::move(question)](store::Store& store) { done(question(store)); })) {
    done(refuse(Fault::kUnavailable, std::string(kBusy)));
  }
}

/// False if `done` was told that there is no room.
template <class T>
bool Authenticator::hash_later(const Done<T>& done, std::function<void()> job) {
  if (hashing_.submit(std::move(job))) {
    return true;
  }
  done(refuse(Fault::kUnavailable, std::string(kBusy)));
  return false;
}

void Authenticator::sign_in(const std::string& name, const std::string& password,
                            const std::string& address, Moment now, const Done<SignedIn>& done) {
  const auto known = account_name(name);
  const std::string key = known.value_or(name);
  if (const auto wait = limits_.begin(address, key, now.steady); wait.count() > 0) {
    done(too_many(wait));
    return;
  }
  const bool asked = put([=, this](store::Store& store) {
    const auto found = store.find_account_by_name(key);
    if (!found) {
      done(store_failure(found.error()));
      return;
    }
    static_cast<void>(hash_later<SignedIn>(done, [=, this, account = *found] {
      const bool opens = known && account && !account->disabled && account->password_hash;
      // As much work for an account that does not exist.
      if (verify_password(password, opens ? *account->password_hash : decoy_) && opens) {
        limits_.succeeded(address, key, now.steady);
        check_sign_in(*account, password, address, now, done);
      } else {
        count_wrong(account ? account->name : std::string(), address, now, done);
      }
    }));
  });
  if (!asked) {
    done(refuse(Fault::kUnavailable, std::string(kBusy)));
  }
}

/// The password was right; the thread that hashes.
void Authenticator::check_sign_in(const store::Account& account, const std::string& password,
                                  const std::string& address, Moment now,
                                  const Done<SignedIn>& done) {
  std::optional<std::string> fresh_hash;
  if (needs_rehash(*account.password_hash, options_.cost)) {
    if (auto hashed = hash_password(password, options_.cost, random_)) {
      fresh_hash = *std::move(hashed);
    }
  }
  const std::string token = random_token(random_);
  ask<SignedIn>(done, [=, this](store::Store& store) -> Outcome<SignedIn> {
    const Actor actor{.who = identity_of(account), .address = address};
    const auto stored = store.atomically([&]() -> base::Result<void> {
      auto current = unchanged(store, account);
      if (!current) {
        return tl::unexpected(current.error());
      }
      if (fresh_hash) {
        current->password_hash = fresh_hash;
        if (auto updated = store.update_account(*current); !updated) {
          return updated;
        }
      }
      return store
          .add_login({.token_hash = sha256(token),
                      .account_id = account.id,
                      .created = now.wall,
                      .expires = now.wall + std::min(options_.session, options_.idle),
                      .last_seen = now.wall})
          .and_then([&] { return audit(store, actor, "login", account.name, now.wall); });
    });
    if (!stored) {
      return store_failure(stored.error());
    }
    return SignedIn{.who = *actor.who, .token = token, .lifetime = options_.session};
  });
}

/// `name` is that of an account, or empty: what else somebody typed may be a password.
void Authenticator::count_wrong(const std::string& name, const std::string& address, Moment now,
                                const Done<SignedIn>& done) {
  ask<SignedIn>(done, [=](store::Store& store) -> Outcome<SignedIn> {
    const auto noted = store.add_audit_line({.time = now.wall,
                                             .actor = "",
                                             .action = "login_failed",
                                             .subject = name,
                                             .address = address,
                                             .detail = ""});
    if (!noted) {
      return store_failure(noted.error());
    }
    return wrong();
  });
}

void Authenticator::identify(const std::string& token, Moment now,
                             const Done<std::optional<Identity>>& done) {
  if (!is_token(token)) {
    done(std::optional<Identity>());
    return;
  }
  ask<std::optional<Identity>>(
      done,
      [=, this, hash = sha256(token)](store::Store& store) -> Outcome<std::optional<Identity>> {
        const auto login = store.find_login(hash);
        if (!login) {
          return store_failure(login.error());
        }
        // The times are looked at as the settings are now, whatever they were at the sign-in.
        if (!*login || now.wall >= (*login)->created + options_.session ||
            now.wall >= (*login)->last_seen + options_.idle) {
          return std::optional<Identity>();
        }
        const auto account = store.find_account((*login)->account_id);
        if (!account) {
          return store_failure(account.error());
        }
        if (!*account || (*account)->disabled) {
          return std::optional<Identity>();
        }
        if (now.wall >= (*login)->last_seen + std::min(kRenewal, options_.idle / 4)) {
          const auto renewed = store.renew_login(
              hash, now.wall,
              std::min((*login)->created + options_.session, now.wall + options_.idle));
          if (!renewed) {
            return store_failure(renewed.error());
          }
        }
        return std::optional<Identity>(identity_of(**account));
      });
}

void Authenticator::look_up(const std::string& account_id,
                            const Done<std::optional<Identity>>& done) {
  ask<std::optional<Identity>>(done, [=](store::Store& store) -> Outcome<std::optional<Identity>> {
    const auto account = store.find_account(account_id);
    if (!account) {
      return store_failure(account.error());
    }
    return *account && !(*account)->disabled ? std::optional<Identity>(identity_of(**account))
                                             : std::nullopt;
  });
}

void Authenticator::sign_out(const std::string& token, const Actor& actor, Moment now,
                             const Done<bool>& done) {
  if (actor.who) {
    tickets_.revoke(actor.who->id);
  }
  ask<bool>(done, [=](store::Store& store) -> Outcome<bool> {
    const auto gone = store.atomically([&]() -> base::Result<void> {
      return store.remove_login(sha256(token)).and_then([&]() -> base::Result<void> {
        return actor.who ? audit(store, actor, "logout", actor.who->name, now.wall)
                         : base::Result<void>();
      });
    });
    if (!gone) {
      return store_failure(gone.error());
    }
    return true;
  });
}

void Authenticator::change_password(const Actor& actor, const std::string& token,
                                    const std::string& old_password,
                                    const std::string& new_password, Moment now,
                                    const Done<bool>& done) {
  const Identity& who = *actor.who;
  if (const auto fit = check_new_password(new_password, who.name); !fit) {
    done(refuse(Fault::kInvalid, fit.error().message));
    return;
  }
  // A stolen cookie is no way to guess the password.
  if (const auto wait = limits_.begin(actor.address, who.name, now.steady); wait.count() > 0) {
    done(too_many(wait));
    return;
  }
  const bool asked = put([=, this](store::Store& store) {
    const auto found = store.find_account(who.id);
    if (!found) {
      done(store_failure(found.error()));
      return;
    }
    static_cast<void>(hash_later<bool>(done, [=, this, account = *found] {
      if (!account || !account->password_hash ||
          !verify_password(old_password, *account->password_hash)) {
        done(refuse(Fault::kWrong, "The old password is another one."));
        return;
      }
      limits_.succeeded(actor.address, who.name, now.steady);
      const auto hashed = hash_password(new_password, options_.cost, random_);
      if (!hashed) {
        done(refuse(Fault::kFailed, hashed.error().message));
        return;
      }
      ask<bool>(done, [=, this, hash = *hashed](store::Store& asked_store) -> Outcome<bool> {
        const auto changed = asked_store.atomically([&]() -> base::Result<void> {
          auto current = unchanged(asked_store, *account);
          if (!current) {
            return tl::unexpected(current.error());
          }
          current->password_hash = hash;
          return asked_store.update_account(*current)
              .and_then([&] { return asked_store.remove_logins(who.id, sha256(token)); })
              .and_then([&] {
                return audit(asked_store, actor, "password_changed", who.name, now.wall);
              });
        });
        if (!changed) {
          return store_failure(changed.error());
        }
        tickets_.revoke(who.id);
        return true;
      });
    }));
  });
  if (!asked) {
    done(refuse(Fault::kUnavailable, std::string(kBusy)));
  }
}

void Authenticator::list(const Actor& actor, const Done<std::vector<store::Account>>& done) {
  ask<std::vector<store::Account>>(
      done, [=](store::Store& store) { return list_accounts(store, actor); });
}

void Authenticator::add(const Actor& actor, NewAccount account, const std::string& password,
                        Moment now, const Done<store::Account>& done) {
  if (const auto fit = check_new_password(password, account.name); !fit) {
    done(refuse(Fault::kInvalid, fit.error().message));
    return;
  }
  account.id = random_id(random_);
  static_cast<void>(hash_later<store::Account>(done, [=, this]() mutable {
    const auto hashed = hash_password(password, options_.cost, random_);
    if (!hashed) {
      done(refuse(Fault::kFailed, hashed.error().message));
      return;
    }
    account.password_hash = *hashed;
    ask<store::Account>(
        done, [=](store::Store& store) { return add_account(store, actor, account, now.wall); });
  }));
}

void Authenticator::change(const Actor& actor, const std::string& name, const AccountChange& change,
                           const std::optional<std::string>& password, Moment now,
                           const Done<store::Account>& done) {
  const auto apply = [=, this](const AccountChange& wanted) {
    ask<store::Account>(done, [=, this](store::Store& store) {
      auto changed = change_account(store, actor, name, wanted, now.wall);
      if (changed) {
        tickets_.revoke(changed->id);
      }
      return changed;
    });
  };
  if (!password) {
    apply(change);
    return;
  }
  if (const auto fit = check_new_password(*password, name); !fit) {
    done(refuse(Fault::kInvalid, fit.error().message));
    return;
  }
  static_cast<void>(hash_later<store::Account>(done, [=, this, wanted = change]() mutable {
    const auto hashed = hash_password(*password, options_.cost, random_);
    if (!hashed) {
      done(refuse(Fault::kFailed, hashed.error().message));
      return;
    }
    wanted.password_hash = *hashed;
    apply(wanted);
  }));
}

void Authenticator::remove(const Actor& actor, const std::string& name, Moment now,
                           const Done<bool>& done) {
  ask<bool>(done, [=, this](store::Store& store) -> Outcome<bool> {
    const auto removed = remove_account(store, actor, name, now.wall);
    if (!removed) {
      return tl::unexpected(removed.error());
    }
    tickets_.revoke(*removed);
    return true;
  });
}

}  // namespace storysign::auth
