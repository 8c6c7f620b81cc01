#pragma once

#include "sim/simulation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace storysign::sim {

/// Counts what happens in a simulation and judges it at the end; times in virtual seconds.
class Statistics {
 public:
  explicit Statistics(const Scenario& scenario);

  void joined(std::size_t learner, bool slow, double now);
  void left(std::size_t learner, double now);
  void received(double now);
  void computed(double cpu_seconds, double now);
  void answered(std::size_t learner, double age, int level, unsigned dropped, double now);
  void changed(std::size_t learner, double now);
  void ticked(std::size_t sessions, double now);

  [[nodiscard]] Report report(std::uint64_t refused) const;

 private:
  struct Person {
    double joined = kNever;
    double left = kNever;
    bool slow = false;
    std::uint32_t answers = 0;    ///< Judged.
    std::vector<double> changes;  ///< Judged, when all had settled.
  };
  static constexpr std::size_t kBins = 600;  ///< Ages, 1 ms each; the last one is for all above.
  using Histogram = std::array<std::uint32_t, kBins>;

  [[nodiscard]] bool judged(double now) const noexcept;
  [[nodiscard]] double judge_until() const noexcept;
  [[nodiscard]] bool settled(std::size_t learner, double now);
  void judge_ages(Report& report) const;
  void judge_rates(Report& report) const;
  void judge_changes(Report& report) const;
  void judge_cpu(Report& report) const;

  // Given.
  Scenario scenario_;
  // State.
  std::vector<Person> people_;
  std::deque<double> joins_;
  std::size_t sessions_ = 0;
  std::vector<Histogram> seconds_;  ///< Ages of each second, normal networks.
  Histogram slow_{};                ///< Judged.
  std::vector<double> cpu_;         ///< Core seconds of each second.
  double received_ = 0.0;           ///< Frames, judged.
  double answers_ = 0.0;
  double levels_ = 0.0;
  double dropped_ = 0.0;
  std::size_t connected_ = 0;
  std::size_t most_connected_ = 0;
  double below_high_at_ = 0.0;  ///< When somebody was last below high_quality.
};

}  // namespace storysign::sim
