#include "store/store.hpp"

#include <array>
#include <cstddef>

namespace storysign::store {
namespace {

constexpr std::array<std::string_view, 3> kRoles = {"learner", "teacher", "admin"};

}  // namespace

std::string_view role_name(Role role) noexcept {
  return kRoles[static_cast<std::size_t>(role)];
}

std::optional<Role> parse_role(std::string_view text) noexcept {
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (kRoles[i] == text) return static_cast<Role>(i);
  }
  return std::nullopt;
}

}  // namespace storysign::store
