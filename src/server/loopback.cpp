#include "server/loopback.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace storysign::server {

base::Result<bool> is_loopback(const std::string& host) {
  using boost::asio::ip::tcp;
  boost::asio::io_context io;
  tcp::resolver resolver(io);
  boost::system::error_code code;
  const auto found = resolver.resolve(host, "0", tcp::resolver::passive, code);
  if (code || found.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("{} has no address ({}).", host, code.message()));
  }
  return std::all_of(found.begin(), found.end(),
                     [](const auto& entry) { return entry.endpoint().address().is_loopback(); });
}

}  // namespace storysign::server
