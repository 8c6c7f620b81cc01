#include "app/load/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace storysign::app {
namespace {

constexpr std::string_view kDefaultPath = "/ws/video";

tl::unexpected<base::Error> wrong(std::string_view url, std::string_view why) {
  return base::fail(
      base::ErrorCode::kInvalidInput,
      fmt::format("The URL '{}' {}; write it as ws://127.0.0.1:8000/ws/video.", url, why));
}

bool is_port(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= 65535;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F'; });
}

}  // namespace

std::string Target::authority() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

std::string with_query(std::string path, std::string_view term) {
  const std::size_t mark = path.find('?');
  std::string_view rest =
      mark == std::string::npos ? std::string_view() : std::string_view(path).substr(mark + 1);
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find('&'));
    if (one == term) return path;
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  path += mark == std::string::npos ? '?' : '&';
  path += term;
  return path;
}

base::Result<Target> parse_target(std::string_view url) {
  Target target;
  std::string_view rest = url;
  if (rest.starts_with("ws://")) {
    rest.remove_prefix(5);
  } else if (rest.starts_with("wss://")) {
    rest.remove_prefix(6);
    target.tls = true;
  } else {
    return wrong(url, "begins with neither ws:// nor wss://");
  }
  if (!is_plain(rest)) return wrong(url, "holds white space or characters outside ASCII");
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, path);
  target.path = rest.substr(path, rest.find('#') - path);
  if (target.path.empty() || target.path == "/") target.path = kDefaultPath;
  if (target.path.front() != '/') target.path = fmt::format("/{}", target.path);
  if (authority.find('@') != std::string_view::npos) return wrong(url, "holds a user name");

  const bool bracketed = authority.starts_with('[');
  const std::size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == std::string_view::npos) return wrong(url, "lacks a ']'");
  target.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  if (target.host.empty()) return wrong(url, "names no host");
  authority.remove_prefix(std::min(host_end + (bracketed ? 1 : 0), authority.size()));
  if (authority.empty()) {
    target.port = target.tls ? "443" : "80";
    return target;
  }
  if (authority.front() != ':' || !is_port(authority.substr(1))) {
    return wrong(url, "has no port from 1 to 65535 after the host");
  }
  target.port = authority.substr(1);
  return target;
}

}  // namespace storysign::app
