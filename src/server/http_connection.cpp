#include "server/http_connection.hpp"

#include "server/admin_routes.hpp"
#include "server/origin.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream_base.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace storysign::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string_view view(beast::string_view text) {
  return {text.data(), text.size()};
}

/// Of a file: what may be under way until the client has to have taken something.
constexpr std::size_t kPieceBytes = std::size_t{256} * 1024;

// Beside storysign.v1 a client may offer a name that is no protocol but its token.
constexpr std::string_view kTicketPrefix = "storysign.token.";

std::optional<std::string> offered_ticket(const Request& request) {
  for (const auto& word : http::token_list(request[http::field::sec_websocket_protocol])) {
    if (const std::string_view name = view(word); name.starts_with(kTicketPrefix)) {
      return std::string(name.substr(kTicketPrefix.size()));
    }
  }
  return std::nullopt;
}

bool offers_binary(const Request& request) {
  return http::token_list(request[http::field::sec_websocket_protocol])
      .exists(beast::string_view(wire::kBinaryProtocol.data(), wire::kBinaryProtocol.size()));
}

/// Whether the client means to find the landmarks itself: /ws/video?frames=landmarks.
bool says_landmarks(const Request& request) {
  const std::string_view target(request.target().data(), request.target().size());
  return query_value(query_part(target), "frames") == "landmarks";
}

std::string full_sentence(Entry entry, const Limits& limits) {
  return entry == Entry::kFull
             ? fmt::format("All {} places of this server are taken; try again later.",
                           limits.max_connections)
             : fmt::format("All {} places for one address are taken; close another page first.",
                           limits.max_connections_per_address);
}

}  // namespace

template <class Stream>
HttpConnection<Stream>::HttpConnection(Core& core, Stream&& stream, std::string peer, Ticket ticket,
                                       std::shared_ptr<asio::ssl::context> tls)
    : core_(core),
      peer_(std::move(peer)),
      ticket_(std::move(ticket)),
      number_(core.next_number.fetch_add(1)),
      policy_(core.policy()),
      tls_(std::move(tls)),
      stream_(std::move(stream)),
      deadline_(stream_.get_executor()),
      address_(peer_),
      came_by_tls_(tls_ != nullptr) {
  core_.metrics.change(telemetry::Gauge::kConnectionsOpen, 1);
}

template <class Stream>
HttpConnection<Stream>::~HttpConnection() {
  core_.metrics.change(telemetry::Gauge::kConnectionsOpen, -1);
  core_.http.remove(number_);
}

template <class Stream>
void HttpConnection<Stream>::run() {
  core_.http.add(number_, this->weak_from_this());
  asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->handshake(); });
}

template <class Stream>
void HttpConnection<Stream>::cut() {
  asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
    self->deadline_.cancel();
    beast::get_lowest_layer(self->stream_).close();
  });
}

template <class Stream>
void HttpConnection<Stream>::post(std::function<void()> work) {
  asio::post(stream_.get_executor(),
             [self = this->shared_from_this(), work = std::move(work)] { work(); });
}

template <class Stream>
void HttpConnection<Stream>::set_deadline(std::chrono::milliseconds patience) {
  deadline_.expires_after(patience);
  deadline_.async_wait([weak = this->weak_from_this()](Error error) {
    const auto self = weak.lock();
    if (!error && self) {
      beast::get_lowest_layer(self->stream_).close();
    }
  });
}

template <class Stream>
void HttpConnection<Stream>::handshake() {
  if constexpr (std::is_same_v<Stream, TlsStream>) {
    set_deadline(policy_->limits.handshake_timeout);
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [self = this->shared_from_this()](Error error) {
                              if (error) {
                                self->core_.metrics.add(telemetry::Refusal::kHandshake);
                                self->deadline_.cancel();
                              } else {
                                self->read(self->policy_->limits.handshake_timeout);
                              }
                            });
  } else {
    read(policy_->limits.handshake_timeout);
  }
}

template <class Stream>
void HttpConnection<Stream>::read(std::chrono::milliseconds patience) {
  policy_ = core_.policy();
  set_deadline(patience);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(policy_->limits.header_bytes));
  parser_->body_limit(policy_->limits.body_bytes);
  http::async_read(stream_, buffer_, *parser_,
                   [self = this->shared_from_this()](Error error, std::size_t /*size*/) {
                     self->on_read(error);
                   });
}

template <class Stream>
Health HttpConnection<Stream>::health() const {
  return {.is_ready = !core_.draining, .is_tls = came_by_tls_};
}

template <class Stream>
void HttpConnection<Stream>::on_read(Error error) {
  deadline_.cancel();
  if (error) {
    refuse_unreadable(error);
    return;
  }
  Request request = parser_->release();
  see_through_proxy(request);
  if (request.has_content_length() &&
      request.find(http::field::transfer_encoding) != request.end()) {
    refuse_unreadable(http::error::bad_transfer_encoding);
  } else if (request.find(http::field::transfer_encoding) != request.end()) {
    request.keep_alive(false);
    send(refuse(request, http::status::not_implemented,
                "Transfer-Encoding is not taken; send Content-Length.", health()));
  } else if (core_.factory != nullptr && beast::websocket::is_upgrade(request) &&
             path_of(view(request.target())) == kWebSocketPath) {
    upgrade(std::move(request));
  } else if (core_.content.api != nullptr &&
             core_.content.api->knows(path_of(view(request.target())))) {
    answer_later(std::move(request));
  } else {
    Response response = core_.admin != nullptr ? core_.admin->respond(request, health())
                                               : respond(request, core_.content, health());
    response.keep_alive(request.keep_alive() && !core_.draining);
    send(std::move(response));
  }
}

/// A proxy may carry requests of several clients on one connection, so this is done for each.
template <class Stream>
void HttpConnection<Stream>::see_through_proxy(const Request& request) {
  if (!core_.proxies.trusts(peer_)) {
    return;
  }
  std::string forwarded;
  const auto [begin, end] = request.equal_range("X-Forwarded-For");
  for (auto field = begin; field != end; ++field) {
    forwarded += (forwarded.empty() ? "" : ",") + std::string(view(field->value()));
  }
  address_ = core_.proxies.client(peer_, forwarded);
  came_by_tls_ = tls_ != nullptr || beast::iequals(request["X-Forwarded-Proto"], "https");
}

/// Nothing is read until the answer is there, and the timer alone keeps the connection.
template <class Stream>
void HttpConnection<Stream>::answer_later(Request request) {
  waiting_ = std::move(request);
  const std::uint64_t turn = ++turn_;
  deadline_.expires_after(policy_->limits.answer_timeout);
  deadline_.async_wait([self = this->shared_from_this(), turn](Error error) {
    if (!error) {
      self->on_answer(turn, api_error(503, "The answer took too long; try again in a moment."));
    }
  });
  const std::weak_ptr<HttpConnection> weak = this->weak_from_this();
  Reply reply([door = core_.door, weak, turn](ApiResponse answer) {
    door->post(weak, [weak, turn, answer = std::move(answer)] {
      if (const auto self = weak.lock()) {
        self->on_answer(turn, answer);
      }
    });
  });
  OpenGate open;
  core_.content.api->handle(*waiting_, address_, came_by_tls_,
                            core_.content.gatekeeper == nullptr ? open : *core_.content.gatekeeper,
                            std::move(reply));
}

template <class Stream>
void HttpConnection<Stream>::on_answer(std::uint64_t turn, const ApiResponse& answer) {
  if (!waiting_ || turn != turn_ || !beast::get_lowest_layer(stream_).socket().is_open()) {
    return;
  }
  deadline_.cancel();
  Response response = api_response(*waiting_, answer, health());
  response.keep_alive(waiting_->keep_alive() && !core_.draining);
  waiting_.reset();
  send(std::move(response));
}

template <class Stream>
void HttpConnection<Stream>::refuse_unreadable(Error error) {
  http::status status = http::status::bad_request;
  std::string_view sentence = "This is no request that this server understands.";
  if (error == http::error::header_limit) {
    status = http::status::request_header_fields_too_large;
    sentence = "The head of the request is too large.";
  } else if (error == http::error::body_limit) {
    status = http::status::payload_too_large;
    sentence = "The body of the request is too large.";
  } else if (error.category() != make_error_code(http::error::bad_method).category() ||
             error == http::error::end_of_stream || error == http::error::partial_message) {
    return;  // Gone; nobody is there to be told.
  }
  Request request;
  request.keep_alive(false);
  send(refuse(request, status, sentence, health()));
}

template <class Stream>
std::optional<Response> HttpConnection<Stream>::upgrade_refusal(const Request& request) {
  if (core_.draining) {
    core_.metrics.add(telemetry::Refusal::kDraining);
    return refuse(request, http::status::service_unavailable,
                  "The server is stopping; connect again in a moment.", health());
  }
  if (!origin_allowed(view(request[http::field::origin]), view(request[http::field::host]),
                      policy_->allowed_origins)) {
    core_.metrics.add(telemetry::Refusal::kOrigin);
    return refuse(request, http::status::forbidden,
                  "Pages from this origin may not connect; the operator can add it to "
                  "server.allowed_origins.",
                  health());
  }
  return std::nullopt;
}

template <class Stream>
void HttpConnection<Stream>::upgrade(Request request) {
  if (auto refusal = upgrade_refusal(request)) {
    refusal->keep_alive(false);
    send(std::move(*refusal));
    return;
  }
  Gatekeeper& gatekeeper = core_.gatekeeper();
  if (gatekeeper.is_open()) {
    queue_up(std::move(request));
  } else if (const auto ticket = offered_ticket(request)) {
    const auto who = gatekeeper.redeem(*ticket);
    if (!who) {
      Response refusal = refuse(request, http::status::unauthorized, who.error().message, health());
      refusal.keep_alive(false);
      send(std::move(refusal));
      return;
    }
    who_ = *who;
    queue_up(std::move(request));
  } else {
    find_out_who(std::move(request));
  }
}

template <class Stream>
Credentials HttpConnection<Stream>::credentials(const Request& request) const {
  return {std::string(view(request[http::field::cookie])), address_, health().is_tls};
}

/// By the cookie, which the store knows. Without one that is good the client is let in to say who
/// it is: a page is shown nothing of a refused upgrade.
template <class Stream>
void HttpConnection<Stream>::find_out_who(Request request) {
  const Credentials shown = credentials(request);
  waiting_ = std::move(request);
  const std::uint64_t turn = ++turn_;
  deadline_.expires_after(policy_->limits.answer_timeout);
  deadline_.async_wait([self = this->shared_from_this(), turn](Error error) {
    if (!error) {
      self->on_found(turn, base::fail(base::ErrorCode::kUnavailable,
                                      "The answer took too long; try again in a moment."));
    }
  });
  const std::weak_ptr<HttpConnection> weak = this->weak_from_this();
  core_.gatekeeper().identify(shown, [door = core_.door, weak, turn](Gatekeeper::Answer answer) {
    door->post(weak, [weak, turn, answer = std::move(answer)] {
      if (const auto self = weak.lock()) {
        self->on_found(turn, answer);
      }
    });
  });
}

template <class Stream>
void HttpConnection<Stream>::on_found(std::uint64_t turn, const Gatekeeper::Answer& answer) {
  if (!waiting_ || turn != turn_ || !beast::get_lowest_layer(stream_).socket().is_open()) {
    return;
  }
  deadline_.cancel();
  Request request = *std::exchange(waiting_, std::nullopt);
  if (!answer) {
    Response refusal =
        refuse(request, http::status::service_unavailable, answer.error().message, health());
    refusal.keep_alive(false);
    send(std::move(refusal));
    return;
  }
  who_ = *answer;
  if (who_) {
    shown_ = credentials(request);
  }
  queue_up(std::move(request));
}

/// Whoever broke the rules before waits.
template <class Stream>
void HttpConnection<Stream>::queue_up(Request request) {
  const auto wait = core_.penalties.wait(address_, core_.now());
  if (wait.count() == 0) {
    enter(std::move(request));
    return;
  }
  deadline_.expires_after(wait);
  deadline_.async_wait(
      [self = this->shared_from_this(), request = std::move(request)](Error error) mutable {
        if (!error) {
          self->enter(std::move(request));
        }
      });
}

template <class Stream>
void HttpConnection<Stream>::enter(Request request) {
  Ticket place;
  const Entry entry = core_.sessions.enter(address_, place);
  if (entry == Entry::kGranted) {
    open_web_socket(std::move(request), std::move(place), std::nullopt);
    return;
  }
  core_.metrics.add(entry == Entry::kFull ? telemetry::Refusal::kFull
                                          : telemetry::Refusal::kPerAddress);
  std::string sentence = full_sentence(entry, policy_->limits);
  if (core_.goodbyes.enter(address_, place) == Entry::kGranted) {
    open_web_socket(std::move(request), std::move(place), std::move(sentence));
    return;
  }
  Response response = refuse(request, http::status::service_unavailable, sentence, health());
  response.set(http::field::retry_after, "10");
  response.keep_alive(false);
  send(std::move(response));
}

template <class Stream>
void HttpConnection<Stream>::open_web_socket(Request request, Ticket place,
                                             std::optional<std::string> refusal) {
  session::Client client;
  client.number = number_;
  client.is_binary = offers_binary(request);
  client.sends_landmarks = client.is_binary && says_landmarks(request);
  client.address = address_;
  if (who_) {
    client.account = who_->name;
    client.account_id = who_->id;
    client.may_teach = auth::may(*who_, auth::Right::kTeach);
  }
  std::make_shared<WebSocketConnection<Stream>>(core_, std::move(stream_), client, address_,
                                                std::move(place), std::move(ticket_), tls_)
      ->run(std::move(request), std::move(refusal), std::move(shown_));
}

template <class Stream>
void HttpConnection<Stream>::send(Response response) {
  response_ = std::move(response);
  set_deadline(policy_->limits.outbox_timeout);
  http::async_write(stream_, *response_,
                    [self = this->shared_from_this()](Error error, std::size_t /*size*/) {
                      self->deadline_.cancel();
                      if (!error) self->send_file();
                    });
}

/// What is left of response_->file, piece by piece: slow is well, as long as something is taken.
template <class Stream>
void HttpConnection<Stream>::send_file() {
  std::string_view& left = response_->file;
  if (left.empty()) {
    on_sent();
    return;
  }
  set_deadline(policy_->limits.outbox_timeout);
  const std::string_view piece = left.substr(0, kPieceBytes);
  stream_.async_write_some(asio::buffer(piece.data(), piece.size()),
                           [self = this->shared_from_this()](Error error, std::size_t size) {
                             self->deadline_.cancel();
                             if (error) return;
                             self->response_->file.remove_prefix(size);
                             self->send_file();
                           });
}

template <class Stream>
void HttpConnection<Stream>::on_sent() {
  if (response_->keep_alive()) {
    read(policy_->limits.idle_timeout);
    return;
  }
  Error ignored;
  beast::get_lowest_layer(stream_).socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
}

template class HttpConnection<PlainStream>;
template class HttpConnection<TlsStream>;

}  // namespace storysign::server
