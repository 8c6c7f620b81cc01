// The HTTP API whose answers come later: rules without sockets, then real ones.

#include "server/async_routes.hpp"

#include "server/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace storysign::server {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using ::testing::HasSubstr;

/// Somebody, as the test wants.
class Gate : public Gatekeeper {
 public:
  std::optional<auth::Identity> who;
  std::string cookies;
  bool is_down = false;
  void identify(const Credentials& credentials, Found found) override {
    cookies = credentials.cookies;
    if (is_down) {
      found(base::fail(base::ErrorCode::kUnavailable, "The database rests."));
    } else {
      found(who);
    }
  }
  void look_up(const std::string& /*account_id*/, Found found) override { found(who); }
  [[nodiscard]] base::Result<auth::Identity> redeem(std::string_view /*token*/) override {
    return auth::guest();
  }
  [[nodiscard]] bool is_open() const noexcept override { return false; }
};

class Table : public ::testing::Test {
 protected:
  Table() {
    const auto echo = [](const ApiRequest& request, Reply reply) {
      reply({.status = 200,
             .body = {{"name", request.name},
                      {"body", request.body},
                      {"limit", request.parameter("limit").value_or("(none)")},
                      {"who", request.who ? request.who->name : "(nobody)"}},
             .headers = {}});
    };
    routes_.add(http::verb::get, "/api/anyone", std::nullopt, echo);
    routes_.add(http::verb::post, "/api/anyone", std::nullopt, echo);
    routes_.add(http::verb::patch, "/api/accounts/{name}", auth::Right::kManageLearners, echo);
    routes_.add(http::verb::delete_, "/api/accounts/{name}/data", std::nullopt, echo);
  }

  static Request request(http::verb method, std::string_view target, std::string body = "") {
    Request out(method, target, 11);
    out.set(http::field::host, "school.example");
    if (method != http::verb::get) out.set(http::field::content_type, "application/json");
    out.body() = std::move(body);
    return out;
  }

  ApiResponse ask(const Request& request) {
    std::optional<ApiResponse> got;
    routes_.handle(request, "10.0.0.1", false, gate_,
                   Reply([&](ApiResponse answer) { got = std::move(answer); }));
    EXPECT_TRUE(got);
    return got.value_or(ApiResponse{.status = 0, .body = nullptr, .headers = {}});
  }

  Gate gate_;
  AsyncRoutes routes_;
};

TEST_F(Table, FindsRoutesByMethodAndPath) {
  EXPECT_EQ(ask(request(http::verb::get, "/api/anyone?limit=5&x")).body["limit"], "5");
  EXPECT_EQ(ask(request(http::verb::post, "/api/anyone", "{\"a\":1}")).body["body"]["a"], 1);
  EXPECT_EQ(ask(request(http::verb::delete_, "/api/accounts/ad%61/data")).body["name"], "ada");
  EXPECT_TRUE(routes_.knows("/api/accounts/x"));
  EXPECT_FALSE(routes_.knows("/api/accounts/"));
  EXPECT_FALSE(routes_.knows("/api/accounts/x/y"));
  EXPECT_FALSE(routes_.knows("/api/accounts/%zz"));
  EXPECT_FALSE(routes_.knows("/api/accounts/%4"));
  EXPECT_EQ(ask(request(http::verb::get, "/api/nothing")).status, 404);
}

TEST_F(Table, NamesTheMethodsThatItTakes) {
  const ApiResponse refusal = ask(request(http::verb::put, "/api/anyone"));
  EXPECT_EQ(refusal.status, 405);
  ASSERT_EQ(refusal.headers.size(), 1U);
  EXPECT_EQ(refusal.headers[0].first, "Allow");
  EXPECT_EQ(refusal.headers[0].second, "GET, POST");
}

TEST_F(Table, RefusesWhatAForeignPageCouldSend) {
  Request form = request(http::verb::post, "/api/anyone", "{}");
  form.set(http::field::content_type, "text/plain");
  EXPECT_EQ(ask(form).status, 415);
  form.erase(http::field::content_type);
  EXPECT_EQ(ask(form).status, 415);
  Request foreign = request(http::verb::post, "/api/anyone", "{}");
  foreign.set(http::field::origin, "https://evil.example");
  EXPECT_EQ(ask(foreign).status, 403);
  foreign.set(http::field::origin, "null");
  EXPECT_EQ(ask(foreign).status, 403);
  foreign.set(http::field::origin, "https://school.example");
  foreign.set(http::field::content_type, "application/json; charset=utf-8");
  EXPECT_EQ(ask(foreign).status, 200);
}

TEST_F(Table, TakesOneObjectAsBody) {
  for (const char* const body : {"[]", "1", "{", "null", "{} {}"}) {
    EXPECT_EQ(ask(request(http::verb::post, "/api/anyone", body)).status, 400) << body;
  }
  EXPECT_EQ(ask(request(http::verb::post, "/api/anyone")).body["body"], nlohmann::json::object());
}

TEST_F(Table, AsksForTheRight) {
  const Request change = request(http::verb::patch, "/api/accounts/ada", "{}");
  EXPECT_EQ(ask(change).status, 401);
  gate_.who = auth::guest();
  EXPECT_EQ(ask(change).status, 401);
  EXPECT_THAT(ask(change).body.dump(), HasSubstr("no accounts"));
  gate_.who = {.id = "1", .name = "bob", .role = auth::Role::kLearner};
  EXPECT_EQ(ask(change).status, 403);
  EXPECT_THAT(ask(change).body.dump(), HasSubstr("learner may not manage"));
  gate_.who = {.id = "1", .name = "grace", .role = auth::Role::kTeacher};
  EXPECT_EQ(ask(change).body["who"], "grace");
}

TEST_F(Table, SaysWhenNobodyCanBeIdentified) {
  gate_.is_down = true;
  const ApiResponse refusal = ask(request(http::verb::get, "/api/anyone"));
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.body["error"], "The database rests.");
}

TEST_F(Table, HandsOnWhatTheClientShows) {
  Request with_cookie = request(http::verb::get, "/api/anyone");
  with_cookie.set(http::field::cookie, "a=b; c=d");
  EXPECT_EQ(ask(with_cookie).body["who"], "(nobody)");
  EXPECT_EQ(gate_.cookies, "a=b; c=d");
}

TEST(Fields, NamesTheUnknownOne) {
  EXPECT_EQ(unknown_field({{"a", 1}}, {"a", "b"}), std::nullopt);
  EXPECT_THAT(*unknown_field({{"a", 1}, {"c", 1}}, {"a", "b"}), HasSubstr("\"c\""));
}

TEST(Replies, AnswerOnceAndNeverNot) {
  std::vector<int> sent;
  const auto send = [&](const ApiResponse& answer) { sent.push_back(answer.status); };
  {
    Reply reply(send);
    Reply moved(std::move(reply));
    moved({.status = 201, .body = nullptr, .headers = {}});
    moved({.status = 202, .body = nullptr, .headers = {}});
  }
  EXPECT_EQ(sent, (std::vector<int>{201}));
  {
    const Reply dropped(send);
  }
  EXPECT_EQ(sent, (std::vector<int>{201, 500}));
}

class NoConversations : public session::ConversationFactory {
 public:
  std::unique_ptr<session::Conversation> create(const session::Client& /*client*/,
                                                std::shared_ptr<session::Waker> /*waker*/,
                                                base::SteadyTime /*now*/) override {
    return nullptr;
  }
  std::unique_ptr<session::Conversation> refuse(const session::Client& /*client*/,
                                                const std::string& /*why*/) override {
    return nullptr;
  }
  base::BytesPool& buffers() noexcept override { return bytes_; }

 private:
  base::BytesPool bytes_{4, &base::recycle_bytes};
};

/// A server whose route keeps its replies until the test gives the answer.
class LateAnswers : public ::testing::Test {
 protected:
  LateAnswers() {
    routes_.add(http::verb::get, "/api/late", std::nullopt,
                [this](const ApiRequest& /*request*/, Reply reply) {
                  arrived_.set_value(std::move(reply));
                });
    content_.api = &routes_;
  }

  void start(std::chrono::milliseconds patience = std::chrono::seconds(30)) {
    ServerOptions options;
    options.port = 0;
    options.limits.answer_timeout = patience;
    auto started = Server::start(
        options, {.content = content_, .factory = &factory_, .metrics = metrics_, .log = log_});
    ASSERT_TRUE(started) << started.error().message;
    server_ = std::move(*started);
    socket_.connect(
        {asio::ip::make_address("127.0.0.1"), static_cast<asio::ip::port_type>(server_->port())});
  }
  void ask() {
    Request request(http::verb::get, "/api/late", 11);
    request.set(http::field::host, "localhost");
    http::write(socket_, request);
  }
  Response read() {
    Response response;
    http::read(socket_, buffer_, response);
    return response;
  }

  Content content_;
  AsyncRoutes routes_;
  NoConversations factory_;
  telemetry::Metrics metrics_;
  telemetry::Log log_{{.level = telemetry::LogLevel::kOff}};
  std::promise<Reply> arrived_;
  std::unique_ptr<Server> server_;
  asio::io_context io_;
  asio::ip::tcp::socket socket_{io_};
  boost::beast::flat_buffer buffer_;
};

TEST_F(LateAnswers, ComeFromAnotherThread) {
  start();
  for (int i = 0; i < 3; ++i) {
    arrived_ = {};
    ask();
    Reply reply = arrived_.get_future().get();
    std::thread([&] {
      reply({.status = 201, .body = {{"i", i}}, .headers = {{"Set-Cookie", "a=b"}}});
    }).join();
    const Response response = read();
    EXPECT_EQ(response.result_int(), 201U);
    EXPECT_EQ(response.body(), "{\"i\":" + std::to_string(i) + "}\n");
    EXPECT_EQ(response[http::field::set_cookie], "a=b");
    EXPECT_EQ(response["X-Content-Type-Options"], "nosniff");
    EXPECT_TRUE(response.keep_alive());
  }
}

TEST_F(LateAnswers, WithoutABody) {
  start();
  ask();
  arrived_.get_future().get()({.status = 204, .body = nullptr, .headers = {}});
  const Response response = read();
  EXPECT_EQ(response.result_int(), 204U);
  EXPECT_EQ(response.body(), "");
}

TEST_F(LateAnswers, AreNotWaitedForForever) {
  start(std::chrono::milliseconds(100));
  ask();
  Reply late = arrived_.get_future().get();
  EXPECT_EQ(read().result_int(), 503U);
  late({.status = 200, .body = nullptr, .headers = {}});
  arrived_ = {};
  ask();
  arrived_.get_future().get()({.status = 202, .body = {{"which", "mine"}}, .headers = {}});
  EXPECT_EQ(read().result_int(), 202U) << "the late one is not taken for this one";
}

TEST_F(LateAnswers, MayComeAfterTheServerHasGone) {
  start();
  ask();
  Reply reply = arrived_.get_future().get();
  server_.reset();
  reply({.status = 200, .body = nullptr, .headers = {}});
}

TEST_F(LateAnswers, MayComeAfterTheClientHasGone) {
  start();
  ask();
  Reply reply = arrived_.get_future().get();
  socket_.close();
  reply({.status = 200, .body = nullptr, .headers = {}});
  socket_ = asio::ip::tcp::socket(io_);
  socket_.connect(
      {asio::ip::make_address("127.0.0.1"), static_cast<asio::ip::port_type>(server_->port())});
  arrived_ = {};
  ask();
  arrived_.get_future().get()({.status = 200, .body = nullptr, .headers = {}});
  EXPECT_EQ(read().result_int(), 200U);
}

}  // namespace
}  // namespace storysign::server
