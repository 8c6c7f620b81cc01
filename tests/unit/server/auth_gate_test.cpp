// The cookie of a login: what is sent, and what is read out of what comes back.

#include "server/auth_gate.hpp"

#include <gtest/gtest.h>

namespace storysign::server {
namespace {

TEST(Cookies, AreFoundAmongOthers) {
  EXPECT_EQ(session_token("storysign_session=abc"), "abc");
  EXPECT_EQ(session_token("a=b; storysign_session=abc; c=d"), "abc");
  EXPECT_EQ(session_token("a=b;storysign_session=abc=="), "abc==");
  EXPECT_EQ(session_token("storysign_session=one; storysign_session=two"), "one");
  EXPECT_EQ(session_token(""), "");
  EXPECT_EQ(session_token("xstorysign_session=abc"), "");
  EXPECT_EQ(session_token("storysign_session"), "");
  EXPECT_EQ(session_token(";;; =;"), "");
}

TEST(Cookies, AreOutOfReachAndSecureWithTls) {
  EXPECT_EQ(session_cookie("abc", std::chrono::seconds(60), false),
            "storysign_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60");
  EXPECT_EQ(session_cookie("abc", std::chrono::seconds(60), true),
            "storysign_session=abc; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure");
  EXPECT_EQ(session_cookie("", std::chrono::seconds(60), false),
            "storysign_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
}

}  // namespace
}  // namespace storysign::server
