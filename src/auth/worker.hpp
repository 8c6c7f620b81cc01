#pragma once

#include "base/mutex.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <thread>

namespace storysign::auth {

/// One thread for work that takes long: hashing. Owned by the Authenticator.
class Worker {
 public:
  /// At most `capacity` jobs wait. Throws if there is no thread to be had.
  explicit Worker(std::size_t capacity);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker() { stop(); }

  /// Ends the job under way and drops those that wait; none is taken any more. Owner's thread.
  void stop() STORYSIGN_EXCLUDES(mutex_);

  /// Takes a job, or refuses at once if too many wait. Any thread.
  [[nodiscard]] bool submit(std::function<void()> job) STORYSIGN_EXCLUDES(mutex_);

 private:
  void run() STORYSIGN_EXCLUDES(mutex_);

  // Given.
  std::size_t capacity_;
  // State.
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<std::function<void()>> jobs_ STORYSIGN_GUARDED_BY(mutex_);
  bool is_ending_ STORYSIGN_GUARDED_BY(mutex_) = false;
  std::thread thread_;  ///< The last: it uses all of the above.
};

}  // namespace storysign::auth
