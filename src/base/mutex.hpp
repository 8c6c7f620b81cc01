#pragma once

#include <condition_variable>
#include <mutex>

// Clang checks at compile time that what a mutex guards is used only while it is held
// (-Wthread-safety, https://clang.llvm.org/docs/ThreadSafetyAnalysis.html); GCC ignores it.
#if defined(__clang__)
#define STORYSIGN_THREAD_SAFETY(annotation) __attribute__((annotation))
#else
#define STORYSIGN_THREAD_SAFETY(annotation)
#endif

/// A member that is read and written only with `mutex` held.
#define STORYSIGN_GUARDED_BY(mutex) STORYSIGN_THREAD_SAFETY(guarded_by(mutex))
/// A function that is called only with the mutexes held.
#define STORYSIGN_REQUIRES(...) STORYSIGN_THREAD_SAFETY(requires_capability(__VA_ARGS__))
/// A function that is called only without the mutexes: it takes them itself.
#define STORYSIGN_EXCLUDES(...) STORYSIGN_THREAD_SAFETY(locks_excluded(__VA_ARGS__))

namespace storysign::base {

/// std::mutex with annotations. Hold it through MutexLock.
class STORYSIGN_THREAD_SAFETY(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  Mutex(Mutex&&) = delete;
  Mutex& operator=(Mutex&&) = delete;
  ~Mutex() = default;

  void lock() STORYSIGN_THREAD_SAFETY(acquire_capability()) { mutex_.lock(); }
  void unlock() STORYSIGN_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

/// Holds a mutex for a scope.
class STORYSIGN_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) STORYSIGN_THREAD_SAFETY(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  MutexLock(MutexLock&&) = delete;
  MutexLock& operator=(MutexLock&&) = delete;
  ~MutexLock() STORYSIGN_THREAD_SAFETY(release_capability()) { mutex_.unlock(); }

 private:
  Mutex& mutex_;
};

/// std::condition_variable for Mutex.
class Condition {
 public:
  /// Lets go of `mutex`, sleeps until notified (or without a reason), holds it again: call it in a
  /// loop over what is waited for.
  void wait(Mutex& mutex) STORYSIGN_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void notify_one() noexcept { condition_.notify_one(); }
  void notify_all() noexcept { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace storysign::base
