#include "app/workbench.hpp"

#include "app/media/input_file.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace storysign::app {

using base::ErrorCode;
using base::fail;

void ConsoleWarnings::on_warning(std::string_view message) {
  static_cast<void>(std::fputs(fmt::format("storysign: warning: {}\n", message).c_str(), stderr));
}

base::Result<Workbench> make_workbench(const AnnotateOptions& options, bool still,
                                       LandmarkWriter* landmarks, StageTimes& times) {
  Workbench bench;
  bench.warnings = std::make_unique<ConsoleWarnings>();
  engine::OpenVinoOptions engine_options;
  engine_options.model_folder = options.models;
  engine_options.gpu = options.gpu;
  engine_options.warnings = bench.warnings.get();
  auto engine = engine::make_openvino_engine(engine_options);
  if (!engine) {
    return tl::unexpected(engine.error());
  }
  bench.engine = std::move(*engine);
  vision::TrackerOptions tracker = options.tracker;
  tracker.still = still;
  const auto drawing = options.output ? std::optional<Drawing>(options.drawing) : std::nullopt;
  // A picture that stands for itself has nothing to be moved from.
  const auto pace = still ? std::nullopt : options.pace;
  auto annotator = FrameAnnotator::create(*bench.engine, tracker, pace, drawing, options.letters,
                                          landmarks, times);
  if (!annotator) {
    return tl::unexpected(annotator.error());
  }
  bench.annotator = std::move(*annotator);
  return bench;
}

base::Result<std::optional<LandmarkWriter>> open_landmarks(const AnnotateOptions& options) {
  if (!options.landmarks) {
    return std::optional<LandmarkWriter>{};
  }
  auto writer = LandmarkWriter::create(*options.landmarks, options.overwrite);
  if (!writer) {
    return tl::unexpected(writer.error());
  }
  return std::optional<LandmarkWriter>(std::move(*writer));
}

base::Result<void> keep_outputs(const AnnotateOptions& options, LandmarkWriter* landmarks,
                                const std::function<base::Result<void>()>& commit_pictures,
                                base::SteadyTime start, Summary& summary) {
  base::Result<void> done;
  if (landmarks != nullptr) {
    done = landmarks->finish().and_then([&] { return landmarks->commit(); });
  }
  if (done) {
    done = commit_pictures();
  }
  if (!done) {
    return done;
  }
  summary.seconds = std::chrono::duration<double>(base::steady_now() - start).count();
  if (options.output) {
    summary.outputs.push_back(*options.output);
  }
  if (options.landmarks) {
    summary.outputs.push_back(*options.landmarks);
  }
  return {};
}

base::Result<std::int64_t> planned_frames(const AnnotateOptions& options, std::int64_t available,
                                          std::string_view unit) {
  if (options.start >= available) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("{} has {} {}{}, counted from 0, so --start {} leaves none; choose a smaller "
                    "number.",
                    quoted(options.input), available, unit, available == 1 ? "" : "s",
                    options.start));
  }
  const std::int64_t rest = available - options.start;
  return std::min(rest, options.frames.value_or(rest));
}

std::chrono::microseconds reference_time(std::int64_t call) {
  // MediaPipe's SolutionBase adds 33,333 us before each call, so the first one has that time.
  constexpr std::chrono::microseconds kStep{33333};
  return kStep * (call + 1);
}

base::Error nothing_done(std::string_view unit) {
  return {ErrorCode::kCancelled,
          fmt::format("Stopped before the first {} was done; no file was written.", unit)};
}

bool shows_bar() {
  return isatty(STDERR_FILENO) == 1;
}

}  // namespace storysign::app
