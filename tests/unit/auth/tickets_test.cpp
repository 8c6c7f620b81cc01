// Single-use tokens for the WebSocket.

#include "auth/tickets.hpp"

#include "unit/auth/known_random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>

namespace storysign::auth {
namespace {

using std::chrono::seconds;

const base::SteadyTime kStart{seconds(1000)};
const Identity kAda{.id = "1", .name = "ada"};

TEST(Tickets, OpenOnceWithinAMinute) {
  Tickets tickets(&known_random);
  const auto token = tickets.issue(kAda, kStart);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 64U);
  const Redeemed first = tickets.redeem(*token, kStart + seconds(59));
  ASSERT_TRUE(first.who);
  EXPECT_EQ(first.who->name, "ada");
  const Redeemed again = tickets.redeem(*token, kStart + seconds(59));
  EXPECT_FALSE(again.who);
  EXPECT_EQ(again.fault, TicketFault::kUsed);
  const auto late = tickets.issue(kAda, kStart);
  EXPECT_EQ(tickets.redeem(*late, kStart + seconds(60)).fault, TicketFault::kExpired);
  EXPECT_FALSE(tickets.redeem(*late, kStart + seconds(60)).who);
  EXPECT_EQ(tickets.redeem("nonsense", kStart).fault, TicketFault::kUnknown);
  EXPECT_EQ(tickets.redeem("", kStart).fault, TicketFault::kUnknown);
}

TEST(Tickets, CanBeTakenBack) {
  Tickets tickets(&known_random);
  const auto ada = tickets.issue(kAda, kStart);
  const auto bob = tickets.issue({.id = "2", .name = "bob"}, kStart);
  tickets.revoke("1");
  EXPECT_EQ(tickets.redeem(*ada, kStart).fault, TicketFault::kUnknown);
  EXPECT_TRUE(tickets.redeem(*bob, kStart).who);
}

TEST(Tickets, AreBoundedByAccountAndAltogether) {
  Tickets tickets(&known_random);
  for (std::size_t i = 0; i < Tickets::kMostOfOne; ++i) {
    const auto token = tickets.issue(kAda, kStart);
    ASSERT_TRUE(token);
    static_cast<void>(tickets.redeem(*token, kStart));
  }
  EXPECT_FALSE(tickets.issue(kAda, kStart)) << "used ones count as well";
  for (std::size_t i = tickets.size(); i < Tickets::kMost; ++i) {
    ASSERT_TRUE(tickets.issue({.id = fmt::format("n{}", i / 2), .name = "n"}, kStart));
  }
  EXPECT_FALSE(tickets.issue({.id = "last", .name = "n"}, kStart));
  EXPECT_TRUE(tickets.issue({.id = "last", .name = "n"}, kStart + seconds(120)));
  EXPECT_EQ(tickets.size(), 1U) << "the old ones are forgotten";
}

}  // namespace
}  // namespace storysign::auth
