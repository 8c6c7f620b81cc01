#include "codec/exif.hpp"

#include "unit/codec/pictures.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace storysign::codec {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// The APP1 segment of a camera: one directory with the camera's name (an entry to step over) and
/// the orientation.
Bytes exif_segment(int orientation, bool little_endian) {
  Bytes out{0xFF, 0xE1, 0, 0, 'E', 'x', 'i', 'f', 0, 0};
  const auto put = [&](std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      const int shift = 8 * (little_endian ? i : count - 1 - i);
      out.push_back(static_cast<std::uint8_t>(value >> shift));
    }
  };
  out.insert(out.end(), 2, little_endian ? 'I' : 'M');
  put(42, 2);
  put(8, 4);
  put(2, 2);
  put(0x010F, 2);  // Make: ASCII, four bytes in place.
  put(2, 2);
  put(4, 4);
  put(0x41424300, 4);
  put(0x0112, 2);  // Orientation: SHORT, one.
  put(3, 2);
  put(1, 4);
  put(static_cast<std::uint32_t>(orientation), 2);
  put(0, 2);
  put(0, 4);  // No further directory.
  out[3] = static_cast<std::uint8_t>(out.size() - 2);
  return out;
}

Bytes with_exif(int orientation, bool little_endian) {
  Bytes jpeg = testing::photo_jpeg(32, 24);
  const Bytes segment = exif_segment(orientation, little_endian);
  // Behind JFIF's APP0, as some cameras write it: the parser must step over that.
  const auto at = static_cast<std::ptrdiff_t>(testing::find_segment(jpeg, 0xDB));
  jpeg.insert(jpeg.begin() + at, segment.begin(), segment.end());
  return jpeg;
}

TEST(Exif, ReadsAllOrientationsInBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(with_exif(orientation, true)), orientation);
    EXPECT_EQ(exif_orientation(with_exif(orientation, false)), orientation);
  }
}

TEST(Exif, IsUprightWhereNothingValidIsSaid) {
  EXPECT_EQ(exif_orientation({}), 1);
  EXPECT_EQ(exif_orientation(testing::photo_jpeg(32, 24)), 1);
  EXPECT_EQ(exif_orientation(with_exif(0, true)), 1);
  EXPECT_EQ(exif_orientation(with_exif(9, false)), 1);
}

TEST(Exif, SurvivesTruncationAndDamage) {
  const Bytes jpeg = with_exif(6, true);
  const std::size_t end = testing::find_segment(jpeg, 0xDB);
  for (std::size_t size = 0; size < end; ++size) {
    const Bytes cut(jpeg.begin(), jpeg.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(cut), 1) << size;
  }
  for (std::size_t i = 0; i < end; ++i) {
    for (const std::uint8_t value : std::array<std::uint8_t, 3>{0, 0x7F, 0xFF}) {
      Bytes damaged = jpeg;
      damaged[i] = value;
      const int orientation = exif_orientation(damaged);
      EXPECT_GE(orientation, 1);
      EXPECT_LE(orientation, 8);
    }
  }
}

/// A 3 x 2 picture whose pixels are numbered 1 to 6 in reading order, as a string of their numbers
/// after turning.
std::string turned(int orientation) {
  base::Image image(3, 2);
  for (int i = 0; i < 18; ++i) {
    image.mutable_view().data[i] = static_cast<std::uint8_t>(i / 3 + 1 + 10 * (i % 3));
  }
  base::Image out;
  apply_orientation(image.view(), orientation, out);
  std::string text;
  for (int y = 0; y < out.height(); ++y) {
    for (int x = 0; x < out.width(); ++x) {
      const std::uint8_t* pixel = out.view().row(y) + static_cast<std::ptrdiff_t>(x) * 3;
      EXPECT_EQ(pixel[1], pixel[0] + 10);
      EXPECT_EQ(pixel[2], pixel[0] + 20);
      text += static_cast<char>('0' + pixel[0]);
    }
    text += '/';
  }
  return text;
}

TEST(Exif, TurnsPicturesUpright) {
  EXPECT_EQ(turned(1), "123/456/");
  EXPECT_EQ(turned(2), "321/654/");
  EXPECT_EQ(turned(3), "654/321/");
  EXPECT_EQ(turned(4), "456/123/");
  EXPECT_EQ(turned(5), "14/25/36/");
  EXPECT_EQ(turned(6), "41/52/63/");
  EXPECT_EQ(turned(7), "63/52/41/");
  EXPECT_EQ(turned(8), "36/25/14/");
}

}  // namespace
}  // namespace storysign::codec
