#include "sim/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::sim {
namespace {

constexpr double kLatencyLimit = 100.0;  // ms, requirements.md.
constexpr std::size_t kSpan = 3;         // Seconds that are looked at together.
constexpr double kMinute = 60.0;
constexpr double kSettling = 15.0;  // Up takes longer than down.
constexpr double kFewJoins = 0.02;

template <class Histogram>
double percentile95(const Histogram& bins) {
  double all = 0.0;
  for (const auto count : bins) all += count;
  if (all <= 0.0) return 0.0;
  double seen = 0.0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    seen += bins[i];
    if (seen >= 0.95 * all) return static_cast<double>(i) + 0.5;
  }
  return static_cast<double>(bins.size());
}

}  // namespace

Statistics::Statistics(const Scenario& scenario)
    : scenario_(scenario),
      people_(static_cast<std::size_t>(scenario.learners)),
      seconds_(static_cast<std::size_t>(std::ceil(scenario.seconds)) + 1),
      cpu_(seconds_.size()) {}

double Statistics::judge_until() const noexcept {
  return std::min(scenario_.seconds, scenario_.few_from);
}

bool Statistics::judged(double now) const noexcept {
  return now >= scenario_.judge_from && now < judge_until();
}

void Statistics::joined(std::size_t learner, bool slow, double now) {
  people_[learner] = {};
  people_[learner].joined = now;
  people_[learner].slow = slow;
  joins_.push_back(now);
}

void Statistics::left(std::size_t learner, double now) {
  people_[learner].left = now;
}

void Statistics::received(double now) {
  if (judged(now)) received_ += 1.0;
}

void Statistics::computed(double cpu_seconds, double now) {
  cpu_[static_cast<std::size_t>(now)] += cpu_seconds;
}

void Statistics::answered(std::size_t learner, double age, int level, unsigned dropped,
                          double now) {
  Person& person = people_[learner];
  const auto bin = std::min(kBins - 1, static_cast<std::size_t>(std::max(0.0, age * 1000.0)));
  if (!person.slow) ++seconds_[static_cast<std::size_t>(now)][bin];
  if (level < adapt::kHighestLevel && !person.slow) below_high_at_ = now;
  if (!judged(now)) return;
  if (person.slow) {
    ++slow_[bin];
  } else {
    answers_ += 1.0;
    levels_ += level;
    dropped_ += dropped;
  }
  ++person.answers;
}

void Statistics::changed(std::size_t learner, double now) {
  if (judged(now) && settled(learner, now)) people_[learner].changes.push_back(now);
}

/// Load that has just changed is no oscillation.
bool Statistics::settled(std::size_t learner, double now) {
  while (!joins_.empty() && joins_.front() < now - kSettling) joins_.pop_front();
  if (static_cast<double>(joins_.size()) > kFewJoins * static_cast<double>(sessions_)) return false;
  for (const double turn : {people_[learner].joined, scenario_.thief_from, scenario_.thief_until}) {
    if (now >= turn && now < turn + kSettling) return false;
  }
  return true;
}

void Statistics::ticked(std::size_t sessions, double now) {
  sessions_ = sessions;
  most_connected_ = std::max(most_connected_, sessions);
  if (judged(now)) connected_ = sessions;
}

Report Statistics::report(std::uint64_t refused) const {
  Report report;
  report.connected = connected_;
  report.most_connected = most_connected_;
  report.refused = refused;
  report.slow_p95_ms = percentile95(slow_);
  report.level = levels_ / std::max(1.0, answers_);
  report.dropped = dropped_ / std::max(1.0, answers_ + dropped_);
  report.recovered_at = below_high_at_;
  judge_ages(report);
  judge_rates(report);
  judge_changes(report);
  judge_cpu(report);
  return report;
}

void Statistics::judge_ages(Report& report) const {
  Histogram all{};
  for (std::size_t second = 0; second < seconds_.size(); ++second) {
    const bool counts = judged(static_cast<double>(second));
    Histogram span{};
    for (std::size_t bin = 0; bin < kBins; ++bin) {
      if (counts) all[bin] += seconds_[second][bin];
      for (std::size_t i = 0; i < kSpan && i <= second; ++i) span[bin] += seconds_[second - i][bin];
    }
    const double p95 = percentile95(span);
    if (static_cast<double>(second) >= judge_until()) continue;
    if (p95 > kLatencyLimit) report.settled_at = static_cast<double>(second) + 1.0;
    if (counts) report.worst_second_ms = std::max(report.worst_second_ms, p95);
  }
  report.p95_ms = percentile95(all);
}

void Statistics::judge_rates(Report& report) const {
  std::vector<double> rates;
  const double span = judge_until() - scenario_.judge_from;
  for (const Person& person : people_) {
    if (person.slow || person.joined > scenario_.judge_from || person.left < judge_until()) {
      continue;
    }
    rates.push_back(person.answers / span);
  }
  if (rates.empty()) return;
  std::sort(rates.begin(), rates.end());
  report.fps_median = rates[rates.size() / 2];
  report.fairness = report.fps_median > 0.0 ? rates.front() / report.fps_median : 0.0;
}

void Statistics::judge_changes(Report& report) const {
  for (const Person& person : people_) {
    std::size_t first = 0;
    for (std::size_t i = 0; i < person.changes.size(); ++i) {
      while (person.changes[i] - person.changes[first] > kMinute) ++first;
      report.changes_a_minute = std::max(report.changes_a_minute, static_cast<int>(i - first + 1));
    }
  }
}

void Statistics::judge_cpu(Report& report) const {
  constexpr std::size_t kCpuSpan = 5;
  double sum = 0.0;
  double count = 0.0;
  for (std::size_t second = kCpuSpan; second < cpu_.size(); ++second) {
    const auto at = static_cast<double>(second);
    if (!judged(at) || !judged(at + 1.0)) continue;
    sum += cpu_[second];
    count += 1.0;
    if (!judged(at - static_cast<double>(kCpuSpan) + 1.0)) continue;
    double span = 0.0;
    for (std::size_t i = 0; i < kCpuSpan; ++i) span += cpu_[second - i];
    report.cpu_worst = std::max(report.cpu_worst, span / kCpuSpan / scenario_.cores);
  }
  report.cpu = sum / std::max(1.0, count) / scenario_.cores;
}

}  // namespace storysign::sim
