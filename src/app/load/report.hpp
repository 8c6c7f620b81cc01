#pragma once

#include "app/load/ledger.hpp"

#include <string>
#include <vector>

namespace storysign::app {

/// One client at the end of a run.
struct ClientReport {
  Tally tally;
  std::string first_error;  ///< The first error message of the server; empty if there was none.
  std::string failure;      ///< Why it ended early, one sentence; empty if it did not.
};

/// One second of a run, all clients together, by the time of the answer.
struct Second {
  std::uint64_t answers = 0;  ///< With success.
  Samples::Summary from_due;  ///< Milliseconds.
};

struct LoadReport {
  // As asked for.
  std::string url;
  std::string protocol;
  std::string mode;
  std::string practice;  ///< Empty: none.
  double fps = 0.0;
  double seconds = 0.0;
  double settle_seconds = 0.0;
  double deadline_ms = 0.0;
  int width = 0;  ///< Of the frames sent.
  int height = 0;
  // As it went.
  double wall_seconds = 0.0;   ///< From the first counted frame due to the end.
  double own_cpu_share = 0.0;  ///< Processor time of this process by wall time: 1 is one core.
  bool stopped = false;        ///< By a signal, before its time.
  std::vector<ClientReport> clients;
  std::vector<Second> timeline;
};

/// All clients together.
[[nodiscard]] Tally total(const LoadReport& report);

/// A table for a person: the clients (the first 20 of them) and their total.
[[nodiscard]] std::string to_text(const LoadReport& report);

/// The same and more as a JSON object, with an end of line.
[[nodiscard]] std::string to_json(const LoadReport& report);

/// The sentences of clients that ended early, those that say the same together: "3 of 5 clients:
/// ...". Empty if none did.
[[nodiscard]] std::vector<std::string> failures(const LoadReport& report);

}  // namespace storysign::app
