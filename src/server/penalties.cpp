#include "server/penalties.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace storysign::server {
namespace {

// More would be forgotten after minutes only.
constexpr double kMostOffences = 8.0;
// With so many addresses on record those that are forgotten are taken out.
constexpr std::size_t kManyRecords = 1024;

}  // namespace

double Penalties::left(const Record& record, base::SteadyTime now) {
  const std::chrono::duration<double> passed = now - record.at;
  const std::chrono::duration<double> forgetting = kForgetting;
  return std::max(0.0, record.offences - (passed / forgetting));
}

void Penalties::add(const std::string& address, base::SteadyTime now) {
  const base::MutexLock lock(mutex_);
  if (first_.count() == 0) {
    return;
  }
  if (records_.size() >= kManyRecords) {
    std::erase_if(records_, [&](const auto& entry) { return left(entry.second, now) <= 0.0; });
  }
  Record& record = records_[address];
  record.offences = std::min(kMostOffences, left(record, now) + 1.0);
  record.at = now;
}

void Penalties::set_first(std::chrono::milliseconds first) {
  const base::MutexLock lock(mutex_);
  first_ = first;
}

std::chrono::milliseconds Penalties::wait(const std::string& address, base::SteadyTime now) const {
  const base::MutexLock lock(mutex_);
  const auto found = records_.find(address);
  const double offences = found == records_.end() ? 0.0 : left(found->second, now);
  if (offences <= 0.0) {
    return std::chrono::milliseconds(0);
  }
  const double wait = static_cast<double>(first_.count()) * std::exp2(std::ceil(offences) - 1.0);
  return std::min(kLongest, std::chrono::milliseconds(static_cast<std::int64_t>(wait)));
}

}  // namespace storysign::server
