#pragma once

#include "base/result.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace storysign::server {

/// The addresses of proxies before the server, whose word about a client is taken. Immutable; any
/// thread.
class TrustedProxies {
 public:
  /// None.
  TrustedProxies() = default;
  /// A list such as "127.0.0.1, 10.1.0.0/16, fd00::/8". Fails with kInvalidInput for a word that is
  /// no address and no network.
  [[nodiscard]] static base::Result<TrustedProxies> parse(std::string_view list);

  /// Whether `address` is one of them.
  [[nodiscard]] bool trusts(std::string_view address) const;

  /// The client behind a connection from `peer` whose request has the X-Forwarded-For header
  /// `forwarded` (several ones joined by commas; empty if there is none). Each proxy appends whom
  /// it saw, so the words are read from the end, for as long as trusted proxies wrote them: what a
  /// client puts before is not believed.
  [[nodiscard]] std::string client(const std::string& peer, std::string_view forwarded) const;

 private:
  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
};

/// Addresses of one machine: an IPv4 address in IPv6 form is the same client.
[[nodiscard]] std::string plain_address(const boost::asio::ip::address& address);

}  // namespace storysign::server
