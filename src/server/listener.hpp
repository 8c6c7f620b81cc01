#pragma once

#include "base/result.hpp"
#include "server/core.hpp"
#include "server/tls.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::server {

/// Accepts connections on one address and port. Lives as long as it accepts.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  /// `certificate` may be null: then the listener speaks plain HTTP. It outlives this.
  Listener(boost::asio::io_context& io, Core& core, Certificate* certificate);

  /// Binds and listens; `port` 0 takes a free one. Fails with kInvalidInput if the host has no
  /// address, kUnavailable if the port is taken or not allowed; `section` is that of the settings
  /// which the sentence names.
  base::Result<void> open(const std::string& host, int port, std::string_view section);
  [[nodiscard]] int port() const;

  void run();
  /// Any thread.
  void close();

 private:
  void accept();
  void on_accept(boost::system::error_code error, boost::asio::ip::tcp::socket socket);
  void pause();

  // Given.
  boost::asio::io_context& io_;
  Core& core_;
  Certificate* certificate_;
  // Owned.
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
};

}  // namespace storysign::server
