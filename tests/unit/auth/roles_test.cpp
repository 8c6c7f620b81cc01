// Who may do what, written down a second time and walked completely.

#include "auth/roles.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

namespace storysign::auth {
namespace {

TEST(Roles, MayDoWhatTheTableSaysAndNothingElse) {
  const std::map<Role, std::set<Right>> expected = {
      {Role::kLearner, {Right::kPractise, Right::kOwnData, Right::kOwnPassword}},
      {Role::kTeacher,
       {Right::kPractise, Right::kOwnData, Right::kOwnPassword, Right::kTeach,
        Right::kManageLearners}},
      {Role::kAdmin,
       {Right::kPractise, Right::kOwnData, Right::kOwnPassword, Right::kTeach,
        Right::kManageLearners, Right::kManageAccounts, Right::kAnyData}}};
  for (const Role role : kRoles) {
    for (const Right right : kRights) {
      EXPECT_EQ(may({.id = "1", .name = "ada", .role = role}, right),
                expected.at(role).contains(right))
          << store::role_name(role) << " " << right_name(right);
    }
  }
}

TEST(Roles, GuestsHaveNoPassword) {
  EXPECT_EQ(guest().name, "guest");
  EXPECT_TRUE(may(guest(), Right::kPractise));
  EXPECT_FALSE(may(guest(), Right::kOwnPassword));
  EXPECT_FALSE(may(guest(), Right::kManageLearners));
}

TEST(Roles, GuestsMayTeach) {
  EXPECT_TRUE(may(guest(), Right::kTeach));
  EXPECT_FALSE(may({.id = "1", .name = "guest", .role = Role::kLearner}, Right::kTeach));
}

TEST(Roles, TeachersManageLearnersOnly) {
  const Identity teacher{.id = "1", .name = "grace", .role = Role::kTeacher};
  EXPECT_TRUE(may_manage(teacher, Role::kLearner));
  EXPECT_FALSE(may_manage(teacher, Role::kTeacher));
  EXPECT_FALSE(may_manage(teacher, Role::kAdmin));
  for (const Role role : kRoles) {
    EXPECT_TRUE(may_manage({.id = "1", .name = "root", .role = Role::kAdmin}, role));
    EXPECT_FALSE(may_manage({.id = "1", .name = "ada", .role = Role::kLearner}, role));
  }
}

TEST(Roles, DataIsForItsOwnerAndAdmins) {
  EXPECT_TRUE(may_handle_data({.id = "1", .name = "ada", .role = Role::kLearner}, "ada"));
  EXPECT_FALSE(may_handle_data({.id = "1", .name = "ada", .role = Role::kLearner}, "bob"));
  EXPECT_FALSE(may_handle_data({.id = "1", .name = "grace", .role = Role::kTeacher}, "ada"));
  EXPECT_TRUE(may_handle_data({.id = "1", .name = "root", .role = Role::kAdmin}, "ada"));
}

}  // namespace
}  // namespace storysign::auth
