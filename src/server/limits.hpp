#pragma once

#include <chrono>
#include <cstddef>

namespace storysign::server {

/// Everything that a client is held to before and around its messages; what its messages may say is
/// session::Limits. Defaults are those of the configuration, which also checks the ranges.
struct Limits {
  // Connections.
  std::size_t max_connections = 20;             ///< WebSockets at a time; more are refused.
  std::size_t max_connections_per_address = 8;  ///< The same from one address.
  std::size_t http_connections = 256;           ///< Sockets without a WebSocket.
  std::size_t http_connections_per_address = 64;

  // HTTP.
  std::chrono::milliseconds handshake_timeout{5000};  ///< New socket to first request, with TLS.
  std::chrono::milliseconds idle_timeout{15000};      ///< Between two requests of a connection.
  std::chrono::milliseconds answer_timeout{30000};    ///< For answers of the API that come later.
  std::size_t header_bytes = 8192;
  std::size_t body_bytes = 65536;

  // WebSocket.
  std::size_t message_bytes = 2097152;                     ///< Larger: close 1009.
  std::chrono::milliseconds penalty{250};                  ///< See Penalties.
  std::chrono::milliseconds first_message_timeout{10000};  ///< None by then: close 1008.
  std::chrono::milliseconds account_check{20000};  ///< How soon one who is signed out is closed.
  std::chrono::milliseconds ping_interval{20000};
  std::chrono::milliseconds ping_timeout{10000};   ///< No pong by then: the socket is cut.
  std::chrono::milliseconds close_timeout{10000};  ///< No close by then: the socket is cut.
  std::size_t min_receive_rate = 16384;            ///< Bytes/s of a message that has begun; 0: any.
  std::size_t max_receive_rate = 16777216;         ///< Bytes/s; above it reading waits.
  std::chrono::milliseconds outbox_timeout{5000};  ///< A message not taken by then: cut.
};

}  // namespace storysign::server
