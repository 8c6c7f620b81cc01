#include "app/serve/admin.hpp"

#include "app/state_folder.hpp"
#include "server/admin_token.hpp"
#include "server/loopback.hpp"

#include <fmt/format.h>

#include <string_view>
#include <system_error>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using server::AdminRequest;
using server::AdminResponse;

// A dashboard, Prometheus, and a few commands at a time.
constexpr std::size_t kConnections = 64;

base::Result<fs::path> token_file(const config::Settings& settings) {
  if (!settings.admin.token_file.empty()) return fs::path(settings.admin.token_file);
  return state_folder(settings).map([](const fs::path& folder) { return folder / "admin.token"; });
}

base::Result<void> check_host(const config::Admin& settings) {
  const auto loopback = server::is_loopback(settings.host);
  if (!loopback) {
    return base::fail(loopback.error().code,
                      fmt::format("admin.host {}", loopback.error().message));
  }
  if (!*loopback && !settings.metrics_token) {
    return base::fail(
        base::ErrorCode::kInvalidInput,
        fmt::format("admin.host {} can be reached from other machines; set admin.metrics_token to "
                    "true, so that everything there asks for the token, or keep admin.host at "
                    "127.0.0.1.",
                    settings.host));
  }
  return {};
}

}  // namespace

Admin::Admin(const config::Settings& settings, AdminParts parts)
    : settings_(settings), parts_(std::move(parts)), routes_(parts_.metrics, parts_.log) {
  add_common_routes();
}

Admin::~Admin() = default;

void Admin::add_common_routes() {
  const auto json_text = [](std::string body) {
    return AdminResponse::text(std::move(body), "application/json");
  };
  routes_.add(
      {.method = "GET",
       .pattern = "/healthz",
       .fields = {},
       .handler =
           [](const AdminRequest& /*request*/) { return AdminResponse::json({{"status", "ok"}}); },
       .is_open = true});
  routes_.add({.method = "GET",
               .pattern = "/readyz",
               .fields = {},
               .handler =
                   [this](const AdminRequest& /*request*/) {
                     return parts_.is_ready() ? AdminResponse::json({{"status", "ready"}})
                                              : AdminResponse::json({{"status", "stopping"}}, 503);
                   },
               .is_open = true});
  routes_.add({.method = "GET",
               .pattern = "/version",
               .fields = {},
               .handler =
                   [this, json_text](const AdminRequest& /*request*/) {
                     return json_text(parts_.content.version);
                   },
               .is_open = true});
  routes_.add({.method = "GET",
               .pattern = "/api/stats",
               .fields = {},
               .handler = [this, json_text](const AdminRequest& /*request*/) {
                 return json_text(parts_.content.stats());
               }});
}

server::StaticFiles Admin::dashboard() {
  auto page = server::StaticFiles::load(parts_.dashboard);
  if (page) return std::move(*page);
  parts_.log.debug(page.error().message);
  return {};
}

base::Result<void> Admin::open() {
  const config::Admin& settings = settings_.admin;
  if (!settings.enabled) return {};
  if (auto checked = check_host(settings); !checked) return checked;
  auto token = token_file(settings_).and_then(&server::read_or_make_admin_token);
  if (!token) return tl::unexpected(std::move(token).error());
  routes_.set_options({.token = *std::move(token), .page = dashboard()});
  server::ServerOptions options;
  options.section = "admin";
  options.host = settings.host;
  options.port = settings.port;
  options.limits.max_connections = 0;
  options.limits.max_connections_per_address = 0;
  options.limits.http_connections = kConnections;
  options.limits.http_connections_per_address = kConnections;
  auto listener = server::Server::start(options, {.content = nothing_,
                                                  .factory = nullptr,
                                                  .metrics = own_connections_,
                                                  .log = parts_.log,
                                                  .admin = &routes_});
  if (!listener) return tl::unexpected(std::move(listener).error());
  listener_ = std::move(*listener);
  parts_.log.info("Listening for operators.",
                  {{"address", fmt::format("{}:{}", settings.host, settings.port)}});
  return {};
}

}  // namespace storysign::app
