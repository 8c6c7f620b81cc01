#include "session/live_sessions.hpp"

#include <utility>

namespace storysign::session {
namespace {

OrderDone has_ended() {
  return base::fail(base::ErrorCode::kNotFound, "There is no such session; it may have ended.");
}

}  // namespace

LiveSessions::Seat::Seat(LiveSessions& all, std::uint64_t number, std::shared_ptr<Waker> waker)
    : all_(all), number_(number), waker_(std::move(waker)) {
  const base::MutexLock lock(all_.mutex_);
  all_.seats_.emplace(number_, this);
}

LiveSessions::Seat::~Seat() {
  std::vector<PendingOrder> left;
  {
    const base::MutexLock lock(all_.mutex_);
    all_.seats_.erase(number_);
    left.swap(orders_);
  }
  for (PendingOrder& order : left) order.done.set_value(has_ended());
}

void LiveSessions::Seat::publish(const SessionView& view) {
  const base::MutexLock lock(all_.mutex_);
  view_ = view;
}

std::vector<LiveSessions::PendingOrder> LiveSessions::Seat::take_orders() {
  // Asked after every result: without an order it costs a look at a flag.
  if (!has_orders_.load(std::memory_order_acquire)) return {};
  const base::MutexLock lock(all_.mutex_);
  has_orders_.store(false, std::memory_order_relaxed);
  return std::exchange(orders_, {});
}

std::vector<SessionView> LiveSessions::list() const {
  std::vector<SessionView> out;
  const base::MutexLock lock(mutex_);
  out.reserve(seats_.size());
  for (const auto& [number, seat] : seats_) {
    if (seat->view_) out.push_back(*seat->view_);
  }
  return out;
}

std::array<std::size_t, adapt::kProfiles> LiveSessions::by_profile() const {
  std::array<std::size_t, adapt::kProfiles> out{};
  const base::MutexLock lock(mutex_);
  for (const auto& [number, seat] : seats_) {
    if (seat->view_) ++out[static_cast<std::size_t>(seat->view_->profile)];
  }
  return out;
}

std::future<OrderDone> LiveSessions::send(std::uint64_t number, OperatorOrder order) {
  PendingOrder pending{.order = std::move(order), .done = {}};
  auto outcome = pending.done.get_future();
  std::shared_ptr<Waker> waker;
  {
    const base::MutexLock lock(mutex_);
    const auto found = seats_.find(number);
    if (found == seats_.end()) {
      pending.done.set_value(has_ended());
      return outcome;
    }
    Seat& seat = *found->second;
    seat.orders_.push_back(std::move(pending));
    seat.has_orders_.store(true, std::memory_order_release);
    waker = seat.waker_;
  }
  waker->wake();
  return outcome;
}

}  // namespace storysign::session
