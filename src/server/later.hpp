#pragma once

#include "base/mutex.hpp"

#include <functional>
#include <memory>
#include <utility>

namespace storysign::server {

/// A connection that other threads may hand work to. Its strand runs it.
class Strand {
 public:
  Strand() = default;
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;
  Strand(Strand&&) = delete;
  Strand& operator=(Strand&&) = delete;
  virtual ~Strand() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// The way from other threads to connections; shut before the connections go, so that an answer
/// that comes late finds a shut door and nothing that is gone. Shared by the server and by whoever
/// still has an answer to give. Any thread.
class Door {
 public:
  /// Runs `work` on the strand if the server and the connection still exist; else drops it.
  void post(const std::weak_ptr<Strand>& to, std::function<void()> work) {
    reach(to, [&](const std::shared_ptr<Strand>& strand) { strand->post(std::move(work)); });
  }
  /// Calls `use` with the connection, here and now, if it and the server still exist: the server
  /// does not go before it returns.
  template <class Connection, class Use>
  void reach(const std::weak_ptr<Connection>& to, Use use) {
    const base::MutexLock lock(mutex_);
    if (!is_open_) {
      return;
    }
    if (const std::shared_ptr<Connection> connection = to.lock()) {
      use(connection);
    }
  }
  void shut() {
    const base::MutexLock lock(mutex_);
    is_open_ = false;
  }

 private:
  base::Mutex mutex_;
  bool is_open_ STORYSIGN_GUARDED_BY(mutex_) = true;
};

}  // namespace storysign::server
