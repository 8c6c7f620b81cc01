#include "base/web_url.hpp"

#include <gtest/gtest.h>

namespace storysign::base {
namespace {

TEST(WebUrl, IsReadInItsParts) {
  const auto url = parse_web_url("https://hooks.example:8443/a/b?key=1#there");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "hooks.example");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->target, "/a/b?key=1");
  EXPECT_EQ(url->authority(), "hooks.example:8443");
}

TEST(WebUrl, PortAndPathHaveTheirDefaults) {
  const auto plain = parse_web_url("http://10.0.0.7");
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->tls);
  EXPECT_EQ(plain->port, "80");
  EXPECT_EQ(plain->target, "/");
  const auto secure = parse_web_url("https://[::1]?x");
  ASSERT_TRUE(secure);
  EXPECT_EQ(secure->host, "::1");
  EXPECT_EQ(secure->port, "443");
  EXPECT_EQ(secure->target, "/?x");
  EXPECT_EQ(secure->authority(), "[::1]:443");
}

TEST(WebUrl, WhatIsNoneIsNone) {
  for (const char* const text :
       {"", "hooks.example", "ftp://hooks.example", "ws://hooks.example", "http://", "http:///path",
        "http://:80", "http://a:0", "http://a:65536", "http://a:", "http://a:x", "http://a b",
        "http://a/b c", "http://user@host/", "http://user:80@host/", "http://[::1", "http://[]",
        "http://a/\xc3\xa4", "http://a\n"}) {
    EXPECT_FALSE(parse_web_url(text)) << text;
  }
}

}  // namespace
}  // namespace storysign::base
