#include "adapt/profile.hpp"
#include "app/annotate.hpp"
#include "app/commands.hpp"
#include "app/model_folder.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"
#include "app/stop_signal.hpp"
#include "config/keys.hpp"
#include "session/pace.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::app {
namespace {

using base::ErrorCode;
using base::fail;
using vision::TrackerKind;

constexpr int kMaxFrameSkip = 60;
constexpr int kExitStopped = 130;  // 128 + SIGINT, as shells expect.

/// What was written on the command line; what was not is empty.
struct Arguments {
  std::string input;
  std::string output;
  std::string landmarks;
  std::string config;
  std::string mode = "reference";
  std::optional<std::string> profile;
  std::optional<int> frame_skip;
  std::string models;
  std::string tracker = "auto";
  std::string clock = "reference";
  std::optional<int> complexity;
  std::optional<double> min_detection_confidence;
  std::optional<double> min_tracking_confidence;
  std::string gpu;
  std::optional<std::int64_t> frames;
  std::int64_t start = 0;
  bool segmentation = false;
  bool refine_face = false;
  bool letters = false;
  bool no_draw = false;
  bool plain = false;
  bool no_overwrite = false;
  bool json = false;
};

void add_files(CLI::App& command, Arguments& to) {
  command.add_option("IN", to.input, "Video file, picture file, or folder of pictures")
      ->required()
      ->type_name("");
  command
      .add_option(
          "OUT", to.output,
          "What to write: .mp4, .mov or .mkv (without sound) for a video, .jpg or .png for a "
          "picture, a folder for a folder; left out: no pictures are written")
      ->type_name("");
  command
      .add_option("--landmarks", to.landmarks,
                  "Write the landmarks to this file, one JSON object a frame")
      ->type_name("FILE");
  command.add_flag("--letters", to.letters,
                   "In the landmark file: the letters of the manual alphabet that each hand looks "
                   "like, the three most probable");
  command.add_flag("--no-overwrite", to.no_overwrite,
                   "Stop if OUT or the landmark file exists, instead of replacing it at the end");
  command.add_option("--start", to.start, "Leave out the first N frames or pictures")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N");
  command.add_option("--frames", to.frames, "Do at most N frames or pictures")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
}

void add_tracking(CLI::App& command, Arguments& to) {
  command
      .add_option(
          "--tracker", to.tracker,
          "holistic: the body leads to hands and face; hands: hands on their own; auto (default): "
          "holistic, and hands on their own where no usable body is in view")
      ->check(CLI::IsMember({"holistic", "hands", "auto"}))
      ->type_name("KIND");
  command
      .add_option("--mode", to.mode,
                  "reference (default): all networks in every frame; fast: as the server, networks "
                  "where they have something new to say (videos; pictures stand for themselves)")
      ->check(CLI::IsMember({"reference", "fast"}))
      ->type_name("MODE");
  command
      .add_option("--profile", to.profile,
                  "Of --mode fast: high_quality, balanced (default), high_performance or "
                  "ultra_performance")
      ->check(CLI::IsMember({"high_quality", "balanced", "high_performance", "ultra_performance"}))
      ->type_name("PROFILE");
  command
      .add_option("--frame-skip", to.frame_skip,
                  "Of --mode fast: each network runs on at most every Nth frame (default: the "
                  "profile's)")
      ->check(CLI::Range(0, kMaxFrameSkip))
      ->type_name("N");
  command
      .add_option("--complexity", to.complexity, "Body network: 0 lite, 1 full (default), 2 heavy")
      ->check(CLI::Range(0, 2))
      ->type_name("N");
  command
      .add_option("--min-detection-confidence", to.min_detection_confidence,
                  "Score from which a body or palm counts as found, 0 to 1 (default 0.5)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  command
      .add_option(
          "--min-tracking-confidence", to.min_tracking_confidence,
          "Score from which a tracked body or hand counts as still there, 0 to 1 (default 0.5)")
      ->check(CLI::Range(0.0, 1.0))
      ->type_name("P");
  command
      .add_option(
          "--clock", to.clock,
          "Time of a frame for the smoothing: reference (default) is 33.333 ms a frame, file is "
          "the video's own")
      ->check(CLI::IsMember({"reference", "file"}))
      ->type_name("CLOCK");
  command.add_option("--gpu", to.gpu, "off (default), auto or require")
      ->check(CLI::IsMember({"off", "auto", "require"}))
      ->type_name("USE");
  command.add_option("--models", to.models, "Folder of the .tflite files")->type_name("DIR");
  command.add_flag("--refine-face", to.refine_face,
                   "478 face landmarks, with lips, eyes and irises refined, instead of 468");
}

void add_drawing(CLI::App& command, Arguments& to) {
  command.add_flag("--segmentation", to.segmentation, "Blur the background in OUT");
  command.add_flag("--no-draw", to.no_draw, "Do not draw the landmarks in OUT");
  command.add_flag("--plain", to.plain, "Draw on a plain ground instead of the person's picture");
  command.add_flag("--json", to.json, "Print the summary as JSON");
}

/// A setting's value if a file, the environment or --section.key=value gave one.
std::optional<config::Value> given(const config::Loaded& loaded, std::string_view name) {
  const config::Key* key = config::find_key(name);
  if (key == nullptr) {
    return std::nullopt;
  }
  const auto index = static_cast<std::size_t>(key - config::keys().data());
  if (loaded.origins[index].kind == config::Origin::Kind::kDefault) {
    return std::nullopt;
  }
  return key->get(loaded.settings);
}

bool given_true(const config::Loaded& loaded, std::string_view name) {
  const auto value = given(loaded, name);
  return value && std::get<bool>(*value);
}

double real(const config::Loaded& loaded, std::string_view name,
            const std::optional<double>& option, double fallback) {
  if (option) {
    return *option;
  }
  const auto value = given(loaded, name);
  return value ? std::get<double>(*value) : fallback;
}

engine::GpuUse gpu_use(const Arguments& arguments, const config::Settings& settings) {
  if (arguments.gpu == "auto") {
    return engine::GpuUse::kAuto;
  }
  if (arguments.gpu == "require") {
    return engine::GpuUse::kRequire;
  }
  if (arguments.gpu == "off" || settings.gpu == config::GpuUse::kOff) {
    return engine::GpuUse::kOff;
  }
  return settings.gpu == config::GpuUse::kAuto ? engine::GpuUse::kAuto : engine::GpuUse::kRequire;
}

TrackerKind tracker_kind(const Arguments& arguments) {
  if (arguments.tracker == "hands") {
    return TrackerKind::kHands;
  }
  return arguments.tracker == "holistic" ? TrackerKind::kHolistic : TrackerKind::kAuto;
}

/// Options win over settings, settings over this command's own defaults, which are MediaPipe's and
/// not the server's.
vision::TrackerOptions tracker_options(const Arguments& arguments, const config::Loaded& loaded) {
  vision::TrackerOptions tracker;
  tracker.tracker = tracker_kind(arguments);
  if (arguments.complexity) {
    tracker.complexity = *arguments.complexity;
  } else if (const auto value = given(loaded, "mediapipe.model_complexity")) {
    tracker.complexity = static_cast<int>(std::get<std::int64_t>(*value));
  }
  tracker.min_detection_confidence = static_cast<float>(
      real(loaded, "mediapipe.min_detection_confidence", arguments.min_detection_confidence, 0.5));
  tracker.min_tracking_confidence = static_cast<float>(
      real(loaded, "mediapipe.min_tracking_confidence", arguments.min_tracking_confidence, 0.5));
  tracker.refine_face =
      arguments.refine_face || given_true(loaded, "mediapipe.refine_face_landmarks");
  tracker.segmentation =
      arguments.segmentation || given_true(loaded, "mediapipe.enable_segmentation");
  return tracker;
}

std::optional<vision::Pace> pace(const Arguments& arguments) {
  if (arguments.mode != "fast") {
    return std::nullopt;
  }
  const auto profile = arguments.profile ? adapt::parse_profile(*arguments.profile) : std::nullopt;
  const adapt::Profile chosen = profile.value_or(adapt::Profile::kBalanced);
  return session::pace_of(chosen,
                          arguments.frame_skip.value_or(adapt::settings_of(chosen).frame_skip));
}

base::Result<void> check(const Arguments& arguments) {
  if (arguments.mode != "fast" && (arguments.profile || arguments.frame_skip)) {
    return fail(ErrorCode::kInvalidInput,
                "--profile and --frame-skip belong to the fast mode; add --mode fast.");
  }
  if (arguments.letters && arguments.landmarks.empty()) {
    return fail(ErrorCode::kInvalidInput,
                "--letters writes into the landmark file; add --landmarks FILE.");
  }
  if (arguments.plain && arguments.no_draw) {
    return fail(ErrorCode::kInvalidInput,
                "--plain and --no-draw together leave nothing to see; leave one of them out.");
  }
  if (arguments.plain && arguments.segmentation) {
    return fail(
        ErrorCode::kInvalidInput,
        "--plain shows no background that --segmentation could blur; leave one of them out.");
  }
  return {};
}

AnnotateOptions resolve(const Arguments& arguments, const config::Loaded& loaded) {
  AnnotateOptions options;
  options.input = arguments.input;
  if (!arguments.output.empty()) {
    options.output = arguments.output;
  }
  if (!arguments.landmarks.empty()) {
    options.landmarks = arguments.landmarks;
  }
  options.tracker = tracker_options(arguments, loaded);
  // The mask is for the picture only, and nearly doubles the work of the body network.
  options.tracker.segmentation =
      options.tracker.segmentation && options.output.has_value() && !arguments.plain;
  options.pace = pace(arguments);
  options.tracker.quick_hands = options.pace.has_value() && loaded.settings.performance.quick_hands;
  options.letters = arguments.letters;
  options.drawing = {.landmarks = !arguments.no_draw, .plain = arguments.plain};
  options.clock = arguments.clock == "file" ? TrackClock::kFile : TrackClock::kReference;
  options.gpu = gpu_use(arguments, loaded.settings);
  options.models = arguments.models.empty() ? model_folder(loaded.settings, program_path())
                                            : std::filesystem::path(arguments.models);
  options.start = arguments.start;
  options.frames = arguments.frames;
  options.overwrite = !arguments.no_overwrite;
  return options;
}

int fail_with(const base::Error& error) {
  write_error(error.message);
  switch (error.code) {
    case ErrorCode::kCancelled:
      return kExitStopped;
    case ErrorCode::kInternal:
      return kExitFailed;
    default:
      return kExitBadInput;
  }
}

int run(const Arguments& arguments, const std::vector<std::string>& extras) {
  const auto settings = load_settings(arguments.config, extras);
  if (!settings) {
    return report(settings.error());
  }
  if (auto sensible = check(arguments); !sensible) {
    return fail_with(sensible.error());
  }
  const StopSignal stop;
  const auto summary = annotate(resolve(arguments, settings->loaded), stop);
  if (!summary) {
    return fail_with(summary.error());
  }
  const int written = write_stdout(arguments.json ? to_json(*summary) : to_text(*summary));
  return summary->stopped ? kExitStopped : written;
}

}  // namespace

void add_annotate(CLI::App& app, int& status) {
  CLI::App* const command = app.add_subcommand(
      "annotate",
      "Find face, hands and body in a video or pictures, draw them and write them down");
  // The callback keeps the arguments alive; CLI11 copies it, so shared it is.
  const auto arguments = std::make_shared<Arguments>();
  add_files(*command, *arguments);
  add_tracking(*command, *arguments);
  add_drawing(*command, *arguments);
  add_settings_options(*command, arguments->config);
  command->callback(
      [command, arguments, &status] { status = run(*arguments, command->remaining()); });
}

}  // namespace storysign::app
