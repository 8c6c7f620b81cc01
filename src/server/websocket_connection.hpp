#pragma once

#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "base/token_bucket.hpp"
#include "base/utf8.hpp"
#include "server/async_routes.hpp"
#include "server/core.hpp"
#include "server/doorkeeper.hpp"
#include "server/later.hpp"
#include "server/streams.hpp"
#include "session/conversation.hpp"
#include "wire/binary.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace storysign::server {

/// One WebSocket from its upgrade to its end: reads messages into the conversation, sends what the
/// conversation gives, keeps the limits on size, rate and time, and closes. Lives as long as an
/// operation is under way; everything but wake() and Drainable runs on its strand, the executor of
/// the stream. `Stream` is a TCP or TLS stream of Beast, or one in memory for tests.
template <class Stream>
class WebSocketConnection : public Drainable,
                            public Strand,
                            public std::enable_shared_from_this<WebSocketConnection<Stream>> {
 public:
  /// `address` is the client's, `place` its place among the sessions, `socket_place` among the
  /// sockets; `tls` (may be null) is whatever has to stay alive with the stream.
  WebSocketConnection(Core& core, Stream&& stream, const session::Client& client,
                      std::string address, Ticket place, Ticket socket_place,
                      std::shared_ptr<void> tls)
      : core_(core),
        address_(std::move(address)),
        place_(std::move(place)),
        socket_place_(std::move(socket_place)),
        client_(client),
        policy_(core.policy()),
        tls_(std::move(tls)),
        socket_(std::move(stream)),
        timer_(socket_.get_executor()),
        pause_(socket_.get_executor()),
        received_(static_cast<double>(policy_->limits.max_receive_rate),
                  static_cast<double>(policy_->limits.message_bytes), core.now()) {}
  ~WebSocketConnection() override {
    if (conversation_) {
      core_.metrics.change(telemetry::Gauge::kSessionsOpen, -1);
    }
    core_.web_sockets.remove(client_.number);
  }
  WebSocketConnection(const WebSocketConnection&) = delete;
  WebSocketConnection& operator=(const WebSocketConnection&) = delete;
  WebSocketConnection(WebSocketConnection&&) = delete;
  WebSocketConnection& operator=(WebSocketConnection&&) = delete;

  /// Answers the upgrade and begins. With `refusal` the client is only told that sentence. `shown`
  /// is what it was identified by, if that can be looked at again.
  void run(Request request, std::optional<std::string> refusal, Credentials shown = {}) {
    request_ = std::move(request);
    shown_ = std::move(shown);
    refusal_ = std::move(refusal);
    core_.web_sockets.add(client_.number, this->weak_from_this());
    boost::asio::dispatch(socket_.get_executor(),
                          [self = this->shared_from_this()] { self->accept(); });
  }

  void drain() override {
    boost::asio::post(socket_.get_executor(), [self = this->shared_from_this()] {
      self->draining_ = true;
      if (self->conversation_) {
        self->conversation_->shut_down(self->core_.now());
        self->pump();
      }
    });
  }

  /// Through the door.
  void post(std::function<void()> work) override {
    boost::asio::post(socket_.get_executor(),
                      [self = this->shared_from_this(), work = std::move(work)] { work(); });
  }

  void cut() override {
    boost::asio::post(socket_.get_executor(),
                      [self = this->shared_from_this()] { self->cut_now(); });
  }

 private:
  using Self = std::shared_ptr<WebSocketConnection>;
  using Error = boost::beast::error_code;
  using VectorBuffer =
      boost::asio::dynamic_vector_buffer<std::uint8_t, std::allocator<std::uint8_t>>;

  // At most so much of a message is read before others have their turn.
  static constexpr std::size_t kReadBytes = 65536;
  // Deadlines are looked at so often.
  static constexpr std::chrono::milliseconds kTick{500};
  // A slow network needs a moment before its rate says anything.
  static constexpr std::chrono::seconds kRateGrace{2};
  // How long one goes on listening to a client that broke the rules.
  static constexpr std::chrono::seconds kRuleBreakerClose{2};

  /// How the conversation reaches its connection without keeping it alive: through the door, since
  /// a worker or the store may have something to say while the server goes.
  class StrandWaker : public session::Waker {
   public:
    StrandWaker(std::shared_ptr<Door> door, std::weak_ptr<WebSocketConnection> connection)
        : door_(std::move(door)), connection_(std::move(connection)) {}
    void wake() noexcept override {
      door_->reach(connection_, [](const Self& self) {
        if (self->woken_.exchange(true)) {
          return;
        }
        try {
          boost::asio::post(self->socket_.get_executor(), [self] {
            self->woken_ = false;
            self->on_wake();
          });
        } catch (...) {  // No memory: the next tick collects.
          self->woken_ = false;
        }
      });
    }

   private:
    std::shared_ptr<Door> door_;
    std::weak_ptr<WebSocketConnection> connection_;
  };

  void accept() {
    namespace websocket = boost::beast::websocket;
    // Size, rate and time are kept here, where a client can be told; Beast would only hang up.
    socket_.read_message_max(0);
    websocket::permessage_deflate no_compression;
    no_compression.server_enable = false;
    socket_.set_option(no_compression);
    socket_.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                       websocket::stream_base::none(), false});
    socket_.set_option(websocket::stream_base::decorator(
        [binary = client_.is_binary](websocket::response_type& response) {
          response.set(boost::beast::http::field::server, "StorySign");
          if (binary) {
            response.set(boost::beast::http::field::sec_websocket_protocol, wire::kBinaryProtocol);
          }
        }));
    deadline_ = core_.now() + policy_->limits.handshake_timeout;
    start_timer();
    socket_.async_accept(
        request_, [self = this->shared_from_this()](Error error) { self->on_accepted(error); });
  }

  void on_accepted(Error error) {
    if (error || ended_) {
      end(error);
      return;
    }
    request_ = {};
    const base::SteadyTime now = core_.now();
    opened_ = now;
    last_ping_ = now;
    deadline_.reset();
    core_.metrics.add(telemetry::Counter::kSessionsOpened);
    core_.metrics.change(telemetry::Gauge::kSessionsOpen, 1);
    auto waker = std::make_shared<StrandWaker>(core_.door, this->weak_from_this());
    checked_ = now;
    conversation_ = begin(std::move(waker), now);
    socket_.control_callback(
        [this](boost::beast::websocket::frame_type kind, boost::beast::string_view payload) {
          on_control(kind, payload);
        });
    // Whoever was on the way in when the server began to stop may have missed drain().
    if (draining_ || core_.draining) {
      conversation_->shut_down(now);
    }
    pump();
    read_some();
  }

  [[nodiscard]] std::unique_ptr<session::Conversation> begin(std::shared_ptr<StrandWaker> waker,
                                                             base::SteadyTime now) {
    if (refusal_) {
      return core_.factory->refuse(client_, *refusal_);
    }
    if (core_.gatekeeper().is_open() || !client_.account_id.empty()) {
      return core_.factory->create(client_, std::move(waker), now);
    }
    return std::make_unique<Doorkeeper>(
        DoorParts{*core_.factory, core_.gatekeeper(), core_.metrics}, client_, std::move(waker),
        [this](const auth::Identity& who) {
          client_.account_id = who.id;
          client_.may_teach = auth::may(who, auth::Right::kTeach);
        });
  }

  // Reading.

  void read_some() {
    if (ended_ || closing_) {
      return;
    }
    if (!message_) {
      message_ = core_.factory->buffers().take();
    }
    buffer_.emplace(*message_);
    socket_.async_read_some(*buffer_, kReadBytes,
                            [self = this->shared_from_this()](Error error, std::size_t size) {
                              self->on_read(error, size);
                            });
  }

  void on_read(Error error, std::size_t size) {
    if (error || ended_) {
      end(error);
      return;
    }
    const base::SteadyTime now = core_.now();
    core_.metrics.add(telemetry::Counter::kBytesIn, size);
    if (!begun_ && !message_->empty()) {
      begun_ = now;
    }
    if (message_->size() > policy_->limits.message_bytes) {
      message_.release();
      conversation_->on_oversized_message(now);
      pump();
      return;
    }
    if (socket_.is_message_done()) {
      begun_.reset();
      has_had_message_ = true;
      core_.metrics.add(telemetry::Counter::kMessagesIn);
      conversation_->on_message(socket_.got_text(), std::move(message_), now);
      pump();
    }
    const auto wait = received_.owe(static_cast<double>(size), now);
    if (wait <= std::chrono::nanoseconds::zero()) {
      read_some();
      return;
    }
    pause_.expires_after(wait);
    pause_.async_wait([self = this->shared_from_this()](Error paused) {
      if (!paused) {
        self->read_some();
      }
    });
  }

  /// Pings are answered by Beast. Called inside a read, where nothing may be sent.
  void on_control(boost::beast::websocket::frame_type kind, boost::beast::string_view /*payload*/) {
    if (kind == boost::beast::websocket::frame_type::close || ended_) {
      return;
    }
    if (kind == boost::beast::websocket::frame_type::pong && awaits_pong_) {
      awaits_pong_ = false;
      return;
    }
    conversation_->on_control_frame(core_.now());
    boost::asio::post(socket_.get_executor(), [self = this->shared_from_this()] { self->pump(); });
  }

  // Sending.

  void on_wake() {
    if (!ended_ && conversation_) {
      conversation_->collect(core_.now());
      pump();
    }
  }

  /// Sends the next message if none is under way; closes when there is nothing left to say.
  void pump() {
    if (ended_ || closing_ || output_ || !conversation_) {
      return;
    }
    const base::SteadyTime now = core_.now();
    output_ = conversation_->next(now);
    if (!output_) {
      if (const auto& closing = conversation_->closing()) {
        close(*closing);
      }
      return;
    }
    sending_since_ = now;
    core_.metrics.add(telemetry::Counter::kMessagesOut);
    core_.metrics.add(telemetry::Counter::kBytesOut, output_->size());
    const auto sent = [self = this->shared_from_this()](Error error, std::size_t /*size*/) {
      self->on_sent(error);
    };
    socket_.text(static_cast<bool>(output_->text));
    if (output_->text) {
      socket_.async_write(boost::asio::buffer(*output_->text), sent);
      return;
    }
    std::array<boost::asio::const_buffer, 2> parts{boost::asio::buffer(*output_->bytes)};
    if (output_->picture) {
      parts[1] = boost::asio::buffer(output_->picture->picture);
    }
    socket_.async_write(parts, sent);
  }

  void on_sent(Error error) {
    output_.reset();
    if (error || ended_) {
      end(error);
      return;
    }
    pump();
  }

  // Time.

  void start_timer() {
    timer_.expires_after(kTick);
    timer_.async_wait([weak = this->weak_from_this()](Error error) {
      const Self self = weak.lock();
      if (!error && self && !self->ended_) {
        self->on_tick();
        self->start_timer();
      }
    });
  }

  void on_tick() {
    const base::SteadyTime now = core_.now();
    if (deadline_ && now >= *deadline_) {
      cut_now();
      return;
    }
    if (!conversation_ || closing_) {
      return;
    }
    const Limits& limits = policy_->limits;
    if (output_ && now - sending_since_ >= limits.outbox_timeout) {
      cut_now();
      return;
    }
    if (!has_had_message_ && !begun_ && now - opened_ >= limits.first_message_timeout) {
      hurry({kPolicyViolation, "No message came."});
    } else if (is_too_slow(now)) {
      hurry({kPolicyViolation, "The message comes too slowly."});
    } else if (keep_alive(now)) {
      check_account(now);
      conversation_->on_tick(now);
      pump();
    }
  }

  /// Now and then: whoever has signed out, or is no longer welcome, does not stay.
  void check_account(base::SteadyTime now) {
    if (core_.gatekeeper().is_open() || client_.account_id.empty() || is_checking_ ||
        now - checked_ < policy_->limits.account_check) {
      return;
    }
    is_checking_ = true;
    checked_ = now;
    auto found = [door = core_.door, weak = this->weak_from_this()](Gatekeeper::Answer answer) {
      door->post(weak, [weak, answer = std::move(answer)] {
        if (const Self self = weak.lock()) {
          self->on_checked(answer);
        }
      });
    };
    if (shown_.cookies.empty()) {
      core_.gatekeeper().look_up(client_.account_id, std::move(found));
    } else {
      core_.gatekeeper().identify(shown_, std::move(found));
    }
  }

  void on_checked(const Gatekeeper::Answer& answer) {
    is_checking_ = false;
    if (ended_ || closing_ || !answer) {
      return;
    }
    if (!*answer) {
      hurry({kPolicyViolation, "You are signed out."});
    } else if (auth::may(**answer, auth::Right::kTeach) != client_.may_teach) {
      // The conversation was begun with the rights of then.
      hurry({kPolicyViolation, "Your role has changed; connect again."});
    }
  }

  [[nodiscard]] bool is_too_slow(base::SteadyTime now) const {
    if (!begun_ || policy_->limits.min_receive_rate == 0 || now - *begun_ < kRateGrace) {
      return false;
    }
    const double seconds = std::chrono::duration<double>(now - *begun_).count();
    return static_cast<double>(message_ ? message_->size() : 0) <
           seconds * static_cast<double>(policy_->limits.min_receive_rate);
  }

  /// False if the client has not answered the last ping in time: then it is over.
  [[nodiscard]] bool keep_alive(base::SteadyTime now) {
    if (awaits_pong_ && now - last_ping_ >= policy_->limits.ping_timeout) {
      cut_now();
      return false;
    }
    if (!awaits_pong_ && !pinging_ && now - last_ping_ >= policy_->limits.ping_interval) {
      last_ping_ = now;
      awaits_pong_ = true;
      pinging_ = true;
      socket_.async_ping({}, [self = this->shared_from_this()](Error /*error*/) {
        self->pinging_ = false;  // A broken socket shows in the read.
      });
    }
    return true;
  }

  // Ending.

  /// Closes although the conversation would go on.
  void hurry(const session::Closing& closing) {
    if (!output_) {
      close(closing);
    } else {
      cut_now();
    }
  }

  void close(const session::Closing& closing) {
    closing_ = true;
    close_code_ = closing.code;
    const bool broke_rules = closing.code == kPolicyViolation || closing.code == kMessageTooBig;
    if (broke_rules) {
      core_.penalties.add(address_, core_.now());
    }
    const auto patience = broke_rules ? std::min<std::chrono::milliseconds>(
                                            kRuleBreakerClose, policy_->limits.close_timeout)
                                      : policy_->limits.close_timeout;
    deadline_ = core_.now() + patience;
    boost::beast::websocket::close_reason reason;
    reason.code = closing.code;
    const std::string_view said = base::utf8_prefix(closing.reason, kLongestReason);
    reason.reason.assign(said.data(), said.size());
    socket_.async_close(reason,
                        [self = this->shared_from_this()](Error error) { self->end(error); });
  }

  void cut_now() {
    if (!ended_) {
      boost::beast::get_lowest_layer(socket_).close();
      end(boost::beast::websocket::error::closed);
    }
  }

  /// Operations under way end with errors and still use the buffers, which go with the object.
  void end(Error error) {
    if (std::exchange(ended_, true)) {
      return;
    }
    if (error == boost::beast::websocket::condition::protocol_violation) {
      core_.penalties.add(address_, core_.now());
    }
    timer_.cancel();
    pause_.cancel();
    if (conversation_) {
      const auto code = close_code_ != 0 ? close_code_ : socket_.reason().code;
      core_.metrics.add(telemetry::close_case(code == 0 ? kNoClose : code));
      conversation_->ended(code == 0 ? kNoClose : code);
      core_.metrics.change(telemetry::Gauge::kSessionsOpen, -1);
      conversation_.reset();
    }
    place_.release();
    socket_place_.release();
    core_.web_sockets.remove(client_.number);
    boost::beast::get_lowest_layer(socket_).close();
  }

  static constexpr std::uint16_t kNoClose = 1006;
  static constexpr std::uint16_t kPolicyViolation = 1008;
  static constexpr std::uint16_t kMessageTooBig = 1009;
  static constexpr std::size_t kLongestReason = 123;

  // Given.
  Core& core_;
  std::string address_;
  Ticket place_;
  Ticket socket_place_;
  session::Client client_;
  std::shared_ptr<const Policy> policy_;
  std::shared_ptr<void> tls_;
  Request request_;
  std::optional<std::string> refusal_;
  Credentials shown_;
  // Owned.
  boost::beast::websocket::stream<Stream> socket_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer pause_;
  std::unique_ptr<session::Conversation> conversation_;
  // State of reading.
  base::BytesLease message_;
  std::optional<VectorBuffer> buffer_;
  std::optional<base::SteadyTime> begun_;  ///< When the message that is coming began.
  base::TokenBucket received_;
  bool has_had_message_ = false;
  // State of sending.
  std::optional<session::Output> output_;  ///< Under way.
  base::SteadyTime sending_since_;
  std::atomic<bool> woken_{false};
  // State of time and end.
  base::SteadyTime opened_;
  base::SteadyTime last_ping_;
  base::SteadyTime checked_;  ///< When the account was looked at.
  std::optional<base::SteadyTime> deadline_;
  bool awaits_pong_ = false;
  bool pinging_ = false;
  bool draining_ = false;
  bool is_checking_ = false;
  bool closing_ = false;
  bool ended_ = false;
  std::uint16_t close_code_ = 0;
};

// Long to compile, so each once, in a file of its own.
extern template class WebSocketConnection<PlainStream>;
extern template class WebSocketConnection<TlsStream>;

}  // namespace storysign::server
