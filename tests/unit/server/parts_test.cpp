// What the server decides without sockets: places, origins, answers to requests.

#include "server/admission.hpp"
#include "server/origin.hpp"
#include "server/penalties.hpp"
#include "server/proxies.hpp"
#include "server/routes.hpp"
#include "server/static_files.hpp"

#include <boost/beast/http/field.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace storysign::server {
namespace {

namespace fs = std::filesystem;
namespace http = boost::beast::http;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Admission, CountsPlacesAndGivesThemBack) {
  Admission admission(3, 2);
  Ticket a;
  Ticket b;
  Ticket c;
  Ticket d;
  EXPECT_EQ(admission.enter("10.0.0.1", a), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.1", b), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.1", c), Entry::kAddressFull);
  EXPECT_EQ(admission.enter("10.0.0.2", c), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.3", d), Entry::kFull);
  a.release();
  a.release();
  EXPECT_EQ(admission.inside(), 2U);
  EXPECT_EQ(admission.enter("10.0.0.1", d), Entry::kGranted);
  Ticket moved = std::move(d);
  d.release();  // NOLINT(bugprone-use-after-move): the place has moved on.
  EXPECT_EQ(admission.inside(), 3U);
}

TEST(Admission, MayHaveOtherLimitsLater) {
  Admission admission(2, 2);
  Ticket a;
  Ticket b;
  Ticket c;
  EXPECT_EQ(admission.enter("10.0.0.1", a), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.1", b), Entry::kGranted);
  admission.set_most(1, 1);
  EXPECT_EQ(admission.inside(), 2U) << "nobody has to leave";
  EXPECT_EQ(admission.enter("10.0.0.2", c), Entry::kFull);
  b.release();
  EXPECT_EQ(admission.enter("10.0.0.2", c), Entry::kFull);
  admission.set_most(3, 1);
  EXPECT_EQ(admission.enter("10.0.0.1", c), Entry::kAddressFull);
  EXPECT_EQ(admission.enter("10.0.0.2", c), Entry::kGranted);
}

TEST(Penalties, MayBeLongerLater) {
  Penalties penalties(std::chrono::milliseconds(250));
  penalties.add("10.0.0.1", {});
  penalties.set_first(std::chrono::milliseconds(1000));
  EXPECT_EQ(penalties.wait("10.0.0.1", {}).count(), 1000);
  penalties.set_first(std::chrono::milliseconds(0));
  EXPECT_EQ(penalties.wait("10.0.0.1", {}).count(), 0);
}

TEST(Admission, OfAnAddressThatManyComeFromOnlyAllTogetherCount) {
  Admission admission(3, 1);
  Ticket a;
  Ticket b;
  Ticket c;
  Ticket d;
  EXPECT_EQ(admission.enter("10.0.0.1", a, true), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.1", b, true), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.2", c), Entry::kGranted);
  EXPECT_EQ(admission.enter("10.0.0.1", d, true), Entry::kFull);
}

TEST(TrustedProxies, AreAddressesAndNetworksOfBothKinds) {
  const auto proxies = TrustedProxies::parse("127.0.0.1, 10.1.0.0/16,::1 , fd00::/8");
  ASSERT_TRUE(proxies) << proxies.error().message;
  for (const char* const yes :
       {"127.0.0.1", "10.1.0.0", "10.1.255.9", "::1", "fd12::5", "::ffff:10.1.2.3"}) {
    EXPECT_TRUE(proxies->trusts(yes)) << yes;
  }
  for (const char* const no :
       {"127.0.0.2", "10.2.0.1", "::2", "fe80::1", "", "10.1.0.1x", "localhost"}) {
    EXPECT_FALSE(proxies->trusts(no)) << no;
  }
  EXPECT_FALSE(TrustedProxies().trusts("127.0.0.1"));
  EXPECT_TRUE(TrustedProxies::parse("0.0.0.0/0")->trusts("8.8.8.8"));
}

TEST(TrustedProxies, RefusesWhatIsNoAddress) {
  for (const char* const list :
       {"proxy.example", "10.0.0.0/33", "10.0.0/8", "127.0.0.1 10.0.0.1"}) {
    const auto proxies = TrustedProxies::parse(list);
    ASSERT_FALSE(proxies) << list;
    EXPECT_THAT(proxies.error().message, HasSubstr("server.trusted_proxies names"));
  }
}

TEST(TrustedProxies, TheClientIsWhomTheLastTrustedOneSaw) {
  const auto proxies = TrustedProxies::parse("127.0.0.1,10.0.0.0/8");
  ASSERT_TRUE(proxies);
  const auto client = [&](const char* peer, const char* forwarded) {
    return proxies->client(peer, forwarded);
  };
  EXPECT_EQ(client("127.0.0.1", "192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", ""), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", "192.0.2.7, 10.0.0.3"), "192.0.2.7") << "two proxies in a row";
  EXPECT_EQ(client("127.0.0.1", "203.0.113.1, 192.0.2.7"), "192.0.2.7")
      << "what the client itself put there is not believed";
  EXPECT_EQ(client("192.0.2.9", "203.0.113.1"), "192.0.2.9") << "no proxy of ours";
  EXPECT_EQ(client("127.0.0.1", "10.0.0.4,10.0.0.3"), "10.0.0.4") << "a client beside the proxies";
  EXPECT_EQ(client("127.0.0.1", "nonsense"), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", "192.0.2.7,nonsense"), "127.0.0.1");
  EXPECT_EQ(client("127.0.0.1", " ,, 192.0.2.7\t"), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", "::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(client("127.0.0.1", "2001:db8::1"), "2001:db8::1");
}

TEST(Penalties, DoubleAndAreForgotten) {
  const base::SteadyTime start{std::chrono::seconds(100)};
  const auto after = [&](int seconds) { return start + std::chrono::seconds(seconds); };
  Penalties penalties(std::chrono::milliseconds(250));
  const auto wait = [&](int seconds) { return penalties.wait("10.0.0.1", after(seconds)).count(); };
  EXPECT_EQ(wait(0), 0);
  penalties.add("10.0.0.1", start);
  EXPECT_EQ(wait(0), 250);
  penalties.add("10.0.0.1", start);
  EXPECT_EQ(wait(0), 500);
  EXPECT_EQ(penalties.wait("10.0.0.2", start).count(), 0);
  EXPECT_EQ(wait(9), 500);
  EXPECT_EQ(wait(11), 250);
  EXPECT_EQ(wait(20), 0);
  for (int i = 0; i < 100; ++i) penalties.add("10.0.0.1", after(20));
  EXPECT_EQ(wait(20), Penalties::kLongest.count());
  EXPECT_EQ(wait(101), 0) << "at most eight offences are remembered";
}

TEST(Penalties, CanBeTurnedOff) {
  Penalties penalties(std::chrono::milliseconds(0));
  penalties.add("10.0.0.1", {});
  EXPECT_EQ(penalties.wait("10.0.0.1", {}).count(), 0);
}

TEST(Origin, IsTheServerItselfByDefault) {
  EXPECT_TRUE(origin_allowed("", "school.example", {}));
  EXPECT_TRUE(origin_allowed("http://localhost:8000", "localhost:8000", {}));
  EXPECT_TRUE(origin_allowed("https://School.example", "school.example:443", {}));
  EXPECT_FALSE(origin_allowed("http://localhost:8001", "localhost:8000", {}));
  EXPECT_FALSE(origin_allowed("http://evil.example", "localhost:8000", {}));
  EXPECT_FALSE(origin_allowed("null", "localhost:8000", {}));
  EXPECT_FALSE(origin_allowed("http://localhost:8000.evil.example", "localhost:8000", {}));
}

TEST(Origin, CanBeAllowedByName) {
  const auto list = split_origins(" https://a.example/, ,https://b.example:8443");
  EXPECT_THAT(list, ElementsAre("https://a.example", "https://b.example:8443"));
  EXPECT_TRUE(origin_allowed("https://A.example", "other:1", list));
  EXPECT_FALSE(origin_allowed("http://a.example", "other:1", list));
  EXPECT_FALSE(origin_allowed("https://other:1", "other:1", list));
  EXPECT_TRUE(origin_allowed("https://x.example", "y", split_origins("*")));
}

class Page : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ / "assets");
    write("index.html", "<!doctype html><p>page</p>");
    write("assets/index-abc.js", "export {};");
    auto page = StaticFiles::load(folder_);
    ASSERT_TRUE(page) << page.error().message;
    content_.page = std::move(*page);
    content_.version = "{\"version\":\"1\"}\n";
    content_.schema = "{}";
    content_.stats = [] { return std::string("{\"sessions\":0}"); };
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const char* name, std::string_view text) const {
    std::ofstream(folder_ / name) << text;
  }
  [[nodiscard]] Response get(std::string_view target, http::verb verb = http::verb::get) const {
    Request request(verb, boost::beast::string_view(target.data(), target.size()), 11);
    return respond(request, content_, {});
  }

  fs::path folder_ = fs::temp_directory_path() / ("storysign-page-" + std::to_string(::getpid()));
  Content content_;
};

TEST_F(Page, IsServedWithItsHeaders) {
  const Response page = get("/?from=mail");
  EXPECT_EQ(page.result(), http::status::ok);
  EXPECT_EQ(page.file, "<!doctype html><p>page</p>");
  EXPECT_THAT(page.body(), IsEmpty());
  EXPECT_EQ(page[http::field::content_length], "26");
  EXPECT_EQ(page[http::field::content_type], "text/html; charset=utf-8");
  EXPECT_EQ(page["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(page["Referrer-Policy"], "no-referrer");
  const std::string policy(page["Content-Security-Policy"]);
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe-inline")));
  // WebAssembly may be compiled; text may not.
  EXPECT_THAT(policy, HasSubstr("script-src 'self' 'wasm-unsafe-eval';"));
  EXPECT_THAT(policy, Not(HasSubstr("'unsafe-eval'")));
  EXPECT_EQ(page[http::field::cache_control], "no-cache");
  EXPECT_THAT(std::string(get("/assets/index-abc.js")[http::field::cache_control]),
              HasSubstr("immutable"));
}

TEST_F(Page, IsIsolatedWithAllItsFiles) {
  // A thread's script is refused by the browser if it does not say so for itself.
  for (const std::string_view path : {"/", "/assets/index-abc.js"}) {
    const Response file = get(path);
    EXPECT_EQ(file["Cross-Origin-Opener-Policy"], "same-origin") << path;
    EXPECT_EQ(file["Cross-Origin-Embedder-Policy"], "require-corp") << path;
    EXPECT_EQ(file["Cross-Origin-Resource-Policy"], "same-origin") << path;
  }
}

TEST_F(Page, IsNotSentAgainIfKnown) {
  Request request(http::verb::get, "/", 11);
  const Response first = respond(request, content_, {});
  request.set(http::field::if_none_match, first[http::field::etag]);
  const Response second = respond(request, content_, {});
  EXPECT_EQ(second.result(), http::status::not_modified);
  EXPECT_THAT(second.body(), IsEmpty());
  EXPECT_THAT(second.file, IsEmpty());
}

TEST_F(Page, HeadHasTheLengthButNoBody) {
  const Response head = get("/", http::verb::head);
  EXPECT_EQ(head.result(), http::status::ok);
  EXPECT_THAT(head.body(), IsEmpty());
  EXPECT_THAT(head.file, IsEmpty());
  EXPECT_EQ(head[http::field::content_length], "26");
}

TEST_F(Page, NothingElseIsServed) {
  for (const char* target : {"/nothing", "/../etc/passwd", "/assets/../index.html", "//",
                             "/assets/", "/%2e%2e/secret", "*", ""}) {
    const Response response = get(target);
    EXPECT_EQ(response.result(), http::status::not_found) << target;
    const auto body = nlohmann::json::parse(response.body());
    EXPECT_TRUE(body.contains("error")) << target;
    EXPECT_EQ(response[http::field::content_type], "application/json");
  }
}

TEST_F(Page, MethodsThatChangeSomethingAreRefused) {
  const Response response = get("/", http::verb::post);
  EXPECT_EQ(response.result(), http::status::method_not_allowed);
  EXPECT_EQ(response[http::field::allow], "GET, HEAD");
}

TEST_F(Page, HealthAddressesAnswer) {
  EXPECT_EQ(get("/healthz").result(), http::status::ok);
  EXPECT_EQ(get("/readyz").result(), http::status::ok);
  EXPECT_THAT(get("/version").body(), HasSubstr("version"));
  EXPECT_THAT(get("/api/stats").body(), HasSubstr("sessions"));
  EXPECT_EQ(get("/schema.json").result(), http::status::ok);
  EXPECT_EQ(get("/ws/video").result(), http::status::upgrade_required);
  const Request request(http::verb::get, "/readyz", 11);
  EXPECT_EQ(respond(request, content_, {.is_ready = false}).result(),
            http::status::service_unavailable);
}

TEST_F(Page, TlsIsAnnounced) {
  const Request request(http::verb::get, "/", 11);
  EXPECT_EQ(respond(request, content_, {})["Strict-Transport-Security"], "");
  EXPECT_NE(respond(request, content_, {.is_tls = true})["Strict-Transport-Security"], "");
}

TEST(StaticFiles, TheOperatorsPageIsNoPartOfThePublicOne) {
  const fs::path folder =
      fs::temp_directory_path() / ("storysign-pages-" + std::to_string(::getpid()));
  fs::create_directories(folder / "admin" / "assets");
  fs::create_directories(folder / "assets" / "admin");
  for (const char* const name :
       {"index.html", "assets/admin/a.js", "admin/index.html", "admin/assets/b.js"}) {
    std::ofstream(folder / name) << name;
  }
  const auto page = StaticFiles::load(folder, "admin");
  const auto operators = StaticFiles::load(folder / "admin");
  fs::remove_all(folder);
  ASSERT_TRUE(page && operators);
  EXPECT_NE(page->find("/"), nullptr);
  EXPECT_NE(page->find("/assets/admin/a.js"), nullptr);
  for (const char* const path : {"/admin", "/admin/", "/admin/index.html", "/admin/assets/b.js"}) {
    EXPECT_EQ(page->find(path), nullptr) << path;
  }
  ASSERT_NE(operators->find("/"), nullptr);
  EXPECT_EQ(operators->find("/")->body, "admin/index.html");
  EXPECT_NE(operators->find("/assets/b.js"), nullptr);
}

TEST(StaticFiles, AMissingPageIsOneSentence) {
  const auto page = StaticFiles::load("/nonexistent");
  ASSERT_FALSE(page);
  EXPECT_THAT(page.error().message, HasSubstr("index.html"));
}

}  // namespace
}  // namespace storysign::server
