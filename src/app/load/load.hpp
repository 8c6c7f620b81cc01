#pragma once

#include "app/load/frames.hpp"
#include "app/load/report.hpp"
#include "app/load/target.hpp"
#include "app/stop_signal.hpp"
#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace storysign::app {

enum class LoadProtocol : std::uint8_t { kBinary, kJson };

/// What the clients send, and what they ask for.
enum class LoadMode : std::uint8_t {
  kAnnotated,  ///< Pictures, for the annotated ones.
  kLandmarks,  ///< Pictures, for the landmarks.
  kBoth,       ///< Pictures, for both.
  kEdge,       ///< Landmarks that they have found themselves; with the binary protocol only.
};

/// What they practise while they send.
enum class LoadPractice : std::uint8_t { kNone, kSigns, kLetters };

struct LoadOptions {
  std::string url;  ///< As given, for the report.
  Target target;
  LoadProtocol protocol = LoadProtocol::kBinary;
  LoadMode mode = LoadMode::kAnnotated;
  LoadPractice practice = LoadPractice::kNone;
  bool face_mesh = false;
  bool every_frame = false;  ///< Ask the server not to replace frames.
  bool verify = true;        ///< The server's certificate.
  int clients = 1;
  double fps = 25.0;
  double seconds = 10.0;
  /// Before that: frames go out that count in nothing, so that the server can settle; then all
  /// clients count the same stretch of time, whenever they connected.
  double settle_seconds = 0.0;
  double ramp_seconds = 0.0;         ///< The clients connect one after the other within this time.
  std::uint64_t max_unanswered = 0;  ///< More frames without an answer hold the next back; 0: none.
  std::chrono::milliseconds deadline{100};  ///< A later answer counts as late.
};

/// As in --mode: "annotated", "landmarks", "both" or "edge".
[[nodiscard]] const char* mode_name(LoadMode mode) noexcept;
/// As in --practice: "signs" or "letters"; empty for none.
[[nodiscard]] const char* practice_name(LoadPractice practice) noexcept;

/// Connects the clients, the first with the first clip and so on and over again, lets each send its
/// frames by the clock, waits up to two seconds for the last answers and adds up. A client that
/// fails ends alone; the report says why. A signal ends the run early, with what there is. Runs on
/// the calling thread.
[[nodiscard]] LoadReport run_load(const LoadOptions& options, std::span<const Frames> clips,
                                  const StopSignal& stop);

}  // namespace storysign::app
