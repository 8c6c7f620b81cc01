#include "app/commands.hpp"
#include "app/load/landmark_coder.hpp"
#include "app/load/load.hpp"
#include "app/media/libav.hpp"
#include "app/media/output_file.hpp"
#include "app/model_folder.hpp"
#include "app/output.hpp"
#include "app/settings_source.hpp"
#include "app/stop_signal.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::app {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kExitStopped = 130;  // 128 + SIGINT, as shells expect.
constexpr int kQuality = 80;       // Of the JPEGs.

/// What was written on the command line.
struct Arguments {
  std::string url;
  std::string protocol = "v1";
  std::string mode = "annotated";
  std::vector<std::string> clips;
  std::string size;
  std::string json;
  int clients = 1;
  int deadline_ms = 100;
  std::optional<int> quality;
  double fps = 25.0;
  double seconds = 10.0;
  double settle = 0.0;
  double ramp = 0.0;
  std::uint64_t max_unanswered = 0;
  std::string practice;
  std::string models;
  bool face_mesh = false;
  bool every_frame = false;
  bool insecure = false;
};

void add_load_options(CLI::App& command, Arguments& to) {
  command.add_option("--clients", to.clients, "How many learners (default 1)")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  command.add_option("--fps", to.fps, "Frames a second of each (default 25)")
      ->check(CLI::Range(0.1, 1000.0))
      ->type_name("F");
  command.add_option("--seconds", to.seconds, "How long each one sends (default 10)")
      ->check(CLI::Range(0.1, 86400.0))
      ->type_name("S");
  command
      .add_option("--settle", to.settle,
                  "Send for S seconds before that without counting it, so that the server can find "
                  "its level (default 0)")
      ->check(CLI::Range(0.0, 86400.0))
      ->type_name("S");
  command.add_option("--ramp", to.ramp, "Connect them one after the other within S seconds")
      ->check(CLI::Range(0.0, 86400.0))
      ->type_name("S");
  command
      .add_option("--max-unanswered", to.max_unanswered,
                  "Hold a frame back while N are unanswered, as the page does; 0 (default): send "
                  "whatever comes back")
      ->type_name("N");
  command
      .add_option("--deadline-ms", to.deadline_ms,
                  "An answer that comes later counts as late (default 100)")
      ->check(CLI::Range(1, 600000))
      ->type_name("MS");
}

void add_frame_options(CLI::App& command, Arguments& to) {
  command
      .add_option("--clip", to.clips,
                  "Video, picture or folder of pictures to send; played forwards and backwards. "
                  "Several times: the learners take them in turn")
      ->allow_extra_args(false)
      ->type_name("FILE");
  command.add_option("--size", to.size, "Scale the pictures, as 640x480")->type_name("WxH");
  command.add_option("--jpeg-quality", to.quality, "Of the frames sent, 1 to 100 (default 80)")
      ->check(CLI::Range(1, 100))
      ->type_name("N");
}

void add_protocol_options(CLI::App& command, Arguments& to) {
  command.add_option("URL", to.url, "ws://HOST:PORT/ws/video or wss://...")
      ->required()
      ->type_name("");
  command.add_option("--protocol", to.protocol, "v1 (default): binary; json")
      ->check(CLI::IsMember({"v1", "json"}))
      ->type_name("NAME");
  command
      .add_option("--mode", to.mode,
                  "What to ask for: annotated (default), landmarks, both; edge: send landmarks, as "
                  "learners do whose browsers find them. They are found once, before the clients "
                  "connect")
      ->check(CLI::IsMember({"annotated", "landmarks", "both", "edge"}))
      ->type_name("MODE");
  command
      .add_option("--practice", to.practice,
                  "Each learner practises while it sends: signs or letters, which every server has "
                  "built in; after each verdict it tries again")
      ->check(CLI::IsMember({"signs", "letters"}))
      ->type_name("WHAT");
  command.add_option("--models", to.models, "Of --mode edge: folder of the .tflite files")
      ->type_name("DIR");
  command.add_flag("--face-mesh", to.face_mesh, "With landmarks: also the points of the face");
  command.add_flag("--every-frame", to.every_frame,
                   "Ask the server not to replace waiting frames by newer ones");
  command.add_flag("--insecure", to.insecure, "Do not check the server's certificate");
  command
      .add_option("--json", to.json,
                  "Write the results as JSON to FILE, or with - to standard output instead of the "
                  "table")
      ->type_name("FILE");
}

base::Result<std::optional<FrameSize>> parse_size(const std::string& text) {
  if (text.empty()) return std::nullopt;
  FrameSize size;
  const char* const end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, size.width);
  if (width.ec == std::errc() && width.ptr != end && *width.ptr == 'x') {
    const auto height = std::from_chars(width.ptr + 1, end, size.height);
    const auto good = [](int side) { return side >= 16 && side <= 4096; };
    if (height.ec == std::errc() && height.ptr == end && good(size.width) && good(size.height)) {
      return size;
    }
  }
  return fail(ErrorCode::kInvalidInput,
              fmt::format("The size '{}' is not two sides of 16 to 4096 pixels; write --size "
                          "640x480.",
                          text));
}

LoadMode load_mode(const std::string& name) {
  if (name == "landmarks") return LoadMode::kLandmarks;
  if (name == "edge") return LoadMode::kEdge;
  return name == "both" ? LoadMode::kBoth : LoadMode::kAnnotated;
}

LoadPractice load_practice(const std::string& name) {
  if (name == "letters") return LoadPractice::kLetters;
  return name == "signs" ? LoadPractice::kSigns : LoadPractice::kNone;
}

/// What belongs to pictures only is not silently left out.
base::Result<void> check_edge(const Arguments& arguments) {
  const auto wrong = [](std::string_view sentence) {
    return fail(ErrorCode::kInvalidInput, std::string(sentence));
  };
  if (arguments.mode != "edge") {
    if (arguments.models.empty()) return {};
    return wrong("--models is for finding landmarks; add --mode edge.");
  }
  if (arguments.protocol == "json") {
    return wrong(
        "--mode edge sends frames of landmarks, which the JSON protocol does not have; leave "
        "--protocol json out.");
  }
  if (arguments.face_mesh) {
    return wrong(
        "--face-mesh asks for points in the answers, and those to --mode edge have none; leave it "
        "out: the points of the face are sent with the others.");
  }
  if (arguments.every_frame) {
    return wrong(
        "--every-frame is for pictures that wait, and frames of landmarks are answered at once; "
        "leave it out with --mode edge.");
  }
  if (arguments.quality) {
    return wrong("--jpeg-quality is for pictures, and --mode edge sends none; leave it out.");
  }
  return {};
}

base::Result<LoadOptions> resolve(const Arguments& arguments) {
  auto target = parse_target(arguments.url);
  if (!target) return tl::unexpected(target.error());
  if (arguments.clips.empty()) {
    return fail(ErrorCode::kInvalidInput,
                "There is nothing to send; name a video, a picture or a folder of pictures with "
                "--clip.");
  }
  if (arguments.face_mesh && arguments.mode == "annotated") {
    return fail(ErrorCode::kInvalidInput,
                "--face-mesh asks for points of the face, but --mode annotated for no landmarks; "
                "use --mode landmarks or both.");
  }
  if (auto sensible = check_edge(arguments); !sensible) return tl::unexpected(sensible.error());
  LoadOptions options;
  options.url = arguments.url;
  options.target = std::move(*target);
  options.protocol = arguments.protocol == "json" ? LoadProtocol::kJson : LoadProtocol::kBinary;
  options.mode = load_mode(arguments.mode);
  options.practice = load_practice(arguments.practice);
  // So that the server need not count on pictures.
  if (options.mode == LoadMode::kEdge) {
    options.target.path = with_query(std::move(options.target.path), "frames=landmarks");
  }
  options.face_mesh = arguments.face_mesh;
  options.every_frame = arguments.every_frame;
  options.verify = !arguments.insecure;
  options.clients = arguments.clients;
  options.fps = arguments.fps;
  options.seconds = arguments.seconds;
  options.settle_seconds = arguments.settle;
  options.ramp_seconds = arguments.ramp;
  options.max_unanswered = arguments.max_unanswered;
  options.deadline = std::chrono::milliseconds(arguments.deadline_ms);
  return options;
}

int fail_with(const base::Error& error) {
  write_error(error.message);
  if (error.code == ErrorCode::kCancelled) return kExitStopped;
  return error.code == ErrorCode::kInternal ? kExitFailed : kExitBadInput;
}

/// Finds landmarks as the server of this folder would, or makes JPEGs.
base::Result<std::unique_ptr<FrameCoder>> make_coder(const Arguments& arguments) {
  if (arguments.mode != "edge") return make_jpeg_coder(arguments.quality.value_or(kQuality));
  const auto loaded = load_settings({}, {});
  if (!loaded) return tl::unexpected(loaded.error().front());
  const config::Settings& settings = loaded->loaded.settings;
  return make_landmark_coder(arguments.models.empty() ? model_folder(settings, program_path())
                                                      : std::filesystem::path(arguments.models),
                             settings.performance.quick_hands);
}

base::Result<std::vector<Frames>> make_frames(const Arguments& arguments,
                                              std::optional<FrameSize> size,
                                              const StopSignal& stop) {
  const auto coder = make_coder(arguments);
  if (!coder) return tl::unexpected(coder.error());
  // No client shows more different pictures than fit into its time.
  const double shown =
      std::ceil((arguments.settle + arguments.seconds) * std::max(arguments.fps, 60.0)) + 1.0;
  return load_clips(arguments.clips, size, **coder, static_cast<std::size_t>(shown), stop.count());
}

base::Result<void> write_file(OutputFile& file, const std::string& text) {
  std::ofstream out(file.writing_path(), std::ios::binary | std::ios::trunc);
  errno = 0;
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  if (!out) return tl::unexpected(cannot_write(file.target(), errno));
  if (auto synced = file.sync(); !synced) return synced;
  return file.commit();
}

/// The failures of clients on standard error, the results where they were asked for.
int finish(const LoadReport& report, const Arguments& arguments, std::optional<OutputFile>& file) {
  const Tally all = total(report);
  std::vector<std::string> sentences = failures(report);
  if (sentences.empty() && !report.stopped && all.inferred + all.propagated == 0) {
    sentences.emplace_back("No frame was answered with success.");
  }
  for (const std::string& sentence : sentences) write_error(sentence);
  int status = sentences.empty() ? kExitOk : kExitFailed;
  if (file) {
    if (auto written = write_file(*file, to_json(report)); !written) {
      return fail_with(written.error());
    }
  }
  // A table of nothing would only hide the sentence.
  if (all.due != 0 || arguments.json == "-") {
    const int printed = write_stdout(arguments.json == "-" ? to_json(report) : to_text(report));
    status = std::max(status, printed);
  }
  return report.stopped && status == kExitOk ? kExitStopped : status;
}

int run(const Arguments& arguments) {
  const auto options = resolve(arguments);
  if (!options) return fail_with(options.error());
  const auto size = parse_size(arguments.size);
  if (!size) return fail_with(size.error());
  std::optional<OutputFile> file;
  if (!arguments.json.empty() && arguments.json != "-") {
    auto created = OutputFile::create(arguments.json, true);
    if (!created) return fail_with(created.error());
    file.emplace(std::move(*created));
  }
  silence_libav();
  const StopSignal stop;
  const auto clips = make_frames(arguments, *size, stop);
  if (!clips) return fail_with(clips.error());
  return finish(run_load(*options, *clips, stop), arguments, file);
}

}  // namespace

void add_load(CLI::App& app, int& status) {
  CLI::App* const command = app.add_subcommand(
      "load", "Send frames to a running server as many learners would, and measure its answers");
  // The callback keeps the arguments alive; CLI11 copies it, so shared it is.
  const auto arguments = std::make_shared<Arguments>();
  add_protocol_options(*command, *arguments);
  add_load_options(*command, *arguments);
  add_frame_options(*command, *arguments);
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace storysign::app
