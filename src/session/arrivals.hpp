#pragma once

#include "base/mutex.hpp"
#include "pipeline/pipeline.hpp"
#include "session/conversation.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace storysign::session {

/// Where workers leave a session's results: the one door from their threads to its strand. Shared
/// by the session and the pipeline, so that a worker that is just delivering when the session ends
/// delivers into something that is still there.
class Arrivals : public pipeline::ResultListener {
 public:
  explicit Arrivals(std::shared_ptr<Waker> waker) : waker_(std::move(waker)) {}

  /// Any thread.
  void on_result(pipeline::ResultLease result) noexcept override {
    {
      const base::MutexLock lock(mutex_);
      if (closed_) {
        return;
      }
      results_.push_back(std::move(result));
    }
    waker_->wake();
  }

  /// Moves what has come into `out`, which must be empty; its memory goes round.
  void take(std::vector<pipeline::ResultLease>& out) {
    const base::MutexLock lock(mutex_);
    results_.swap(out);
  }

  /// What comes later is dropped.
  void close() {
    const base::MutexLock lock(mutex_);
    closed_ = true;
    results_.clear();
  }

 private:
  // Given.
  std::shared_ptr<Waker> waker_;
  // State.
  base::Mutex mutex_;
  std::vector<pipeline::ResultLease> results_ STORYSIGN_GUARDED_BY(mutex_);
  bool closed_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

}  // namespace storysign::session
