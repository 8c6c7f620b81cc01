#pragma once

#include "practice/glossing.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace storysign::practice {

/// Calendar time; always an argument here.
using WallTime = std::chrono::system_clock::time_point;

/// What progress is computed from: one judged attempt.
struct Try {
  Item item;
  WallTime time;
  bool accepted = false;
};

/// How far a learner is with one sign or word. The half-life of what is remembered follows Settles
/// and Meeder, "A Trainable Spaced Repetition Model for Language Learning" (ACL 2016): the chance
/// of recall after a time t is 2^(-t / h), with h between 15 minutes and 274 days. With their
/// weights for the Leitner system, h is 2^n days, where n grows by one with a success and falls by
/// one with a failure, within the bounds of h. Ours: n starts at -1, so that what was right once
/// comes back on the next day; a success counts only if at least half of h has gone by since the
/// last one that counted, or a failure came between, so that ten tries in a row are not ten days'
/// work.
struct ItemProgress {
  Item item;
  std::int64_t attempts = 0;
  std::int64_t accepted = 0;
  double strength = 0.0;     ///< 0 to 1: chance of recall, times the share right of the last five.
  double error_share = 0.0;  ///< Of the last five attempts.
  WallTime last;             ///< Time of the last attempt.
  WallTime due;              ///< When to practise it again: where recall falls to a half, or at
                             ///< once (`last`) if the last attempt was wrong.
};

/// Attempts of one day of the calendar, UTC.
struct Day {
  std::chrono::year_month_day date;
  std::int64_t attempts = 0;
  std::int64_t accepted = 0;
};

/// What to practise next, and why, in a sentence for the learner.
struct Suggestion {
  Item item;
  std::string why;
};

struct Progress {
  std::vector<ItemProgress> items;  ///< In the order of kind and target.
  std::vector<Day> days;            ///< The oldest first; days without attempts are left out.
  /// What is due or was wrong lately, the most urgent first.
  std::vector<Suggestion> next;
};

inline constexpr std::size_t kMostSuggestions = 10;
inline constexpr std::size_t kDaysShown = 60;

/// `tries` in any order; those after `now` count as of `now`. The same tries at the same time give
/// the same progress.
[[nodiscard]] Progress progress_of(std::span<const Try> tries, WallTime now);

/// The items with the most wrong attempts, at most `most`; those never wrong are left out.
[[nodiscard]] std::vector<ItemProgress> hardest_of(const Progress& progress, std::size_t most);

/// The days alone, of the last kDaysShown days until `now`.
[[nodiscard]] std::vector<Day> days_of(std::span<const Try> tries, WallTime now);

}  // namespace storysign::practice
