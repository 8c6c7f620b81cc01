#pragma once

#include "server/static_files.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace storysign::server {

using Request = boost::beast::http::request<boost::beast::http::string_body>;

/// An answer: head and body, or a head that a file of the page follows. Such a file is sent from
/// where it lies, for it may have megabytes, and many may ask for it at a time.
struct Response : boost::beast::http::response<boost::beast::http::string_body> {
  using Base = boost::beast::http::response<boost::beast::http::string_body>;
  using Base::Base;
  std::string_view file;
};

class AsyncRoutes;
class Gatekeeper;

/// What the HTTP side answers from. Any thread; outlives the server.
struct Content {
  StaticFiles page;
  std::string version;                 ///< JSON object.
  std::string schema;                  ///< JSON schema of the messages.
  std::function<std::string()> stats;  ///< JSON object; any thread.
  const AsyncRoutes* api = nullptr;  ///< What is answered later, if anything; outlives the server.
  Gatekeeper* gatekeeper = nullptr;  ///< Null: everybody is the guest.
};

/// What the server is doing, as the answers need it.
struct Health {
  bool is_ready = true;
  bool is_tls = false;
};

inline constexpr std::string_view kWebSocketPath = "/ws/video";

/// The path of a request target: without the query.
[[nodiscard]] std::string_view path_of(std::string_view target) noexcept;

/// What stands behind its question mark; empty if nothing does.
[[nodiscard]] std::string_view query_part(std::string_view target) noexcept;

/// An answer with the headers that every answer has; of HEAD the head. An empty `type` is that of
/// no body. Any thread.
[[nodiscard]] Response make_response(const Request& request, boost::beast::http::status status,
                                     std::string_view type, std::string body, const Health& health);

/// A file of a page, or that the client knows it already. Any thread.
[[nodiscard]] Response file_response(const Request& request, const StaticFile& file,
                                     const Health& health);

/// Answers a request that is no WebSocket upgrade. HEAD gives the head of what GET gives.
[[nodiscard]] Response respond(const Request& request, const Content& content,
                               const Health& health);

/// A refusal in JSON: {"error": sentence}. Any thread.
[[nodiscard]] Response refuse(const Request& request, boost::beast::http::status status,
                              std::string_view sentence, const Health& health);

}  // namespace storysign::server
