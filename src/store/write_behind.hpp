#pragma once

#include "base/clock.hpp"
#include "base/mutex.hpp"
#include "store/store.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

namespace storysign::store {

struct WriteBehindOptions {
  std::size_t capacity = 4096;  ///< Writes and questions that may wait.
  std::size_t batch = 256;      ///< Writes in one transaction, at most.
  /// How long a transaction is tried again while the database cannot be reached.
  std::chrono::milliseconds patience{10000};
  std::chrono::milliseconds pause{100};  ///< Between two tries.
  base::SteadyTime (*now)() noexcept = &base::steady_now;
};

/// The Queue in front of a Store, with a thread of its own: what comes while a transaction is being
/// written goes into the next one, so the load decides how many share a commit. Owned by app.
class WriteBehind : public Queue {
 public:
  /// `metrics` and `log` outlive it. Throws if there is no thread to be had.
  WriteBehind(std::unique_ptr<Store> store, const WriteBehindOptions& options,
              telemetry::Metrics& metrics, telemetry::Log& log);
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;
  WriteBehind(WriteBehind&&) = delete;
  WriteBehind& operator=(WriteBehind&&) = delete;
  /// Does what was taken before it returns; a database that cannot be reached is not waited for.
  ~WriteBehind() override;

  [[nodiscard]] bool write(Write work, Done done) override STORYSIGN_EXCLUDES(mutex_);
  [[nodiscard]] bool ask(Question question) override STORYSIGN_EXCLUDES(mutex_);

  /// Runs a question and waits for it: for threads that may. False if it was refused.
  [[nodiscard]] bool ask_and_wait(const Question& question) STORYSIGN_EXCLUDES(mutex_);

 private:
  struct Item {
    Write work;  ///< Or a question.
    Done done;
    Question question;
  };

  [[nodiscard]] bool take(Item item) STORYSIGN_EXCLUDES(mutex_);
  void run() STORYSIGN_EXCLUDES(mutex_);
  [[nodiscard]] std::vector<Item> next() STORYSIGN_EXCLUDES(mutex_);
  [[nodiscard]] bool is_ending() STORYSIGN_EXCLUDES(mutex_);
  void commit(const std::vector<Item>& items);
  [[nodiscard]] base::Result<void> try_once(const std::vector<Item>& items,
                                            std::vector<base::Result<void>>& results);
  void answer(const std::vector<Item>& items, std::vector<base::Result<void>>& results);

  // Given.
  WriteBehindOptions options_;
  telemetry::Metrics& metrics_;
  telemetry::Log& log_;
  // Owned.
  std::unique_ptr<Store> store_;  ///< Of the thread, once it runs.
  // State.
  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<Item> items_ STORYSIGN_GUARDED_BY(mutex_);
  bool ending_ STORYSIGN_GUARDED_BY(mutex_) = false;
  telemetry::RepeatLimit said_{std::chrono::seconds(10)};
  std::thread thread_;  ///< The last: it uses all of the above.
};

}  // namespace storysign::store
