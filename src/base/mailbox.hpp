#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace storysign::base {

/// A short queue in which the newest item wins: of the items that need not be kept only the newest
/// few stay. Kept items stay in order until the queue is full; then the oldest item goes, whatever
/// it is. Thread-compatible. Allocates at the first push only.
template <class T>
class Mailbox {
 public:
  /// Holds `capacity` items, at least 1.
  explicit Mailbox(std::size_t capacity) : capacity_(capacity < 1 ? 1 : capacity) {}

  /// Adds `item` as the newest, and hands every item that it replaces to `drop(T)`, oldest first:
  /// one that need not be kept leaves at most `newest` such items, itself among them; one that is
  /// to be kept replaces only what a full queue has no room for. Returns how many were replaced.
  template <class Drop>
  std::size_t push(T item, bool keep, std::size_t newest, Drop drop) {
    items_.reserve(capacity_);
    std::size_t replaced = 0;
    if (!keep) replaced = leave_newest(newest < 1 ? 0 : newest - 1, drop);
    if (items_.size() == capacity_) {
      drop(pop());
      ++replaced;
    }
    items_.push_back({std::move(item), keep});
    return replaced;
  }

  /// The oldest item; not of an empty mailbox.
  [[nodiscard]] T& front() noexcept { return items_.front().item; }

  /// Takes the oldest item out; not of an empty mailbox.
  T pop() {
    T item = std::move(items_.front().item);
    items_.erase(items_.begin());
    return item;
  }

  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

 private:
  struct Slot {
    T item;
    bool keep;
  };

  template <class Drop>
  std::size_t leave_newest(std::size_t newest, Drop& drop) {
    const auto passing = static_cast<std::size_t>(
        std::count_if(items_.begin(), items_.end(), [](const Slot& slot) { return !slot.keep; }));
    std::size_t excess = passing > newest ? passing - newest : 0;
    const std::size_t replaced = excess;
    std::size_t stays = 0;
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (!items_[i].keep && excess > 0) {
        drop(std::move(items_[i].item));
        --excess;
      } else if (stays++ != i) {
        items_[stays - 1] = std::move(items_[i]);
      }
    }
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(stays), items_.end());
    return replaced;
  }

  // Given.
  std::size_t capacity_;
  // State. A vector, although items leave at the front: there are a handful at most.
  std::vector<Slot> items_;
};

}  // namespace storysign::base
