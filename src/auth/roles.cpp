#include "auth/roles.hpp"

#include <cstddef>

namespace storysign::auth {
namespace {

constexpr std::array<std::string_view, 7> kRightNames = {
    "practise",
    "export or delete their own data",
    "change their own password",
    "record signs, make lessons or see the class",
    "manage the accounts of learners",
    "manage all accounts",
    "export or delete the data of others"};

// Who may do what: a row for each right, in the order of Right; columns learner, teacher, admin.
constexpr std::array<std::array<bool, 3>, 7> kTable = {{
    {true, true, true},    // practise
    {true, true, true},    // own data
    {true, true, true},    // own password
    {false, true, true},   // teach
    {false, true, true},   // manage learners
    {false, false, true},  // manage accounts
    {false, false, true},  // any data
}};

}  // namespace

std::string_view right_name(Right right) noexcept {
  return kRightNames[static_cast<std::size_t>(right)];
}

Identity guest() {
  return {.id = std::string(kGuestId),
          .name = std::string(kGuestName),
          .role = Role::kLearner,
          .is_guest = true};
}

bool may(const Identity& who, Right right) noexcept {
  // A guest has no password to change, and is everybody: the teacher too.
  if (who.is_guest && right == Right::kOwnPassword) return false;
  if (who.is_guest && right == Right::kTeach) return true;
  return kTable[static_cast<std::size_t>(right)][static_cast<std::size_t>(who.role)];
}

bool may_manage(const Identity& who, Role other) noexcept {
  return may(who, other == Role::kLearner ? Right::kManageLearners : Right::kManageAccounts);
}

bool may_handle_data(const Identity& who, std::string_view name) noexcept {
  return may(who, who.name == name ? Right::kOwnData : Right::kAnyData);
}

}  // namespace storysign::auth
