#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace storysign::base {

/// Where something speaks HTTP.
struct WebUrl {
  bool tls = false;
  std::string host;    ///< A name or an address; an IPv6 address without its brackets.
  std::string port;    ///< 80 or 443 if the URL names none.
  std::string target;  ///< Path and query; begins with '/'.

  /// As in the Host header: "[::1]:8000".
  [[nodiscard]] std::string authority() const;
};

/// Reads http://HOST[:PORT][/PATH] or https://...; nothing if it is written otherwise, names a
/// user, or holds white space or characters outside ASCII. What stands behind '#' is left out.
[[nodiscard]] std::optional<WebUrl> parse_web_url(std::string_view text);

}  // namespace storysign::base
