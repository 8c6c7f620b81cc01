#include "app/load/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>
#include <vector>

namespace storysign::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using beast::error_code;

using PlainStream = websocket::stream<beast::tcp_stream>;
using TlsStream = websocket::stream<beast::ssl_stream<beast::tcp_stream>>;

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kLargestAnswer = 16UL * 1024 * 1024;
constexpr std::size_t kWriteBuffer = 64UL * 1024;

std::string connect_failure(const Target& target, const error_code& error) {
  if (error == asio::error::connection_refused) {
    return fmt::format(
        "Nothing listens on {}; start the server with `storysign serve`, or correct "
        "the URL.",
        target.authority());
  }
  if (error == beast::error::timeout) {
    return fmt::format("{} did not answer within {} s.", target.authority(), kPatience.count());
  }
  return fmt::format("{} cannot be reached: {}.", target.authority(), error.message());
}

std::string tls_failure(const Target& target, const error_code& error) {
  const std::string said = error.message();
  const auto says = [&](const char* words) { return said.find(words) != std::string::npos; };
  if (error == beast::error::timeout || error == asio::error::eof ||
      error == asio::ssl::error::stream_truncated || error == asio::error::connection_reset ||
      says("wrong version number") || says("packet length too long") || says("http request")) {
    return fmt::format("{} does not speak TLS; use ws:// instead of wss://.", target.authority());
  }
  if (says("certificate verify failed")) {
    return fmt::format(
        "The certificate of {} is not trusted for that name; correct it, or leave "
        "the check out with --insecure.",
        target.authority());
  }
  return fmt::format("The TLS handshake with {} failed: {}.", target.authority(), said);
}

std::string upgrade_failure(const Target& target, const error_code& error,
                            const websocket::response_type& response) {
  if (error == websocket::error::upgrade_declined) {
    const std::string said = refusal_text(response.body());
    return fmt::format("{} refused the WebSocket at {} with {} {}{}{}.", target.authority(),
                       target.path, response.result_int(), std::string(response.reason()),
                       said.empty() ? "" : ": ", said);
  }
  if (error == beast::error::timeout) {
    return fmt::format(
        "{} accepted the connection, but did not answer the WebSocket handshake "
        "within {} s.",
        target.authority(), kPatience.count());
  }
  if (error == http::error::end_of_stream && !target.tls) {
    return fmt::format(
        "{} closed the connection instead of answering the WebSocket handshake; if "
        "it speaks TLS, use wss:// instead of ws://.",
        target.authority());
  }
  return fmt::format("What listens on {} does not speak WebSocket at {}: {}.", target.authority(),
                     target.path, error.message());
}

std::string end_failure(const error_code& error, const websocket::close_reason& reason) {
  if (error == websocket::error::closed) {
    std::string why(reason.reason.data(), reason.reason.size());
    while (why.ends_with('.')) why.pop_back();
    return fmt::format("The server closed the connection with code {}{}{}.", reason.code,
                       why.empty() ? "" : ": ", why);
  }
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::error::broken_pipe || error == asio::ssl::error::stream_truncated) {
    return "The server ended the connection without a closing message.";
  }
  return fmt::format("The connection broke: {}.", error.message());
}

template <class Stream>
class BeastConnection final : public Connection {
 public:
  template <class... Arguments>
  BeastConnection(asio::io_context& io, const ConnectionOptions& options, Listener& listener,
                  Arguments&... arguments)
      : options_(options), listener_(listener), resolver_(io), stream_(io, arguments...) {}

  void open() override {
    resolver_.async_resolve(
        options_.target.host, options_.target.port,
        [this](const error_code& error, const tcp::resolver::results_type& found) {
          if (error) {
            return end(
                fmt::format("There is no host '{}': {}.", options_.target.host, error.message()));
          }
          connect(found);
        });
  }

  void send(std::span<const Part> parts, bool is_text) override {
    buffers_.clear();
    for (const Part part : parts) buffers_.emplace_back(part.data(), part.size());
    stream_.text(is_text);
    stream_.async_write(buffers_, [this](const error_code& error, std::size_t) {
      if (closed_) return;
      // What went wrong is told by the read, which knows the reason of a closing.
      if (!error) listener_.on_sent();
    });
  }

  void close() override {
    if (closed_ || closing_) return;
    closing_ = true;
    if (!upgraded_) return end({});
    stream_.async_close(websocket::close_code::normal, [this](const error_code&) { end({}); });
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  void connect(const tcp::resolver::results_type& found) {
    auto& lowest = beast::get_lowest_layer(stream_);
    lowest.expires_after(kPatience);
    lowest.async_connect(found, [this](const error_code& error, const tcp::endpoint&) {
      if (error) return end(connect_failure(options_.target, error));
      error_code ignored;
      // A frame is one message: waiting for more would only delay it.
      beast::get_lowest_layer(stream_).socket().set_option(tcp::no_delay(true), ignored);
      if constexpr (kTls) {
        shake_hands();
      } else {
        upgrade();
      }
    });
  }

  void shake_hands() {
    auto& secure = stream_.next_layer();
    // The name for servers with several certificates.
    static_cast<void>(
        SSL_set_tlsext_host_name(secure.native_handle(), options_.target.host.c_str()));
    if (options_.verify) {
      secure.set_verify_mode(asio::ssl::verify_peer);
      secure.set_verify_callback(asio::ssl::host_name_verification(options_.target.host));
    } else {
      secure.set_verify_mode(asio::ssl::verify_none);
    }
    beast::get_lowest_layer(stream_).expires_after(kPatience);
    secure.async_handshake(asio::ssl::stream_base::client, [this](const error_code& error) {
      if (error) return end(tls_failure(options_.target, error));
      upgrade();
    });
  }

  void upgrade() {
    beast::get_lowest_layer(stream_).expires_never();
    stream_.set_option(
        websocket::stream_base::timeout{kPatience, websocket::stream_base::none(), false});
    stream_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
      request.set(http::field::user_agent, "storysign load");
      if (!options_.subprotocol.empty()) {
        request.set(http::field::sec_websocket_protocol, options_.subprotocol);
      }
    }));
    stream_.read_message_max(kLargestAnswer);
    stream_.write_buffer_bytes(kWriteBuffer);
    stream_.auto_fragment(false);
    stream_.async_handshake(
        response_, options_.target.authority(), options_.target.path,
        [this](const error_code& error) {
          if (error) return end(upgrade_failure(options_.target, error, response_));
          const std::string chosen(response_[http::field::sec_websocket_protocol]);
          if (chosen != options_.subprotocol) {
            return end(fmt::format("{} does not speak {}; try --protocol json.",
                                   options_.target.authority(), options_.subprotocol));
          }
          upgraded_ = true;
          listener_.on_open();
          read();
        });
  }

  void read() {
    reader_.consume(reader_.size());
    stream_.async_read(reader_, [this](const error_code& error, std::size_t) {
      if (closed_) return;
      if (error) return end(closing_ ? std::string() : end_failure(error, stream_.reason()));
      listener_.on_message(stream_.got_text(), message_);
      if (!closed_) read();
    });
  }

  void end(const std::string& failure) {
    if (closed_) return;
    closed_ = true;
    error_code ignored;
    beast::get_lowest_layer(stream_).socket().close(ignored);
    listener_.on_closed(failure);
  }

  // Given.
  const ConnectionOptions& options_;
  Listener& listener_;
  // Owned.
  tcp::resolver resolver_;
  Stream stream_;
  websocket::response_type response_;
  base::Bytes message_;
  asio::dynamic_vector_buffer<std::uint8_t, base::Bytes::allocator_type> reader_{message_};
  std::vector<asio::const_buffer> buffers_;
  // State.
  bool upgraded_ = false;
  bool closing_ = false;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Connection> make_connection(asio::io_context& io, const ConnectionOptions& options,
                                            Connection::Listener& listener) {
  if (options.target.tls) {
    return std::make_unique<BeastConnection<TlsStream>>(io, options, listener, *options.tls);
  }
  return std::make_unique<BeastConnection<PlainStream>>(io, options, listener);
}

std::string refusal_text(std::string_view body) {
  constexpr std::size_t kLongest = 200;
  std::string text(body);
  const auto tree = nlohmann::json::parse(body, nullptr, false);
  if (tree.is_object()) {
    for (const char* name : {"message", "detail", "error"}) {
      const auto found = tree.find(name);
      if (found != tree.end() && found->is_string()) {
        text = found->get<std::string>();
        break;
      }
    }
  } else if (text.find('<') != std::string::npos) {
    return {};
  }
  const auto unreadable = [](char c) { return c < ' ' || c > '~'; };
  std::replace_if(text.begin(), text.end(), unreadable, ' ');
  text = text.substr(0, kLongest);
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace storysign::app
