#include "practice/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace storysign::practice {
namespace {

using std::chrono::days;
using Duration = WallTime::duration;

// Settles and Meeder (2016), the bounds of their implementation.
constexpr double kShortestDays = 15.0 / (24.0 * 60.0);
constexpr double kLongestDays = 274.0;
// Ours: see ItemProgress.
constexpr double kFirstExponent = -1.0;
constexpr std::size_t kRecent = 5;

Duration half_life(double exponent) {
  const double length = std::clamp(std::exp2(exponent), kShortestDays, kLongestDays);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, days::period>(length));
}

/// What is remembered of one item, attempt by attempt in the order of their times.
class Memory {
 public:
  void add(const Try& attempt) {
    ++attempts_;
    last_ = attempt.time;
    recent_[(attempts_ - 1) % kRecent] = attempt.accepted;
    if (!attempt.accepted) {
      step(-1.0);
      is_wrong_since_ = true;
      return;
    }
    ++accepted_;
    const bool is_spaced = !counted_ || attempt.time - *counted_ >= half_life(exponent_) / 2;
    if (is_spaced || is_wrong_since_) {
      step(1.0);
      counted_ = attempt.time;
    }
    is_wrong_since_ = false;
    right_ = attempt.time;
  }

  [[nodiscard]] ItemProgress at(WallTime now) const {
    const std::size_t seen = std::min(attempts_, kRecent);
    const auto right =
        std::count(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(seen), true);
    const double share = static_cast<double>(right) / static_cast<double>(seen);
    ItemProgress out;
    out.attempts = static_cast<std::int64_t>(attempts_);
    out.accepted = accepted_;
    out.error_share = 1.0 - share;
    out.last = last_;
    const Duration half = half_life(exponent_);
    if (right_) {
      const std::chrono::duration<double> gone = std::max(now - *right_, Duration::zero());
      out.strength = share * std::exp2(-gone / std::chrono::duration<double>(half));
    }
    out.due = is_wrong_since_ || !right_ ? last_ : *right_ + half;
    return out;
  }

 private:
  void step(double by) {
    exponent_ = std::clamp(exponent_ + by, std::log2(kShortestDays), std::log2(kLongestDays));
  }

  // State.
  std::size_t attempts_ = 0;
  std::int64_t accepted_ = 0;
  std::array<bool, kRecent> recent_{};
  double exponent_ = kFirstExponent;
  bool is_wrong_since_ = false;  ///< The last attempt was wrong.
  WallTime last_;
  std::optional<WallTime> right_;    ///< The last one that was right.
  std::optional<WallTime> counted_;  ///< The last one that made the half-life longer.
};

std::vector<Try> in_order(std::span<const Try> tries, WallTime now) {
  std::vector<Try> out(tries.begin(), tries.end());
  for (Try& one : out) one.time = std::min(one.time, now);
  // Of two at one time the one that was accepted counts as the later, in whatever order they came.
  std::sort(out.begin(), out.end(), [](const Try& a, const Try& b) {
    return std::tie(a.time, a.accepted) < std::tie(b.time, b.accepted);
  });
  return out;
}

/// Why an item is worth practising now; empty if it is not.
std::string reason(const ItemProgress& item, WallTime now) {
  const bool is_due = item.due <= now;
  if (item.accepted == 0) return "Not accepted yet.";
  if (item.due == item.last) return "The last attempt was not accepted.";
  if (item.error_share > 0.0 && is_due) {
    return fmt::format("Due again, and {:.0f} of the last attempts were not accepted.",
                       item.error_share * static_cast<double>(std::min<std::int64_t>(
                                              item.attempts, static_cast<std::int64_t>(kRecent))));
  }
  if (is_due) return "Due again.";
  return {};
}

std::vector<Suggestion> next_of(const std::vector<ItemProgress>& items, WallTime now) {
  struct Candidate {
    const ItemProgress* item;
    double urgency;
    std::string why;
  };
  std::vector<Candidate> candidates;
  for (const ItemProgress& item : items) {
    std::string why = reason(item, now);
    if (why.empty()) continue;
    // What was wrong lately weighs up to twice as much as what was only forgotten.
    candidates.push_back({.item = &item,
                          .urgency = (1.0 - item.strength) * (1.0 + item.error_share),
                          .why = std::move(why)});
  }
  // What is as urgent stays in the order of `items`.
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.urgency != b.urgency ? a.urgency > b.urgency : a.item < b.item;
  });
  std::vector<Suggestion> out;
  const std::size_t count = std::min(candidates.size(), kMostSuggestions);
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back({.item = candidates[i].item->item, .why = std::move(candidates[i].why)});
  }
  return out;
}

}  // namespace

std::vector<Day> days_of(std::span<const Try> tries, WallTime now) {
  const auto first = std::chrono::floor<days>(now) - days(static_cast<int>(kDaysShown) - 1);
  std::map<std::chrono::sys_days, Day> found;
  for (const Try& one : tries) {
    const auto date = std::chrono::floor<days>(std::min(one.time, now));
    if (date < first) continue;
    Day& day = found.try_emplace(date, Day{.date = date}).first->second;
    ++day.attempts;
    day.accepted += one.accepted ? 1 : 0;
  }
  std::vector<Day> out;
  out.reserve(found.size());
  for (const auto& [date, day] : found) out.push_back(day);
  return out;
}

Progress progress_of(std::span<const Try> tries, WallTime now) {
  using Key = std::tuple<ItemKind, std::string>;
  std::map<Key, Memory> memories;
  for (const Try& one : in_order(tries, now)) {
    memories[{one.item.kind, one.item.target}].add(one);
  }
  Progress out;
  out.days = days_of(tries, now);
  for (const auto& [key, memory] : memories) {
    ItemProgress item = memory.at(now);
    item.item = {.kind = std::get<0>(key), .target = std::get<1>(key)};
    out.items.push_back(std::move(item));
  }
  out.next = next_of(out.items, now);
  return out;
}

std::vector<ItemProgress> hardest_of(const Progress& progress, std::size_t most) {
  std::vector<ItemProgress> out;
  const auto wrong = [](const ItemProgress& item) { return item.attempts - item.accepted; };
  std::copy_if(progress.items.begin(), progress.items.end(), std::back_inserter(out),
               [&](const ItemProgress& item) { return wrong(item) > 0; });
  std::sort(out.begin(), out.end(), [&](const ItemProgress& a, const ItemProgress& b) {
    return wrong(a) != wrong(b)
               ? wrong(a) > wrong(b)
               : std::tie(a.item.kind, a.item.target) < std::tie(b.item.kind, b.item.target);
  });
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace storysign::practice
