#pragma once

#include "auth/roles.hpp"
#include "base/result.hpp"
#include "server/routes.hpp"

#include <boost/beast/http/verb.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::server {

/// What a client shows to say who it is, as it came.
struct Credentials {
  std::string cookies;  ///< The header Cookie.
  std::string address;  ///< The client's.
  bool is_tls = false;
};

/// A value of a query, decoded; nothing if it is not there.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view key);

/// A request of the HTTP API as a handler sees it: routed, allowed, its body read.
struct ApiRequest {
  boost::beast::http::verb method = boost::beast::http::verb::get;
  std::string path;
  std::string name;     ///< What stands for {name} in the route's path, decoded.
  std::string query;    ///< Behind the question mark, as it came.
  nlohmann::json body;  ///< An object; empty if the request has no body.
  Credentials credentials;
  std::optional<auth::Identity> who;  ///< Always set where the route asks for a right.

  [[nodiscard]] std::optional<std::string> parameter(std::string_view key) const {
    return query_value(query, key);
  }
};

struct ApiResponse {
  int status = 200;
  nlohmann::json body;  ///< Null: no body.
  std::vector<std::pair<std::string, std::string>> headers;
};

/// {"error": sentence}.
[[nodiscard]] ApiResponse api_error(int status, std::string_view sentence);

/// A sentence about the first field of `body` that is none of `known`, or nothing.
[[nodiscard]] std::optional<std::string> unknown_field(
    const nlohmann::json& body, std::initializer_list<std::string_view> known);

/// Takes the answer to one request; move-only, to be called once, from any thread, during the
/// handler or later. Whoever drops it unused answers 500: nobody waits in vain.
class Reply {
 public:
  using Send = std::function<void(ApiResponse)>;

  explicit Reply(Send send) : send_(std::move(send)) {}
  Reply(Reply&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Reply& operator=(Reply&& other) noexcept;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply();

  void operator()(ApiResponse response);
  void error(int status, std::string_view sentence) { (*this)(api_error(status, sentence)); }

 private:
  Send send_;
};

/// Finds out who a client is. Implemented by auth; outlives the server. Any I/O thread.
class Gatekeeper {
 public:
  /// Nothing: nobody is signed in. A failure: it cannot be found out now.
  using Answer = base::Result<std::optional<auth::Identity>>;
  using Found = std::function<void(Answer)>;

  Gatekeeper() = default;
  Gatekeeper(const Gatekeeper&) = delete;
  Gatekeeper& operator=(const Gatekeeper&) = delete;
  Gatekeeper(Gatekeeper&&) = delete;
  Gatekeeper& operator=(Gatekeeper&&) = delete;
  virtual ~Gatekeeper() = default;

  /// Calls `found` once, from any thread, now or later.
  virtual void identify(const Credentials& credentials, Found found) = 0;
  /// The same for an account that has shown who it is before, with a token that is used up.
  virtual void look_up(const std::string& account_id, Found found) = 0;
  /// Uses a single-use token up. The failure is a sentence for the client.
  [[nodiscard]] virtual base::Result<auth::Identity> redeem(std::string_view token) = 0;
  /// Whether everybody is let in.
  [[nodiscard]] virtual bool is_open() const noexcept = 0;
};

/// The open mode: everybody is the guest.
class OpenGate : public Gatekeeper {
 public:
  void identify(const Credentials& /*credentials*/, Found found) override { found(auth::guest()); }
  void look_up(const std::string& /*account_id*/, Found found) override { found(auth::guest()); }
  [[nodiscard]] base::Result<auth::Identity> redeem(std::string_view /*token*/) override {
    return auth::guest();
  }
  [[nodiscard]] bool is_open() const noexcept override { return true; }
};

/// The HTTP API under /api/ whose answers may come later: a table of method and path to handler.
/// Filled before the server starts, then only read; outlives the server. A handler runs on an I/O
/// thread or a thread of the gatekeeper, and must not block: what takes time goes to a thread of
/// its own, with the Reply.
class AsyncRoutes {
 public:
  using Handler = std::function<void(ApiRequest request, Reply reply)>;

  /// `path` may hold one part {name}, which stands for anything without a slash. With `right` the
  /// caller must have it: 401 if nobody is signed in, 403 if it may not.
  void add(boost::beast::http::verb method, std::string path, std::optional<auth::Right> right,
           Handler handler);

  /// Whether a path belongs to a route, whatever the method.
  [[nodiscard]] bool knows(std::string_view path) const;

  /// Answers `request` through `reply`, on this thread or another. State-changing methods need
  /// Content-Type application/json and an Origin that is this server's own, or none.
  void handle(const Request& request, const std::string& address, bool is_tls,
              Gatekeeper& gatekeeper, Reply reply) const;

 private:
  struct Route {
    boost::beast::http::verb method;
    std::string path;
    std::optional<auth::Right> right;
    Handler handler;
  };
  std::vector<Route> routes_;
};

/// `answer` as HTTP.
[[nodiscard]] Response api_response(const Request& request, const ApiResponse& answer,
                                    const Health& health);

}  // namespace storysign::server
