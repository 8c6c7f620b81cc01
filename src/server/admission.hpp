#pragma once

#include "base/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace storysign::server {

/// Why somebody may not come in.
enum class Entry : std::uint8_t { kGranted, kFull, kAddressFull };

class Admission;

/// A place that is held; given back when the ticket goes. Move-only.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() { release(); }

  void release() noexcept;

 private:
  friend class Admission;
  Ticket(Admission* admission, std::string address);

  Admission* admission_ = nullptr;
  std::string address_;
};

/// Counts who is in, altogether and by address. Any thread; outlives its tickets.
class Admission {
 public:
  Admission(std::size_t most, std::size_t most_per_address) noexcept
      : most_(most), most_per_address_(most_per_address) {}

  /// On kGranted `ticket` holds the place. `is_many`: many come from this address, as from a proxy;
  /// only all together count.
  [[nodiscard]] Entry enter(const std::string& address, Ticket& ticket, bool is_many = false);

  /// From now on; those inside stay, also if they are more.
  void set_most(std::size_t most, std::size_t most_per_address);

  [[nodiscard]] std::size_t inside() const;

 private:
  friend class Ticket;
  void leave(const std::string& address) noexcept;

  // State.
  mutable base::Mutex mutex_;
  std::size_t most_ STORYSIGN_GUARDED_BY(mutex_);
  std::size_t most_per_address_ STORYSIGN_GUARDED_BY(mutex_);
  std::size_t inside_ STORYSIGN_GUARDED_BY(mutex_) = 0;
  std::map<std::string, std::size_t> by_address_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::server
