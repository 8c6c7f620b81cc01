#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace storysign::app {

/// Where a WebSocket server is.
struct Target {
  bool tls = false;
  std::string host;  ///< A name or an address; an IPv6 address without its brackets.
  std::string port;
  std::string path;  ///< With the query; begins with '/'.

  /// As in the Host header: "[::1]:8000".
  [[nodiscard]] std::string authority() const;
};

/// The path with `term` ("name=value") in its query; as it is if it is there already.
[[nodiscard]] std::string with_query(std::string path, std::string_view term);

/// Reads ws://HOST[:PORT][/PATH] or wss://...; the path is /ws/video if there is none, the port 80
/// or 443. Fails with kInvalidInput and a sentence that says how a URL looks.
[[nodiscard]] base::Result<Target> parse_target(std::string_view url);

}  // namespace storysign::app
