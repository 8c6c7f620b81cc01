#pragma once

#include "app/load/target.hpp"
#include "base/pool.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace storysign::app {

/// A WebSocket connection of a client, with or without TLS. Owned by the client, destroyed before
/// its io_context, used by the thread that runs that.
class Connection {
 public:
  /// Hears of the connection, on the thread of the io_context. After on_closed() nothing more
  /// comes.
  class Listener {
   public:
    Listener() = default;
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&&) = delete;
    Listener& operator=(Listener&&) = delete;
    virtual ~Listener() = default;

    virtual void on_open() = 0;
    /// A whole message; it may be taken apart, and is gone after the call.
    virtual void on_message(bool is_text, base::Bytes& message) = 0;
    /// What was given to send() has gone out; the next may be given.
    virtual void on_sent() = 0;
    /// The end. `failure` is a sentence, empty if the closing was asked for by close().
    virtual void on_closed(const std::string& failure) = 0;
  };

  using Part = std::span<const std::uint8_t>;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  virtual ~Connection() = default;

  /// Connects; once.
  virtual void open() = 0;
  /// Sends one message made of parts, which stay where they are until on_sent(). One at a time.
  virtual void send(std::span<const Part> parts, bool is_text) = 0;
  /// Begins the closing with code 1000; on_closed() follows, at the latest after some seconds.
  virtual void close() = 0;
};

/// What all connections of a run have in common; outlives them.
struct ConnectionOptions {
  Target target;
  std::string subprotocol;                   ///< Empty: none is asked for.
  boost::asio::ssl::context* tls = nullptr;  ///< For wss://.
  bool verify = true;                        ///< The server's certificate.
};

[[nodiscard]] std::unique_ptr<Connection> make_connection(boost::asio::io_context& io,
                                                          const ConnectionOptions& options,
                                                          Connection::Listener& listener);

/// "https://" error pages and JSON refusals in short: what a server said with a refusal, for the
/// end of a sentence; empty if it said nothing readable. Exposed for its test.
[[nodiscard]] std::string refusal_text(std::string_view body);

}  // namespace storysign::app
