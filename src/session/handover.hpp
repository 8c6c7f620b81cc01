#pragma once

#include "base/mutex.hpp"
#include "session/conversation.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace storysign::session {

/// How what other threads have finished comes to a session's strand: it is left here, and the
/// connection is woken to collect it. Shared by the session and whoever leaves something, so that
/// what comes after the session's end comes into something that is still there.
template <class T>
class Handover {
 public:
  explicit Handover(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

  /// Any thread.
  void leave(T thing) STORYSIGN_EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      if (closed_) return;
      things_.push_back(std::move(thing));
    }
    waker_->wake();
  }

  /// Moves what was left, in that order, into `out`, which must be empty; its memory goes round.
  void take(std::vector<T>& out) STORYSIGN_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    things_.swap(out);
  }

  /// What comes later is dropped.
  void close() STORYSIGN_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    closed_ = true;
    things_.clear();
  }

 private:
  // Given.
  std::shared_ptr<Waker> waker_;
  // State.
  base::Mutex mutex_;
  std::vector<T> things_ STORYSIGN_GUARDED_BY(mutex_);
  bool closed_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

}  // namespace storysign::session
