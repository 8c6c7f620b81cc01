#include "app/load/ledger.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::app {
namespace {

double ranked(const std::vector<float>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1]);
}

/// How many of `all` remain when `known` of them are accounted for.
std::uint64_t without(std::uint64_t all, std::uint64_t known) {
  return all > known ? all - known : 0;
}

}  // namespace

void Samples::add(std::chrono::nanoseconds time) {
  values_.push_back(std::chrono::duration<float, std::milli>(time).count());
}

void Samples::add(const Samples& others) {
  values_.insert(values_.end(), others.values_.begin(), others.values_.end());
}

Samples::Summary Samples::summary() const {
  if (values_.empty()) return {};
  std::vector<float> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  return {.p50 = ranked(sorted, 0.50),
          .p95 = ranked(sorted, 0.95),
          .p99 = ranked(sorted, 0.99),
          .max = static_cast<double>(sorted.back())};
}

void Tally::add(const Tally& other) {
  due += other.due;
  held_back += other.held_back;
  sent += other.sent;
  inferred += other.inferred;
  propagated += other.propagated;
  failed += other.failed;
  late += other.late;
  replaced += other.replaced;
  expired += other.expired;
  lost += other.lost;
  unexpected += other.unexpected;
  errors += other.errors;
  attempts += other.attempts;
  accepted += other.accepted;
  not_judged += other.not_judged;
  bytes_sent += other.bytes_sent;
  bytes_received += other.bytes_received;
  from_due.add(other.from_due);
  from_send.add(other.from_send);
  send_lag.add(other.send_lag);
  for (std::size_t i = 0; i < kServerTimes; ++i) server[i] += other.server[i];
}

void Ledger::hold_back() {
  ++tally_.due;
  ++tally_.held_back;
}

void Ledger::plan(std::uint32_t number, base::SteadyTime due, bool counts) {
  if (counts) ++tally_.due;
  open_[number] = {.due = due, .sent = {}, .is_sent = false, .counts = counts};
}

void Ledger::send(std::uint32_t number, base::SteadyTime now, std::size_t bytes) {
  const auto entry = open_.find(number);
  if (entry == open_.end() || entry->second.is_sent) return;
  entry->second.is_sent = true;
  entry->second.sent = now;
  if (!entry->second.counts) return;
  ++tally_.sent;
  tally_.bytes_sent += bytes;
  tally_.send_lag.add(now - entry->second.due);
}

std::optional<base::SteadyTime> Ledger::answer(const Answered& answer, base::SteadyTime now) {
  const auto entry = open_.find(answer.frame_number);
  skipped_ += answer.replaced + answer.expired;
  if (entry == open_.end() || entry->second.counts) {
    tally_.replaced += answer.replaced;
    tally_.expired += answer.expired;
  }
  if (entry == open_.end() || !entry->second.is_sent) {
    ++tally_.unexpected;
    return std::nullopt;
  }
  const Entry frame = entry->second;
  open_.erase(entry);
  if (!frame.counts) return answer.success ? std::optional(frame.due) : std::nullopt;
  for (std::size_t i = 0; i < kServerTimes; ++i) tally_.server[i] += answer.server[i];
  if (!answer.success) {
    ++tally_.failed;
    return std::nullopt;
  }
  ++(answer.inferred ? tally_.inferred : tally_.propagated);
  tally_.from_due.add(now - frame.due);
  tally_.from_send.add(now - frame.sent);
  if (now - frame.due > deadline_) ++tally_.late;
  return frame.due;
}

void Ledger::count_attempt(bool is_judged, bool accepted) {
  ++(is_judged ? tally_.attempts : tally_.not_judged);
  if (accepted) ++tally_.accepted;
}

std::uint64_t Ledger::unanswered() const noexcept {
  return without(open_.size(), skipped_);
}

Tally Ledger::close() const {
  Tally tally = tally_;
  std::uint64_t sent = 0;
  for (const auto& [number, entry] : open_) {
    if (entry.counts) ++(entry.is_sent ? sent : tally.held_back);
  }
  tally.lost = without(sent, tally_.replaced + tally_.expired);
  return tally;
}

}  // namespace storysign::app
