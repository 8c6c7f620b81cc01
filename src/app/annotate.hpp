#pragma once

#include "app/frame_annotator.hpp"
#include "app/stop_signal.hpp"
#include "app/summary.hpp"
#include "base/result.hpp"
#include "engine/openvino_engine.hpp"
#include "vision/tracker.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace storysign::app {

/// What the tracker takes for the time of a frame.
enum class TrackClock : std::uint8_t {
  kReference,  ///< 33.333 ms a frame whatever the file says, as MediaPipe's Python solutions do.
  kFile,       ///< The file's own time stamps.
};

/// One run of `storysign annotate`, everything decided.
struct AnnotateOptions {
  std::filesystem::path input;
  std::optional<std::filesystem::path> output;
  std::optional<std::filesystem::path> landmarks;
  vision::TrackerOptions tracker;  ///< `still` is set by what the input is.
  /// The fast mode, for videos; nothing: the reference mode.
  std::optional<vision::Pace> pace;
  Drawing drawing;
  bool letters = false;  ///< The landmark file says which letters the hands look like.
  TrackClock clock = TrackClock::kReference;
  engine::GpuUse gpu = engine::GpuUse::kOff;
  std::filesystem::path models;
  std::int64_t start = 0;              ///< Frames (or pictures) to leave out at the beginning.
  std::optional<std::int64_t> frames;  ///< How many to do at most.
  bool overwrite = true;  ///< Existing files are replaced, once the new ones are whole.
};

/// Does the run: finds out what the input is, checks it, annotates it, and gives the finished files
/// their names. After a failure, or a stop before the first frame (kCancelled), no file is left;
/// after a later stop the summary says so. Shows progress and warnings on standard error. Main
/// thread.
[[nodiscard]] base::Result<Summary> annotate(const AnnotateOptions& options,
                                             const StopSignal& stop);

}  // namespace storysign::app
