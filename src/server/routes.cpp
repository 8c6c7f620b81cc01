#include "server/routes.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace storysign::server {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kJson = "application/json";

// The page brings everything along, so nothing from elsewhere is ever needed: no inline script or
// style, no third party. WebAssembly is the page's own tracker; the word allows no other code made
// of data. blob: and data: are pictures that the page itself makes.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' "
    "blob: data:; "
    "media-src 'self' blob: mediastream:; connect-src 'self'; worker-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

void add_security_headers(Response& response, bool is_tls) {
  response.set("Content-Security-Policy", kContentSecurityPolicy);
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  // These three together isolate the page, without which a browser gives its tracker no threads.
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Cross-Origin-Embedder-Policy", "require-corp");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  response.set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()");
  if (is_tls) {
    response.set("Strict-Transport-Security", "max-age=31536000");
  }
}

Response json(const Request& request, http::status status, const nlohmann::json& body,
              const Health& health) {
  return make_response(request, status, kJson,
                       body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                       health);
}

}  // namespace

Response make_response(const Request& request, http::status status, std::string_view type,
                       std::string body, const Health& health) {
  Response response(status, request.version());
  response.set(http::field::server, "StorySign");
  if (!type.empty()) response.set(http::field::content_type, type);
  response.set(http::field::cache_control, "no-store");
  add_security_headers(response, health.is_tls);
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  if (request.method() == http::verb::head) {
    // The length stays: it is that of the answer to GET.
    response.body().clear();
  }
  return response;
}

Response file_response(const Request& request, const StaticFile& file, const Health& health) {
  const bool is_known = request[http::field::if_none_match] == file.etag;
  Response response =
      make_response(request, is_known ? http::status::not_modified : http::status::ok, file.type,
                    std::string(), health);
  if (!is_known) {
    response.content_length(file.body.size());
    if (request.method() != http::verb::head) response.file = file.body;
  }
  response.set(http::field::etag, file.etag);
  response.set(http::field::cache_control,
               file.is_hashed ? "public, max-age=31536000, immutable" : "no-cache");
  return response;
}

std::string_view path_of(std::string_view target) noexcept {
  return target.substr(0, target.find_first_of("?#"));
}

std::string_view query_part(std::string_view target) noexcept {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = target.substr(mark + 1);
  return rest.substr(0, rest.find('#'));
}

Response refuse(const Request& request, http::status status, std::string_view sentence,
                const Health& health) {
  return json(request, status, {{"error", sentence}}, health);
}

Response respond(const Request& request, const Content& content, const Health& health) {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    Response response = refuse(request, http::status::method_not_allowed,
                               "Only GET and HEAD are understood here.", health);
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  const std::string_view target(request.target().data(), request.target().size());
  const std::string_view path = path_of(target);
  if (path == "/healthz") {
    return json(request, http::status::ok, {{"status", "ok"}}, health);
  }
  if (path == "/readyz") {
    return health.is_ready
               ? json(request, http::status::ok, {{"status", "ready"}}, health)
               : json(request, http::status::service_unavailable, {{"status", "stopping"}}, health);
  }
  if (path == "/version") {
    return make_response(request, http::status::ok, kJson, content.version, health);
  }
  if (path == "/api/stats") {
    return make_response(request, http::status::ok, kJson, content.stats(), health);
  }
  if (path == "/schema.json") {
    return make_response(request, http::status::ok, "application/schema+json", content.schema,
                         health);
  }
  if (path == kWebSocketPath) {
    Response response = refuse(request, http::status::upgrade_required,
                               "This address is for WebSocket connections.", health);
    response.set(http::field::upgrade, "websocket");
    return response;
  }
  if (const StaticFile* const found = content.page.find(path)) {
    return file_response(request, *found, health);
  }
  if (path == "/" && content.page.empty()) {
    return refuse(request, http::status::service_unavailable,
                  "The page was not built; run `make build`, or set server.web_directory.", health);
  }
  return json(request, http::status::not_found,
              {{"error", "There is nothing at this address."}, {"path", path}}, health);
}

}  // namespace storysign::server
