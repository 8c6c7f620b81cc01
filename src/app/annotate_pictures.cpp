#include "app/annotate_pictures.hpp"

#include "app/media/input_file.hpp"
#include "app/media/output_file.hpp"
#include "app/media/picture_reader.hpp"
#include "app/media/picture_writer.hpp"
#include "app/progress.hpp"
#include "app/workbench.hpp"

#include <cstddef>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;

/// One run over one picture or the pictures of a folder.
class PictureRun {
 public:
  PictureRun(const AnnotateOptions& options, bool is_folder, std::vector<fs::path> pictures,
             const StopSignal& stop)
      : options_(options), is_folder_(is_folder), pictures_(std::move(pictures)), stop_(stop) {
    summary_.input = options.input;
    summary_.unit = "picture";
    summary_.planned = static_cast<std::int64_t>(pictures_.size());
  }

  base::Result<Summary> run() {
    auto done = check_all().and_then([&] { return prepare(); }).and_then([&] { return work(); });
    if (!done) {
      return tl::unexpected(done.error());
    }
    if (summary_.frames == 0) {
      return tl::unexpected(nothing_done(summary_.unit));
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
  /// A bad picture is found before the work on the first one begins.
  base::Result<void> check_all() {
    for (const fs::path& picture : pictures_) {
      if (stop_.stopped()) {
        return tl::unexpected(nothing_done(summary_.unit));
      }
      if (auto good = reader_.check(picture); !good) {
        return good;
      }
    }
    return {};
  }

  base::Result<void> prepare() {
    auto landmarks = open_landmarks(options_);
    if (!landmarks) {
      return tl::unexpected(landmarks.error());
    }
    landmarks_ = std::move(*landmarks);
    if (auto opened = open_output(); !opened) {
      return opened;
    }
    auto bench =
        make_workbench(options_, true, landmarks_ ? &*landmarks_ : nullptr, summary_.times);
    if (!bench) {
      return tl::unexpected(bench.error());
    }
    bench_ = std::move(*bench);
    return {};
  }

  base::Result<void> open_output() {
    if (!options_.output) {
      return {};
    }
    if (is_folder_) {
      return OutputFolder::create(*options_.output, options_.overwrite)
          .map([&](OutputFolder&& folder) { folder_.emplace(std::move(folder)); });
    }
    return OutputFile::create(*options_.output, options_.overwrite).map([&](OutputFile&& file) {
      file_.emplace(std::move(file));
    });
  }

  base::Result<void> work() {
    start_ = base::steady_now();
    Progress progress(summary_.planned, summary_.unit, stderr, shows_bar(), start_);
    while (summary_.frames < summary_.planned && !stop_.stopped()) {
      if (auto done = one(static_cast<std::size_t>(summary_.frames)); !done) {
        return done;
      }
      ++summary_.frames;
      progress.update(summary_.frames, base::steady_now());
    }
    return {};
  }

  base::Result<void> one(std::size_t index) {
    const fs::path& picture = pictures_[index];
    {
      const StageTimer timer(summary_.times, Stage::kDecode);
      if (auto decoded = reader_.read(picture, image_); !decoded) {
        return decoded;
      }
    }
    const std::string name = picture.filename().string();
    LandmarkRecord record;
    record.frame = options_.start + static_cast<std::int64_t>(index);
    record.file = name;
    auto done = bench_.annotator->process(image_.mutable_view(),
                                          reference_time(static_cast<std::int64_t>(index)), record);
    return done ? write(picture) : done;
  }

  base::Result<void> write(const fs::path& picture) {
    if (!options_.output) {
      return {};
    }
    const StageTimer timer(summary_.times, Stage::kWrite);
    fs::path name = *options_.output;
    fs::path to = file_ ? file_->writing_path() : fs::path();
    if (folder_) {
      std::string file = picture.filename().string();
      if (!picture_format(picture)) {
        file += ".png";
      }
      name /= file;
      to = folder_->writing_path() / file;
    }
    return writer_.write(image_.view(), *picture_format(name), to, name);
  }

  base::Result<void> keep() {
    if (file_) {
      if (auto synced = file_->sync(); !synced) {
        return synced;
      }
    }
    const auto commit = [&]() -> base::Result<void> {
      if (file_) {
        return file_->commit();
      }
      return folder_ ? folder_->commit() : base::Result<void>();
    };
    return keep_outputs(options_, landmarks_ ? &*landmarks_ : nullptr, commit, start_, summary_);
  }

  // Given.
  const AnnotateOptions& options_;
  bool is_folder_;
  std::vector<fs::path> pictures_;
  const StopSignal& stop_;
  // Owned; what is later uses what is earlier.
  Summary summary_;
  std::optional<LandmarkWriter> landmarks_;
  std::optional<OutputFile> file_;
  std::optional<OutputFolder> folder_;
  Workbench bench_;
  PictureReader reader_;
  PictureWriter writer_;
  base::Image image_;
  // State.
  base::SteadyTime start_;
};

}  // namespace

base::Result<Summary> annotate_pictures(const AnnotateOptions& options, bool is_folder,
                                        const StopSignal& stop) {
  FolderListing listing{{options.input}, 0};
  if (is_folder) {
    auto listed = list_pictures(options.input);
    if (!listed) {
      return tl::unexpected(listed.error());
    }
    listing = std::move(*listed);
  }
  const auto planned =
      planned_frames(options, static_cast<std::int64_t>(listing.pictures.size()), "picture");
  if (!planned) {
    return tl::unexpected(planned.error());
  }
  const auto first = listing.pictures.begin() + static_cast<std::ptrdiff_t>(options.start);
  PictureRun run(options, is_folder,
                 std::vector<fs::path>(first, first + static_cast<std::ptrdiff_t>(*planned)), stop);
  auto summary = run.run();
  if (summary) {
    summary->skipped_files = static_cast<std::int64_t>(listing.others);
  }
  return summary;
}

}  // namespace storysign::app
