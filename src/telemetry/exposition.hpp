#pragma once

#include "telemetry/metrics.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace storysign::telemetry {

/// One number of a metric with a label.
struct LabelledValue {
  std::string_view label;
  double value = 0.0;
};

/// One answer to Prometheus, in its text format 0.0.4: what was counted, and numbers that are
/// measured when asked for. Every name gets the prefix storysign_; labels never name a session or a
/// person. Made for each scrape; one thread. Values are read when added, texts are copied.
class Exposition {
 public:
  Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;
  Exposition(Exposition&&) = delete;
  Exposition& operator=(Exposition&&) = delete;
  ~Exposition();

  /// Every row of the metrics table: counters end in _total, durations are histograms in seconds
  /// whose bounds are bounds of the internal buckets, so that no record is in the wrong one.
  void add(const Snapshot& counted);

  void gauge(std::string_view name, std::string_view help, double value);
  void gauge(std::string_view name, std::string_view help, std::string_view label,
             std::span<const LabelledValue> values);
  /// A number that only grows; `name` without _total.
  void counter(std::string_view name, std::string_view help, double value);
  /// A metric whose labels are what it says; its value is 1.
  struct Fact {
    std::string_view label;
    std::string_view text;
  };
  void info(std::string_view name, std::string_view help, std::span<const Fact> facts);

  [[nodiscard]] std::string text() const;

  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace storysign::telemetry
