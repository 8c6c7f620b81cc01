#pragma once

#include "base/mutex.hpp"

#include <pthread.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

namespace storysign::base {

/// A thread that does jobs one after the other, for work that nobody else should wait for. Its
/// owner lets it go, or stops it, before what the jobs use.
template <class Job>
class JobThread {
 public:
  /// `work` does one job and must not throw. `name` (at most 15 bytes, of static duration) is the
  /// thread's for `ps` and debuggers; at most `capacity` jobs wait. Throws std::system_error if
  /// there is no thread to be had.
  JobThread(const char* name, std::size_t capacity, std::function<void(Job&)> work)
      : capacity_(capacity), work_(std::move(work)), thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), name);
  }
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;
  JobThread(JobThread&&) = delete;
  JobThread& operator=(JobThread&&) = delete;
  ~JobThread() { stop(); }

  /// Takes a job, or refuses at once if too many wait. Any thread.
  [[nodiscard]] bool submit(Job job) STORYSIGN_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      if (stopping_ || waiting_.size() >= capacity_) return false;
      waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return true;
  }

  /// Waits for the job under way; those that waited are not done, and returned the first time. None
  /// is taken any more. Owner's thread.
  std::deque<Job> stop() STORYSIGN_EXCLUDES(mutex_) {
    std::deque<Job> left;
    {
      const MutexLock lock(mutex_);
      stopping_ = true;
      left.swap(waiting_);
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
    return left;
  }

 private:
  void run() STORYSIGN_EXCLUDES(mutex_) {
    while (std::optional<Job> job = next()) work_(*job);
  }
  /// Waits for one; nothing at the end.
  [[nodiscard]] std::optional<Job> next() STORYSIGN_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (waiting_.empty() && !stopping_) changed_.wait(mutex_);
    if (stopping_) return std::nullopt;
    std::optional<Job> job(std::move(waiting_.front()));
    waiting_.pop_front();
    return job;
  }

  // Given.
  std::size_t capacity_;
  std::function<void(Job&)> work_;
  // State.
  Mutex mutex_;
  Condition changed_;
  std::deque<Job> waiting_ STORYSIGN_GUARDED_BY(mutex_);
  bool stopping_ STORYSIGN_GUARDED_BY(mutex_) = false;
  std::thread thread_;  ///< The last: it uses all of the above.
};

}  // namespace storysign::base
