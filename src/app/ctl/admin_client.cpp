#include "app/ctl/admin_client.hpp"

#include "app/state_folder.hpp"
#include "server/admin_token.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace storysign::app {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using base::ErrorCode;
using beast::error_code;

constexpr std::size_t kLargestAnswer = 64UL * 1024 * 1024;
constexpr std::chrono::seconds kConnectPatience{5};

base::Result<std::filesystem::path> token_path(const config::Settings& settings) {
  if (!settings.admin.token_file.empty()) return settings.admin.token_file;
  return state_folder_path(settings).map(
      [](const std::filesystem::path& folder) { return folder / "admin.token"; });
}

/// One request, each step with its time. Lives for one call.
class Exchange {
 public:
  explicit Exchange(std::chrono::seconds patience) : patience_(patience), stream_(io_) {}

  error_code connect(const std::string& host, const std::string& port) {
    error_code failed;
    asio::ip::tcp::resolver resolver(io_);
    const auto found = resolver.resolve(host, port, failed);
    if (failed) return failed;
    stream_.expires_after(kConnectPatience);
    stream_.async_connect(found, [&](error_code error, const auto&) { failed = error; });
    run();
    return failed;
  }

  error_code send(const http::request<http::string_body>& request) {
    error_code failed;
    stream_.expires_after(patience_);
    http::async_write(stream_, request, [&](error_code error, std::size_t) { failed = error; });
    run();
    if (failed) return failed;
    parser_.body_limit(kLargestAnswer);
    http::async_read(stream_, buffer_, parser_,
                     [&](error_code error, std::size_t) { failed = error; });
    run();
    return failed;
  }

  AdminAnswer answer() {
    AdminAnswer out;
    out.status = parser_.get().result_int();
    out.body = std::move(parser_.get().body());
    out.json = nlohmann::json::parse(out.body, nullptr, /*allow_exceptions=*/false);
    return out;
  }

 private:
  void run() {
    io_.restart();
    io_.run();
  }

  // Given.
  std::chrono::seconds patience_;
  // Owned.
  asio::io_context io_{1};
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
};

}  // namespace

base::Result<AdminClient> AdminClient::make(const config::Settings& settings) {
  AdminClient out;
  // What the server calls every address is reached at this machine's own.
  out.host_ = settings.admin.host == "0.0.0.0" ? "127.0.0.1"
              : settings.admin.host == "::"    ? "::1"
                                               : settings.admin.host;
  out.port_ = std::to_string(settings.admin.port);
  const auto file = token_path(settings);
  if (!file) return tl::unexpected(file.error());
  out.token_file_ = file->string();
  auto token = server::read_admin_token(*file);
  if (!token) {
    if (token.error().code == ErrorCode::kNotFound) {
      return base::fail(
          ErrorCode::kUnavailable,
          fmt::format(
              "There is no admin token file {}; a server makes it when it starts: start one "
              "with `storysign serve`, or give the same -c, --store.directory or "
              "--admin.token_file as the server got.",
              out.token_file_));
    }
    return tl::unexpected(std::move(token).error());
  }
  out.token_ = *std::move(token);
  return out;
}

base::Result<AdminAnswer> AdminClient::ask(std::string_view path, const nlohmann::json& body,
                                           std::chrono::seconds patience) const {
  http::request<http::string_body> request;
  request.method(body.is_null() ? http::verb::get : http::verb::post);
  request.target(beast::string_view(path.data(), path.size()));
  request.version(11);
  request.set(http::field::host, host_);
  request.set(http::field::authorization, "Bearer " + token_);
  request.set(http::field::connection, "close");
  if (!body.is_null()) {
    request.set(http::field::content_type, "application/json");
    request.body() = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  request.prepare_payload();
  Exchange exchange(patience);
  if (const auto error = exchange.connect(host_, port_)) {
    return base::fail(
        ErrorCode::kUnavailable,
        error == asio::error::connection_refused
            ? fmt::format("No server listens for operators on {} port {}; start it with `storysign "
                          "serve`, or give its --admin.port.",
                          host_, port_)
            : fmt::format("The server's admin listener on {} port {} cannot be reached: {}.", host_,
                          port_, error.message()));
  }
  if (const auto error = exchange.send(request)) {
    return base::fail(
        ErrorCode::kIo,
        error == beast::error::timeout
            ? fmt::format("The server did not answer within {} s.", patience.count())
            : fmt::format("The connection to the server failed: {}.", error.message()));
  }
  AdminAnswer answer = exchange.answer();
  if (answer.status < 400) return answer;
  if (answer.status == 401) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The server does not take the token of {}: it was started with "
                                  "another one; give the same -c, --store.directory or "
                                  "--admin.token_file as the server got.",
                                  token_file_));
  }
  std::string sentence = fmt::format("The server refused with {}.", answer.status);
  if (answer.json.is_object() && answer.json.contains("error")) {
    sentence = answer.json["error"].is_string() ? answer.json["error"].get<std::string>()
                                                : answer.json["error"].dump();
    for (const auto& problem : answer.json.value("problems", nlohmann::json::array())) {
      sentence += "\n  " + (problem.is_string() ? problem.get<std::string>() : problem.dump());
    }
  }
  const bool is_ours = answer.status < 500;
  return base::fail(is_ours ? ErrorCode::kInvalidInput : ErrorCode::kInternal, sentence);
}

}  // namespace storysign::app
