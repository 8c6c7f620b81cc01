// The WebSocket connection over a stream in memory, with a conversation of the test's.

#include "server/websocket_connection.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace storysign::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using std::chrono::milliseconds;
using std::chrono::seconds;

base::SteadyTime virtual_now{seconds(1000)};  // NOLINT: a clock that tests turn.

base::SteadyTime now() noexcept {
  return virtual_now;
}

/// What a test sees and does of a conversation.
struct Script {
  std::deque<std::string> to_say;
  std::optional<session::Closing> closing;
  std::string heard;
  int messages = 0;
  int control_frames = 0;
  bool oversized = false;
  bool gone = false;
  std::string account;
  std::string account_id;
  std::shared_ptr<session::Waker> waker;
};

class Scripted : public session::Conversation {
 public:
  Scripted(Script& script, base::Pool<std::string>& texts) : script_(script), texts_(texts) {}
  ~Scripted() override { script_.gone = true; }
  Scripted(const Scripted&) = delete;
  Scripted& operator=(const Scripted&) = delete;
  Scripted(Scripted&&) = delete;
  Scripted& operator=(Scripted&&) = delete;

  void on_message(bool /*is_text*/, base::BytesLease message, base::SteadyTime /*now*/) override {
    ++script_.messages;
    script_.heard.assign(message->begin(), message->end());
  }
  void on_control_frame(base::SteadyTime /*now*/) override { ++script_.control_frames; }
  void on_oversized_message(base::SteadyTime /*now*/) override {
    script_.oversized = true;
    script_.closing = {1009, "too large"};
  }
  void on_tick(base::SteadyTime /*now*/) override {}
  void collect(base::SteadyTime /*now*/) override {}
  void shut_down(base::SteadyTime /*now*/) override { script_.closing = {1012, "stop"}; }
  std::optional<session::Output> next(base::SteadyTime /*now*/) override {
    if (script_.to_say.empty()) {
      return std::nullopt;
    }
    session::Output out;
    out.text = texts_.take();
    *out.text = script_.to_say.front();
    script_.to_say.pop_front();
    return out;
  }
  [[nodiscard]] const std::optional<session::Closing>& closing() const noexcept override {
    return script_.closing;
  }

 private:
  Script& script_;
  base::Pool<std::string>& texts_;
};

class ScriptedFactory : public session::ConversationFactory {
 public:
  explicit ScriptedFactory(Script& script) : script_(script) {}
  std::unique_ptr<session::Conversation> create(const session::Client& client,
                                                std::shared_ptr<session::Waker> waker,
                                                base::SteadyTime /*now*/) override {
    script_.account = client.account;
    script_.account_id = client.account_id;
    script_.waker = std::move(waker);
    return std::make_unique<Scripted>(script_, texts_);
  }
  std::unique_ptr<session::Conversation> refuse(const session::Client& /*client*/,
                                                const std::string& why) override {
    script_.to_say.push_back(why);
    script_.closing = {1013, "full"};
    return std::make_unique<Scripted>(script_, texts_);
  }
  base::BytesPool& buffers() noexcept override { return bytes_; }

 private:
  Script& script_;
  base::Pool<std::string> texts_{4, [](std::string& text) noexcept {
                                   text.clear();
                                   return true;
                                 }};
  base::BytesPool bytes_{4, &base::recycle_bytes};
};

class Socket : public ::testing::Test {
 protected:
  using Stream = beast::test::stream;
  using Connection = WebSocketConnection<Stream>;

  void connect(const Limits& limits = {}, std::optional<std::string> refusal = std::nullopt) {
    core_ = std::make_unique<Core>(limits, std::vector<std::string>{}, content_, &factory_,
                                   metrics_, log_, &now);
    core_->draining = is_stopping_;
    Stream far(io_);
    client_.emplace(io_);
    client_->next_layer().connect(far);
    Request request(beast::http::verb::get, "/ws/video", 11);
    request.set("Host", "localhost");
    request.set("Upgrade", "websocket");
    request.set("Connection", "Upgrade");
    request.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.set("Sec-WebSocket-Version", "13");
    std::optional<beast::error_code> shaken;
    client_->async_handshake("localhost", "/ws/video",
                             [&](beast::error_code error) { shaken = error; });
    run();
    // The request is read by the HTTP side, which this test stands in for.
    beast::flat_buffer head;
    auto ignored = far.buffer();
    static_cast<void>(ignored);
    const std::string sent(far.str());
    const std::size_t key = sent.find("Sec-WebSocket-Key: ");
    ASSERT_NE(key, std::string::npos) << sent;
    request.set("Sec-WebSocket-Key", sent.substr(key + 19, 24));
    far.clear();
    auto connection = std::make_shared<Connection>(*core_, std::move(far), client_is_, "10.0.0.1",
                                                   Ticket(), Ticket(), nullptr);
    connection_ = connection;
    connection->run(std::move(request), std::move(refusal));
    connection.reset();
    run();
    ASSERT_TRUE(shaken && !*shaken) << shaken->message();
  }

  /// Lets everything happen that can happen without waiting for a timer.
  void run() {
    io_.restart();
    while (io_.poll() != 0) {
    }
  }
  /// The same, and one real tick of the connection's timer.
  void tick() {
    io_.restart();
    io_.run_for(milliseconds(700));
  }
  void write(std::string_view text) {
    client_->text(true);
    client_->async_write(asio::buffer(text), [](beast::error_code, std::size_t) {});
    run();
  }
  std::string read() {
    beast::flat_buffer buffer;
    std::optional<beast::error_code> done;
    client_->async_read(buffer, [&](beast::error_code error, std::size_t) { done = error; });
    run();
    if (!done) {
      client_->next_layer().close();
      run();
      return "(nothing)";
    }
    return *done ? "(" + std::to_string(client_->reason().code) + ")"
                 : beast::buffers_to_string(buffer.data());
  }

  /// Accounts are needed, and this is what the gate says of each.
  class Gate : public Gatekeeper {
   public:
    std::optional<auth::Identity> who;
    bool is_down = false;
    int asked = 0;
    void identify(const Credentials& /*credentials*/, Found found) override { answer(found); }
    void look_up(const std::string& /*account_id*/, Found found) override { answer(found); }
    [[nodiscard]] base::Result<auth::Identity> redeem(std::string_view token) override {
      if (token == "good") return auth::Identity{.id = "7", .name = "ada"};
      return base::fail(base::ErrorCode::kInvalidInput, "This token is unknown.");
    }
    [[nodiscard]] bool is_open() const noexcept override { return false; }

   private:
    void answer(const Found& found) {
      ++asked;
      if (is_down) {
        found(base::fail(base::ErrorCode::kUnavailable, "The store rests."));
      } else {
        found(who);
      }
    }
  };

  Script script_;
  ScriptedFactory factory_{script_};
  Gate gate_;
  session::Client client_is_{1, false};
  bool is_stopping_ = false;
  Content content_;
  telemetry::Metrics metrics_;
  telemetry::Log log_{{.level = telemetry::LogLevel::kOff}};
  std::unique_ptr<Core> core_;
  asio::io_context io_;
  std::optional<websocket::stream<Stream>> client_;
  std::weak_ptr<Connection> connection_;
};

TEST_F(Socket, CarriesMessagesBothWays) {
  script_.to_say = {"welcome"};
  connect();
  EXPECT_EQ(read(), "welcome");
  script_.to_say = {"one", "two"};
  write("hello");
  EXPECT_EQ(script_.heard, "hello");
  EXPECT_EQ(read(), "one");
  EXPECT_EQ(read(), "two");
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Gauge::kSessionsOpen), 1);
}

TEST_F(Socket, SendsWhatAWorkerHasFinished) {
  connect();
  script_.to_say = {"result"};
  script_.waker->wake();
  run();
  EXPECT_EQ(read(), "result");
}

TEST_F(Socket, ClosesWhenTheConversationIsOver) {
  connect();
  script_.to_say = {"last words"};
  script_.closing = {1008, "rules"};
  script_.waker->wake();
  run();
  EXPECT_EQ(read(), "last words");
  EXPECT_EQ(read(), "(1008)");
  EXPECT_TRUE(script_.gone);
  EXPECT_TRUE(connection_.expired()) << "nothing keeps a closed connection";
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Gauge::kSessionsOpen), 0);
  EXPECT_EQ(metrics_.snapshot().value(telemetry::Close::kPolicy), 1U);
}

TEST_F(Socket, TellsWhoFindsNoRoom) {
  connect({}, "All places are taken.");
  EXPECT_EQ(read(), "All places are taken.");
  EXPECT_EQ(read(), "(1013)");
}

TEST_F(Socket, DoesNotReadAnOversizedMessage) {
  connect({.message_bytes = 1000});
  write(std::string(1000, 'x'));
  EXPECT_EQ(script_.messages, 1);
  EXPECT_FALSE(script_.oversized);
  write(std::string(1001, 'x'));
  EXPECT_TRUE(script_.oversized);
  EXPECT_EQ(script_.messages, 1);
  EXPECT_EQ(read(), "(1009)");
}

TEST_F(Socket, GoesOnWithTheLimitsThatItBeganWith) {
  connect({.message_bytes = 1000});
  core_->set_policy({{.max_connections = 5, .message_bytes = 10}, {"https://other.example"}});
  EXPECT_EQ(core_->policy()->limits.max_connections, 5U);
  write(std::string(1000, 'x'));
  EXPECT_EQ(script_.messages, 1);
  EXPECT_FALSE(script_.oversized);
}

TEST_F(Socket, RemembersWhoBrokeTheRules) {
  connect({.message_bytes = 1000});
  EXPECT_EQ(core_->penalties.wait("10.0.0.1", virtual_now).count(), 0);
  write(std::string(1001, 'x'));
  EXPECT_EQ(read(), "(1009)");
  EXPECT_EQ(core_->penalties.wait("10.0.0.1", virtual_now).count(), 250);
}

TEST_F(Socket, LetsAStrangerSayWhoItIs) {
  content_.gatekeeper = &gate_;
  connect();
  EXPECT_EQ(script_.waker, nullptr) << "no conversation yet";
  script_.to_say = {"welcome"};
  write(R"({"type": "authenticate", "token": "good"})");
  EXPECT_EQ(read(), "welcome");
  EXPECT_EQ(script_.account, "ada");
  EXPECT_EQ(script_.account_id, "7");
  write("hello");
  EXPECT_EQ(script_.heard, "hello");
  script_.closing = {1012, "stop"};
  script_.waker->wake();
  run();
  EXPECT_EQ(read(), "(1012)");
}

TEST_F(Socket, ClosesAStrangerWithASentence) {
  content_.gatekeeper = &gate_;
  for (const char* const message :
       {"hello", "{}", R"({"type": "ping"})", R"({"type": "authenticate", "token": "bad"})",
        R"({"type": "authenticate"})", R"({"type": 5, "token": "good"})"}) {
    connect();
    write(message);
    EXPECT_EQ(read(), "(1008)") << message;
    EXPECT_GT(client_->reason().reason.size(), 10U);
    EXPECT_EQ(script_.waker, nullptr);
  }
  EXPECT_EQ(metrics_.snapshot().value(telemetry::AuthFailure::kOther), 5U);
}

TEST_F(Socket, DrainsAndLimitsAStrangerToo) {
  content_.gatekeeper = &gate_;
  connect();
  for (const auto& connection : core_->web_sockets.all()) connection->drain();
  run();
  EXPECT_EQ(read(), "(1012)");
  connect({.message_bytes = 1000});
  write(std::string(1001, 'x'));
  EXPECT_EQ(read(), "(1009)");
}

TEST_F(Socket, ClosesWhoeverIsSignedOutMeanwhile) {
  content_.gatekeeper = &gate_;
  gate_.who = {.id = "7", .name = "ada"};
  client_is_.account_id = "7";
  connect({.ping_interval = std::chrono::hours(1)});
  const auto pass = [&](int time) {
    virtual_now += seconds(time);
    write("still here");
    tick();
  };
  pass(19);
  EXPECT_EQ(gate_.asked, 0);
  pass(2);
  EXPECT_EQ(gate_.asked, 1);
  gate_.is_down = true;
  gate_.who.reset();
  pass(21);
  EXPECT_EQ(gate_.asked, 2);
  EXPECT_EQ(script_.heard, "still here") << "a store that rests signs nobody out";
  EXPECT_FALSE(script_.gone);
  gate_.is_down = false;
  pass(21);
  EXPECT_EQ(read(), "(1008)");
  EXPECT_EQ(client_->reason().reason, "You are signed out.");
}

TEST_F(Socket, ClosesWhoeverHasOtherRightsMeanwhile) {
  content_.gatekeeper = &gate_;
  gate_.who = {.id = "7", .name = "ada", .role = auth::Role::kTeacher};
  client_is_.account_id = "7";
  client_is_.may_teach = true;
  connect({.ping_interval = std::chrono::hours(1)});
  const auto pass = [&] {
    virtual_now += seconds(21);
    write("still here");
    tick();
  };
  pass();
  EXPECT_EQ(gate_.asked, 1);
  EXPECT_FALSE(script_.gone);
  gate_.who->role = auth::Role::kLearner;
  pass();
  EXPECT_EQ(read(), "(1008)");
  EXPECT_EQ(client_->reason().reason, "Your role has changed; connect again.");
}

TEST_F(Socket, WhoeverComesInWhileTheServerStopsIsToldSo) {
  is_stopping_ = true;
  connect();
  EXPECT_EQ(read(), "(1012)");
}

TEST_F(Socket, IsNotReachedOnceTheDoorIsShut) {
  connect();
  script_.to_say = {"result"};
  core_->door->shut();
  script_.waker->wake();
  run();
  EXPECT_EQ(read(), "(nothing)");
}

TEST_F(Socket, DrainsOnRequest) {
  connect();
  for (const auto& connection : core_->web_sockets.all()) connection->drain();
  run();
  EXPECT_EQ(read(), "(1012)");
  EXPECT_EQ(core_->web_sockets.size(), 0U);
}

TEST_F(Socket, EndsWhenTheClientIsGone) {
  connect();
  client_->next_layer().close();
  run();
  EXPECT_TRUE(script_.gone);
  EXPECT_TRUE(connection_.expired());
}

TEST_F(Socket, CountsPingsOfTheClient) {
  connect();
  client_->async_ping("x", [](beast::error_code) {});
  run();
  EXPECT_EQ(script_.control_frames, 1);
}

TEST_F(Socket, ClosesIfNoMessageComes) {
  connect();
  virtual_now += seconds(9);
  tick();
  EXPECT_FALSE(script_.gone);
  virtual_now += seconds(2);
  tick();
  EXPECT_EQ(read(), "(1008)");
}

TEST_F(Socket, PingsAndCutsWhoDoesNotAnswer) {
  connect();
  write("hello");
  virtual_now += seconds(21);
  tick();
  EXPECT_FALSE(script_.gone);
  virtual_now += seconds(11);
  tick();  // Nobody read at the other end, so no pong came.
  EXPECT_TRUE(script_.gone);
}

TEST_F(Socket, ClosesIfAMessageComesTooSlowly) {
  connect();
  client_->async_write_some(false, asio::buffer("x", 1), [](beast::error_code, std::size_t) {});
  run();
  virtual_now += seconds(1);
  tick();
  EXPECT_FALSE(script_.gone);
  virtual_now += seconds(2);
  tick();
  EXPECT_EQ(read(), "(1008)");
}

}  // namespace
}  // namespace storysign::server
