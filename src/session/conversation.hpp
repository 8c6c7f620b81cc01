#pragma once

#include "base/clock.hpp"
#include "base/pool.hpp"
#include "pipeline/pipeline.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace storysign::session {

using TextPool = base::Pool<std::string>;
using TextLease = base::Lease<std::string>;

/// One message to a client: text, or bytes and the picture of an answer, which is sent from where
/// it lies.
struct Output {
  TextLease text;
  base::BytesLease bytes;         ///< If there is no text.
  pipeline::ResultLease picture;  ///< May be empty, with text always.

  [[nodiscard]] std::size_t size() const noexcept {
    return text ? text->size() : bytes->size() + (picture ? picture->picture.size() : 0);
  }
};

/// Why and how a connection ends (RFC 6455, 7.4).
struct Closing {
  std::uint16_t code = 1000;
  std::string reason;  ///< At most 123 bytes.
};

/// How a conversation tells its connection, from any thread, that collect() should be called soon.
/// shared_ptr because a worker may hold it when the connection ends.
class Waker {
 public:
  Waker() = default;
  Waker(const Waker&) = delete;
  Waker& operator=(const Waker&) = delete;
  Waker(Waker&&) = delete;
  Waker& operator=(Waker&&) = delete;
  virtual ~Waker() = default;
  virtual void wake() noexcept = 0;
};

/// What talks to one client, whatever carries the messages. The connection owns it and calls it on
/// its strand, one call at a time; after each call it sends what next() gives, one message at a
/// time, and closes when closing() says so and nothing is left to send.
class Conversation {
 public:
  Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  Conversation(Conversation&&) = delete;
  Conversation& operator=(Conversation&&) = delete;
  virtual ~Conversation() = default;

  /// A whole message; text is valid UTF-8.
  virtual void on_message(bool is_text, base::BytesLease message, base::SteadyTime now) = 0;
  /// A ping or pong that the client sent by itself.
  virtual void on_control_frame(base::SteadyTime now) = 0;
  /// The client sends a message larger than the limit; its rest is not read.
  virtual void on_oversized_message(base::SteadyTime now) = 0;
  /// A few times a second.
  virtual void on_tick(base::SteadyTime now) = 0;
  /// After a wake(): takes in what other threads have finished.
  virtual void collect(base::SteadyTime now) = 0;
  /// The server stops: says so, answers what is in flight, and closes.
  virtual void shut_down(base::SteadyTime now) = 0;

  /// The connection is over, with that close code (RFC 6455, 7.4.1); the last call.
  virtual void ended(std::uint16_t /*code*/) {}

  /// The next message to send, or nothing.
  [[nodiscard]] virtual std::optional<Output> next(base::SteadyTime now) = 0;
  /// Set once the conversation is over; no message is taken in any more.
  [[nodiscard]] virtual const std::optional<Closing>& closing() const noexcept = 0;
};

/// Who is at the other end.
struct Client {
  std::uint64_t number = 0;      ///< Counts the connections of this process, from 1.
  bool is_binary = false;        ///< Speaks storysign.v1; else the JSON protocol.
  bool sends_landmarks = false;  ///< Said when it connected that it finds them itself.
  std::string address = {};      ///< Of the client.
  std::string account = {};      ///< Its name, if it has shown who it is.
  std::string account_id = {};   ///< Whose session it is; empty: not known.
  bool may_teach = false;        ///< May record signs for all.
};

/// Makes the conversations of a server. Any I/O thread; outlives what it makes.
class ConversationFactory {
 public:
  ConversationFactory() = default;
  ConversationFactory(const ConversationFactory&) = delete;
  ConversationFactory& operator=(const ConversationFactory&) = delete;
  ConversationFactory(ConversationFactory&&) = delete;
  ConversationFactory& operator=(ConversationFactory&&) = delete;
  virtual ~ConversationFactory() = default;

  [[nodiscard]] virtual std::unique_ptr<Conversation> create(const Client& client,
                                                             std::shared_ptr<Waker> waker,
                                                             base::SteadyTime now) = 0;
  /// For a client that finds no room: says why, and closes with 1013.
  [[nodiscard]] virtual std::unique_ptr<Conversation> refuse(const Client& client,
                                                             const std::string& why) = 0;
  /// Memory for messages.
  [[nodiscard]] virtual base::BytesPool& buffers() noexcept = 0;
};

}  // namespace storysign::session
