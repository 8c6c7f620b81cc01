#include "store/write_behind.hpp"

#include <algorithm>
#include <future>
#include <utility>

namespace storysign::store {
namespace {

/// Failures of the database as a whole, not of one write.
bool is_general(const base::Result<void>& result) {
  return !result && (result.error().code == base::ErrorCode::kUnavailable ||
                     result.error().code == base::ErrorCode::kIo);
}

}  // namespace

WriteBehind::WriteBehind(std::unique_ptr<Store> store, const WriteBehindOptions& options,
                         telemetry::Metrics& metrics, telemetry::Log& log)
    : options_(options), metrics_(metrics), log_(log), store_(std::move(store)), thread_([this] {
        run();
      }) {}

WriteBehind::~WriteBehind() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool WriteBehind::write(Write work, Done done) {
  return take({.work = std::move(work), .done = std::move(done), .question = {}});
}

bool WriteBehind::ask(Question question) {
  return take({.work = {}, .done = {}, .question = std::move(question)});
}

bool WriteBehind::ask_and_wait(const Question& question) {
  std::promise<void> answered;
  if (!ask([&](Store& store) {
        question(store);
        answered.set_value();
      })) {
    return false;
  }
  answered.get_future().wait();
  return true;
}

bool WriteBehind::take(Item item) {
  {
    const base::MutexLock lock(mutex_);
    if (ending_ || items_.size() >= options_.capacity) {
      metrics_.add(telemetry::StoreWrite::kRefused);
      return false;
    }
    items_.push_back(std::move(item));
    metrics_.set(telemetry::Gauge::kStoreQueue, static_cast<std::int64_t>(items_.size()));
  }
  changed_.notify_one();
  return true;
}

/// One question, or writes until the next one; nothing at the end.
std::vector<WriteBehind::Item> WriteBehind::next() {
  const base::MutexLock lock(mutex_);
  while (items_.empty() && !ending_) changed_.wait(mutex_);
  std::vector<Item> out;
  while (!items_.empty() && out.size() < options_.batch) {
    if (items_.front().question && !out.empty()) break;
    out.push_back(std::move(items_.front()));
    items_.pop_front();
    if (out.back().question) break;
  }
  metrics_.set(telemetry::Gauge::kStoreQueue, static_cast<std::int64_t>(items_.size()));
  return out;
}

bool WriteBehind::is_ending() {
  const base::MutexLock lock(mutex_);
  return ending_;
}

void WriteBehind::run() {
  for (std::vector<Item> items = next(); !items.empty(); items = next()) {
    if (items.front().question) {
      items.front().question(*store_);
    } else {
      commit(items);
    }
  }
}

void WriteBehind::commit(const std::vector<Item>& items) {
  const base::SteadyTime begun = options_.now();
  std::vector<base::Result<void>> results;
  base::Result<void> whole = try_once(items, results);
  while (!whole && whole.error().code == base::ErrorCode::kUnavailable && !is_ending() &&
         options_.now() - begun < options_.patience) {
    log_.warning(said_, options_.now(), "The store cannot be written to; trying again.",
                 {{"reason", whole.error().message}});
    std::this_thread::sleep_for(options_.pause);
    whole = try_once(items, results);
  }
  if (!whole) results.assign(items.size(), whole);
  metrics_.record(telemetry::Timing::kStoreCommit,
                  std::chrono::duration_cast<std::chrono::microseconds>(options_.now() - begun));
  answer(items, results);
}

base::Result<void> WriteBehind::try_once(const std::vector<Item>& items,
                                         std::vector<base::Result<void>>& results) {
  results.clear();
  return store_->atomically([&]() -> base::Result<void> {
    for (const Item& item : items) {
      results.push_back(store_->atomically([&] { return item.work(*store_); }));
      if (is_general(results.back())) return results.back();
    }
    return {};
  });
}

void WriteBehind::answer(const std::vector<Item>& items, std::vector<base::Result<void>>& results) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    metrics_.add(results[i] ? telemetry::StoreWrite::kDone : telemetry::StoreWrite::kFailed);
    if (!results[i] && is_general(results[i])) {
      log_.warning(said_, options_.now(), "The store has not kept something.",
                   {{"reason", results[i].error().message}});
    }
    if (items[i].done) items[i].done(results[i]);
  }
}

}  // namespace storysign::store
