#pragma once

#include "base/mutex.hpp"
#include "pipeline/pipeline.hpp"

#include <utility>

namespace storysign::test {

/// Keeps the newest result until somebody waits for it.
class LatestResult final : public pipeline::ResultListener {
 public:
  void on_result(pipeline::ResultLease result) noexcept override {
    const base::MutexLock lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }
  pipeline::ResultLease wait() {
    const base::MutexLock lock(mutex_);
    while (!result_) changed_.wait(mutex_);
    return std::move(result_);
  }

 private:
  base::Mutex mutex_;
  base::Condition changed_;
  pipeline::ResultLease result_ STORYSIGN_GUARDED_BY(mutex_);
};

}  // namespace storysign::test
