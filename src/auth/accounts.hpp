#pragma once

#include "auth/outcome.hpp"
#include "auth/roles.hpp"
#include "store/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::auth {

/// Who does something to an account, for its rights and for the audit lines.
struct Actor {
  std::optional<Identity> who;  ///< Nothing: the operator at the machine, who may do all.
  std::string address;
};

/// What an audit line calls the actor.
[[nodiscard]] std::string_view actor_name(const Actor& actor) noexcept;

struct NewAccount {
  std::string id;    ///< A fresh uuid.
  std::string name;  ///< As account_name() gives it.
  std::string display_name;
  Role role = Role::kLearner;
  std::string password_hash;
};

/// What is to change; what is not set stays.
struct AccountChange {
  std::optional<Role> role;
  std::optional<bool> disabled;
  std::optional<std::string> display_name;
  std::optional<std::string> password_hash;
};

// The steps below are for the store's thread. Each is done whole or not at all, with its audit
// line, and checks the rights of the actor itself.

/// Those that the actor may manage, in the order of their names; never the guest.
[[nodiscard]] Outcome<std::vector<store::Account>> list_accounts(store::Store& store,
                                                                 const Actor& actor);
[[nodiscard]] Outcome<store::Account> add_account(store::Store& store, const Actor& actor,
                                                  const NewAccount& account, store::Time now);
/// Ends the account's logins if it changes what its owner may do or knows. Nobody may disable their
/// own account or change its role: so an administrator remains.
[[nodiscard]] Outcome<store::Account> change_account(store::Store& store, const Actor& actor,
                                                     std::string_view name,
                                                     const AccountChange& change, store::Time now);
/// With everything that is stored about it.
[[nodiscard]] Outcome<std::string> remove_account(store::Store& store, const Actor& actor,
                                                  std::string_view name, store::Time now);

/// One audit line; also for what other rooms do with an account's data.
[[nodiscard]] base::Result<void> audit(store::Store& store, const Actor& actor,
                                       std::string_view action, std::string_view subject,
                                       store::Time now, std::string_view detail = "");

}  // namespace storysign::auth
