#include "app/annotate.hpp"

#include "app/annotate_pictures.hpp"
#include "app/annotate_video.hpp"
#include "app/media/input_file.hpp"
#include "app/media/libav.hpp"
#include "app/media/picture_writer.hpp"
#include "app/media/video_writer.hpp"

#include <fmt/format.h>

#include <system_error>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::exists(a, error) && fs::exists(b, error)) {
    return fs::equivalent(a, b, error);
  }
  return fs::weakly_canonical(a, error) == fs::weakly_canonical(b, error);
}

/// No two of input, output and landmark file may be one.
base::Result<void> check_distinct(const AnnotateOptions& options) {
  if (options.output && same_file(options.input, *options.output)) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The output {} is the input itself; choose another name.",
                            quoted(*options.output)));
  }
  if (options.landmarks && same_file(options.input, *options.landmarks)) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("The landmark file {} is the input itself; choose another name.",
                            quoted(*options.landmarks)));
  }
  if (options.landmarks && options.output && same_file(*options.output, *options.landmarks)) {
    return fail(ErrorCode::kInvalidInput,
                fmt::format("OUT and --landmarks both name {}; choose two names.",
                            quoted(*options.landmarks)));
  }
  return {};
}

/// What OUT may be called depends on what IN is.
base::Result<void> check_output_name(const AnnotateOptions& options, const InputFile& input) {
  if (!options.output) {
    return {};
  }
  const fs::path& output = *options.output;
  if (input.is_folder) {
    std::error_code error;
    if (output.has_extension() && !fs::is_directory(output, error) &&
        (picture_format(output) || check_video_name(output))) {
      return fail(
          ErrorCode::kInvalidInput,
          fmt::format("The pictures of the folder {} are written to a folder, and {} is the name "
                      "of a file; name a folder.",
                      quoted(options.input), quoted(output)));
    }
    return {};
  }
  if (input.kind == FileKind::kVideo) {
    return check_video_name(output);
  }
  if (!picture_format(output)) {
    return fail(
        ErrorCode::kInvalidInput,
        fmt::format("The input is a picture, so the output is one too; end the name {} in .jpg or "
                    ".png.",
                    quoted(output)));
  }
  return {};
}

}  // namespace

base::Result<Summary> annotate(const AnnotateOptions& options, const StopSignal& stop) {
  silence_libav();
  const auto input = inspect_input(options.input);
  if (!input) {
    return tl::unexpected(input.error());
  }
  auto fits = check_distinct(options).and_then([&] { return check_output_name(options, *input); });
  if (!fits) {
    return tl::unexpected(fits.error());
  }
  if (!input->is_folder && input->kind == FileKind::kVideo) {
    return annotate_video(options, stop);
  }
  return annotate_pictures(options, input->is_folder, stop);
}

}  // namespace storysign::app
