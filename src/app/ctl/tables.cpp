#include "app/ctl/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace storysign::app {
namespace {

using nlohmann::json;
using Row = std::vector<std::string>;

/// What stands at a path such as "/workers/count"; null if it does not.
const json& at(const json& object, std::string_view path) {
  static const json kNothing;
  const json::json_pointer pointer{std::string(path)};
  return object.contains(pointer) ? object.at(pointer) : kNothing;
}

/// For one cell; control characters of a foreign text would rearrange the terminal.
std::string cell(const json& value, int decimals = 0) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_number_float()) return fmt::format("{:.{}f}", value.get<double>(), decimals);
  if (!value.is_string()) return value.dump();
  std::string text = value.get<std::string>();
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows[0].size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace

std::string status_text(const json& overview) {
  const auto value = [&](std::string_view path, int decimals = 0) {
    return cell(at(overview, path), decimals);
  };
  constexpr double kMebibyte = 1024.0 * 1024.0;
  const json& bytes = at(overview, "/memory_bytes");
  const std::string memory =
      bytes.is_number() ? fmt::format("{:.0f}", bytes.get<double>() / kMebibyte) : "-";
  const json& configured = at(overview, "/workers/configured");
  const json& drops = at(overview, "/drop_rate");
  std::vector<Row> rows = {
      {"version", value("/version")},
      {"up", value("/uptime_seconds") + " s"},
      {"state", at(overview, "/draining") == true ? "draining" : "ready"},
      {"sessions",
       fmt::format("{} (room for {})", value("/sessions"), value("/capacity_learners"))},
      {"workers", fmt::format("{}, {} busy{}", value("/workers/count"), value("/workers/busy"),
                              configured == 0 ? ", as many as the machine allows" : ", fixed")},
      {"CPU", value("/cpu_percent", 1) + " %"},
      {"memory", fmt::format("{} MiB ({} %)", memory, value("/memory_percent", 1))},
      {"latency",
       fmt::format("p50 {} ms, p95 {} ms, p99 {} ms (last 10 s)", value("/latency_ms/p50", 1),
                   value("/latency_ms/p95", 1), value("/latency_ms/p99", 1))},
      {"frames/s",
       fmt::format("{} received, {} inferred, {} propagated, {} replaced, {} expired, {} rejected",
                   value("/frames_per_second/received", 1), value("/frames_per_second/inferred", 1),
                   value("/frames_per_second/propagated", 1),
                   value("/frames_per_second/replaced", 1), value("/frames_per_second/expired", 1),
                   value("/frames_per_second/rejected", 1))},
      {"dropped", drops.is_number() ? fmt::format("{:.1f} %", drops.get<double>() * 100.0) : "-"},
      {"quality", fmt::format("ceiling {}, because of {}; use {}", value("/quality/ceiling", 1),
                              value("/quality/reason"), value("/quality/utilisation", 2))},
      {"for all", fmt::format("profile {}, frame skip {}", value("/quality/profile_for_all"),
                              value("/quality/frame_skip_for_all"))},
      {"alerts", fmt::format("{} warning, {} critical", value("/alerts/warning"),
                             value("/alerts/critical"))}};
  return table(rows);
}

std::string sessions_text(const json& sessions) {
  std::vector<Row> rows = {{"NUMBER", "ADDRESS", "ACCOUNT", "PROTOCOL", "PLACE", "SECONDS",
                            "PROFILE", "REASON", "AUTO", "SKIP", "FPS", "ADVISED", "LATENCY_MS",
                            "ANSWERED", "DROPPED"}};
  for (const json& session : at(sessions, "/sessions")) {
    const auto value = [&](std::string_view path, int decimals = 0) {
      return cell(at(session, path), decimals);
    };
    const json& replaced = at(session, "/frames/replaced");
    const json& expired = at(session, "/frames/expired");
    const bool counted = replaced.is_number_unsigned() && expired.is_number_unsigned();
    rows.push_back(
        {value("/number"), value("/address"), value("/account"), value("/protocol"),
         value("/place"), value("/connected_seconds"), value("/profile"), value("/reason"),
         value("/auto"), value("/frame_skip"), value("/sent_fps", 1), value("/advised_fps"),
         value("/latency_ms/last", 1), value("/frames/answered"),
         counted ? std::to_string(replaced.get<std::uint64_t>() + expired.get<std::uint64_t>())
                 : "-"});
  }
  return rows.size() == 1 ? "There are no sessions.\n" : table(rows);
}

std::string alerts_text(const json& alerts) {
  std::vector<Row> rows = {
      {"ALERT", "LEVEL", "VALUE", "UNIT", "WARNING_AT", "CRITICAL_AT", "SINCE"}};
  std::string sentences;
  for (const json& alert : at(alerts, "/alerts")) {
    const auto value = [&](std::string_view path, int decimals = 0) {
      return cell(at(alert, path), decimals);
    };
    rows.push_back({value("/name"), value("/level"), value("/value", 2), value("/unit"),
                    value("/warning_at", 2), value("/critical_at", 2), value("/since")});
    if (at(alert, "/level") != "ok") sentences += value("/sentence") + "\n";
  }
  return table(rows) + sentences;
}

std::string levels_text(const json& levels) {
  std::vector<Row> rows = {{"ROOM", "LEVEL"}};
  for (const auto& [room, level] : at(levels, "/levels").items()) {
    rows.push_back({cell(room), cell(level)});
  }
  return table(rows);
}

std::string reload_text(const json& reload) {
  const auto list = [&](std::string_view path) {
    std::vector<std::string> names;
    for (const json& name : at(reload, path)) names.push_back(cell(name));
    return names.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(names, ", "));
  };
  return fmt::format("Now in force: {}.\nNeeds a restart: {}.\n", list("/changed"),
                     list("/needs_restart"));
}

}  // namespace storysign::app
