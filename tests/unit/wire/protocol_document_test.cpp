// The worked examples of docs/protocol-v1.md are what the code writes and reads.
#include "wire/binary.hpp"
#include "wire/landmark_frame.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace storysign::wire {
namespace {

using std::chrono::microseconds;

/// The bytes of the code block that follows the line "Example: NAME".
base::Bytes example(const std::string& name) {
  std::ifstream file(STORYSIGN_DOCS_DIR "/protocol-v1.md");
  std::string line;
  while (std::getline(file, line) && line != "Example: " + name) {
  }
  while (std::getline(file, line) && line != "```hex") {
  }
  base::Bytes bytes;
  while (std::getline(file, line) && line != "```") {
    std::istringstream words(line.substr(0, line.find('|')));
    for (std::string word; words >> word;) {
      bytes.push_back(static_cast<std::uint8_t>(std::stoul(word, nullptr, 16)));
    }
  }
  return bytes;
}

/// For the document's author: what the code writes, to be pasted.
std::string dump(const base::Bytes& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += fmt::format("{:02x}{}", bytes[i], i % 16 == 15 ? "\n" : " ");
  }
  return text;
}

TEST(ProtocolDocument, FrameIsWhatTheCodeWrites) {
  const FrameHeader header{.landmarks = true,
                           .picture = false,
                           .face_mesh = false,
                           .every_frame = true,
                           .frame_number = 7,
                           .capture_time = microseconds(1234567890),
                           .width = 640,
                           .height = 480,
                           .latency = microseconds(43000),
                           .client_dropped = 2};
  base::Bytes message;
  append_frame_header(header, message);
  message.insert(message.end(), {0xFF, 0xD8, 0xFF, 0xD9});
  EXPECT_EQ(example("frame"), message) << dump(message);
  const auto read = read_frame_header(example("frame"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, header);
}

TEST(ProtocolDocument, AnswerIsWhatTheCodeWrites) {
  AnswerHeader header;
  header.success = true;
  header.inferred = true;
  header.hands_only = true;
  header.frame_number = 7;
  header.capture_time = microseconds(1234567890);
  header.server_frame_number = 5;
  header.width = 640;
  header.height = 480;
  header.advised_fps = 25;
  header.replaced = 2;
  header.queue_time = microseconds(150);
  header.decode_time = microseconds(1900);
  header.vision_time = microseconds(38000);
  header.total_time = microseconds(40200);
  vision::FrameLandmarks found;
  found.mode = vision::TrackingMode::kHands;
  found.left_hand.emplace().score = 1.0F;
  for (std::size_t i = 0; i < vision::kHandLandmarks; ++i) {
    found.left_hand->landmarks[i] = {0.5F, 0.25F, -0.125F};
  }
  base::Bytes message;
  append_answer(header, {.landmarks = &found}, message);
  EXPECT_EQ(example("answer"), message) << dump(message);
  const auto read = read_answer(example("answer"));
  ASSERT_TRUE(read) << read.error().message;
  header.left_hand = true;
  EXPECT_EQ(read->header, header);
  ASSERT_TRUE(read->landmarks.left_hand);
  EXPECT_EQ(read->landmarks.left_hand->landmarks[20].y, 0.25F);
}

TEST(ProtocolDocument, FrameOfLandmarksIsWhatTheCodeWrites) {
  const LandmarkFrameHeader header{.inferred = true,
                                   .hands_only = true,
                                   .frame_number = 7,
                                   .capture_time = microseconds(1234567890),
                                   .width = 640,
                                   .height = 480,
                                   .latency = microseconds(43000),
                                   .client_dropped = 2,
                                   .profile = AnswerProfile::kBalanced,
                                   .vision_time = microseconds(38000)};
  vision::FrameLandmarks found;
  found.left_hand.emplace().score = 1.0F;
  for (std::size_t i = 0; i < vision::kHandLandmarks; ++i) {
    const float step = static_cast<float>(i) / 8192.0F;
    found.left_hand->landmarks[i] = {0.5F + 3.0F * step, 0.25F - 70.0F * step, -0.125F};
  }
  base::Bytes message;
  append_landmark_frame(header, found, false, message);
  EXPECT_EQ(example("frame of landmarks"), message) << dump(message);
  LandmarkFrame frame;
  const auto read = read_landmark_frame(example("frame of landmarks"), frame);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(frame.header, header);
}

}  // namespace
}  // namespace storysign::wire
