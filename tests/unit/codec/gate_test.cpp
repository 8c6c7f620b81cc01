#include "codec/gate.hpp"

#include "codec/decoder.hpp"
#include "unit/codec/pictures.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace storysign::codec {
namespace {

using testing::find_segment;
using testing::photo_jpeg;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kSofPrecision = 4;  // Offsets from the 0xFF of the frame header.
constexpr std::size_t kSofHeight = 5;
constexpr std::size_t kSofWidth = 7;
constexpr std::size_t kSofComponents = 9;
constexpr std::size_t kSofSampling = 11;

GateReason reason_of(const Bytes& jpeg, const GateLimits& limits = {}) {
  const auto header = check_jpeg(jpeg, limits);
  EXPECT_FALSE(header.has_value());
  if (header) return GateReason::kEmpty;
  EXPECT_TRUE(header.error().message.ends_with('.')) << header.error().message;
  EXPECT_EQ(header.error().to_error().message, header.error().message);
  return header.error().reason;
}

void put16(Bytes& bytes, std::size_t at, int value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value & 255);
}

Bytes with_size(int width, int height) {
  Bytes jpeg = photo_jpeg(64, 48);
  const std::size_t sof = find_segment(jpeg, 0xC0);
  put16(jpeg, sof + kSofWidth, width);
  put16(jpeg, sof + kSofHeight, height);
  return jpeg;
}

Bytes with_sof_byte(std::size_t offset, int value) {
  Bytes jpeg = photo_jpeg(64, 48);
  jpeg[find_segment(jpeg, 0xC0) + offset] = static_cast<std::uint8_t>(value);
  return jpeg;
}

/// A copy that ends where the memory ends, so that a sanitizer sees a read past it.
struct Exact {
  explicit Exact(std::span<const std::uint8_t> from) : size(from.size()) {
    memory.reset(static_cast<std::uint8_t*>(std::malloc(size == 0 ? 1 : size)));
    if (size != 0) std::memcpy(memory.get(), from.data(), size);
  }
  struct Free {
    void operator()(std::uint8_t* p) const { std::free(p); }
  };
  std::size_t size;
  std::unique_ptr<std::uint8_t, Free> memory;
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {memory.get(), size}; }
};

TEST(Gate, ReadsTheHeaderOfABaselinePicture) {
  const auto header = check_jpeg(photo_jpeg(320, 240));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(*header, (JpegHeader{320, 240, 3, false}));
}

TEST(Gate, ReadsTheHeaderOfAProgressivePicture) {
  const auto header = check_jpeg(photo_jpeg(100, 60, CompressionStrategy::kQuality));
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(*header, (JpegHeader{100, 60, 3, true}));
}

TEST(Gate, ReadsPhotosOfTheTestData) {
  const Bytes photo =
      testing::read_file(std::string(STORYSIGN_SHARED_DATA_DIR) + "/letters/photos/A22.jpg");
  if (photo.empty()) GTEST_SKIP() << "no shared test data beside the project";
  EXPECT_TRUE(check_jpeg(photo));
}

TEST(Gate, RefusesWhatIsNoJpeg) {
  EXPECT_EQ(reason_of({}), GateReason::kEmpty);
  EXPECT_EQ(reason_of({'h', 'e', 'l', 'l', 'o'}), GateReason::kNotJpeg);
  EXPECT_EQ(reason_of({0x89, 'P', 'N', 'G'}), GateReason::kNotJpeg);
  EXPECT_EQ(reason_of({0xFF}), GateReason::kTruncated);
  EXPECT_EQ(reason_of({0xFF, 0xD8}), GateReason::kTruncated);
  EXPECT_EQ(reason_of({0xFF, 0xD8, 0xFF, 0xD9}), GateReason::kBadMarker);
  EXPECT_EQ(reason_of({0xFF, 0xD8, 0xFF, 0xE0, 0, 1}), GateReason::kBadMarker);
  EXPECT_EQ(reason_of({0xFF, 0xD8, 0x00, 0x00}), GateReason::kBadMarker);
}

TEST(Gate, HoldsTheLimitsOfSize) {
  EXPECT_TRUE(check_jpeg(with_size(16, 16)));
  EXPECT_TRUE(check_jpeg(with_size(1920, 1080)));
  EXPECT_TRUE(check_jpeg(with_size(1080, 1920)));
  EXPECT_EQ(reason_of(with_size(15, 480)), GateReason::kTooSmall);
  EXPECT_EQ(reason_of(with_size(640, 0)), GateReason::kTooSmall);
  EXPECT_EQ(reason_of(with_size(1921, 100)), GateReason::kTooLarge);
  EXPECT_EQ(reason_of(with_size(20000, 20000)), GateReason::kTooLarge);
  EXPECT_EQ(reason_of(with_size(1920, 1200)), GateReason::kTooManyPixels);
  EXPECT_TRUE(check_jpeg(with_size(4000, 3000), file_gate_limits()));
}

TEST(Gate, RefusesOtherKindsOfJpeg) {
  EXPECT_EQ(reason_of(with_sof_byte(kSofPrecision, 12)), GateReason::kPrecision);
  EXPECT_EQ(reason_of(with_sof_byte(kSofComponents, 4)), GateReason::kComponents);
  EXPECT_EQ(reason_of(with_sof_byte(kSofComponents, 2)), GateReason::kComponents);
  EXPECT_EQ(reason_of(with_sof_byte(kSofComponents, 1)), GateReason::kBadMarker);
  EXPECT_EQ(reason_of(with_sof_byte(kSofSampling, 0x50)), GateReason::kBadMarker);
  for (const int marker : {0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xCF, 0xDE}) {
    EXPECT_EQ(reason_of(with_sof_byte(1, marker)), GateReason::kProcess) << marker;
  }
  EXPECT_EQ(reason_of(with_sof_byte(1, 0xC1)), GateReason::kProcess);
  EXPECT_TRUE(check_jpeg(with_sof_byte(1, 0xC1), file_gate_limits()));
}

TEST(Gate, HoldsTheMarkerBudget) {
  Bytes jpeg = photo_jpeg(64, 48);
  Bytes comment(2 + 65000, 'x');
  comment[0] = 0xFF;
  comment[1] = 0xFE;
  put16(comment, 2, 65000);
  jpeg.insert(jpeg.begin() + 2, comment.begin(), comment.end());
  EXPECT_TRUE(check_jpeg(jpeg)) << "one segment of metadata fits";
  jpeg.insert(jpeg.begin() + 2, comment.begin(), comment.end());
  jpeg.insert(jpeg.begin() + 2, comment.begin(), comment.end());
  EXPECT_EQ(reason_of(jpeg), GateReason::kMarkerBudget);
  EXPECT_TRUE(check_jpeg(jpeg, file_gate_limits()));
}

TEST(Gate, CountsTheScansOfAProgressivePicture) {
  const Bytes jpeg = photo_jpeg(64, 48, CompressionStrategy::kQuality);
  EXPECT_TRUE(check_jpeg(jpeg, {.max_scans = 10})) << "libjpeg writes ten for colour";
  EXPECT_EQ(reason_of(jpeg, {.max_scans = 9}), GateReason::kTooManyScans);

  Bytes bomb(jpeg.begin(), jpeg.end() - 2);
  const Bytes scan = {0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0};
  for (int i = 0; i < 100; ++i) bomb.insert(bomb.end(), scan.begin(), scan.end());
  EXPECT_EQ(reason_of(bomb), GateReason::kTooManyScans);
}

TEST(Gate, CountsTheScansOfASequentialPictureInParts) {
  Bytes jpeg = photo_jpeg(64, 48);
  jpeg.resize(find_segment(jpeg, 0xDA));
  const Bytes scan = {0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xFF, 0x00, 0xFF, 0xD3};
  for (int i = 0; i < 40; ++i) jpeg.insert(jpeg.end(), scan.begin(), scan.end());
  EXPECT_EQ(reason_of(jpeg), GateReason::kTooManyScans);
}

TEST(Gate, RefusesASecondFrameHeader) {
  Bytes jpeg = photo_jpeg(64, 48);
  const std::size_t sof = find_segment(jpeg, 0xC0);
  const Bytes copy(jpeg.begin() + static_cast<std::ptrdiff_t>(sof),
                   jpeg.begin() + static_cast<std::ptrdiff_t>(sof) + 19);
  jpeg.insert(jpeg.begin() + static_cast<std::ptrdiff_t>(sof), copy.begin(), copy.end());
  EXPECT_EQ(reason_of(jpeg), GateReason::kBadMarker);
}

TEST(Gate, EveryTruncationIsRefusedUntilThePictureBegins) {
  for (const auto strategy : {CompressionStrategy::kFast, CompressionStrategy::kQuality}) {
    const Bytes jpeg = photo_jpeg(48, 32, strategy);
    const std::size_t scan = find_segment(jpeg, 0xDA);
    ASSERT_LT(scan, jpeg.size());
    const std::size_t scan_header = 2U + jpeg[scan + 2] * 256U + jpeg[scan + 3];
    for (std::size_t size = 0; size <= jpeg.size(); ++size) {
      const Exact cut(std::span<const std::uint8_t>(jpeg).first(size));
      EXPECT_EQ(check_jpeg(cut.bytes()).has_value(), size >= scan + scan_header) << size;
    }
  }
}

// Whatever the bytes, gate and decoder come back with a picture within the limits or with a
// sentence.
TEST(Gate, RandomDamageIsSurvived) {
  std::minstd_rand random(11);
  const GateLimits limits{.max_side = 256, .max_pixels = 128L * 128};
  JpegDecoder decoder;
  base::Image image;
  int passed = 0;
  int refused = 0;
  for (const auto strategy : {CompressionStrategy::kFast, CompressionStrategy::kQuality}) {
    const Bytes original = photo_jpeg(64, 48, strategy, 60);
    for (int round = 0; round < 3000; ++round) {
      Bytes jpeg = original;
      const std::size_t reach = round % 2 == 0 ? jpeg.size() : std::size_t{700};
      for (unsigned n = 1U + random() % 4U; n > 0; --n) {
        jpeg[random() % std::min(reach, jpeg.size())] = static_cast<std::uint8_t>(random() % 256U);
      }
      if (round % 5 == 0) jpeg.resize(random() % jpeg.size());
      const Exact damaged(jpeg);
      const auto header = check_jpeg(damaged.bytes(), limits);
      if (!header) {
        ++refused;
        EXPECT_FALSE(header.error().message.empty());
        continue;
      }
      ++passed;
      EXPECT_LE(header->width, limits.max_side);
      EXPECT_LE(header->height, limits.max_side);
      const bool lenient = round % 3 == 0;
      const auto decoded = decoder.decode(damaged.bytes(), *header, image, {.lenient = lenient});
      if (!decoded) {
        EXPECT_TRUE(decoded.error().message.ends_with('.'));
      }
    }
  }
  EXPECT_GT(passed, 500);
  EXPECT_GT(refused, 500);
}

TEST(Gate, NamesItsReasons) {
  EXPECT_EQ(gate_reason_name(GateReason::kEmpty), "empty");
  EXPECT_EQ(gate_reason_name(GateReason::kTooManyScans), "too_many_scans");
  EXPECT_EQ(gate_reason_name(GateReason::kProcess), "process");
}

}  // namespace
}  // namespace storysign::codec
