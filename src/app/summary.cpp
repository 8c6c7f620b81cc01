#include "app/summary.hpp"

#include "app/media/input_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <iterator>

namespace storysign::app {
namespace {

constexpr std::array<Stage, kStages> kAllStages = {Stage::kDecode, Stage::kVision, Stage::kRender,
                                                   Stage::kWrite};

double rate(const Summary& summary) {
  return summary.seconds > 0.0 ? static_cast<double>(summary.frames) / summary.seconds : 0.0;
}

std::string counted(std::int64_t count, const std::string& unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

std::string names(const std::vector<std::filesystem::path>& paths) {
  std::string text;
  for (const auto& path : paths) {
    text += (text.empty() ? "" : " and ") + quoted(path);
  }
  return text;
}

std::string first_line(const Summary& summary) {
  if (!summary.stopped) {
    return fmt::format("Annotated {} of {} in {:.2f} s: {:.1f} per second on the {}.\n",
                       counted(summary.frames, summary.unit), quoted(summary.input),
                       summary.seconds, rate(summary), summary.device);
  }
  const char* verb = summary.outputs.size() == 1 ? "holds" : "hold";
  return fmt::format(
      "Stopped after {} of {}; {}.\n", summary.frames, counted(summary.planned, summary.unit),
      summary.outputs.empty() ? "no file was asked for"
                              : fmt::format("{} {} them", names(summary.outputs), verb));
}

}  // namespace

void PartCounts::add(const vision::FrameLandmarks& landmarks,
                     vision::TrackingMode previous) noexcept {
  pose += landmarks.pose.has_value() ? 1 : 0;
  left_hand += landmarks.left_hand.has_value() ? 1 : 0;
  right_hand += landmarks.right_hand.has_value() ? 1 : 0;
  face += landmarks.face.has_value() ? 1 : 0;
  mode_switches += landmarks.mode != previous ? 1 : 0;
}

std::string to_text(const Summary& summary) {
  fmt::memory_buffer out;
  const auto end = std::back_inserter(out);
  fmt::format_to(end, "{}", first_line(summary));
  fmt::format_to(end, "Found in {}: body {}, left hand {}, right hand {}, face {}",
                 counted(summary.frames, summary.unit), summary.found.pose, summary.found.left_hand,
                 summary.found.right_hand, summary.found.face);
  if (summary.found.mode_switches > 0) {
    fmt::format_to(end, "; changed {} between body and hands on their own",
                   counted(summary.found.mode_switches, "time"));
  }
  fmt::format_to(end, ".\nMilliseconds per {}:   p50     p95\n", summary.unit);
  for (const Stage stage : kAllStages) {
    if (!summary.times.empty(stage)) {
      fmt::format_to(end, "  {:<20}{:8.2f}{:8.2f}\n", stage_name(stage),
                     summary.times.quantile_ms(stage, 0.5), summary.times.quantile_ms(stage, 0.95));
    }
  }
  if (summary.skipped_files > 0) {
    fmt::format_to(end, "Left out {} that are no pictures by their name.\n",
                   counted(summary.skipped_files, "file"));
  }
  if (summary.outputs.empty()) {
    fmt::format_to(end, "Wrote no file; name OUT or --landmarks FILE to keep the result.\n");
  } else if (!summary.stopped) {
    fmt::format_to(end, "Wrote {}.\n", names(summary.outputs));
  }
  return fmt::to_string(out);
}

std::string to_json(const Summary& summary) {
  using Json = nlohmann::ordered_json;
  Json outputs = Json::array();
  for (const auto& path : summary.outputs) {
    outputs.push_back(path.string());
  }
  Json times = Json::object();
  for (const Stage stage : kAllStages) {
    if (!summary.times.empty(stage)) {
      times[std::string(stage_name(stage))] = {{"p50", summary.times.quantile_ms(stage, 0.5)},
                                               {"p95", summary.times.quantile_ms(stage, 0.95)}};
    }
  }
  const Json json = {{"input", summary.input.string()},
                     {"outputs", std::move(outputs)},
                     {"frames", summary.frames},
                     {"planned", summary.planned},
                     {"stopped", summary.stopped},
                     {"seconds", summary.seconds},
                     {"fps", rate(summary)},
                     {"device", summary.device},
                     {"ms", std::move(times)},
                     {"found",
                      {{"pose", summary.found.pose},
                       {"left_hand", summary.found.left_hand},
                       {"right_hand", summary.found.right_hand},
                       {"face", summary.found.face}}},
                     {"mode_switches", summary.found.mode_switches},
                     {"skipped_files", summary.skipped_files}};
  // Paths need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace storysign::app
