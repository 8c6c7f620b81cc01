#include "session/landmark_gate.hpp"

#include <gtest/gtest.h>

namespace storysign::session {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

vision::FrameLandmarks hand_at(float x, float y) {
  vision::FrameLandmarks found;
  for (auto& point : found.left_hand.emplace().landmarks) point = {x, y, 0.0F};
  return found;
}

TEST(LandmarkGate, LetsAPersonMove) {
  LandmarkGate gate;
  EXPECT_FALSE(gate.refuse(hand_at(0.1F, 0.9F), milliseconds(1000)));
  EXPECT_FALSE(gate.refuse(hand_at(0.9F, 0.1F), milliseconds(1040))) << "the label has changed";
  EXPECT_FALSE(gate.refuse({}, milliseconds(1080)));
  EXPECT_FALSE(gate.refuse(hand_at(-0.9F, 1.9F), milliseconds(1081))) << "it was away between";
  vision::FrameLandmarks body;
  for (auto& point : body.pose.emplace()) point = {0.5F, 1.4F, 0.0F, 0.1F};
  EXPECT_FALSE(gate.refuse(body, milliseconds(1082)));
}

TEST(LandmarkGate, TimeMustGrow) {
  LandmarkGate gate;
  EXPECT_FALSE(gate.refuse({}, milliseconds(1000)));
  EXPECT_EQ(gate.refuse({}, milliseconds(1000)), Implausible::kTime);
  EXPECT_EQ(gate.refuse({}, milliseconds(999)), Implausible::kTime);
  EXPECT_FALSE(gate.refuse({}, milliseconds(1000) + microseconds(1)));
}

TEST(LandmarkGate, NoPartIsFarOutside) {
  LandmarkGate gate;
  EXPECT_EQ(gate.refuse(hand_at(2.1F, 0.5F), milliseconds(1)), Implausible::kOutside);
  EXPECT_EQ(gate.refuse(hand_at(0.5F, -1.1F), milliseconds(1)), Implausible::kOutside);
  vision::FrameLandmarks face;
  for (auto& point : face.face.emplace()) point = {0.5F, 2.5F, 0.0F};
  EXPECT_EQ(gate.refuse(face, milliseconds(1)), Implausible::kOutside);
  EXPECT_FALSE(gate.refuse(hand_at(0.5F, 0.5F), milliseconds(1)))
      << "what is refused does not count";
}

TEST(LandmarkGate, NobodyIsThatFast) {
  LandmarkGate gate;
  EXPECT_FALSE(gate.refuse(hand_at(0.5F, 1.9F), milliseconds(1000)));
  EXPECT_EQ(gate.refuse(hand_at(0.5F, 0.6F), milliseconds(1040)), Implausible::kSpeed);
  EXPECT_EQ(gate.refuse(hand_at(0.5F, 0.6F), milliseconds(1041)), Implausible::kSpeed);
  EXPECT_FALSE(gate.refuse(hand_at(0.5F, 0.6F), milliseconds(1050))) << "by now there was time";
  EXPECT_FALSE(gate.refuse(hand_at(0.7F, 0.6F), milliseconds(1050) + microseconds(10)))
      << "two frames that a camera delivers together";
}

TEST(LandmarkGate, SaysWhatIsWrong) {
  for (const auto what : {Implausible::kTime, Implausible::kOutside, Implausible::kSpeed}) {
    EXPECT_TRUE(name_of(what).starts_with("landmarks_"));
    EXPECT_TRUE(sentence_of(what).ends_with('.'));
  }
}

}  // namespace
}  // namespace storysign::session
