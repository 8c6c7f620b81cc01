// Where sessions' landmarks are found, and what the governor counts of it.

#include "session/place.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace storysign::session {
namespace {

/// On a machine that has room for four, 20 frames a second each.
class PlaceTest : public testing::Test {
 protected:
  /// Ten seconds with so many connected, of whom so many send pictures.
  void run(std::size_t connected, int sending) {
    for (int second = 0; second < 10; ++second) {
      for (int frame = 0; frame < 20 * sending; ++frame) {
        governor_.report({.profile = adapt::Profile::kUltraPerformance,
                          .service = std::chrono::milliseconds(10)});
      }
      now_ += std::chrono::seconds(1);
      governor_.observe({.cpu = 0.2 * sending, .sessions = connected}, now_);
    }
  }
  adapt::Admission admit() { return governor_.admit(4, now_); }

  base::SteadyTime now_{std::chrono::seconds(100)};
  Governor governor_{{}, now_};
};

TEST_F(PlaceTest, WhoIsAtHomeTakesNoRoom) {
  run(2, 2);
  std::vector<std::unique_ptr<Place>> places;
  for (int i = 0; i < 20; ++i) places.push_back(std::make_unique<Place>(governor_, true));
  EXPECT_EQ(governor_.standing().at_home, 20U);
  run(22, 2);
  EXPECT_TRUE(governor_.admit(22, now_).admitted());
  places.clear();
  EXPECT_EQ(governor_.standing().at_home, 0U);
  run(22, 2);
  EXPECT_FALSE(governor_.admit(22, now_).admitted()) << "now they may send pictures at any time";
}

TEST_F(PlaceTest, ThereIsOneInvitationForEachWhoComesAndAsManyAsAreWilling) {
  run(4, 4);
  Place first(governor_, false);
  Place second(governor_, false);
  first.set_capable(true);
  first.set_capable(true);
  EXPECT_TRUE(admit().admitted());
  EXPECT_FALSE(admit().admitted()) << "the other one is not willing";
  EXPECT_FALSE(second.take_invitation());
  EXPECT_TRUE(first.take_invitation());
  EXPECT_FALSE(first.take_invitation());
  EXPECT_FALSE(admit().admitted()) << "nobody is asked twice";
  first.go_home();
  EXPECT_EQ(first.come_to_server(4, false, now_), "");
  EXPECT_TRUE(admit().admitted()) << "it went home when it was asked, so it may be asked again";
}

TEST_F(PlaceTest, AnInvitationGoesWithTheLastWhoWasWilling) {
  run(4, 4);
  {
    Place place(governor_, false);
    place.set_capable(true);
    EXPECT_TRUE(admit().admitted());
    place.set_capable(false);
    EXPECT_FALSE(place.take_invitation());
    place.set_capable(true);
    EXPECT_FALSE(place.take_invitation()) << "nobody has come since";
    EXPECT_TRUE(admit().admitted());
  }
  Place other(governor_, false);
  other.set_capable(true);
  EXPECT_FALSE(other.take_invitation()) << "that one was another's";
}

TEST_F(PlaceTest, AtHomeNobodyIsInvited) {
  run(4, 4);
  Place place(governor_, true);
  place.set_capable(true);
  EXPECT_FALSE(governor_.admit(5, now_).admitted()) << "four are here";
}

TEST_F(PlaceTest, WhoFindsNoRoomStaysAtHome) {
  run(4, 4);
  Place place(governor_, true);
  EXPECT_NE(place.come_to_server(5, true, now_), "");
  EXPECT_TRUE(place.at_home());
  EXPECT_EQ(governor_.standing().at_home, 1U);
  EXPECT_EQ(place.come_to_server(5, false, now_), "") << "without admission there is always room";
  EXPECT_FALSE(place.at_home());
}

}  // namespace
}  // namespace storysign::session
