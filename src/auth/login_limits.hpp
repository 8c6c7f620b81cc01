#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace storysign::auth {

/// How often somebody may try to sign in: so many times at once, then one by one with a wait that
/// doubles up to a bound. Counted by client address (of IPv6 its /64 network) and, so that a guess
/// from many addresses is slowed as well, by account name, where more is allowed and the wait stays
/// short: whoever knows a name must not be able to lock its owner out. Any thread.
class LoginLimits {
 public:
  /// `per_minute` tries of one address at once, and one more every 60 / per_minute seconds.
  explicit LoginLimits(int per_minute) noexcept;

  /// Counts a try, before the password is looked at. Zero: it may go on; else how long to wait, and
  /// it does not count.
  [[nodiscard]] std::chrono::seconds begin(std::string_view address, std::string_view name,
                                           base::SteadyTime now) STORYSIGN_EXCLUDES(mutex_);
  /// The try was right: it does not count, and the name's record is wiped.
  void succeeded(std::string_view address, std::string_view name, base::SteadyTime now)
      STORYSIGN_EXCLUDES(mutex_);

  /// Addresses and names on record together; bounded by twice kMostRecords.
  [[nodiscard]] std::size_t records() const STORYSIGN_EXCLUDES(mutex_);

  static constexpr std::size_t kMostRecords = 4096;
  static constexpr std::chrono::seconds kLongestWait{900};
  static constexpr std::chrono::seconds kLongestWaitOfName{60};
  /// Tries at a name for each that an address may make.
  static constexpr double kNameShare = 3.0;

 private:
  struct Record {
    double tries = 0.0;   ///< Forgotten at the rate of the limit, from `at` on.
    base::SteadyTime at;  ///< Not while it is blocked, or the waits would not grow.
    base::SteadyTime blocked_until;
    int blocks = 0;  ///< In a row.
  };
  using Records = std::unordered_map<std::string, Record>;
  struct Rule {
    double burst;
    std::chrono::duration<double> step;  ///< Between two tries that are allowed for good.
    std::chrono::seconds longest;
  };

  static double left(const Record& record, const Rule& rule, base::SteadyTime now);
  static Record& find(Records& records, const std::string& key, const Rule& rule,
                      base::SteadyTime now);
  static std::chrono::nanoseconds wait(const Records& records, const std::string& key,
                                       base::SteadyTime now);
  static void count(Records& records, const std::string& key, const Rule& rule,
                    base::SteadyTime now);

  // Given.
  Rule address_rule_;
  Rule name_rule_;
  // State.
  mutable base::Mutex mutex_;
  Records addresses_ STORYSIGN_GUARDED_BY(mutex_);
  Records names_ STORYSIGN_GUARDED_BY(mutex_);
};

/// What counts as one client: an IPv4 address, or the /64 network of an IPv6 address.
[[nodiscard]] std::string client_key(std::string_view address);

}  // namespace storysign::auth
