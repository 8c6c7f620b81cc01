#include "app/net/http_client.hpp"

#include "base/web_url.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <type_traits>
#include <utility>

namespace storysign::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using std::chrono::milliseconds;

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

// Of the head of an answer.
constexpr std::uint32_t kLargestHead = 16384;

/// One request from connecting to the end of the answer. Lives as long as an operation is under
/// way; `error` and `answer` say how it ended.
template <class Stream>
class Exchange : public std::enable_shared_from_this<Exchange<Stream>> {
 public:
  template <class... Arguments>
  Exchange(const base::WebUrl& url, const HttpPost& post, Arguments&&... arguments)
      : url_(url),
        is_head_enough_(post.largest_answer == 0),
        stream_(std::forward<Arguments>(arguments)...) {
    request_.method(http::verb::post);
    request_.target(url.target);
    request_.version(11);
    request_.set(http::field::host, url.authority());
    request_.set(http::field::user_agent, "StorySign/" STORYSIGN_VERSION);
    request_.set(http::field::content_type, "application/json");
    if (!post.bearer.empty()) {
      request_.set(http::field::authorization, fmt::format("Bearer {}", post.bearer));
    }
    request_.keep_alive(false);
    request_.body() = post.body;
    request_.prepare_payload();
    response_.header_limit(kLargestHead);
    if (is_head_enough_) {
      response_.body_limit(boost::none);
    } else {
      response_.body_limit(post.largest_answer);
    }
    beast::get_lowest_layer(stream_).expires_after(post.timeout);
  }

  void begin(const tcp::resolver::results_type& where) {
    beast::get_lowest_layer(stream_).async_connect(
        where, [self = this->shared_from_this()](beast::error_code code, const tcp::endpoint&) {
          if (self->failed(code)) return;
          if constexpr (std::is_same_v<Stream, TlsStream>) {
            self->shake_hands();
          } else {
            self->write();
          }
        });
  }

  beast::error_code error = asio::error::operation_aborted;  ///< If it did not come to an end.
  HttpAnswer answer;

 private:
  bool failed(beast::error_code code) {
    error = code;
    return static_cast<bool>(code);
  }

  void shake_hands() {
    if (SSL_set_tlsext_host_name(stream_.native_handle(), url_.host.c_str()) != 1) {
      error = beast::error_code(asio::error::invalid_argument);
      return;
    }
    stream_.set_verify_mode(asio::ssl::verify_peer);
    stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    stream_.async_handshake(asio::ssl::stream_base::client,
                            [self = this->shared_from_this()](beast::error_code code) {
                              if (!self->failed(code)) self->write();
                            });
  }

  void write() {
    http::async_write(stream_, request_,
                      [self = this->shared_from_this()](beast::error_code code, std::size_t) {
                        if (!self->failed(code)) self->read();
                      });
  }

  void read() {
    auto done = [self = this->shared_from_this()](beast::error_code code, std::size_t) {
      if (self->failed(code)) return;
      self->answer.status = self->response_.get().result_int();
      self->answer.body = std::move(self->response_.get().body());
    };
    if (is_head_enough_) {
      http::async_read_header(stream_, buffer_, response_, std::move(done));
    } else {
      http::async_read(stream_, buffer_, response_, std::move(done));
    }
  }

  // Given.
  base::WebUrl url_;
  bool is_head_enough_;
  // Owned.
  Stream stream_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> response_;
  beast::flat_buffer buffer_;
};

tl::unexpected<base::Error> unavailable(const boost::system::error_code& code) {
  return base::fail(base::ErrorCode::kUnavailable, code.message());
}

tl::unexpected<base::Error> cancelled() {
  return base::fail(base::ErrorCode::kCancelled, "The server stops.");
}

}  // namespace

void HttpClient::stop() {
  stopped_ = true;
  io_.stop();
}

bool HttpClient::rest(milliseconds time) {
  asio::steady_timer timer(io_, time);
  timer.async_wait([](const boost::system::error_code& /*code*/) {});
  io_.restart();
  if (stopped_) return false;
  io_.run();
  return !stopped_;
}

base::Result<HttpAnswer> HttpClient::post(const HttpPost& request) {
  const auto url = base::parse_web_url(request.url);
  if (!url) return base::fail(base::ErrorCode::kInvalidInput, "its URL cannot be read");
  boost::system::error_code code;
  const auto where = tcp::resolver(io_).resolve(url->host, url->port, code);
  if (code) return unavailable(code);

  io_.restart();
  if (stopped_) return cancelled();
  const auto exchange = [&](const auto& begun) -> base::Result<HttpAnswer> {
    begun->begin(where);
    io_.run();
    if (stopped_) return cancelled();
    if (begun->error) return unavailable(begun->error);
    return std::move(begun->answer);
  };
  if (!url->tls) {
    return exchange(std::make_shared<Exchange<PlainStream>>(*url, request, io_));
  }
  if (!tls_) {
    auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    tls->set_default_verify_paths(code);
    if (code) return unavailable(code);
    tls_ = std::move(tls);
  }
  return exchange(std::make_shared<Exchange<TlsStream>>(*url, request, io_, *tls_));
}

}  // namespace storysign::app
