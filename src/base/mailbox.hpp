#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace storysign::base {

/// A short queue in which the newest item wins: an item that need not be kept makes room for every
/// later one that need not either. Kept items stay in order until the queue is full; then the
/// oldest item goes, whatever it is. Thread-compatible. Allocates at the first push only.
template <class T>
class Mailbox {
 public:
  /// Holds `capacity` items, at least 1.
  explicit Mailbox(std::size_t capacity) : capacity_(capacity < 1 ? 1 : capacity) {}

  /// Adds `item` as the newest, and hands every item that it replaces to `drop(T)`, oldest first.
  /// An item that is to be kept replaces only what a full queue has no room for. Returns how many
  /// were replaced.
  template <class Drop>
  std::size_t push(T item, bool keep, Drop drop) {
    items_.reserve(capacity_);
    std::size_t replaced = 0;
    if (!keep) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (!items_[i].keep) {
          drop(std::move(items_[i].item));
          ++replaced;
        } else if (kept++ != i) {
          items_[kept - 1] = std::move(items_[i]);
        }
      }
      items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(kept), items_.end());
    }
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

  // Given.
  std::size_t capacity_;
  // State. A vector, although items leave at the front: there are a handful at most.
  std::vector<Slot> items_;
};

}  // namespace storysign::base
