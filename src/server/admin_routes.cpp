#include "server/admin_routes.hpp"

#include "server/admin_token.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

namespace storysign::server {
namespace {

namespace http = boost::beast::http;
using nlohmann::json;

constexpr std::string_view kPage = "/admin";

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

/// Takes the part before the next `separator` off `text`.
std::string_view take_until(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return part;
}

/// What stands for each {} of the pattern, if it fits.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  if (std::ranges::count(pattern, '/') != std::ranges::count(path, '/')) return std::nullopt;
  std::vector<std::string> out;
  while (!pattern.empty()) {
    const std::string_view wanted = take_until(pattern, '/');
    const std::string_view found = take_until(path, '/');
    if (wanted == "{}" && !found.empty()) {
      out.emplace_back(found);
    } else if (wanted != found) {
      return std::nullopt;
    }
  }
  return out;
}

/// The query of a target as an object of texts. No value of this API needs escapes, so there are
/// none.
json query_of(std::string_view target) {
  json out = json::object();
  std::string_view rest = target.substr(0, target.find('#'));
  static_cast<void>(take_until(rest, '?'));
  while (!rest.empty()) {
    std::string_view value = take_until(rest, '&');
    const std::string_view name = take_until(value, '=');
    out[std::string(name)] = std::string(value);
  }
  return out;
}

/// "a, b and c", or "none".
std::string listed(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

/// The sentence that refuses `fields`, if they do not fit.
std::optional<std::string> objection(const json& fields, const AdminRoute& route) {
  if (!fields.is_object()) {
    return "The body must be one JSON object.";
  }
  for (const auto& [name, value] : fields.items()) {
    if (std::ranges::find(route.fields, name) == route.fields.end()) {
      return fmt::format("The field {} is not known here; understood are: {}.",
                         json(name).dump(-1, ' ', true, json::error_handler_t::replace),
                         listed(route.fields));
    }
  }
  return std::nullopt;
}

}  // namespace

AdminResponse AdminResponse::json(const nlohmann::json& body, unsigned status) {
  return {.status = status,
          .type = "application/json",
          .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"};
}

AdminResponse AdminResponse::error(unsigned status, std::string_view sentence) {
  return json({{"error", sentence}}, status);
}

AdminResponse AdminResponse::text(std::string body, std::string_view type) {
  return {.status = 200, .type = std::string(type), .body = std::move(body)};
}

AdminRoutes::AdminRoutes(telemetry::Metrics& metrics, telemetry::Log& log)
    : metrics_(metrics), log_(log) {}

void AdminRoutes::add(AdminRoute route) {
  routes_.push_back(std::move(route));
}

AdminRoutes::Match AdminRoutes::find(std::string_view method, std::string_view path) const {
  Match out;
  for (const AdminRoute& route : routes_) {
    auto found = match(route.pattern, path);
    if (!found) continue;
    out.allowed += fmt::format("{}{}", out.allowed.empty() ? "" : ", ",
                               route.method == "GET" ? "GET, HEAD" : route.method);
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      out.route = &route;
      out.request.path = *std::move(found);
    }
  }
  return out;
}

AdminResponse AdminRoutes::answer(const Request& request, Match& match) {
  AdminRequest& asked = match.request;
  asked.fields = match.route->method == "GET"
                     ? query_of(view(request.target()))
                     : json::parse(request.body(), nullptr, /*allow_exceptions=*/false);
  if (const auto sentence = objection(asked.fields, *match.route)) {
    return AdminResponse::error(400, *sentence);
  }
  try {
    return match.route->handler(asked);
  } catch (const std::exception& failure) {
    log_.error("A request to the admin listener failed inside.",
               {{"route", match.route->pattern}, {"reason", failure.what()}});
    return AdminResponse::error(500, "This failed inside the server; its log says why.");
  }
}

Response AdminRoutes::respond_page(const Request& request, std::string_view path,
                                   const Health& health) const {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    Response out = refuse(request, http::status::method_not_allowed,
                          "Only GET and HEAD are understood here.", health);
    out.set(http::field::allow, "GET, HEAD");
    return out;
  }
  if (path == kPage) {
    Response out = make_response(request, http::status::moved_permanently,
                                 "text/plain; charset=utf-8", "/admin/\n", health);
    out.set(http::field::location, "/admin/");
    return out;
  }
  if (const StaticFile* const file = options_.page.find(path.substr(kPage.size()))) {
    return file_response(request, *file, health);
  }
  return options_.page.empty()
             ? refuse(request, http::status::service_unavailable,
                      "The dashboard was not built; run `make build`, or set server.web_directory.",
                      health)
             : refuse(request, http::status::not_found, "There is nothing at this address.",
                      health);
}

Response AdminRoutes::respond(const Request& request, const Health& health) {
  const std::string_view path = path_of(view(request.target()));
  if (path == kPage || path.starts_with("/admin/")) {
    return respond_page(request, path, health);
  }
  const std::string_view method = view(request.method_string());
  Match found = find(method, path);
  const bool is_open = found.route != nullptr && found.route->is_open;
  if (!is_open && !shows_token(view(request[http::field::authorization]), options_.token)) {
    metrics_.add(telemetry::AuthFailure::kAdminToken);
    Response out = refuse(request, http::status::unauthorized,
                          "This needs the header Authorization: Bearer TOKEN, with the token from "
                          "the file that admin.token_file names.",
                          health);
    out.set(http::field::www_authenticate, "Bearer");
    return out;
  }
  if (found.allowed.empty()) {
    return refuse(request, http::status::not_found, "There is nothing at this address.", health);
  }
  if (found.route == nullptr) {
    Response out = refuse(request, http::status::method_not_allowed,
                          fmt::format("Only {} is understood here.", found.allowed), health);
    out.set(http::field::allow, found.allowed);
    return out;
  }
  const AdminResponse answered = answer(request, found);
  if (found.route->method != "GET") {
    log_.info("An operator's order.",
              {{"order", path}, {"status", static_cast<std::uint64_t>(answered.status)}});
  }
  return make_response(request, static_cast<http::status>(answered.status), answered.type,
                       answered.body, health);
}

}  // namespace storysign::server
