#include "base/web_url.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <system_error>

namespace storysign::base {
namespace {

bool is_port(std::string_view text) {
  constexpr int kLargest = 65535;
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 1 &&
         value <= kLargest;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

/// "HOST", "HOST:PORT" or "[ADDRESS]:PORT" into `url`.
bool read_authority(std::string_view text, WebUrl& url) {
  const bool bracketed = text.starts_with('[');
  const std::size_t host_end = std::min(text.find(bracketed ? ']' : ':'), text.size());
  if (bracketed && host_end == text.size()) return false;
  url.host = bracketed ? text.substr(1, host_end - 1) : text.substr(0, host_end);
  text.remove_prefix(host_end + (bracketed ? 1 : 0));
  url.port = url.tls ? "443" : "80";
  if (!text.empty()) {
    if (text.front() != ':' || !is_port(text.substr(1))) return false;
    url.port = text.substr(1);
  }
  return !url.host.empty() && text.find('@') == std::string_view::npos &&
         url.host.find('@') == std::string::npos;
}

}  // namespace

std::string WebUrl::authority() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

std::optional<WebUrl> parse_web_url(std::string_view text) {
  constexpr std::string_view kPlain = "http://";
  constexpr std::string_view kSecure = "https://";
  WebUrl url;
  url.tls = text.starts_with(kSecure);
  if (!is_plain(text) || (!url.tls && !text.starts_with(kPlain))) return std::nullopt;
  text.remove_prefix(url.tls ? kSecure.size() : kPlain.size());
  const std::size_t path = std::min(text.find_first_of("/?#"), text.size());
  if (!read_authority(text.substr(0, path), url)) return std::nullopt;
  url.target = text.substr(path, text.find('#', path) - path);
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  return url;
}

}  // namespace storysign::base
