// Decoding in two steps: what both together give, and what the first one alone does.

#include "codec/planes.hpp"

#include "base/half_gray.hpp"
#include "codec/decoder.hpp"
#include "unit/codec/pictures.hpp"

#include <gtest/gtest.h>
// clang-format off
#include <cstdio>  // jpeglib.h needs FILE.
#include <jpeglib.h>
// clang-format on

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace storysign::codec {
namespace {

using testing::photo_like;
using Bytes = std::vector<std::uint8_t>;

/// How a JPEG holds its colours: samples of brightness for one of colour.
struct Form {
  const char* name;
  J_COLOR_SPACE space;
  int across;
  int down;
};
constexpr Form k420{"420", JCS_YCbCr, 2, 2};
constexpr Form k422{"422", JCS_YCbCr, 2, 1};
constexpr Form k440{"440", JCS_YCbCr, 1, 2};
constexpr Form k444{"444", JCS_YCbCr, 1, 1};
constexpr Form kGray{"Gray", JCS_GRAYSCALE, 1, 1};
constexpr Form kRgb{"Rgb", JCS_RGB, 1, 1};

Bytes make_jpeg(const Form& form, int width, int height) {
  const base::Image image = photo_like(width, height);
  jpeg_compress_struct info{};
  jpeg_error_mgr error{};
  info.err = jpeg_std_error(&error);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, form.space);
  jpeg_set_quality(&info, 90, TRUE);
  info.comp_info[0].h_samp_factor = form.across;
  info.comp_info[0].v_samp_factor = form.down;
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < height; ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(image.view().row(y));
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  Bytes jpeg(memory, memory + size);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return jpeg;
}

Bytes bytes_of(const base::Image& image) {
  return {image.view().data, image.view().data + image.size_bytes()};
}

/// Row by row, without what pads them.
Bytes bytes_of(const base::GrayView& view) {
  Bytes out;
  for (int y = 0; y < view.height; ++y) {
    out.insert(out.end(), view.row(y), view.row(y) + view.width);
  }
  return out;
}

using Case = std::tuple<Form, int, int>;

class EveryForm : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    const auto& [form, width, height] = GetParam();
    jpeg_ = make_jpeg(form, width, height);
    header_ = check_jpeg(jpeg_).value();
    const auto decoded = decoder_.decode_planes(jpeg_, header_, planes_);
    ASSERT_TRUE(decoded) << decoded.error().message;
  }

  Bytes jpeg_;
  JpegHeader header_;
  JpegDecoder decoder_;
  YuvPlanes planes_;
};

TEST_P(EveryForm, HasTheBrightnessThatOneStepGives) {
  base::GrayImage gray;
  ASSERT_TRUE(decoder_.decode_gray(jpeg_, header_, gray));
  EXPECT_EQ(planes_.brightness().width, header_.width);
  EXPECT_EQ(planes_.brightness().height, header_.height);
  EXPECT_EQ(bytes_of(planes_.brightness()), bytes_of(gray.view()));
}

TEST_P(EveryForm, GivesTheColoursThatOneStepGives) {
  base::Image image;
  base::Image expected;
  const auto made = decoder_.planes_to_rgb(planes_, image);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(decoder_.decode(jpeg_, header_, expected));
  ASSERT_EQ(image.width(), expected.width());
  ASSERT_EQ(image.height(), expected.height());
  const Form& form = std::get<0>(GetParam());
  if (form.across * form.down == 1) {
    EXPECT_EQ(bytes_of(image), bytes_of(expected));
    return;
  }
  // Colours that several pixels share are blended with their neighbours' by one step, not by two.
  double sum = 0.0;
  for (std::size_t i = 0; i < image.size_bytes(); ++i) {
    sum += std::abs(image.view().data[i] - expected.view().data[i]);
  }
  EXPECT_LT(sum / static_cast<double>(image.size_bytes()), 4.0);
}

std::string name_of(const ::testing::TestParamInfo<Case>& info) {
  const auto& [form, width, height] = info.param;
  return form.name + std::string("of") + std::to_string(width) + "by" + std::to_string(height);
}

INSTANTIATE_TEST_SUITE_P(Planes, EveryForm,
                         ::testing::Combine(::testing::Values(k420, k422, k440, k444, kGray, kRgb),
                                            ::testing::Values(128, 125), ::testing::Values(96, 83)),
                         name_of);

TEST(Planes, OfPicturesOfAllFormsOneAfterTheOther) {
  JpegDecoder decoder;
  YuvPlanes planes;
  base::Image image;
  base::Image expected;
  for (const Form& form : {k444, kGray, kRgb, kGray, k444, kRgb, k444}) {
    const Bytes jpeg = make_jpeg(form, 64, 48);
    const JpegHeader header = check_jpeg(jpeg).value();
    ASSERT_TRUE(decoder.decode_planes(jpeg, header, planes));
    ASSERT_TRUE(decoder.planes_to_rgb(planes, image));
    ASSERT_TRUE(decoder.decode(jpeg, header, expected));
    EXPECT_EQ(bytes_of(image), bytes_of(expected)) << form.name;
  }
}

TEST(Planes, ReuseTheirMemory) {
  const Bytes large = make_jpeg(k420, 128, 96);
  const Bytes small = make_jpeg(k422, 64, 48);
  JpegDecoder decoder;
  YuvPlanes planes;
  ASSERT_TRUE(decoder.decode_planes(large, check_jpeg(large).value(), planes));
  const std::uint8_t* memory = planes.brightness().data;
  ASSERT_TRUE(decoder.decode_planes(small, check_jpeg(small).value(), planes));
  ASSERT_TRUE(decoder.decode_planes(large, check_jpeg(large).value(), planes));
  EXPECT_EQ(planes.brightness().data, memory);
}

TEST(Planes, OfADamagedPictureAreRefusedAsThePictureIs) {
  const Bytes good = make_jpeg(k420, 160, 120);
  const JpegHeader header = check_jpeg(good).value();
  Bytes cut = good;
  cut.resize(cut.size() * 2 / 3);
  Bytes spoilt = good;
  std::fill(spoilt.begin() + static_cast<std::ptrdiff_t>(spoilt.size() / 2), spoilt.end() - 2,
            std::uint8_t{0xFE});
  JpegDecoder decoder;
  YuvPlanes planes;
  base::Image image;
  for (const Bytes& bad : {cut, spoilt}) {
    const auto two_steps = decoder.decode_planes(bad, header, planes);
    const auto one_step = decoder.decode(bad, header, image);
    ASSERT_FALSE(two_steps);
    ASSERT_FALSE(one_step);
    EXPECT_EQ(two_steps.error().code, one_step.error().code);
    EXPECT_EQ(two_steps.error().message, one_step.error().message);
    EXPECT_TRUE(decoder.decode_planes(good, header, planes)) << "usable after a failure";
    EXPECT_TRUE(decoder.planes_to_rgb(planes, image));
  }
}

TEST(Planes, OfAPictureThatIsNotAsItsHeaderSaysAreRefused) {
  const Bytes jpeg = make_jpeg(k420, 64, 48);
  JpegDecoder decoder;
  YuvPlanes planes;
  for (const JpegHeader& other : {JpegHeader{32, 24, 3, false}, JpegHeader{64, 24, 3, false},
                                  JpegHeader{128, 96, 3, false}, JpegHeader{}}) {
    EXPECT_FALSE(decoder.decode_planes(jpeg, other, planes)) << other.width;
  }
  EXPECT_FALSE(decoder.decode_planes({}, check_jpeg(jpeg).value(), planes));
}

TEST(Planes, ThatAreEmptyGiveNoPicture) {
  JpegDecoder decoder;
  base::Image image;
  const auto made = decoder.planes_to_rgb({}, image);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::kInvalidInput);
}

/// One pixel after the other, as half_gray() says of itself.
Bytes plain_half(const base::GrayView& from) {
  Bytes out;
  for (int y = 0; y + 1 < from.height; y += 2) {
    for (int x = 0; x + 1 < from.width; x += 2) {
      const int sum =
          from.row(y)[x] + from.row(y)[x + 1] + from.row(y + 1)[x] + from.row(y + 1)[x + 1];
      out.push_back(static_cast<std::uint8_t>(sum / 4 + (sum % 4 >= 2 ? 1 : 0)));
    }
  }
  return out;
}

TEST(HalfGray, IsTheRoundedMeanForEverySize) {
  std::minstd_rand random(11);
  base::GrayImage picture;
  base::GrayImage half;
  for (int width = 1; width <= 100; ++width) {
    const int height = 1 + width % 7;
    picture.resize(width, height);
    for (int y = 0; y < height; ++y) {
      std::generate_n(picture.row(y), width, [&] {
        const auto value = random();  // Often one of the ends, where sums could run over.
        return static_cast<std::uint8_t>(value % 3 == 0 ? 255 : value >> 8U);
      });
    }
    base::half_gray(picture.view(), half);
    ASSERT_EQ(half.view().width, width / 2);
    ASSERT_EQ(half.view().height, height / 2);
    ASSERT_EQ(bytes_of(half.view()), plain_half(picture.view())) << width << " x " << height;
  }
}

TEST(HalfGray, OfPlanesIsThatOfTheirBrightness) {
  const Bytes jpeg = make_jpeg(k420, 125, 83);
  JpegDecoder decoder;
  YuvPlanes planes;
  ASSERT_TRUE(decoder.decode_planes(jpeg, check_jpeg(jpeg).value(), planes));
  base::GrayImage half;
  base::half_gray(planes.brightness(), half);
  EXPECT_EQ(half.view().width, 62);
  EXPECT_EQ(half.view().height, 41);
  EXPECT_EQ(bytes_of(half.view()), plain_half(planes.brightness()));
}

}  // namespace
}  // namespace storysign::codec
