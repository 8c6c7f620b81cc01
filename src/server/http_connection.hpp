#pragma once

#include "server/async_routes.hpp"
#include "server/core.hpp"
#include "server/later.hpp"
#include "server/streams.hpp"
#include "server/websocket_connection.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace storysign::server {

/// One socket while it speaks HTTP: reads requests, answers them, and hands the stream on to a
/// WebSocketConnection at an upgrade. Lives as long as an operation is under way, on the strand of
/// its stream. `Stream` is PlainStream or TlsStream.
template <class Stream>
class HttpConnection : public Drainable,
                       public Strand,
                       public std::enable_shared_from_this<HttpConnection<Stream>> {
 public:
  /// `peer` is the other end of the socket, `ticket` the socket's place; `tls` (null for
  /// PlainStream) stays alive with the stream.
  HttpConnection(Core& core, Stream&& stream, std::string peer, Ticket ticket,
                 std::shared_ptr<boost::asio::ssl::context> tls);
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;
  HttpConnection(HttpConnection&&) = delete;
  HttpConnection& operator=(HttpConnection&&) = delete;

  void run();
  void drain() override { cut(); }
  void cut() override;
  /// Any thread, through the door.
  void post(std::function<void()> work) override;

 private:
  using Error = boost::beast::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void handshake();
  void read(std::chrono::milliseconds patience);
  void on_read(Error error);
  void refuse_unreadable(Error error);
  void see_through_proxy(const Request& request);
  void answer_later(Request request);
  void on_answer(std::uint64_t turn, const ApiResponse& answer);
  [[nodiscard]] Credentials credentials(const Request& request) const;
  void find_out_who(Request request);
  void on_found(std::uint64_t turn, const Gatekeeper::Answer& answer);
  void queue_up(Request request);
  void upgrade(Request request);
  void enter(Request request);
  void open_web_socket(Request request, Ticket place, std::optional<std::string> refusal);
  [[nodiscard]] std::optional<Response> upgrade_refusal(const Request& request);
  void send(Response response);
  void send_file();
  void on_sent();
  void set_deadline(std::chrono::milliseconds patience);
  [[nodiscard]] Health health() const;

  // Given.
  Core& core_;
  std::string peer_;
  Ticket ticket_;
  std::uint64_t number_;
  std::shared_ptr<const Policy> policy_;  ///< Of the request that comes or is answered.
  std::shared_ptr<boost::asio::ssl::context> tls_;
  // Owned.
  Stream stream_;
  boost::asio::steady_timer deadline_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::optional<Response> response_;
  // State, of the request at hand.
  std::string address_;  ///< Of the client; that of the socket unless a trusted proxy says another.
  bool came_by_tls_;     ///< To the proxy, if there is one.
  // State.
  std::optional<Request> waiting_;  ///< For an answer that comes later.
  std::uint64_t turn_ = 0;          ///< Which of these answers it waits for.
  std::optional<auth::Identity> who_;
  Credentials shown_;  ///< What that was found out by, if it can be looked at again.
};

extern template class HttpConnection<PlainStream>;
extern template class HttpConnection<TlsStream>;

}  // namespace storysign::server
