#include "auth/accounts.hpp"

#include <fmt/format.h>

#include <functional>

namespace storysign::auth {
namespace {

constexpr std::string_view kOperator = "operator";

bool may_manage(const Actor& actor, Role other) noexcept {
  return !actor.who || auth::may_manage(*actor.who, other);
}

tl::unexpected<Failure> forbidden(const Actor& actor, Role other) {
  return refuse(Fault::kForbidden,
                fmt::format("The role {} may not manage accounts of the role {}.",
                            store::role_name(actor.who->role), store::role_name(other)));
}

/// The account, if there is one and the actor may manage it.
Outcome<store::Account> managed(store::Store& store, const Actor& actor, std::string_view name) {
  auto found = store.find_account_by_name(name);
  if (!found) {
    return store_failure(found.error());
  }
  if (!*found || (*found)->id == kGuestId) {
    return refuse(Fault::kNotFound, fmt::format("There is no account {}.", name));
  }
  if (!may_manage(actor, (*found)->role)) {
    return forbidden(actor, (*found)->role);
  }
  return **std::move(found);
}

bool is_self(const Actor& actor, const store::Account& account) noexcept {
  return actor.who && actor.who->id == account.id;
}

std::string describe(const AccountChange& change) {
  std::string out;
  const auto add = [&](std::string_view text) {
    out += out.empty() ? "" : ", ";
    out += text;
  };
  if (change.role) add(fmt::format("role {}", store::role_name(*change.role)));
  if (change.disabled) add(*change.disabled ? "disabled" : "enabled");
  if (change.display_name) add("display name");
  if (change.password_hash) add("password");
  return out;
}

}  // namespace

std::string_view actor_name(const Actor& actor) noexcept {
  return actor.who ? std::string_view(actor.who->name) : kOperator;
}

base::Result<void> audit(store::Store& store, const Actor& actor, std::string_view action,
                         std::string_view subject, store::Time now, std::string_view detail) {
  return store.add_audit_line({.time = now,
                               .actor = std::string(actor_name(actor)),
                               .action = std::string(action),
                               .subject = std::string(subject),
                               .address = actor.address,
                               .detail = std::string(detail)});
}

Outcome<std::vector<store::Account>> list_accounts(store::Store& store, const Actor& actor) {
  auto found = store.accounts();
  if (!found) {
    return store_failure(found.error());
  }
  std::erase_if(*found, [&](const store::Account& account) {
    return account.id == kGuestId || !may_manage(actor, account.role);
  });
  return *std::move(found);
}

Outcome<store::Account> add_account(store::Store& store, const Actor& actor,
                                    const NewAccount& account, store::Time now) {
  if (!may_manage(actor, account.role)) {
    return forbidden(actor, account.role);
  }
  store::Account row{.id = account.id,
                     .name = account.name,
                     .display_name = account.display_name,
                     .role = account.role,
                     .password_hash = account.password_hash,
                     .created = now,
                     .disabled = false};
  const auto done = store.atomically([&]() -> base::Result<void> {
    return store.add_account(row).and_then([&] {
      return audit(store, actor, "account_made", row.name, now,
                   fmt::format("role {}", store::role_name(row.role)));
    });
  });
  if (!done) {
    return store_failure(done.error());
  }
  return row;
}

Outcome<store::Account> change_account(store::Store& store, const Actor& actor,
                                       std::string_view name, const AccountChange& change,
                                       store::Time now) {
  auto account = managed(store, actor, name);
  if (!account) {
    return account;
  }
  if (change.role && !may_manage(actor, *change.role)) {
    return forbidden(actor, *change.role);
  }
  if (is_self(actor, *account) && (change.role || change.disabled)) {
    return refuse(Fault::kForbidden,
                  "Nobody can disable their own account or change its role; ask another "
                  "administrator.");
  }
  if (change.role) account->role = *change.role;
  if (change.disabled) account->disabled = *change.disabled;
  if (change.display_name) account->display_name = *change.display_name;
  if (change.password_hash) account->password_hash = *change.password_hash;
  const auto done = store.atomically([&]() -> base::Result<void> {
    return store.update_account(*account)
        .and_then([&]() -> base::Result<void> {
          return change.role || change.disabled || change.password_hash
                     ? store.remove_logins(account->id, "")
                     : base::Result<void>();
        })
        .and_then([&] {
          return audit(store, actor, "account_changed", account->name, now, describe(change));
        });
  });
  if (!done) {
    return store_failure(done.error());
  }
  return account;
}

Outcome<std::string> remove_account(store::Store& store, const Actor& actor, std::string_view name,
                                    store::Time now) {
  const auto account = managed(store, actor, name);
  if (!account) {
    return tl::unexpected(account.error());
  }
  if (is_self(actor, *account)) {
    return refuse(Fault::kForbidden,
                  "Nobody can remove their own account; ask another administrator.");
  }
  const auto done = store.atomically([&]() -> base::Result<void> {
    // The name goes with the account, so the line does not keep it.
    return store.delete_account(account->id).and_then([&] {
      return audit(store, actor, "account_removed", "", now,
                   fmt::format("role {}", store::role_name(account->role)));
    });
  });
  if (!done) {
    return store_failure(done.error());
  }
  if (const auto compacted = store.compact(); !compacted) {
    return store_failure(compacted.error());
  }
  return account->id;
}

}  // namespace storysign::auth
