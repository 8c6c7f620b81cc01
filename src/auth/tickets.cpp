#include "auth/tickets.hpp"

#include "auth/digest.hpp"

#include <algorithm>
#include <array>

namespace storysign::auth {

std::string_view fault_name(TicketFault fault) noexcept {
  constexpr std::array<std::string_view, 3> kNames = {"unknown", "used", "expired"};
  return kNames[static_cast<std::size_t>(fault)];
}

std::optional<std::string> Tickets::issue(const Identity& who, base::SteadyTime now) {
  const base::MutexLock lock(mutex_);
  // Those that have expired stay as long again, so that their owner is told why.
  std::erase_if(tickets_,
                [&](const auto& entry) { return now >= entry.second.expires + kLifetime; });
  const auto own = std::count_if(tickets_.begin(), tickets_.end(),
                                 [&](const auto& entry) { return entry.second.who.id == who.id; });
  if (tickets_.size() >= kMost || static_cast<std::size_t>(own) >= kMostOfOne) {
    return std::nullopt;
  }
  std::string token = random_token(random_);
  tickets_.emplace(sha256(token), Ticket{.who = who, .expires = now + kLifetime, .is_used = false});
  return token;
}

Redeemed Tickets::redeem(std::string_view token, base::SteadyTime now) {
  const std::string digest = sha256(token);
  const base::MutexLock lock(mutex_);
  const auto found = tickets_.find(digest);
  if (found == tickets_.end()) {
    return {.who = std::nullopt, .fault = TicketFault::kUnknown};
  }
  Ticket& ticket = found->second;
  if (ticket.is_used) {
    return {.who = std::nullopt, .fault = TicketFault::kUsed};
  }
  if (now >= ticket.expires) {
    return {.who = std::nullopt, .fault = TicketFault::kExpired};
  }
  ticket.is_used = true;
  return {.who = ticket.who, .fault = TicketFault::kUsed};
}

void Tickets::revoke(std::string_view account_id) {
  const base::MutexLock lock(mutex_);
  std::erase_if(tickets_, [&](const auto& entry) { return entry.second.who.id == account_id; });
}

std::size_t Tickets::size() const {
  const base::MutexLock lock(mutex_);
  return tickets_.size();
}

}  // namespace storysign::auth
