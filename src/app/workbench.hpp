#pragma once

#include "app/annotate.hpp"
#include "app/frame_annotator.hpp"
#include "app/landmark_writer.hpp"
#include "app/summary.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "engine/openvino_engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

/// What annotating a video and annotating pictures have in common.
namespace storysign::app {

/// Prints warnings of the engine on standard error.
class ConsoleWarnings : public engine::WarningListener {
 public:
  void on_warning(std::string_view message) override;
};

/// The engine and what runs on it; destroyed in the right order.
struct Workbench {
  std::unique_ptr<ConsoleWarnings> warnings;
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<FrameAnnotator> annotator;
};

/// Loads the networks. `landmarks` (may be null) and `times` outlive the result.
[[nodiscard]] base::Result<Workbench> make_workbench(const AnnotateOptions& options, bool still,
                                                     LandmarkWriter* landmarks, StageTimes& times);

/// The landmark file, if one is wanted.
[[nodiscard]] base::Result<std::optional<LandmarkWriter>> open_landmarks(
    const AnnotateOptions& options);

/// Puts the finished outputs under their names, the landmarks (may be null) before what
/// `commit_pictures` keeps, and completes the summary of a run that began at `start`.
[[nodiscard]] base::Result<void> keep_outputs(
    const AnnotateOptions& options, LandmarkWriter* landmarks,
    const std::function<base::Result<void>()>& commit_pictures, base::SteadyTime start,
    Summary& summary);

/// How many of `available` frames --start and --frames leave; fails with kInvalidInput if none.
[[nodiscard]] base::Result<std::int64_t> planned_frames(const AnnotateOptions& options,
                                                        std::int64_t available,
                                                        std::string_view unit);

/// The time of call number `call` (from 0) on the reference's clock.
[[nodiscard]] std::chrono::microseconds reference_time(std::int64_t call);

/// The failure (kCancelled) of a run that was stopped before it had anything to keep.
[[nodiscard]] base::Error nothing_done(std::string_view unit);

/// Whether standard error is a terminal.
[[nodiscard]] bool shows_bar();

}  // namespace storysign::app
