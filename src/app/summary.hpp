#pragma once

#include "app/stage_times.hpp"
#include "vision/landmarks.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace storysign::app {

/// In how many frames each part was found.
struct PartCounts {
  std::int64_t pose = 0;
  std::int64_t left_hand = 0;
  std::int64_t right_hand = 0;
  std::int64_t face = 0;
  std::int64_t mode_switches = 0;  ///< Changes between body-led tracking and hands on their own.

  /// Counts one frame. `previous` is the mode of the frame before, or that of this one for the
  /// first.
  void add(const vision::FrameLandmarks& found, vision::TrackingMode previous) noexcept;
};

/// What a run of `annotate` did.
struct Summary {
  std::filesystem::path input;
  std::vector<std::filesystem::path> outputs;  ///< Files and folders that now exist.
  std::string unit = "frame";                  ///< Or "picture".
  std::string device;                          ///< Where the networks ran.
  std::int64_t frames = 0;                     ///< Done.
  std::int64_t planned = 0;                    ///< To be done when the run began.
  std::int64_t skipped_files = 0;              ///< Files of the input folder that are no pictures.
  bool stopped = false;                        ///< By a signal, before the end.
  double seconds = 0.0;                        ///< From the first frame to the finished files.
  PartCounts found;
  StageTimes times;
};

/// For people, several lines.
[[nodiscard]] std::string to_text(const Summary& summary);

/// For programs, one JSON object on one line.
[[nodiscard]] std::string to_json(const Summary& summary);

}  // namespace storysign::app
