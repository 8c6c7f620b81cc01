#pragma once

#include "store/store.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace storysign::auth {

/// What an account is for.
using store::Role;
inline constexpr std::array<Role, 3> kRoles = {Role::kLearner, Role::kTeacher, Role::kAdmin};

/// What somebody may be allowed to do; the one table of who may do what is in roles.cpp.
enum class Right : std::uint8_t {
  kPractise,        ///< Send frames and attempts, read the own attempts.
  kOwnData,         ///< Export and delete what is stored about oneself.
  kOwnPassword,     ///< Change the own password.
  kTeach,           ///< Record signs, make lessons, see the progress of all learners.
  kManageLearners,  ///< List, make, change and remove accounts of learners.
  kManageAccounts,  ///< The same with accounts of every role.
  kAnyData,         ///< Export and delete what is stored about anybody.
};
inline constexpr std::array<Right, 7> kRights = {
    Right::kPractise,       Right::kOwnData,        Right::kOwnPassword, Right::kTeach,
    Right::kManageLearners, Right::kManageAccounts, Right::kAnyData};

/// For sentences: "practise", "manage the accounts of learners".
[[nodiscard]] std::string_view right_name(Right right) noexcept;

/// Who somebody is. In the open mode everybody is the account `guest`, a learner without a
/// password who may teach as well: nobody else is there to do it.
struct Identity {
  std::string id;    ///< Of the account: a uuid.
  std::string name;  ///< Of the account: what a person signs in with.
  Role role = Role::kLearner;
  bool is_guest = false;
};

inline constexpr std::string_view kGuestName = "guest";
inline constexpr std::string_view kGuestId = "00000000-0000-4000-8000-000000000000";

/// The identity of everybody in the open mode.
[[nodiscard]] Identity guest();

/// Whether `who` may do it; nobody signed in may do nothing.
[[nodiscard]] bool may(const Identity& who, Right right) noexcept;

/// Whether `who` may see and change an account of role `other`.
[[nodiscard]] bool may_manage(const Identity& who, Role other) noexcept;

/// Whether `who` may export and delete what is stored about the account `name`.
[[nodiscard]] bool may_handle_data(const Identity& who, std::string_view name) noexcept;

}  // namespace storysign::auth
