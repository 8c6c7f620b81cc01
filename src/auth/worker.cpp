#include "auth/worker.hpp"

#include <pthread.h>

#include <utility>

namespace storysign::auth {

Worker::Worker(std::size_t capacity) : capacity_(capacity), thread_([this] { run(); }) {}

void Worker::stop() {
  {
    const base::MutexLock lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool Worker::submit(std::function<void()> job) {
  {
    const base::MutexLock lock(mutex_);
    if (is_ending_ || jobs_.size() >= capacity_) {
      return false;
    }
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void Worker::run() {
  pthread_setname_np(pthread_self(), "passwords");
  for (;;) {
    std::function<void()> job;
    {
      const base::MutexLock lock(mutex_);
      while (jobs_.empty() && !is_ending_) {
        changed_.wait(mutex_);
      }
      if (is_ending_) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace storysign::auth
