#include "server/proxies.hpp"

#include "server/origin.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace storysign::server {
namespace {

namespace ip = boost::asio::ip;

constexpr unsigned short kWholeV4 = 32;
constexpr unsigned short kWholeV6 = 128;

ip::address plain(const ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  }
  return address;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Networks, class Address>
bool holds(const Networks& networks, const Address& address) {
  return std::ranges::any_of(networks, [&](const auto& network) {
    // The network that has this address and the same length is this network.
    using Network = std::remove_cvref_t<decltype(network)>;
    return Network(address, network.prefix_length()).network() == network.network();
  });
}

}  // namespace

std::string plain_address(const ip::address& address) {
  return plain(address).to_string();
}

base::Result<TrustedProxies> TrustedProxies::parse(std::string_view list) {
  TrustedProxies out;
  for (const std::string& word : split_origins(list)) {
    boost::system::error_code v4_error;
    boost::system::error_code v6_error;
    const bool is_network = word.find('/') != std::string::npos;
    const std::string v4 = is_network ? word : fmt::format("{}/{}", word, kWholeV4);
    const std::string v6 = is_network ? word : fmt::format("{}/{}", word, kWholeV6);
    const ip::network_v4 network_v4 = ip::make_network_v4(v4, v4_error);
    const ip::network_v6 network_v6 = ip::make_network_v6(v6, v6_error);
    if (!v4_error) {
      out.v4_.push_back(network_v4);
    } else if (!v6_error) {
      out.v6_.push_back(network_v6);
    } else {
      return base::fail(base::ErrorCode::kInvalidInput,
                        fmt::format("server.trusted_proxies names \"{}\", which is no address and "
                                    "no network; write them as in 127.0.0.1, 10.1.0.0/16.",
                                    word));
    }
  }
  return out;
}

bool TrustedProxies::trusts(std::string_view text) const {
  boost::system::error_code error;
  const ip::address address = plain(ip::make_address(std::string(text), error));
  if (error) return false;
  return address.is_v4() ? holds(v4_, address.to_v4()) : holds(v6_, address.to_v6());
}

std::string TrustedProxies::client(const std::string& peer, std::string_view forwarded) const {
  std::string client = peer;
  while (!forwarded.empty() && trusts(client)) {
    const std::size_t comma = forwarded.rfind(',');
    const std::string_view word =
        trimmed(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
    forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
    boost::system::error_code error;
    const ip::address address = ip::make_address(std::string(word), error);
    if (error) break;
    client = plain_address(address);
  }
  return client;
}

}  // namespace storysign::server
