#include "wire/binary.hpp"

#include "message_samples.hpp"

#include <gtest/gtest.h>

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
