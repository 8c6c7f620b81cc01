#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace storysign::server {

/// Splits a list such as "https://a.example, https://b.example:8443"; empty words are left out.
[[nodiscard]] std::vector<std::string> split_origins(std::string_view list);

/// Whether a page from `origin` (the header; empty if absent) may open a WebSocket of the server
/// that it reached as `host` (the header). Browsers always send the header, so its absence means
/// that no page is involved. Nothing allowed by name: only pages of this server itself. "*" allows
/// any. Comparison ignores case (RFC 6454, section 4).
[[nodiscard]] bool origin_allowed(std::string_view origin, std::string_view host,
                                  const std::vector<std::string>& allowed);

}  // namespace storysign::server
