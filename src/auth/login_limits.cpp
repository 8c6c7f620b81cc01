#include "auth/login_limits.hpp"

#include "auth/digest.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

namespace storysign::auth {
namespace {

constexpr double kMinute = 60.0;
// Beyond it a wait is the longest one anyway.
constexpr int kMostDoublings = 16;
constexpr std::size_t kNetworkBytes = 8;

}  // namespace

LoginLimits::LoginLimits(int per_minute) noexcept
    : address_rule_{.burst = static_cast<double>(per_minute),
                    .step = std::chrono::duration<double>(kMinute / per_minute),
                    .longest = kLongestWait},
      name_rule_{.burst = kNameShare * per_minute,
                 .step = std::chrono::duration<double>(kMinute / (kNameShare * per_minute)),
                 .longest = kLongestWaitOfName} {}

double LoginLimits::left(const Record& record, const Rule& rule, base::SteadyTime now) {
  return std::clamp(record.tries - ((now - record.at) / rule.step), 0.0, record.tries);
}

LoginLimits::Record& LoginLimits::find(Records& records, const std::string& key, const Rule& rule,
                                       base::SteadyTime now) {
  const auto found = records.find(key);
  if (found != records.end()) {
    return found->second;
  }
  if (records.size() >= kMostRecords) {
    std::erase_if(records, [&](const auto& entry) {
      return left(entry.second, rule, now) <= 0.0 && entry.second.blocked_until <= now;
    });
  }
  if (records.size() >= kMostRecords) {
    records.erase(
        std::min_element(records.begin(), records.end(),
                         [](const auto& a, const auto& b) { return a.second.at < b.second.at; }));
  }
  return records.emplace(key, Record{.tries = 0.0, .at = now, .blocked_until = now}).first->second;
}

std::chrono::nanoseconds LoginLimits::wait(const Records& records, const std::string& key,
                                           base::SteadyTime now) {
  const auto found = records.find(key);
  return found == records.end()
             ? std::chrono::nanoseconds::zero()
             : std::max(std::chrono::nanoseconds::zero(),
                        std::chrono::nanoseconds(found->second.blocked_until - now));
}

void LoginLimits::count(Records& records, const std::string& key, const Rule& rule,
                        base::SteadyTime now) {
  Record& record = find(records, key, rule, now);
  const double before = left(record, rule, now);
  if (before <= 0.0) {
    record.blocks = 0;
  }
  record.tries = std::min(rule.burst, before + 1.0);
  record.at = now;
  if (record.tries + 1.0 <= rule.burst) {
    return;
  }
  // One more would be too many: it has to wait.
  const std::chrono::duration<double> longest = rule.longest;
  record.blocked_until =
      now + std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::min(longest, rule.step * std::exp2(std::min(record.blocks, kMostDoublings))));
  record.at = record.blocked_until;
  ++record.blocks;
}

std::chrono::seconds LoginLimits::begin(std::string_view address, std::string_view name,
                                        base::SteadyTime now) {
  const std::string client = client_key(address);
  // By digest: whatever somebody types as a name, a record has one size.
  const std::string account = sha256(name);
  const base::MutexLock lock(mutex_);
  const auto longest = std::max(wait(addresses_, client, now), wait(names_, account, now));
  if (longest > std::chrono::nanoseconds::zero()) {
    return std::chrono::ceil<std::chrono::seconds>(longest);
  }
  count(addresses_, client, address_rule_, now);
  count(names_, account, name_rule_, now);
  return std::chrono::seconds::zero();
}

void LoginLimits::succeeded(std::string_view address, std::string_view name, base::SteadyTime now) {
  const std::string client = client_key(address);
  const base::MutexLock lock(mutex_);
  names_.erase(sha256(name));
  const auto found = addresses_.find(client);
  if (found != addresses_.end()) {
    Record& record = found->second;
    if (record.blocked_until > now) {
      --record.blocks;
    }
    record.tries = std::max(0.0, record.tries - 1.0);
    record.at = std::min(record.at, now);
    record.blocked_until = now;
  }
}

std::size_t LoginLimits::records() const {
  const base::MutexLock lock(mutex_);
  return addresses_.size() + names_.size();
}

std::string client_key(std::string_view address) {
  std::string text(address);
  in6_addr parsed{};
  if (inet_pton(AF_INET6, text.c_str(), &parsed) != 1) {
    return text;
  }
  return hexadecimal(std::span<const std::uint8_t>(parsed.s6_addr).first(kNetworkBytes));
}

}  // namespace storysign::auth
