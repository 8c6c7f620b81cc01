#include "codec/encoder.hpp"

#include "codec/decoder.hpp"
#include "unit/codec/pictures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace storysign::codec {
namespace {

using testing::find_segment;
using testing::photo_like;
using Bytes = std::vector<std::uint8_t>;

constexpr std::array kAll{CompressionStrategy::kUltraFast, CompressionStrategy::kFast,
                          CompressionStrategy::kBalanced, CompressionStrategy::kQuality};

// T.81 annex K.1: the first row of the luminance table, which quality 50 uses as it is. Zigzag
// order: (0,0) (0,1) (1,0) ...
constexpr std::array<int, 6> kLuminance{16, 11, 12, 14, 12, 10};

// T.81 annex K.3.3: code lengths of the standard tables (DC and AC, luminance).
constexpr std::array<std::uint8_t, 16> kDcLengths{0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0};
constexpr std::array<std::uint8_t, 16> kAcLengths{0, 2, 1, 3, 3, 2, 4, 3,
                                                  5, 5, 4, 4, 0, 0, 1, 0x7D};

Bytes encode(JpegEncoder& encoder, const base::Image& image, const EncodeSettings& settings) {
  const auto encoded = encoder.encode(image.view(), settings);
  EXPECT_TRUE(encoded) << encoded.error().message;
  if (!encoded) return {};
  return {encoded->bytes.begin(), encoded->bytes.end()};
}

int expected_step(int base, int quality) {
  // libjpeg's formula (jcparam.c): scale in percent, rounded, 1 to 255.
  const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((base * scale + 50) / 100, 1, 255);
}

void expect_quality(const Bytes& jpeg, int quality) {
  const std::size_t dqt = find_segment(jpeg, 0xDB);
  ASSERT_LT(dqt, jpeg.size());
  for (std::size_t i = 0; i < kLuminance.size(); ++i) {
    EXPECT_EQ(jpeg[dqt + 5 + i], expected_step(kLuminance[i], quality)) << "quality " << quality;
  }
}

/// True if all four Huffman tables are the standard ones; tells them by the lengths of the
/// luminance codes.
bool has_standard_tables(const Bytes& jpeg) {
  int standard = 0;
  std::size_t at = find_segment(jpeg, 0xC4);
  while (at < jpeg.size()) {
    const auto begin = jpeg.begin() + static_cast<std::ptrdiff_t>(at) + 5;
    if (jpeg[at + 4] == 0x00 && std::equal(kDcLengths.begin(), kDcLengths.end(), begin)) ++standard;
    if (jpeg[at + 4] == 0x10 && std::equal(kAcLengths.begin(), kAcLengths.end(), begin)) ++standard;
    at = find_segment(jpeg, 0xC4, at + 2U + jpeg[at + 2] * 256U + jpeg[at + 3]);
  }
  return standard == 2;
}

TEST(JpegEncoder, UsesTheQualityOfTheStrategy) {
  const base::Image image = photo_like(160, 120);
  JpegEncoder encoder;
  const std::array<int, 4> qualities{35, 50, 65, 80};
  for (std::size_t i = 0; i < kAll.size(); ++i) {
    EXPECT_EQ(strategy_quality(kAll[i]), qualities[i]);
    expect_quality(encode(encoder, image, {.strategy = kAll[i]}), qualities[i]);
    EXPECT_EQ(encoder.encode(image.view(), {.strategy = kAll[i]})->quality, qualities[i]);
  }
}

TEST(JpegEncoder, TakesAnotherQualityAndCapsIt) {
  const base::Image image = photo_like(160, 120);
  JpegEncoder encoder;
  const auto strategy = CompressionStrategy::kBalanced;
  expect_quality(encode(encoder, image, {.strategy = strategy, .quality = 40}), 40);
  expect_quality(encode(encoder, image, {.strategy = strategy, .max_quality = 50}), 50);
  expect_quality(encode(encoder, image, {.strategy = strategy, .quality = 90, .max_quality = 70}),
                 70);
  expect_quality(encode(encoder, image, {.strategy = strategy, .quality = 40, .max_quality = 70}),
                 40);
  EXPECT_EQ(encoder.encode(image.view(), {.quality = 90, .max_quality = 70})->quality, 70);
}

TEST(JpegEncoder, WritesTheEncodingOfTheStrategy) {
  const base::Image image = photo_like(160, 120);
  JpegEncoder encoder;
  // Twice and mixed: a strategy must not inherit the tables or scans of the one before.
  for (int round = 0; round < 2; ++round) {
    for (const CompressionStrategy strategy : kAll) {
      const Bytes jpeg = encode(encoder, image, {.strategy = strategy});
      const bool progressive = strategy == CompressionStrategy::kQuality;
      const bool fixed =
          strategy == CompressionStrategy::kUltraFast || strategy == CompressionStrategy::kFast;
      EXPECT_EQ(find_segment(jpeg, 0xC2) < jpeg.size(), progressive) << strategy_name(strategy);
      EXPECT_EQ(find_segment(jpeg, 0xC0) < jpeg.size(), !progressive) << strategy_name(strategy);
      EXPECT_EQ(has_standard_tables(jpeg), fixed) << strategy_name(strategy);
      EXPECT_TRUE(check_jpeg(jpeg)) << strategy_name(strategy);
    }
  }
}

TEST(JpegEncoder, GivesTheSameBytesWhateverCameBefore) {
  const base::Image image = photo_like(160, 120);
  const base::Image other = photo_like(90, 200);
  for (const CompressionStrategy strategy : kAll) {
    JpegEncoder fresh;
    const Bytes expected = encode(fresh, image, {.strategy = strategy});
    JpegEncoder used;
    for (const CompressionStrategy before : kAll) encode(used, other, {.strategy = before});
    EXPECT_EQ(encode(used, image, {.strategy = strategy}), expected) << strategy_name(strategy);
  }
}

TEST(JpegEncoder, FastTransformIsOnlyInUltraFast) {
  const base::Image image = photo_like(160, 120);
  JpegEncoder encoder;
  const Bytes ultra =
      encode(encoder, image, {.strategy = CompressionStrategy::kUltraFast, .quality = 90});
  const Bytes fast =
      encode(encoder, image, {.strategy = CompressionStrategy::kFast, .quality = 90});
  EXPECT_NE(ultra, fast) << "the same tables and quality, another transform";
}

TEST(JpegEncoder, SizesFollowEncodingAndQuality) {
  const base::Image image = photo_like(640, 480);
  JpegEncoder encoder;
  const auto size = [&](CompressionStrategy strategy, int quality) {
    return encode(encoder, image, {.strategy = strategy, .quality = quality}).size();
  };
  EXPECT_LT(size(CompressionStrategy::kBalanced, 65), size(CompressionStrategy::kFast, 65));
  EXPECT_LT(size(CompressionStrategy::kQuality, 65), size(CompressionStrategy::kFast, 65));
  EXPECT_LT(size(CompressionStrategy::kFast, 35), size(CompressionStrategy::kFast, 50));
  std::size_t before = 0;
  for (const CompressionStrategy strategy : kAll) {
    const std::size_t bytes = encode(encoder, image, {.strategy = strategy}).size();
    EXPECT_GT(bytes, before) << strategy_name(strategy) << " at its own quality";
    before = bytes;
  }
}

TEST(JpegEncoder, ThePictureComesBack) {
  const base::Image image = photo_like(101, 75);
  JpegEncoder encoder;
  JpegDecoder decoder;
  base::Image back;
  for (const CompressionStrategy strategy : kAll) {
    const Bytes jpeg = encode(encoder, image, {.strategy = strategy});
    ASSERT_TRUE(decoder.decode(jpeg, check_jpeg(jpeg).value(), back));
    ASSERT_EQ(back.width(), 101);
    ASSERT_EQ(back.height(), 75);
    double sum = 0.0;
    for (std::size_t i = 0; i < image.size_bytes(); ++i) {
      sum += std::abs(image.view().data[i] - back.view().data[i]);
    }
    EXPECT_LT(sum / static_cast<double>(image.size_bytes()), 7.0) << strategy_name(strategy);
  }
}

TEST(JpegEncoder, HonoursTheStride) {
  const base::Image image = photo_like(64, 48);
  base::Image wide = photo_like(64, 48);
  wide.resize(80, 48);
  for (int y = 0; y < 48; ++y) {
    std::copy_n(image.view().row(y), 64 * 3, wide.mutable_view().row(y));
  }
  const base::ImageView part{wide.view().data, 64, 48, wide.view().stride};
  JpegEncoder encoder;
  const Bytes packed = encode(encoder, image, {});
  const auto strided = encoder.encode(part);
  ASSERT_TRUE(strided);
  EXPECT_EQ(Bytes(strided->bytes.begin(), strided->bytes.end()), packed);
}

TEST(JpegEncoder, ReusesItsOutputMemory) {
  const base::Image image = photo_like(640, 480);
  JpegEncoder encoder;
  const auto first = encoder.encode(image.view(), {.quality = 100});
  ASSERT_TRUE(first);
  ASSERT_GT(first->bytes.size(), std::size_t{64 * 1024}) << "must outgrow the first buffer";
  const auto* memory = first->bytes.data();
  EXPECT_EQ(encoder.encode(image.view(), {.quality = 100})->bytes.data(), memory);
}

TEST(JpegEncoder, RefusesWhatCannotBeWritten) {
  const base::Image image = photo_like(32, 24);
  JpegEncoder encoder;
  EXPECT_FALSE(encoder.encode({}));
  EXPECT_FALSE(encoder.encode({image.view().data, 70000, 1, 210000}));
  EXPECT_FALSE(encoder.encode(image.view(), {.quality = 0}));
  EXPECT_FALSE(encoder.encode(image.view(), {.quality = 101}));
  EXPECT_FALSE(encoder.encode(image.view(), {.max_quality = 0}));
  EXPECT_EQ(encoder.encode({}).error().code, base::ErrorCode::kInvalidInput);
  EXPECT_TRUE(encoder.encode(image.view()));
}

TEST(CompressionStrategy, NamesGoBothWays) {
  for (const CompressionStrategy strategy : kAll) {
    EXPECT_EQ(parse_strategy(strategy_name(strategy)), strategy);
  }
  EXPECT_EQ(strategy_name(CompressionStrategy::kUltraFast), "ultra_fast");
  EXPECT_EQ(parse_strategy("best"), std::nullopt);
}

}  // namespace
}  // namespace storysign::codec
