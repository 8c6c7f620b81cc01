#include "server/origin.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace storysign::server {
namespace {

bool same(std::string_view a, std::string_view b) {
  return boost::beast::iequals(a, b);
}

/// "https://a.example:8443" -> "a.example:8443".
std::string_view authority(std::string_view origin) {
  const std::size_t at = origin.find("://");
  return at == std::string_view::npos ? std::string_view() : origin.substr(at + 3);
}

/// A browser leaves the usual port out of both headers; some clients do not.
std::string_view without_usual_port(std::string_view authority, std::string_view scheme) {
  const std::string_view port = same(scheme, "https") ? ":443" : ":80";
  if (authority.ends_with(port)) {
    authority.remove_suffix(port.size());
  }
  return authority;
}

}  // namespace

std::vector<std::string> split_origins(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view word = list.substr(0, comma);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    while (!word.empty() && (word.back() == ' ' || word.back() == '/')) word.remove_suffix(1);
    if (!word.empty()) {
      out.emplace_back(word);
    }
  }
  return out;
}

bool origin_allowed(std::string_view origin, std::string_view host,
                    const std::vector<std::string>& allowed) {
  if (origin.empty()) {
    return true;
  }
  if (!allowed.empty()) {
    return std::any_of(allowed.begin(), allowed.end(),
                       [&](const std::string& one) { return one == "*" || same(one, origin); });
  }
  const std::string_view scheme = origin.substr(0, origin.find("://"));
  const std::string_view from = without_usual_port(authority(origin), scheme);
  return !from.empty() && same(from, without_usual_port(host, scheme));
}

}  // namespace storysign::server
