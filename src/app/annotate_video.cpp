#include "app/annotate_video.hpp"

#include "app/media/input_file.hpp"
#include "app/media/output_file.hpp"
#include "app/media/video_probe.hpp"
#include "app/media/video_reader.hpp"
#include "app/media/video_writer.hpp"
#include "app/progress.hpp"
#include "app/workbench.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

namespace storysign::app {
namespace {

using base::ErrorCode;

/// One run over one video.
class VideoRun {
 public:
  VideoRun(const AnnotateOptions& options, const StopSignal& stop, const VideoInfo& info,
           std::int64_t planned)
      : options_(options), stop_(stop), info_(info) {
    summary_.input = options.input;
    summary_.planned = planned;
  }

  base::Result<Summary> run() {
    auto done = prepare().and_then([&] { return skip(); }).and_then([&] { return work(); });
    if (!done) {
      return tl::unexpected(done.error());
    }
    if (summary_.frames == 0) {
      return tl::unexpected(stop_.stopped() ? nothing_done(summary_.unit) : no_frame());
    }
    summary_.stopped = stop_.stopped() && summary_.frames < summary_.planned;
    if (auto kept = keep(); !kept) {
      return tl::unexpected(kept.error());
    }
    summary_.found = bench_.annotator->found();
    summary_.device = bench_.engine->device();
    return std::move(summary_);
  }

 private:
  /// Opens the outputs before the networks are loaded, so that a bad name costs no time.
  base::Result<void> prepare() {
    auto landmarks = open_landmarks(options_);
    if (!landmarks) {
      return tl::unexpected(landmarks.error());
    }
    landmarks_ = std::move(*landmarks);
    if (options_.output) {
      auto file = OutputFile::create(*options_.output, options_.overwrite);
      if (!file) {
        return tl::unexpected(file.error());
      }
      output_.emplace(std::move(*file));
      auto writer = VideoWriter::create(*options_.output, output_->writing_path(), info_);
      if (!writer) {
        return tl::unexpected(writer.error());
      }
      writer_ = std::move(*writer);
    }
    auto bench =
        make_workbench(options_, false, landmarks_ ? &*landmarks_ : nullptr, summary_.times);
    if (!bench) {
      return tl::unexpected(bench.error());
    }
    bench_ = std::move(*bench);
    auto reader = VideoReader::open(options_.input, info_);
    if (!reader) {
      return tl::unexpected(reader.error());
    }
    reader_ = std::move(*reader);
    return {};
  }

  /// Frames before --start are decoded all the same: later ones are made from them.
  base::Result<void> skip() {
    for (std::int64_t i = 0; i < options_.start && !stop_.stopped(); ++i) {
      auto more = reader_->skip();
      if (!more) {
        return tl::unexpected(more.error());
      }
      if (!*more) {
        break;
      }
    }
    return {};
  }

  base::Result<void> work() {
    start_ = base::steady_now();
    Progress progress(summary_.planned, summary_.unit, stderr, shows_bar(), start_);
    while (summary_.frames < summary_.planned && !stop_.stopped()) {
      auto frame = next();
      if (!frame) {
        return tl::unexpected(frame.error());
      }
      if (!*frame) {
        break;
      }
      if (auto done = one(**frame); !done) {
        return done;
      }
      ++summary_.frames;
      progress.update(summary_.frames, base::steady_now());
    }
    return {};
  }

  base::Result<std::optional<VideoFrame>> next() {
    const StageTimer timer(summary_.times, Stage::kDecode);
    return reader_->read();
  }

  base::Result<void> one(const VideoFrame& frame) {
    const auto track_time =
        options_.clock == TrackClock::kReference ? reference_time(summary_.frames) : frame.time;
    LandmarkRecord record;
    record.frame = frame.index;
    record.time = frame.time;
    auto done = bench_.annotator->process(frame.image, track_time, record);
    if (done && writer_) {
      const StageTimer timer(summary_.times, Stage::kWrite);
      done = writer_->write(frame.image.view(), frame.pts);
    }
    return done;
  }

  /// Everything is on the disk before anything gets its name, so that there are both files or
  /// neither.
  base::Result<void> keep() {
    if (writer_) {
      auto written = writer_->finish().and_then([&] { return output_->sync(); });
      if (!written) {
        return written;
      }
    }
    const auto commit = [&] { return output_ ? output_->commit() : base::Result<void>(); };
    return keep_outputs(options_, landmarks_ ? &*landmarks_ : nullptr, commit, start_, summary_);
  }

  [[nodiscard]] base::Error no_frame() const {
    return {ErrorCode::kInvalidInput,
            fmt::format("No frame of the video {} can be decoded; copy or download it again.",
                        quoted(options_.input))};
  }

  // Given.
  const AnnotateOptions& options_;
  const StopSignal& stop_;
  VideoInfo info_;
  // Owned; what is later uses what is earlier.
  Summary summary_;
  std::optional<LandmarkWriter> landmarks_;
  std::optional<OutputFile> output_;
  std::unique_ptr<VideoWriter> writer_;
  Workbench bench_;
  std::unique_ptr<VideoReader> reader_;
  // State.
  base::SteadyTime start_;
};

}  // namespace

base::Result<Summary> annotate_video(const AnnotateOptions& options, const StopSignal& stop) {
  const auto info = probe_video(options.input, stop.count());
  if (!info) {
    return tl::unexpected(info.error().code == ErrorCode::kCancelled ? nothing_done("frame")
                                                                     : info.error());
  }
  const auto planned = planned_frames(options, info->frames, "frame");
  if (!planned) {
    return tl::unexpected(planned.error());
  }
  VideoRun run(options, stop, *info, *planned);
  return run.run();
}

}  // namespace storysign::app
