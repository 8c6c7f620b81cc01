#include "wire/landmark_frame.hpp"

#include "message_samples.hpp"
#include "wire/landmark_section.hpp"

#include <gtest/gtest.h>

#include <random>

namespace storysign::wire {
namespace {

using std::chrono::microseconds;

LandmarkFrameHeader full_header() {
  return {.inferred = false,
          .hands_only = true,
          .frame_number = 0xFEDCBA98U,
          .capture_time = microseconds(0x7123456789ABCDEF),
          .width = 1280,
          .height = 720,
          .latency = microseconds(0x89ABCDEF),
          .client_dropped = 0xF1234567U,
          .profile = AnswerProfile::kHighQuality,
          .skip_reason = AnswerSkip::kBehind,
          .vision_time = microseconds(6553500)};
}

LandmarkFrameHeader small_header() {
  return {.inferred = true, .width = 640, .height = 480};
}

base::Bytes written(const LandmarkFrameHeader& header, const vision::FrameLandmarks& found = {},
                    bool face_mesh = true) {
  base::Bytes out;
  append_landmark_frame(header, found, face_mesh, out);
  return out;
}

base::Result<void> read(std::span<const std::uint8_t> message) {
  LandmarkFrame frame;
  return read_landmark_frame(message, frame);
}

TEST(LandmarkFrame, AStampIsAsIfItHadBeenWrittenThere) {
  const LandmarkFrameHeader wanted = full_header();
  LandmarkFrameHeader other = wanted;
  other.frame_number = 1;
  other.capture_time = microseconds(2);
  other.latency = microseconds(3);
  other.client_dropped = 4;
  base::Bytes message = written(other, full_landmarks(true));
  stamp_landmark_frame({.frame_number = wanted.frame_number,
                        .capture_time = wanted.capture_time,
                        .latency = wanted.latency,
                        .client_dropped = wanted.client_dropped},
                       std::span(message).first<kLandmarkFrameHeaderBytes>());
  EXPECT_EQ(message, written(wanted, full_landmarks(true)));
}

TEST(LandmarkFrame, RoundTripsWithEveryPart) {
  const vision::FrameLandmarks found = full_landmarks(true);
  const base::Bytes message = written(full_header(), found);
  EXPECT_TRUE(is_landmark_frame(message));
  EXPECT_LE(message.size(), kLandmarkFrameHeaderBytes + kMaxPackedBytes);
  LandmarkFrame frame;
  const auto done = read_landmark_frame(message, frame);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(frame.header, full_header());
  EXPECT_EQ(frame.landmarks.mode, vision::TrackingMode::kHands);
  expect_points(*frame.landmarks.pose, *found.pose);
  expect_points(frame.landmarks.left_hand->landmarks, found.left_hand->landmarks);
  expect_points(frame.landmarks.right_hand->landmarks, found.right_hand->landmarks);
  expect_points(*frame.landmarks.face, *found.face);
}

TEST(LandmarkFrame, HoldsOnlyWhatWasFoundAndIsToBeSent) {
  vision::FrameLandmarks found = full_landmarks(false);
  found.pose.reset();
  LandmarkFrame frame;
  ASSERT_TRUE(read_landmark_frame(written(small_header(), found, false), frame));
  EXPECT_TRUE(frame.landmarks.left_hand && frame.landmarks.right_hand);
  EXPECT_FALSE(frame.landmarks.face || frame.landmarks.pose);
  ASSERT_TRUE(read_landmark_frame(written(small_header()), frame)) << "nothing was found";
  EXPECT_FALSE(frame.landmarks.face || frame.landmarks.left_hand || frame.landmarks.right_hand);
}

TEST(LandmarkFrame, IsRefusedAtEveryOtherLength) {
  base::Bytes message = written(full_header(), full_landmarks(true));
  for (std::size_t size = 0; size < message.size(); ++size) {
    ASSERT_FALSE(read_exact(message, size, read)) << size;
  }
  ASSERT_TRUE(read_exact(message, message.size(), read));
  message.push_back(0);
  EXPECT_FALSE(read(message));
}

TEST(LandmarkFrame, IsRefusedWithAWrongHeader) {
  const auto refused = [](std::size_t at, std::uint8_t value) {
    base::Bytes message = written(small_header());
    message[at] = value;
    const auto done = read(message);
    return !done && done.error().code == base::ErrorCode::kInvalidInput &&
           done.error().message.ends_with('.');
  };
  EXPECT_TRUE(refused(0, 2));
  EXPECT_TRUE(refused(1, 1));
  EXPECT_TRUE(refused(2, 0x03)) << "reserved";
  EXPECT_TRUE(refused(2, 0x82)) << "reserved";
  for (unsigned bit = 0; bit < 8; ++bit) {
    EXPECT_TRUE(refused(3, static_cast<std::uint8_t>(1U << bit))) << bit;
  }
  EXPECT_TRUE(refused(2, 0)) << "no network ran, and no reason why";
  EXPECT_TRUE(refused(29, 1)) << "a network ran, and a reason why not";
  EXPECT_TRUE(refused(15, 0x80)) << "a capture time that no clock gives";
  EXPECT_TRUE(refused(28, 4)) << "profile";
  EXPECT_FALSE(refused(28, 3));
  base::Bytes message = written({.inferred = true, .width = 640, .height = 0});
  EXPECT_FALSE(read(message)) << "a picture without height";
  message = written(
      {.inferred = false, .width = 640, .height = 480, .skip_reason = AnswerSkip::kUnchanged});
  EXPECT_TRUE(read(message));
  message[29] = 4;
  EXPECT_FALSE(read(message)) << "reason";
}

TEST(LandmarkFrame, LimitsTimesToTheirFields) {
  LandmarkFrameHeader header = small_header();
  header.latency = microseconds(1LL << 40);
  header.vision_time = microseconds(1LL << 40);
  LandmarkFrame frame;
  ASSERT_TRUE(read_landmark_frame(written(header), frame));
  EXPECT_EQ(frame.header.latency, microseconds(0xFFFFFFFF));
  EXPECT_EQ(frame.header.vision_time, microseconds(6553500));
}

TEST(LandmarkFrame, RandomBytesNeverHarm) {
  std::mt19937 random(17);
  const base::Bytes sound = written(full_header(), full_landmarks(true));
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    base::Bytes message = sound;
    for (std::size_t change = random() % 4; change < 4; ++change) {
      message[random() % (random() % 2 == 0 ? message.size() : kLandmarkFrameHeaderBytes)] =
          static_cast<std::uint8_t>(random());
    }
    const std::size_t size = random() % 3 == 0 ? random() % message.size() : message.size();
    accepted += read_exact(message, size, read) ? 1 : 0;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace storysign::wire
