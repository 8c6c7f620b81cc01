#pragma once

#include "auth/random.hpp"
#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "base/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace storysign::auth {

/// Why a token opens nothing.
enum class TicketFault : std::uint8_t { kUnknown, kUsed, kExpired };

/// For sentences and for the log: "unknown", "used", "expired".
[[nodiscard]] std::string_view fault_name(TicketFault fault) noexcept;

/// Who redeemed a token, or why it is refused.
struct Redeemed {
  std::optional<Identity> who;
  TicketFault fault = TicketFault::kUnknown;  ///< If there is nobody.
};

/// Tokens that open one WebSocket each within a minute, for clients that have no cookie there. In
/// memory, by their SHA-256 only, and good on the node that gave them. Any thread.
class Tickets {
 public:
  static constexpr std::chrono::seconds kLifetime{60};
  static constexpr std::size_t kMost = 4096;
  static constexpr std::size_t kMostOfOne = 64;  ///< Of one account, used ones of late included.

  explicit Tickets(Random random) noexcept : random_(random) {}

  /// A fresh token, or nothing if too many were given of late.
  [[nodiscard]] std::optional<std::string> issue(const Identity& who, base::SteadyTime now)
      STORYSIGN_EXCLUDES(mutex_);
  /// Uses a token up.
  [[nodiscard]] Redeemed redeem(std::string_view token, base::SteadyTime now)
      STORYSIGN_EXCLUDES(mutex_);
  /// Takes all unused ones of an account back.
  void revoke(std::string_view account_id) STORYSIGN_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t size() const STORYSIGN_EXCLUDES(mutex_);

 private:
  struct Ticket {
    Identity who;
    base::SteadyTime expires;
    bool is_used = false;
  };

  // Given.
  Random random_;
  // State.
  mutable base::Mutex mutex_;
  /// By the SHA-256 of the token: what its comparison tells by its time is of no use to anybody.
  std::unordered_map<std::string, Ticket> tickets_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::auth
