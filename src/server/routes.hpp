#pragma once

#include "server/static_files.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace storysign::server {

using Request = boost::beast::http::request<boost::beast::http::string_body>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// What the HTTP side answers from. Any thread; outlives the server.
struct Content {
  StaticFiles page;
  std::string version;                 ///< JSON object.
  std::string schema;                  ///< JSON schema of the messages.
  std::function<std::string()> stats;  ///< JSON object; any thread.
};

/// What the server is doing, as the answers need it.
struct Health {
  bool is_ready = true;
  bool is_tls = false;
};

inline constexpr std::string_view kWebSocketPath = "/ws/video";

/// The path of a request target: without the query.
[[nodiscard]] std::string_view path_of(std::string_view target) noexcept;

/// Answers a request that is no WebSocket upgrade. HEAD gives the head of what GET gives.
[[nodiscard]] Response respond(const Request& request, const Content& content,
                               const Health& health);

/// A refusal in JSON: {"error": sentence}. Any thread.
[[nodiscard]] Response refuse(const Request& request, boost::beast::http::status status,
                              std::string_view sentence, const Health& health);

}  // namespace storysign::server
