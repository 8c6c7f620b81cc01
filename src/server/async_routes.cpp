#include "server/async_routes.hpp"

#include "server/origin.hpp"
#include "store/store.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace storysign::server {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kPlaceholder = "{name}";
// A path that is longer is none of the table.
constexpr std::size_t kLongestName = 256;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Percent-decoded; nothing if a "%" is not followed by two hexadecimal digits.
std::optional<std::string> decode(std::string_view text) {
  constexpr int kBase = 16;
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) {
      return std::nullopt;
    }
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>((high * kBase) + low);
    i += 2;
  }
  return out;
}

/// What stands for {name}: empty for a path without it, nothing if the path is another.
std::optional<std::string> match(std::string_view pattern, std::string_view path) {
  const std::size_t at = pattern.find(kPlaceholder);
  if (at == std::string_view::npos) {
    return pattern == path ? std::optional<std::string>(std::string()) : std::nullopt;
  }
  const std::string_view before = pattern.substr(0, at);
  const std::string_view after = pattern.substr(at + kPlaceholder.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) ||
      !path.ends_with(after)) {
    return std::nullopt;
  }
  const std::string_view name =
      path.substr(before.size(), path.size() - before.size() - after.size());
  if (name.find('/') != std::string_view::npos || name.size() > kLongestName) {
    return std::nullopt;
  }
  return decode(name);
}

bool is_json(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return boost::beast::iequals(boost::beast::string_view(type.data(), type.size()),
                               "application/json");
}

bool changes_state(http::verb method) {
  return method != http::verb::get && method != http::verb::head;
}

/// Pages of others cannot send what passes here: a form has another type, and a script that sets
/// this type needs a permission (CORS) that this server never gives.
std::optional<ApiResponse> foreign(const Request& request) {
  if (!origin_allowed(view(request[http::field::origin]), view(request[http::field::host]), {})) {
    return api_error(403, "Pages from another origin may not do this.");
  }
  if (!is_json(view(request[http::field::content_type]))) {
    return api_error(415, "Send this with the header Content-Type: application/json.");
  }
  return std::nullopt;
}

/// Calls the handler if `who` may.
void admit(std::optional<auth::Right> right, const AsyncRoutes::Handler& handler,
           ApiRequest request, Reply reply) {
  if (right && !request.who) {
    reply.error(401, "Sign in first.");
  } else if (right && !auth::may(*request.who, *right)) {
    reply.error(request.who->is_guest ? 401 : 403,
                request.who->is_guest
                    ? "This server has no accounts (auth.mode is open); nobody may do this here."
                    : fmt::format("The role {} may not {}.", store::role_name(request.who->role),
                                  auth::right_name(*right)));
  } else {
    handler(std::move(request), std::move(reply));
  }
}

}  // namespace

std::optional<std::string> query_value(std::string_view query, std::string_view key) {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::size_t end = rest.find('&');
    const std::string_view word = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const std::size_t equals = word.find('=');
    if (word.substr(0, equals) == key) {
      return decode(equals == std::string_view::npos ? std::string_view()
                                                     : word.substr(equals + 1));
    }
  }
  return std::nullopt;
}

ApiResponse api_error(int status, std::string_view sentence) {
  return {.status = status, .body = {{"error", sentence}}, .headers = {}};
}

std::optional<std::string> unknown_field(const nlohmann::json& body,
                                         std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : body.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return fmt::format("The field \"{}\" is not known here; known are: {}.", key,
                         fmt::join(known, ", "));
    }
  }
  return std::nullopt;
}

Reply& Reply::operator=(Reply&& other) noexcept {
  std::swap(send_, other.send_);
  return *this;
}

Reply::~Reply() {
  if (send_) {
    try {
      send_(api_error(500, "The server could not finish this; try again."));
    } catch (...) {  // No memory for the answer: the connection's own patience ends it.
      return;
    }
  }
}

void Reply::operator()(ApiResponse response) {
  if (const Send send = std::exchange(send_, nullptr)) {
    send(std::move(response));
  }
}

void AsyncRoutes::add(http::verb method, std::string path, std::optional<auth::Right> right,
                      Handler handler) {
  routes_.push_back({method, std::move(path), right, std::move(handler)});
}

bool AsyncRoutes::knows(std::string_view path) const {
  return std::any_of(routes_.begin(), routes_.end(),
                     [&](const Route& route) { return match(route.path, path).has_value(); });
}

void AsyncRoutes::handle(const Request& request, const std::string& address, bool is_tls,
                         Gatekeeper& gatekeeper, Reply reply) const {
  const std::string_view target = view(request.target());
  const std::string_view path = path_of(target);
  const Route* chosen = nullptr;
  std::vector<std::string_view> methods;
  std::string name;
  for (const Route& route : routes_) {
    if (auto found = match(route.path, path)) {
      methods.push_back(view(http::to_string(route.method)));
      if (route.method == request.method()) {
        chosen = &route;
        name = std::move(*found);
      }
    }
  }
  if (chosen == nullptr) {
    ApiResponse refusal = methods.empty()
                              ? api_error(404, "There is nothing at this address.")
                              : api_error(405, fmt::format("Only {} is understood here.",
                                                           fmt::join(methods, " and ")));
    if (!methods.empty()) {
      refusal.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
    }
    reply(std::move(refusal));
    return;
  }
  ApiRequest out;
  out.method = request.method();
  out.path = path;
  out.name = std::move(name);
  out.query = query_part(target);
  out.credentials = {std::string(view(request[http::field::cookie])), address, is_tls};
  out.body = nlohmann::json::object();
  if (changes_state(request.method())) {
    if (auto refusal = foreign(request)) {
      reply(std::move(*refusal));
      return;
    }
    if (!request.body().empty()) {
      out.body = nlohmann::json::parse(request.body(), nullptr, false);
    }
    if (!out.body.is_object()) {
      reply.error(400, "The body must be one JSON object.");
      return;
    }
  }
  // A std::function must be copyable; what is in it is used once.
  const auto held =
      std::make_shared<std::pair<ApiRequest, Reply>>(std::move(out), std::move(reply));
  gatekeeper.identify(held->first.credentials, [held, chosen](Gatekeeper::Answer who) {
    if (!who) {
      held->second.error(503, who.error().message);
      return;
    }
    held->first.who = std::move(*who);
    admit(chosen->right, chosen->handler, std::move(held->first), std::move(held->second));
  });
}

Response api_response(const Request& request, const ApiResponse& answer, const Health& health) {
  const auto status = static_cast<http::status>(answer.status);
  Response response =
      answer.body.is_null()
          ? make_response(request, status, "", "", health)
          : make_response(
                request, status, "application/json",
                answer.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                health);
  for (const auto& [field, value] : answer.headers) {
    response.set(field, value);
  }
  return response;
}

}  // namespace storysign::server
