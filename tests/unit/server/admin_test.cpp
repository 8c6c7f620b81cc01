// The admin listener's table of routes and its token, without sockets.

#include "server/admin_routes.hpp"
#include "server/admin_token.hpp"
#include "server/loopback.hpp"

#include <boost/beast/http/field.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

namespace storysign::server {
namespace {

namespace fs = std::filesystem;
namespace http = boost::beast::http;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* kToken = "0123456789abcdef0123456789abcdef";

class Folder : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path write(const char* name, std::string_view text, ::mode_t mode) const {
    std::ofstream(folder_ / name) << text;
    ::chmod((folder_ / name).c_str(), mode);
    return folder_ / name;
  }
  fs::path folder_ = fs::temp_directory_path() / ("storysign-admin-" + std::to_string(::getpid()));
};

using AdminToken = Folder;

TEST_F(AdminToken, IsMadeOnceForItsOwnerOnly) {
  const auto made = read_or_make_admin_token(folder_ / "token");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(*made, MatchesRegex("[0-9a-f]{64}"));
  struct stat status{};
  ASSERT_EQ(::stat((folder_ / "token").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_EQ(read_or_make_admin_token(folder_ / "token").value(), *made);
  EXPECT_NE(read_or_make_admin_token(folder_ / "other").value(), *made);
}

TEST_F(AdminToken, ThatOthersMayReadIsRefused) {
  for (const ::mode_t mode : {0640U, 0604U, 0620U, 0601U}) {
    const auto read = read_or_make_admin_token(write("token", kToken, mode));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, base::ErrorCode::kInvalidInput);
    EXPECT_THAT(read.error().message, HasSubstr("others may use it"));
  }
  EXPECT_TRUE(read_admin_token(write("token", std::string(kToken) + "\n", 0400)));
}

TEST_F(AdminToken, MustLookLikeOne) {
  for (const char* text : {"", "short", "two words in it, which no header takes", "\n"}) {
    EXPECT_THAT(read_admin_token(write("token", text, 0600)).error().message,
                HasSubstr("visible ASCII"));
  }
  EXPECT_THAT(read_admin_token(write("token", std::string(2000, 'x'), 0600)).error().message,
              HasSubstr("visible ASCII"));
  EXPECT_EQ(read_admin_token(folder_ / "missing").error().code, base::ErrorCode::kNotFound);
  EXPECT_THAT(read_admin_token(folder_).error().message, HasSubstr("regular file"));
  EXPECT_THAT(read_or_make_admin_token(folder_ / "no/such/folder").error().message,
              HasSubstr("cannot be made"));
}

TEST(AdminHeader, ShowsTheTokenOrNot) {
  EXPECT_TRUE(shows_token(std::string("Bearer ") + kToken, kToken));
  EXPECT_FALSE(shows_token(kToken, kToken));
  EXPECT_FALSE(shows_token("Bearer ", kToken));
  EXPECT_FALSE(shows_token(std::string("Bearer ") + kToken + "0", kToken));
  EXPECT_FALSE(shows_token("Bearer 0123456789abcdef0123456789abcdeX", kToken));
  EXPECT_FALSE(shows_token("Bearer ", "")) << "no token set: nobody gets in";
}

TEST(Loopback, IsThisMachineOnly) {
  EXPECT_TRUE(is_loopback("127.0.0.1").value());
  EXPECT_TRUE(is_loopback("::1").value());
  EXPECT_FALSE(is_loopback("0.0.0.0").value());
  EXPECT_FALSE(is_loopback("192.0.2.1").value());
  EXPECT_EQ(is_loopback("no.such.host.invalid").error().code, base::ErrorCode::kInvalidInput);
}

class Routes : public Folder {
 protected:
  void SetUp() override {
    Folder::SetUp();
    write("index.html", "<!doctype html><p>dashboard</p>", 0600);
    routes_.set_options({.token = kToken, .page = StaticFiles::load(folder_).value()});
    routes_.add({.method = "GET",
                 .pattern = "/healthz",
                 .fields = {},
                 .handler = [](const AdminRequest&) { return AdminResponse::json({{"ok", true}}); },
                 .is_open = true});
    routes_.add({.method = "POST",
                 .pattern = "/api/sessions/{}/kick",
                 .fields = {"reason"},
                 .handler = [this](const AdminRequest& request) {
                   asked_ = request;
                   return AdminResponse::json({{"kicked", request.path[0]}});
                 }});
    routes_.add({.method = "GET",
                 .pattern = "/api/log",
                 .fields = {"frames"},
                 .handler = [this](const AdminRequest& request) {
                   asked_ = request;
                   return AdminResponse::text("levels", "text/plain");
                 }});
    routes_.add({.method = "POST",
                 .pattern = "/api/log",
                 .fields = {},
                 .handler = [](const AdminRequest&) -> AdminResponse {
                   throw std::runtime_error("a defect");
                 }});
  }

  Response ask(http::verb verb, std::string_view target, std::string body = {},
               bool with_token = true) {
    Request request(verb, boost::beast::string_view(target.data(), target.size()), 11);
    if (with_token) request.set(http::field::authorization, std::string("Bearer ") + kToken);
    request.body() = std::move(body);
    return routes_.respond(request, {});
  }
  static std::string error_of(const Response& response) {
    return json::parse(response.body()).at("error").get<std::string>();
  }

  telemetry::Metrics metrics_;
  class Lines : public telemetry::LogSink {
   public:
    void write(std::string_view line) override { text += line; }
    std::string text;
  } lines_;
  telemetry::Log log_{{.sink = &lines_}};
  AdminRoutes routes_{metrics_, log_};
  AdminRequest asked_;
};

TEST_F(Routes, NeedTheToken) {
  for (const char* target : {"/api/log", "/api/sessions/1/kick", "/nothing", "/"}) {
    const Response refused = ask(http::verb::get, target, "", false);
    EXPECT_EQ(refused.result(), http::status::unauthorized) << target;
    EXPECT_EQ(refused[http::field::www_authenticate], "Bearer");
    EXPECT_THAT(error_of(refused), HasSubstr("admin.token_file"));
  }
  EXPECT_EQ(metrics_.snapshot().value(telemetry::AuthFailure::kAdminToken), 4U);
  EXPECT_EQ(ask(http::verb::get, "/healthz", "", false).result(), http::status::ok);
  EXPECT_EQ(ask(http::verb::post, "/healthz", "{}", false).result(), http::status::unauthorized);
  EXPECT_EQ(ask(http::verb::get, "/admin/", "", false).result(), http::status::ok);
}

TEST_F(Routes, TakeArgumentsAndFields) {
  const Response kicked = ask(http::verb::post, "/api/sessions/17/kick", R"({"reason":"late"})");
  EXPECT_EQ(kicked.result(), http::status::ok);
  EXPECT_EQ(kicked[http::field::content_type], "application/json");
  EXPECT_EQ(json::parse(kicked.body()), json({{"kicked", "17"}}));
  EXPECT_EQ(asked_.fields, json({{"reason", "late"}}));
  EXPECT_THAT(lines_.text, HasSubstr("order=/api/sessions/17/kick status=200"));
  EXPECT_EQ(ask(http::verb::get, "/api/log?frames=12").body(), "levels");
  EXPECT_EQ(asked_.fields, json({{"frames", "12"}}));
  EXPECT_EQ(ask(http::verb::head, "/api/log").body(), "");
}

TEST_F(Routes, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(ask(http::verb::get, "/api/nothing").result(), http::status::not_found);
  for (const char* target : {"/api/sessions//kick", "/api/sessions/1/kick/", "/api/sessions/1",
                             "/api/sessions/1/2/kick", "//api/log"}) {
    EXPECT_EQ(ask(http::verb::post, target, "{}").result(), http::status::not_found) << target;
  }
  const Response wrong = ask(http::verb::delete_, "/api/log");
  EXPECT_EQ(wrong.result(), http::status::method_not_allowed);
  EXPECT_EQ(wrong[http::field::allow], "GET, HEAD, POST");
  for (const char* body : {"", "[]", "1", "{", "{} {}", "null"}) {
    const Response bad = ask(http::verb::post, "/api/sessions/1/kick", body);
    EXPECT_EQ(bad.result(), http::status::bad_request) << body;
    EXPECT_THAT(error_of(bad), HasSubstr("JSON object"));
  }
  const Response unknown = ask(http::verb::post, "/api/sessions/1/kick", R"({"raeson":"x"})");
  EXPECT_EQ(unknown.result(), http::status::bad_request);
  EXPECT_THAT(error_of(unknown),
              HasSubstr(R"("raeson" is not known here; understood are: reason)"));
  EXPECT_EQ(ask(http::verb::get, "/api/log?frame=1").result(), http::status::bad_request);
}

TEST_F(Routes, AFailureInsideIsSaidAndLogged) {
  const Response failed = ask(http::verb::post, "/api/log", "{}");
  EXPECT_EQ(failed.result(), http::status::internal_server_error);
  EXPECT_THAT(lines_.text, HasSubstr("a defect"));
}

TEST_F(Routes, ThePageLiesUnderAdmin) {
  EXPECT_THAT(ask(http::verb::get, "/admin/").file, HasSubstr("dashboard"));
  const Response moved = ask(http::verb::get, "/admin");
  EXPECT_EQ(moved.result(), http::status::moved_permanently);
  EXPECT_EQ(moved[http::field::location], "/admin/");
  EXPECT_EQ(ask(http::verb::get, "/admin/../token").result(), http::status::not_found);
  EXPECT_EQ(ask(http::verb::post, "/admin/", "{}").result(), http::status::method_not_allowed);
  routes_.set_options({.token = kToken, .page = {}});
  EXPECT_EQ(ask(http::verb::get, "/admin/").result(), http::status::service_unavailable);
}

TEST_F(Folder, APageLeavesAFolderOut) {
  write("index.html", "page", 0600);
  fs::create_directories(folder_ / "admin");
  write("admin/index.html", "dashboard", 0600);
  EXPECT_NE(StaticFiles::load(folder_)->find("/admin/index.html"), nullptr);
  EXPECT_EQ(StaticFiles::load(folder_, "admin")->find("/admin/index.html"), nullptr);
  EXPECT_NE(StaticFiles::load(folder_, "admin")->find("/index.html"), nullptr);
}

}  // namespace
}  // namespace storysign::server
