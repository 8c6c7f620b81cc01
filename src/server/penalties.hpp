#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"

#include <chrono>
#include <map>
#include <string>

namespace storysign::server {

/// Makes those wait who come back after a connection of theirs was closed for breaking the rules,
/// longer each time, so that closing them is of use. By address; others there wait as well, but
/// nobody is refused. Any thread.
class Penalties {
 public:
  /// `first` is the wait after one offence; each further one doubles it, up to kLongest. 0: none.
  explicit Penalties(std::chrono::milliseconds first) noexcept : first_(first) {}

  /// From now on, also for offences on record.
  void set_first(std::chrono::milliseconds first);

  void add(const std::string& address, base::SteadyTime now);

  /// How long a new connection from there is to wait.
  [[nodiscard]] std::chrono::milliseconds wait(const std::string& address,
                                               base::SteadyTime now) const;

  static constexpr std::chrono::milliseconds kLongest{8000};
  /// After so long one offence is forgotten.
  static constexpr std::chrono::seconds kForgetting{10};

 private:
  struct Record {
    double offences = 0.0;
    base::SteadyTime at;
  };
  [[nodiscard]] static double left(const Record& record, base::SteadyTime now);

  // State.
  mutable base::Mutex mutex_;
  std::chrono::milliseconds first_ STORYSIGN_GUARDED_BY(mutex_);
  std::map<std::string, Record> records_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::server
