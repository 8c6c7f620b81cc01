#include "app/serve/admin_log.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>

namespace storysign::app {
namespace {

using nlohmann::json;
using server::AdminRequest;
using server::AdminResponse;

AdminResponse levels(const telemetry::Log& log) {
  json out = json::object();
  for (const auto& [room, level] : log.levels()) {
    out[std::string(room)] = telemetry::level_name(level);
  }
  return AdminResponse::json({{"levels", out}});
}

std::string text_of(const json& fields, const char* name) {
  const auto found = fields.find(name);
  return found != fields.end() && found->is_string() ? found->get<std::string>() : std::string();
}

AdminResponse set_level(telemetry::Log& log, const json& fields) {
  std::optional<telemetry::LogLevel> level;
  const auto found = fields.find("level");
  if (found == fields.end() || !found->is_null()) {
    level = telemetry::parse_level(text_of(fields, "level"));
    if (!level) {
      return AdminResponse::error(
          400, "level must be debug, info, warning, error, off, or null for that of all rooms.");
    }
  }
  if (!log.set_level(text_of(fields, "room"), level)) {
    return AdminResponse::error(
        400, fmt::format("room must be all or one of {}.", fmt::join(telemetry::kLogRooms, ", ")));
  }
  return levels(log);
}

AdminResponse trace(const telemetry::TraceRing& traces, const json& fields) {
  std::size_t most = telemetry::TraceRing::kFrames;
  if (fields.contains("frames")) {
    const std::string text = text_of(fields, "frames");
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), most);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || most == 0) {
      return AdminResponse::error(400, "frames must be a whole number from 1.");
    }
  }
  return AdminResponse::text(traces.chrome_json(most), "application/json");
}

}  // namespace

void add_log_routes(server::AdminRoutes& routes, telemetry::Log& log) {
  routes.add({.method = "GET",
              .pattern = "/api/log",
              .fields = {},
              .handler = [&log](const AdminRequest& /*request*/) { return levels(log); }});
  routes.add(
      {.method = "POST",
       .pattern = "/api/log",
       .fields = {"room", "level"},
       .handler = [&log](const AdminRequest& request) { return set_level(log, request.fields); }});
}

void add_trace_route(server::AdminRoutes& routes, const telemetry::TraceRing& traces) {
  routes.add({.method = "GET",
              .pattern = "/api/trace",
              .fields = {"frames"},
              .handler = [&traces](const AdminRequest& request) {
                return trace(traces, request.fields);
              }});
}

}  // namespace storysign::app
