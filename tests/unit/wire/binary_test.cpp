#include "wire/binary.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <random>

namespace storysign::wire {
namespace {

using std::chrono::microseconds;

FrameHeader full_frame() {
  return {.landmarks = true,
          .picture = true,
          .face_mesh = true,
          .every_frame = true,
          .frame_number = 0xFEDCBA98U,
          .capture_time = microseconds(0x7123456789ABCDEF),
          .width = 1920,
          .height = 1080,
          .latency = microseconds(0x89ABCDEF),
          .client_dropped = 0xF1234567U};
}

base::Bytes written(const FrameHeader& header) {
  base::Bytes out;
  append_frame_header(header, out);
  return out;
}

AnswerHeader full_answer() {
  AnswerHeader header;
  header.success = true;
  header.inferred = true;
  header.face = true;
  header.frame_number = 0xFEDCBA98U;
  header.capture_time = microseconds(0x7123456789ABCDEF);
  header.server_frame_number = 0x89ABCDEFU;
  header.width = 1280;
  header.height = 720;
  header.profile = AnswerProfile::kHighQuality;
  header.skip_reason = AnswerSkip::kFrameSkip;
  header.quality_reason = 7;
  header.compression = 3;
  header.frame_skip = 5;
  header.advised_fps = 60;
  header.replaced = 65535;
  header.expired = 4;
  header.queue_time = microseconds(1);
  header.decode_time = microseconds(2);
  header.vision_time = microseconds(3);
  header.render_time = microseconds(4);
  header.encode_time = microseconds(5);
  header.total_time = microseconds(0xFFFFFFFF);
  header.jpeg_quality = 65;
  return header;
}

/// Every part, with coordinates that 1/8192 steps hold exactly.
vision::FrameLandmarks full_landmarks(bool refined) {
  vision::FrameLandmarks found;
  int step = -32768;
  const auto next = [&step] {
    step += 17;
    return static_cast<float>(step) / 8192.0F;
  };
  for (auto& point : found.pose.emplace()) point = {next(), next(), next(), 1.0F};
  for (auto* hand : {&found.left_hand.emplace(), &found.right_hand.emplace()}) {
    hand->score = 1.0F;
    for (auto& point : hand->landmarks) point = {next(), next(), next()};
  }
  found.face.emplace().set_refined(refined);
  for (auto& point : *found.face) point = {next(), next(), next()};
  return found;
}

template <class Points>
void expect_points(const Points& a, const Points& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].x, b[i].x) << i;
    ASSERT_EQ(a[i].y, b[i].y) << i;
    ASSERT_EQ(a[i].z, b[i].z) << i;
  }
}

/// Reads from memory of exactly this size, so that the address sanitizer sees a byte too far.
template <class Read>
auto read_exact(const base::Bytes& message, std::size_t size, Read read) {
  const std::unique_ptr<std::uint8_t[]> exact(new std::uint8_t[size]);
  std::copy_n(message.begin(), size, exact.get());
  return read(std::span<const std::uint8_t>(exact.get(), size)).has_value();
}

TEST(FrameMessage, RoundTrips) {
  for (const FrameHeader& header : {FrameHeader{}, full_frame()}) {
    base::Bytes message = written(header);
    ASSERT_EQ(message.size(), kFrameHeaderBytes);
    message.push_back(0xFF);
    const auto read = read_frame_header(message);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, header);
  }
}

TEST(FrameMessage, LimitsTheLatencyToItsField) {
  const auto read = read_frame_header(written({.latency = microseconds(1LL << 40)}));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->latency, microseconds(0xFFFFFFFF));
}

TEST(FrameMessage, IsRefusedAtEveryShorterLength) {
  const base::Bytes message = written(full_frame());
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(read_exact(message, size, read_frame_header)) << size;
  }
  EXPECT_TRUE(read_exact(message, message.size(), read_frame_header));
}

TEST(FrameMessage, IsRefusedWithAWrongHeader) {
  const auto refused = [](std::size_t at, std::uint8_t value) {
    base::Bytes message = written(FrameHeader{});
    message[at] = value;
    const auto read = read_frame_header(message);
    return !read && read.error().code == base::ErrorCode::kInvalidInput &&
           read.error().message.ends_with('.');
  };
  EXPECT_TRUE(refused(0, 0));
  EXPECT_TRUE(refused(0, 2));
  EXPECT_TRUE(refused(1, 2));
  EXPECT_TRUE(refused(1, 129));
  for (unsigned bit = 4; bit < 8; ++bit) {
    EXPECT_TRUE(refused(2, static_cast<std::uint8_t>(1U << bit))) << bit;
  }
  for (unsigned bit = 0; bit < 8; ++bit) {
    EXPECT_TRUE(refused(3, static_cast<std::uint8_t>(1U << bit))) << bit;
  }
  EXPECT_TRUE(refused(2, 0x04)) << "the face mesh without landmarks";
  EXPECT_FALSE(refused(2, 0x05));
  EXPECT_TRUE(refused(15, 0x80)) << "a capture time that no clock gives";
  EXPECT_TRUE(refused(16, 1)) << "width without height";
  EXPECT_TRUE(refused(19, 1)) << "height without width";
  for (std::size_t at = 28; at < 32; ++at) EXPECT_TRUE(refused(at, 1)) << at;
}

TEST(Landmarks, RoundTripWithEveryPart) {
  for (const bool refined : {false, true}) {
    const vision::FrameLandmarks found = full_landmarks(refined);
    base::Bytes section;
    const LandmarkParts parts = append_landmarks(found, true, section);
    EXPECT_EQ(parts, (LandmarkParts{true, true, true, true}));
    EXPECT_EQ(section.size(), refined ? kMaxLandmarkBytes : kMaxLandmarkBytes - 60);
    vision::FrameLandmarks read;
    ASSERT_TRUE(read_landmarks(section, parts, read));
    expect_points(*read.pose, *found.pose);
    expect_points(read.left_hand->landmarks, found.left_hand->landmarks);
    expect_points(read.right_hand->landmarks, found.right_hand->landmarks);
    expect_points(*read.face, *found.face);
    EXPECT_EQ(read.pose->front().visibility, 1.0F);
    EXPECT_EQ(read.right_hand->score, 1.0F);
  }
}

TEST(Landmarks, HoldOnlyWhatWasFoundAndAskedFor) {
  vision::FrameLandmarks found = full_landmarks(false);
  found.pose.reset();
  found.left_hand.reset();
  base::Bytes section;
  const LandmarkParts parts = append_landmarks(found, false, section);
  EXPECT_EQ(parts, (LandmarkParts{false, false, true, false}));
  EXPECT_EQ(section.size(), 128U);
  vision::FrameLandmarks read = full_landmarks(true);
  ASSERT_TRUE(read_landmarks(section, parts, read));
  EXPECT_FALSE(read.pose || read.left_hand || read.face);
}

TEST(Landmarks, AreRoundedToSteps) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> values(-3.9F, 3.9F);
  std::uniform_real_distribution<float> shares(0.0F, 1.0F);
  for (int round = 0; round < 500; ++round) {
    vision::FrameLandmarks found;
    for (auto& point : found.pose.emplace()) {
      point = {values(random), values(random), values(random), shares(random)};
    }
    base::Bytes section;
    vision::FrameLandmarks read;
    ASSERT_TRUE(read_landmarks(section, append_landmarks(found, true, section), read));
    for (std::size_t i = 0; i < vision::kPoseLandmarks; ++i) {
      ASSERT_NEAR((*read.pose)[i].x, (*found.pose)[i].x, 0.5001 / 8192);
      ASSERT_NEAR((*read.pose)[i].z, (*found.pose)[i].z, 0.5001 / 8192);
      ASSERT_NEAR((*read.pose)[i].visibility, (*found.pose)[i].visibility, 0.51 / 65535);
    }
  }
}

TEST(Landmarks, OutsideTheRangeAreClamped) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  vision::FrameLandmarks found;
  found.pose.emplace()[0] = {5.0F, -5.0F, kNan, 1.5F};
  (*found.pose)[1] = {kInfinity, -kInfinity, 3.9999F, -0.5F};
  (*found.pose)[2] = {-4.0F, 1e38F, -1e38F, kNan};
  base::Bytes section;
  vision::FrameLandmarks read;
  ASSERT_TRUE(read_landmarks(section, append_landmarks(found, true, section), read));
  const vision::Pose& pose = *read.pose;
  constexpr float kLargest = 32767.0F / 8192.0F;
  EXPECT_EQ(pose[0].x, kLargest);
  EXPECT_EQ(pose[0].y, -4.0F);
  EXPECT_EQ(pose[0].z, 0.0F);
  EXPECT_EQ(pose[0].visibility, 1.0F);
  EXPECT_EQ(pose[1].x, kLargest);
  EXPECT_EQ(pose[1].y, -4.0F);
  EXPECT_EQ(pose[1].visibility, 0.0F);
  EXPECT_EQ(pose[2].x, -4.0F);
  EXPECT_EQ(pose[2].y, kLargest);
  EXPECT_EQ(pose[2].visibility, 0.0F);
}

TEST(AnswerMessage, RoundTripsWithEverySection) {
  const vision::FrameLandmarks found = full_landmarks(true);
  const base::Bytes picture{0xFF, 0xD8, 1, 2, 3};
  base::Bytes message{42};  // Something is there already.
  append_answer(full_answer(), {.landmarks = &found, .face_mesh = true, .picture = true}, message);
  message.erase(message.begin());
  ASSERT_EQ(message.size(), kAnswerHeaderBytes + kMaxLandmarkBytes);
  message.insert(message.end(), picture.begin(), picture.end());
  const auto read = read_answer(message);
  ASSERT_TRUE(read) << read.error().message;
  AnswerHeader expected = full_answer();
  expected.pose = expected.left_hand = expected.right_hand = true;
  EXPECT_EQ(read->header, expected);
  EXPECT_TRUE(read->has_landmarks && read->has_picture);
  expect_points(*read->landmarks.face, *found.face);
  EXPECT_EQ(base::Bytes(read->picture.begin(), read->picture.end()), picture);
  EXPECT_EQ(read->text, "");
}

TEST(AnswerMessage, SaysWhatWasFoundWithoutItsLandmarks) {
  AnswerHeader header;
  header.success = header.left_hand = header.hands_only = true;
  base::Bytes message;
  append_answer(header, {}, message);
  EXPECT_EQ(message.size(), kAnswerHeaderBytes);
  const auto read = read_answer(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header, header);
  EXPECT_FALSE(read->has_landmarks || read->has_picture || read->landmarks.left_hand);
  EXPECT_EQ(read->landmarks.mode, vision::TrackingMode::kHands);
}

TEST(AnswerMessage, CarriesItsSentenceOnlyWithoutSuccess) {
  AnswerHeader header;
  header.error = AnswerError::kUndecoded;
  const std::string sentence = "The picture is cut off.";
  base::Bytes message;
  append_answer(header, {.text = sentence}, message);
  auto read = read_answer(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, sentence);
  EXPECT_EQ(read->header, header);
  header.success = true;
  message.clear();
  append_answer(header, {.text = sentence}, message);
  read = read_answer(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, "");
}

TEST(AnswerMessage, CutsALongSentenceAtACharacter) {
  std::string text(1023, 'x');
  text += "\xC3\xA9";
  base::Bytes message;
  append_answer({}, {.text = text}, message);
  const auto read = read_answer(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text, std::string(1023, 'x'));
}

TEST(AnswerMessage, LimitsCountersAndTimesToTheirFields) {
  AnswerHeader header;
  header.replaced = 70000;
  header.expired = 70000;
  header.vision_time = microseconds(1LL << 40);
  header.queue_time = microseconds(-5);
  base::Bytes message;
  append_answer(header, {}, message);
  const auto read = read_answer(message);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->header.replaced, 65535U);
  EXPECT_EQ(read->header.expired, 65535U);
  EXPECT_EQ(read->header.vision_time, microseconds(0xFFFFFFFF));
  EXPECT_EQ(read->header.queue_time, microseconds(0));
}

TEST(AnswerMessage, IsRefusedAtEveryShorterLength) {
  const vision::FrameLandmarks found = full_landmarks(true);
  base::Bytes message;
  append_answer(full_answer(), {.landmarks = &found, .face_mesh = true}, message);
  for (std::size_t size = 0; size < message.size(); ++size) {
    ASSERT_FALSE(read_exact(message, size, read_answer)) << size;
  }
  ASSERT_TRUE(read_exact(message, message.size(), read_answer));
  message.push_back(0);
  EXPECT_FALSE(read_answer(message)) << "one byte too many, and no picture";
}

TEST(AnswerMessage, RandomBytesNeverHarm) {
  std::mt19937 random(13);
  const vision::FrameLandmarks found = full_landmarks(true);
  base::Bytes sound;
  append_answer(full_answer(), {.landmarks = &found, .face_mesh = true, .picture = true}, sound);
  int read = 0;
  for (int round = 0; round < 20000; ++round) {
    base::Bytes message = sound;
    for (std::size_t change = random() % 4; change < 4; ++change) {
      message[random() % (random() % 2 == 0 ? message.size() : kAnswerHeaderBytes)] =
          static_cast<std::uint8_t>(random());
    }
    const std::size_t size = random() % 3 == 0 ? random() % message.size() : message.size();
    read += read_exact(message, size, read_answer) ? 1 : 0;
    static_cast<void>(read_exact(message, size, read_frame_header));
    message[1] = 1;
    static_cast<void>(read_exact(message, size, read_frame_header));
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace storysign::wire
