#include "practice/progress.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const WallTime kStart = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + hours(12);

Try attempt(std::string target, WallTime time, bool accepted) {
  return {.item = {.kind = ItemKind::kSign, .target = std::move(target)},
          .time = time,
          .accepted = accepted};
}

ItemProgress only(const std::vector<Try>& tries, WallTime now) {
  const Progress progress = progress_of(tries, now);
  EXPECT_THAT(progress.items, SizeIs(1));
  return progress.items.front();
}

std::vector<std::string> targets(const std::vector<Suggestion>& next) {
  std::vector<std::string> out;
  out.reserve(next.size());
  for (const Suggestion& one : next) out.push_back(one.item.target);
  return out;
}

TEST(Progress, HalvesInADayAfterOneSuccess) {
  const std::vector<Try> tries = {attempt("EAT", kStart, true)};
  EXPECT_NEAR(only(tries, kStart).strength, 1.0, 1e-9);
  EXPECT_NEAR(only(tries, kStart + days(1)).strength, 0.5, 1e-9);
  EXPECT_NEAR(only(tries, kStart + days(2)).strength, 0.25, 1e-9);
  EXPECT_EQ(only(tries, kStart).due, kStart + days(1));
  EXPECT_EQ(only(tries, kStart).last, kStart);
}

TEST(Progress, DoublesTheTimeWithEverySpacedSuccess) {
  std::vector<Try> tries;
  WallTime time = kStart;
  for (int n = 0; n < 5; ++n) {
    tries.push_back(attempt("EAT", time, true));
    const WallTime due = only(tries, time).due;
    EXPECT_EQ(due - time, days(1 << n)) << n;
    time = due;
  }
}

TEST(Progress, IsNotGainedByTryingTenTimesInARow) {
  std::vector<Try> tries;
  tries.reserve(10);
  for (int i = 0; i < 10; ++i) tries.push_back(attempt("EAT", kStart + minutes(i), true));
  const ItemProgress item = only(tries, kStart + minutes(9));
  EXPECT_EQ(item.due - item.last, days(1));
  EXPECT_EQ(item.attempts, 10);
  EXPECT_EQ(item.accepted, 10);
}

TEST(Progress, AFailureHalvesTheTimeAndIsDueAtOnce) {
  std::vector<Try> tries = {attempt("EAT", kStart, true), attempt("EAT", kStart + days(1), true),
                            attempt("EAT", kStart + days(3), false)};
  const ItemProgress wrong = only(tries, kStart + days(3));
  EXPECT_EQ(wrong.due, kStart + days(3));
  EXPECT_NEAR(wrong.error_share, 1.0 / 3.0, 1e-9);
  EXPECT_NEAR(wrong.strength, std::exp2(-2.0) * 2.0 / 3.0, 1e-9);
  tries.push_back(attempt("EAT", kStart + days(3) + minutes(1), true));
  const ItemProgress right = only(tries, kStart + days(4));
  EXPECT_EQ(right.due - right.last, days(2));
}

TEST(Progress, StaysWithinTheBoundsOfAHalfLife) {
  std::vector<Try> tries;
  tries.reserve(101);
  for (int i = 0; i < 100; ++i) tries.push_back(attempt("NO", kStart + minutes(i), false));
  tries.push_back(attempt("NO", kStart + minutes(100), true));
  const ItemProgress low = only(tries, kStart + minutes(100));
  EXPECT_NEAR(static_cast<double>((low.due - low.last) / std::chrono::seconds(1)), 30 * 60, 1);

  tries.clear();
  WallTime time = kStart;
  for (int i = 0; i < 20; ++i) {
    tries.push_back(attempt("NO", time, true));
    time += days(300);
  }
  const ItemProgress high = only(tries, time);
  EXPECT_NEAR(static_cast<double>((high.due - high.last) / hours(1)), 274 * 24, 1);
}

TEST(Progress, IsNothingForWhatWasNeverAccepted) {
  const ItemProgress item = only({attempt("NO", kStart, false)}, kStart + hours(1));
  EXPECT_EQ(item.strength, 0.0);
  EXPECT_EQ(item.due, kStart);
  EXPECT_EQ(item.error_share, 1.0);
}

TEST(Progress, LooksOnlyAtTheLastFiveForErrors) {
  std::vector<Try> tries;
  tries.reserve(10);
  for (int i = 0; i < 5; ++i) tries.push_back(attempt("NO", kStart + minutes(i), false));
  for (int i = 5; i < 10; ++i) tries.push_back(attempt("NO", kStart + minutes(i), true));
  EXPECT_EQ(only(tries, kStart + minutes(9)).error_share, 0.0);
}

TEST(Progress, DoesNotDependOnTheOrderGivenOrOnAClockAhead) {
  std::vector<Try> tries = {attempt("EAT", kStart, true), attempt("EAT", kStart + days(1), true)};
  const ItemProgress there = only(tries, kStart + days(2));
  std::reverse(tries.begin(), tries.end());
  const ItemProgress back = only(tries, kStart + days(2));
  EXPECT_EQ(there.due, back.due);
  EXPECT_EQ(there.strength, back.strength);
  const ItemProgress ahead = only({attempt("EAT", kStart + days(9), true)}, kStart);
  EXPECT_EQ(ahead.last, kStart);
  EXPECT_NEAR(ahead.strength, 1.0, 1e-9);
}

TEST(Progress, CountsTheDaysOfTheCalendar) {
  const std::vector<Try> tries = {
      attempt("EAT", kStart, true), attempt("NO", kStart + hours(1), false),
      attempt("EAT", kStart + days(2), true), attempt("EAT", kStart - days(100), true)};
  const std::vector<Day> found = progress_of(tries, kStart + days(2)).days;
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].date, std::chrono::year(2026) / 3 / 1);
  EXPECT_EQ(found[0].attempts, 2);
  EXPECT_EQ(found[0].accepted, 1);
  EXPECT_EQ(found[1].date, std::chrono::year(2026) / 3 / 3);
}

TEST(Next, IsWhatIsWrongBeforeWhatIsForgottenAndNothingThatIsKnown) {
  const WallTime now = kStart + days(3);
  const std::vector<Try> tries = {
      attempt("KNOWN", now - hours(1), true), attempt("FORGOTTEN", kStart, true),
      attempt("WRONG", now - hours(1), false), attempt("SHAKY", kStart, true),
      attempt("SHAKY", now - minutes(1), false)};
  const std::vector<Suggestion> next = progress_of(tries, now).next;
  EXPECT_THAT(targets(next), ElementsAre("WRONG", "SHAKY", "FORGOTTEN"));
  EXPECT_EQ(next[0].why, "Not accepted yet.");
  EXPECT_EQ(next[1].why, "The last attempt was not accepted.");
  EXPECT_EQ(next[2].why, "Due again.");
}

TEST(Next, SaysHowOftenItWasWrong) {
  const std::vector<Try> tries = {attempt("A", kStart, false), attempt("A", kStart, false),
                                  attempt("A", kStart + minutes(1), true)};
  const std::vector<Suggestion> next = progress_of(tries, kStart + days(5)).next;
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].why, "Due again, and 2 of the last attempts were not accepted.");
}

TEST(Next, IsNotMoreThanOneCanDo) {
  std::vector<Try> tries;
  tries.reserve(30);
  for (int i = 0; i < 30; ++i) tries.push_back(attempt(fmt::format("W{}", i), kStart, false));
  EXPECT_THAT(progress_of(tries, kStart).next, SizeIs(kMostSuggestions));
  EXPECT_THAT(progress_of({}, kStart).next, IsEmpty());
  EXPECT_THAT(progress_of({}, kStart).items, IsEmpty());
}

TEST(Hardest, AreThoseMostOftenWrong) {
  std::vector<Try> tries = {attempt("EASY", kStart, true), attempt("HARD", kStart, false),
                            attempt("HARD", kStart, false), attempt("SOSO", kStart, false)};
  const std::vector<ItemProgress> hardest = hardest_of(progress_of(tries, kStart), 5);
  ASSERT_THAT(hardest, SizeIs(2));
  EXPECT_EQ(hardest[0].item.target, "HARD");
  EXPECT_EQ(hardest[1].item.target, "SOSO");
  EXPECT_THAT(hardest_of(progress_of(tries, kStart), 1), SizeIs(1));
}

}  // namespace
}  // namespace storysign::practice
