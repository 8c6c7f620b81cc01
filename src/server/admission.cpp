#include "server/admission.hpp"

#include <utility>

namespace storysign::server {

Ticket::Ticket(Admission* admission, std::string address)
    : admission_(admission), address_(std::move(address)) {}

Ticket::Ticket(Ticket&& other) noexcept
    : admission_(std::exchange(other.admission_, nullptr)), address_(std::move(other.address_)) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  if (this != &other) {
    release();
    admission_ = std::exchange(other.admission_, nullptr);
    address_ = std::move(other.address_);
  }
  return *this;
}

void Ticket::release() noexcept {
  if (admission_ != nullptr) {
    std::exchange(admission_, nullptr)->leave(address_);
  }
}

Entry Admission::enter(const std::string& address, Ticket& ticket, bool is_many) {
  {
    const base::MutexLock lock(mutex_);
    if (inside_ >= most_) {
      return Entry::kFull;
    }
    std::size_t& same = by_address_[address];
    if (!is_many && same >= most_per_address_) {
      return Entry::kAddressFull;
    }
    ++same;
    ++inside_;
  }
  ticket = Ticket(this, address);
  return Entry::kGranted;
}

void Admission::set_most(std::size_t most, std::size_t most_per_address) {
  const base::MutexLock lock(mutex_);
  most_ = most;
  most_per_address_ = most_per_address;
}

std::size_t Admission::inside() const {
  const base::MutexLock lock(mutex_);
  return inside_;
}

void Admission::leave(const std::string& address) noexcept {
  const base::MutexLock lock(mutex_);
  --inside_;
  const auto same = by_address_.find(address);
  if (--same->second == 0) {
    by_address_.erase(same);
  }
}

}  // namespace storysign::server
