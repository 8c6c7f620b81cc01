#pragma once

#include "base/mutex.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace storysign::base {

template <class T>
class Pool;

/// An object borrowed from a pool, which takes it back when the lease ends. Move-only: whoever
/// holds the lease owns the object. An empty lease holds nothing.
template <class T>
class Lease {
 public:
  Lease() = default;
  Lease(Lease&& other) noexcept : pool_(other.pool_), object_(std::move(other.object_)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      release();
      pool_ = other.pool_;
      object_ = std::move(other.object_);
    }
    return *this;
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { release(); }

  [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
  [[nodiscard]] T& operator*() const noexcept { return *object_; }
  [[nodiscard]] T* operator->() const noexcept { return object_.get(); }

  /// Gives the object back now.
  void release() noexcept {
    if (object_ != nullptr) {
      pool_->take_back(std::move(object_));
    }
  }

 private:
  friend class Pool<T>;
  Lease(Pool<T>* pool, std::unique_ptr<T> object) noexcept
      : pool_(pool), object_(std::move(object)) {}

  Pool<T>* pool_ = nullptr;
  std::unique_ptr<T> object_;
};

/// Objects that are used again and again, so that the steady state takes no memory from the heap.
/// Any thread. Outlives its leases.
template <class T>
class Pool {
 public:
  /// Prepares an object for its next user; false if it is not worth keeping (grown too large).
  using Recycle = bool (*)(T&) noexcept;

  /// Keeps at most `max_kept` objects that nobody uses.
  Pool(std::size_t max_kept, Recycle recycle) : max_kept_(max_kept), recycle_(recycle) {
    idle_.reserve(max_kept);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  Pool(Pool&&) = delete;
  Pool& operator=(Pool&&) = delete;
  ~Pool() = default;

  /// An idle object, or a new one.
  [[nodiscard]] Lease<T> take() {
    {
      const MutexLock lock(mutex_);
      if (!idle_.empty()) {
        auto object = std::move(idle_.back());
        idle_.pop_back();
        return Lease<T>(this, std::move(object));
      }
    }
    return Lease<T>(this, std::make_unique<T>());
  }

  [[nodiscard]] std::size_t idle() const {
    const MutexLock lock(mutex_);
    return idle_.size();
  }

 private:
  friend class Lease<T>;
  void take_back(std::unique_ptr<T> object) noexcept {
    if (!recycle_(*object)) {
      return;
    }
    const MutexLock lock(mutex_);
    if (idle_.size() < max_kept_) {
      idle_.push_back(std::move(object));
    }
  }

  // Given.
  std::size_t max_kept_;
  Recycle recycle_;
  // State.
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_ STORYSIGN_GUARDED_BY(mutex_);
};

/// Memory for messages and pictures.
using Bytes = std::vector<std::uint8_t>;
using BytesPool = Pool<Bytes>;
using BytesLease = Lease<Bytes>;

/// Recycles byte buffers, but not those that one large message has made large.
[[nodiscard]] inline bool recycle_bytes(Bytes& bytes) noexcept {
  constexpr std::size_t kLargestKept = 256UL * 1024;
  bytes.clear();
  return bytes.capacity() <= kLargestKept;
}

}  // namespace storysign::base
