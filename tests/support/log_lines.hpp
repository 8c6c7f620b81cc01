#pragma once

#include "telemetry/log.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace storysign::testing {

/// Keeps what is logged.
class LogLines : public telemetry::LogSink {
 public:
  void write(std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

}  // namespace storysign::testing
