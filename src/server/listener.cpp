#include "server/listener.hpp"

#include "server/http_connection.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <fmt/format.h>
#include <netinet/tcp.h>

#include <chrono>
#include <utility>

namespace storysign::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::ErrorCode;

// Unsent bytes that the kernel keeps for one client: more would be old pictures that a newer one
// can no longer replace.
constexpr int kUnsentBytes = 65536;
constexpr int kSendBufferBytes = 262144;
// When the process has no more file descriptors, accepting again at once would only spin.
constexpr std::chrono::milliseconds kPause{100};

void tune(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
  using UnsentLimit = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;
  socket.set_option(UnsentLimit(kUnsentBytes), ignored);
}

}  // namespace

Listener::Listener(asio::io_context& io, Core& core, Certificate* certificate)
    : io_(io),
      core_(core),
      certificate_(certificate),
      acceptor_(asio::make_strand(io)),
      pause_(acceptor_.get_executor()) {}

base::Result<void> Listener::open(const std::string& host, int port, std::string_view section) {
  boost::system::error_code code;
  tcp::resolver resolver(io_);
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, code);
  if (code || found.empty()) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("{}.host {} has no address ({}); use an address of this "
                                  "machine, or 0.0.0.0 for all.",
                                  section, host, code.message()));
  }
  const tcp::endpoint endpoint = found.begin()->endpoint();
  const auto failed = [&] {
    return base::fail(ErrorCode::kUnavailable,
                      fmt::format("Cannot listen on {} port {}: {}; stop what uses it, or choose "
                                  "another with --{}.port.",
                                  host, port, code.message(), section));
  };
  if (acceptor_.open(endpoint.protocol(), code); code) return failed();
  if (acceptor_.set_option(asio::socket_base::reuse_address(true), code); code) {
    return failed();
  }
  if (acceptor_.bind(endpoint, code); code) return failed();
  if (acceptor_.listen(asio::socket_base::max_listen_connections, code); code) {
    return failed();
  }
  return {};
}

int Listener::port() const {
  boost::system::error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void Listener::run() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
}

void Listener::close() {
  asio::post(acceptor_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void Listener::accept() {
  acceptor_.async_accept(
      asio::make_strand(io_),
      [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
        self->on_accept(error, std::move(socket));
      });
}

void Listener::on_accept(boost::system::error_code error, tcp::socket socket) {
  if (!acceptor_.is_open()) {
    return;
  }
  if (error) {
    core_.log.warning(core_.accept_warnings, core_.now(), "A connection could not be accepted.",
                      {{"reason", error.message()}});
    pause();
    return;
  }
  core_.metrics.add(telemetry::Counter::kConnectionsOpened);
  boost::system::error_code gone;
  const tcp::endpoint remote = socket.remote_endpoint(gone);
  Ticket ticket;
  std::string address = plain_address(remote.address());
  const Entry entry =
      gone ? Entry::kFull : core_.sockets.enter(address, ticket, core_.proxies.trusts(address));
  if (entry != Entry::kGranted) {
    core_.metrics.add(telemetry::Refusal::kOther);
    socket.close(gone);
    accept();
    return;
  }
  tune(socket);
  if (certificate_ == nullptr) {
    std::make_shared<HttpConnection<PlainStream>>(core_, PlainStream(std::move(socket)),
                                                  std::move(address), std::move(ticket), nullptr)
        ->run();
  } else {
    auto tls = certificate_->context();
    std::make_shared<HttpConnection<TlsStream>>(core_,
                                                TlsStream(PlainStream(std::move(socket)), *tls),
                                                std::move(address), std::move(ticket), tls)
        ->run();
  }
  accept();
}

void Listener::pause() {
  pause_.expires_after(kPause);
  pause_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error && self->acceptor_.is_open()) {
      self->accept();
    }
  });
}

}  // namespace storysign::server
