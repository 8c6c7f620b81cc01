#pragma once

#include "server/routes.hpp"
#include "server/static_files.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::server {

/// What an operator asks for.
struct AdminRequest {
  std::vector<std::string> path;  ///< What stands for each {} of the route's pattern.
  /// An object: of a POST its body, of a GET its query parameters, as texts. No other fields than
  /// the route names.
  nlohmann::json fields;
};

/// What it gets.
struct AdminResponse {
  unsigned status = 200;
  std::string type;  ///< Content-Type.
  std::string body;

  [[nodiscard]] static AdminResponse json(const nlohmann::json& body, unsigned status = 200);
  /// {"error": sentence}
  [[nodiscard]] static AdminResponse error(unsigned status, std::string_view sentence);
  [[nodiscard]] static AdminResponse text(std::string body, std::string_view type);
};

/// Called on the I/O thread of the admin listener, one call at a time. May take a mutex; must not
/// wait for frames.
using AdminHandler = std::function<AdminResponse(const AdminRequest&)>;

struct AdminRoute {
  std::string method;               ///< "GET", which HEAD is answered by as well, or "POST".
  std::string pattern;              ///< "/api/sessions/{}/kick": {} is any one segment.
  std::vector<std::string> fields;  ///< Those that are understood; others are refused.
  AdminHandler handler;
  bool is_open = false;  ///< Answered without the token.
};

struct AdminOptions {
  std::string token;  ///< Shown as "Authorization: Bearer TOKEN"; without one nobody gets in.
  StaticFiles page;   ///< The dashboard, under /admin/; needs no token.
};

/// What the admin listener answers: a table of routes that the parts of the program fill before it
/// opens. Made by app, outlives the listener. add() and set_options() before the listener opens,
/// respond() on its I/O thread.
class AdminRoutes {
 public:
  /// Both outlive this.
  AdminRoutes(telemetry::Metrics& metrics, telemetry::Log& log);

  void add(AdminRoute route);
  void set_options(AdminOptions options) { options_ = std::move(options); }

  [[nodiscard]] Response respond(const Request& request, const Health& health);

 private:
  struct Match {
    const AdminRoute* route = nullptr;
    AdminRequest request;
    std::string allowed;  ///< Methods of the routes whose pattern fits; empty if there is none.
  };
  [[nodiscard]] Match find(std::string_view method, std::string_view path) const;
  [[nodiscard]] AdminResponse answer(const Request& request, Match& match);
  [[nodiscard]] Response respond_page(const Request& request, std::string_view path,
                                      const Health& health) const;

  // Given.
  telemetry::Metrics& metrics_;
  telemetry::Log& log_;
  // State.
  AdminOptions options_;
  std::vector<AdminRoute> routes_;
};

}  // namespace storysign::server
