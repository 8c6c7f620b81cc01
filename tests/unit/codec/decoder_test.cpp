#include "codec/decoder.hpp"

#include "unit/codec/pictures.hpp"

#include <gtest/gtest.h>
#include <jpeglib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

namespace storysign::codec {
namespace {

using testing::photo_jpeg;
using Bytes = std::vector<std::uint8_t>;

/// The pixels that plain libjpeg gives with nothing set but scale and colours.
Bytes reference_pixels(const Bytes& jpeg, unsigned eighths, J_COLOR_SPACE colours) {
  jpeg_decompress_struct info{};
  jpeg_error_mgr error{};
  info.err = jpeg_std_error(&error);
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
  jpeg_read_header(&info, TRUE);
  info.scale_num = eighths;
  info.scale_denom = 8;
  info.out_color_space = colours;
  jpeg_start_decompress(&info);
  const std::size_t stride = info.output_width * static_cast<std::size_t>(info.output_components);
  Bytes pixels(stride * info.output_height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels.data() + stride * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return pixels;
}

Bytes bytes_of(const base::Image& image) {
  return {image.view().data, image.view().data + image.size_bytes()};
}

TEST(JpegDecoder, GivesTheVeryPixelsOfLibjpegDefaults) {
  JpegDecoder decoder;
  base::Image image;
  for (const auto strategy : {CompressionStrategy::kFast, CompressionStrategy::kQuality}) {
    const Bytes jpeg = photo_jpeg(125, 83, strategy);
    const JpegHeader header = check_jpeg(jpeg).value();
    for (int eighths = 1; eighths <= 8; ++eighths) {
      const auto decoded = decoder.decode(jpeg, header, image, {.eighths = eighths});
      ASSERT_TRUE(decoded) << decoded.error().message;
      EXPECT_EQ(image.width(), (125 * eighths + 7) / 8);
      EXPECT_EQ(image.height(), (83 * eighths + 7) / 8);
      EXPECT_EQ(bytes_of(image), reference_pixels(jpeg, static_cast<unsigned>(eighths), JCS_RGB));
    }
  }
}

TEST(JpegDecoder, GivesPhotosAsLibjpegDoes) {
  const Bytes jpeg =
      testing::read_file(std::string(STORYSIGN_SHARED_DATA_DIR) + "/letters/photos/A22.jpg");
  if (jpeg.empty()) GTEST_SKIP() << "no shared test data beside the project";
  JpegDecoder decoder;
  base::Image image;
  ASSERT_TRUE(decoder.decode(jpeg, check_jpeg(jpeg).value(), image));
  EXPECT_EQ(bytes_of(image), reference_pixels(jpeg, 8, JCS_RGB));
}

TEST(JpegDecoder, GivesBrightnessOnly) {
  const Bytes jpeg = photo_jpeg(125, 83);
  const JpegHeader header = check_jpeg(jpeg).value();
  JpegDecoder decoder;
  base::GrayImage gray;
  for (const int eighths : {8, 4, 2}) {
    ASSERT_TRUE(decoder.decode_gray(jpeg, header, gray, {.eighths = eighths}));
    const base::GrayView view = gray.view();
    EXPECT_EQ(view.width, scaled_side(125, eighths));
    EXPECT_EQ(view.height, scaled_side(83, eighths));
    EXPECT_EQ(Bytes(view.data, view.data + view.stride * view.height),
              reference_pixels(jpeg, static_cast<unsigned>(eighths), JCS_GRAYSCALE));
  }
}

TEST(JpegDecoder, FastIsOtherPixelsButTheSamePicture) {
  const Bytes jpeg = photo_jpeg(128, 96);
  const JpegHeader header = check_jpeg(jpeg).value();
  JpegDecoder decoder;
  base::Image exact;
  base::Image fast;
  ASSERT_TRUE(decoder.decode(jpeg, header, exact));
  ASSERT_TRUE(decoder.decode(jpeg, header, fast, {.fast = true}));
  EXPECT_NE(bytes_of(exact), bytes_of(fast));
  double sum = 0.0;
  for (std::size_t i = 0; i < exact.size_bytes(); ++i) {
    sum += std::abs(exact.view().data[i] - fast.view().data[i]);
  }
  EXPECT_LT(sum / static_cast<double>(exact.size_bytes()), 3.0);
}

TEST(JpegDecoder, ReusesTheMemoryOfItsResult) {
  const Bytes jpeg = photo_jpeg(64, 48);
  const JpegHeader header = check_jpeg(jpeg).value();
  JpegDecoder decoder;
  base::Image image;
  ASSERT_TRUE(decoder.decode(jpeg, header, image));
  const std::uint8_t* memory = image.view().data;
  ASSERT_TRUE(decoder.decode(jpeg, header, image, {.eighths = 4}));
  ASSERT_TRUE(decoder.decode(jpeg, header, image));
  EXPECT_EQ(image.view().data, memory);
}

TEST(JpegDecoder, RefusesACutOffPictureUnlessLenient) {
  for (const auto strategy : {CompressionStrategy::kFast, CompressionStrategy::kQuality}) {
    Bytes jpeg = photo_jpeg(160, 120, strategy);
    const JpegHeader header = check_jpeg(jpeg).value();
    jpeg.resize(jpeg.size() * 2 / 3);
    JpegDecoder decoder;
    base::Image image;
    const auto strict = decoder.decode(jpeg, header, image);
    ASSERT_FALSE(strict);
    EXPECT_EQ(strict.error().code, base::ErrorCode::kInvalidInput);
    EXPECT_TRUE(strict.error().message.ends_with("send a complete, undamaged JPEG."));
    EXPECT_TRUE(decoder.decode(jpeg, header, image, {.lenient = true}));
    EXPECT_TRUE(decoder.decode(photo_jpeg(160, 120), header, image)) << "usable after a failure";
  }
}

TEST(JpegDecoder, RefusesDamagedData) {
  Bytes jpeg = photo_jpeg(160, 120);
  const JpegHeader header = check_jpeg(jpeg).value();
  std::fill(jpeg.begin() + static_cast<std::ptrdiff_t>(jpeg.size() / 2), jpeg.end() - 2,
            std::uint8_t{0xFE});
  JpegDecoder decoder;
  base::Image image;
  EXPECT_FALSE(decoder.decode(jpeg, header, image));
}

TEST(JpegDecoder, IsNotSpoiltByWhatItRefused) {
  const Bytes good = photo_jpeg(64, 48);
  const JpegHeader good_header = check_jpeg(good).value();
  const Bytes pixels = reference_pixels(good, 8, JCS_RGB);
  JpegDecoder decoder;
  base::Image image;
  int refused = 0;
  for (std::size_t i = 2; i < std::min<std::size_t>(good.size(), 700); ++i) {
    Bytes bad = good;
    bad[i] = static_cast<std::uint8_t>(bad[i] + 0x5b);
    const auto header = check_jpeg(bad);
    if (header && !decoder.decode(bad, *header, image)) ++refused;
    const auto decoded = decoder.decode(good, good_header, image);
    ASSERT_TRUE(decoded) << "after byte " << i << ": " << decoded.error().message;
    ASSERT_EQ(bytes_of(image), pixels) << "after byte " << i;
  }
  EXPECT_GT(refused, 50);
}

TEST(JpegDecoder, RefusesAPictureThatIsNotAsItsHeaderSays) {
  const Bytes jpeg = photo_jpeg(64, 48);
  JpegDecoder decoder;
  base::Image image;
  const auto other = decoder.decode(jpeg, {32, 24, 3, false}, image);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("32 x 24"), std::string::npos) << other.error().message;
  EXPECT_FALSE(decoder.decode(jpeg, {32, 48, 3, false}, image));
  EXPECT_FALSE(decoder.decode(jpeg, {64, 24, 3, false}, image));
  EXPECT_FALSE(decoder.decode(jpeg, {}, image));
  EXPECT_FALSE(decoder.decode({}, {64, 48, 3, false}, image));
}

TEST(JpegDecoder, RefusesAScaleOutsideItsRange) {
  const Bytes jpeg = photo_jpeg(64, 48);
  const JpegHeader header = check_jpeg(jpeg).value();
  JpegDecoder decoder;
  base::Image image;
  EXPECT_FALSE(decoder.decode(jpeg, header, image, {.eighths = 0}));
  EXPECT_FALSE(decoder.decode(jpeg, header, image, {.eighths = 9}));
}

}  // namespace
}  // namespace storysign::codec
