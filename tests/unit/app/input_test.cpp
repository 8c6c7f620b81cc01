#include "app/media/container_check.hpp"
#include "app/media/input_file.hpp"
#include "app/media/picture_header.hpp"
#include "app/media/rotate.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace storysign::app {
namespace {

using ::testing::HasSubstr;
using testing::TempFolder;

std::string big(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes; i-- > 0;) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
  return out;
}

std::string box(std::string_view type, std::size_t payload) {
  return big(payload + 8, 4) + std::string(type) + std::string(payload, '\0');
}

TEST(InspectInput, JudgesByTheFirstBytesAndNotByTheName) {
  const TempFolder folder;
  const auto kind = [&](std::string_view bytes) {
    return inspect_input(folder.write("picture.txt", bytes))->kind;
  };
  EXPECT_EQ(kind("\xFF\xD8\xFF\xE0"), FileKind::kJpeg);
  EXPECT_EQ(kind("\x89PNG\r\n\x1A\n"), FileKind::kPng);
  EXPECT_EQ(kind(std::string("RIFF\1\0\0\0WEBP", 12)), FileKind::kWebp);
  EXPECT_EQ(kind(std::string("BM\1\0\0\0\0\0\0\0", 10)), FileKind::kBmp);
  EXPECT_EQ(kind(box("ftyp", 8)), FileKind::kVideo);
  EXPECT_EQ(kind(std::string("RIFF\1\0\0\0AVI ", 12)), FileKind::kVideo);
}

TEST(InspectInput, SaysWhatIsWrong) {
  const TempFolder folder;
  EXPECT_THAT(inspect_input(folder / "gone").error().message, HasSubstr("no file or folder"));
  EXPECT_THAT(inspect_input(folder.write("a", "")).error().message, HasSubstr("is empty"));
  EXPECT_THAT(inspect_input(folder.write("b", "Hello\n")).error().message, HasSubstr("text file"));
  EXPECT_THAT(inspect_input(folder.write("b", "BMW is a car\n")).error().message,
              HasSubstr("text file"));
  EXPECT_THAT(inspect_input(folder.write("c", big(24, 4) + "ftypheic")).error().message,
              HasSubstr("HEIC"));
  EXPECT_THAT(inspect_input("/dev/null").error().message, HasSubstr("device"));
}

TEST(CheckSides, TakesTheLimitsAndNothingBeyond) {
  EXPECT_TRUE(check_sides("x", "video", kMinSide, kMaxSide));
  EXPECT_FALSE(check_sides("x", "video", kMinSide - 1, 100));
  EXPECT_FALSE(check_sides("x", "video", 100, kMaxSide + 1));
  EXPECT_THAT(check_sides("x", "video", 100, 9000).error().message,
              HasSubstr("video 'x' is too large: 100 x 9000"));
}

TEST(ListPictures, SortsByNameAndCountsTheOthers) {
  const TempFolder folder;
  for (const char* name : {"b.JPG", "a10.png", "a2.bmp", "notes.txt", "jpg"}) {
    folder.write(name, "x");
  }
  const auto listing = list_pictures(folder / "");
  ASSERT_TRUE(listing);
  ASSERT_EQ(listing->pictures.size(), 3U);
  EXPECT_EQ(listing->pictures[0].filename(), "a10.png");
  EXPECT_EQ(listing->pictures[1].filename(), "a2.bmp");
  EXPECT_EQ(listing->pictures[2].filename(), "b.JPG");
  EXPECT_EQ(listing->others, 2U);
}

TEST(ContainerCheck, MovieBoxesMustBeWhole) {
  const TempFolder folder;
  const std::string whole = box("ftyp", 8) + box("moov", 100) + box("mdat", 500);
  EXPECT_TRUE(check_container_complete(folder.write("a", whole)));
  EXPECT_TRUE(check_container_complete(folder.write("a", whole + "appended by somebody")));
  EXPECT_FALSE(check_container_complete(folder.write("a", whole.substr(0, whole.size() - 1))));
  EXPECT_FALSE(check_container_complete(folder.write("a", box("ftyp", 8) + box("mdat", 500))));
  const std::string to_the_end = box("ftyp", 8) + box("moov", 9) + big(0, 4) + "mdat12345";
  EXPECT_TRUE(check_container_complete(folder.write("a", to_the_end)));
  const std::string wide =
      box("ftyp", 8) + box("moov", 9) + big(1, 4) + "mdat" + big(20, 8) + "1234";
  EXPECT_TRUE(check_container_complete(folder.write("a", wide)));
  EXPECT_FALSE(check_container_complete(folder.write("a", wide.substr(0, wide.size() - 1))));
}

TEST(ContainerCheck, MatroskaSegmentMustBeWhole) {
  const TempFolder folder;
  const std::string head = big(0x1A45DFA3, 4) + big(0x84, 1) + "head" + big(0x18538067, 4);
  const std::string sized = head + big(0x0100000000000000ULL | 10, 8) + "0123456789";
  EXPECT_TRUE(check_container_complete(folder.write("a", sized)));
  EXPECT_FALSE(check_container_complete(folder.write("a", sized.substr(0, sized.size() - 1))));
  EXPECT_FALSE(check_container_complete(folder.write("a", head)));
  const std::string streamed = head + big(0x01FFFFFFFFFFFFFFULL, 8) + "0123";
  EXPECT_TRUE(check_container_complete(folder.write("a", streamed)));
}

TEST(ContainerCheck, RiffMustBeWhole) {
  const TempFolder folder;
  const std::string whole = std::string("RIFF\x08\0\0\0AVI 1234", 16);
  EXPECT_TRUE(check_container_complete(folder.write("a", whole)));
  EXPECT_FALSE(check_container_complete(folder.write("a", whole.substr(0, 15))));
}

TEST(ContainerCheck, SaysNothingAboutOtherFiles) {
  const TempFolder folder;
  EXPECT_TRUE(check_container_complete(folder.write("a", "")));
  EXPECT_TRUE(check_container_complete(folder.write("a", "G@")));
}

std::optional<PictureSize> size_of(FileKind kind, std::string head) {
  head.resize(kPictureHeadBytes);
  return picture_size(kind, {reinterpret_cast<const std::uint8_t*>(head.data()), head.size()});
}

TEST(PictureHeader, ReadsTheSize) {
  const auto png = size_of(FileKind::kPng, std::string(16, 'x') + big(20000, 4) + big(3, 4));
  ASSERT_TRUE(png);
  EXPECT_EQ(png->width, 20000);
  EXPECT_EQ(png->height, 3);
  const auto bmp = size_of(FileKind::kBmp, std::string(14, 'x') + std::string("\x28\0\0\0", 4) +
                                               std::string("\x02\x01\0\0\xFE\xFF\xFF\xFF", 8));
  ASSERT_TRUE(bmp);
  EXPECT_EQ(bmp->width, 0x102);
  EXPECT_EQ(bmp->height, 2);
  const auto webp = size_of(FileKind::kWebp, std::string(12, 'x') + "VP8X" + std::string(8, '\0') +
                                                 std::string("\x0F\x00\x00\x1F\x01\x00", 6));
  ASSERT_TRUE(webp);
  EXPECT_EQ(webp->width, 16);
  EXPECT_EQ(webp->height, 0x120);
  EXPECT_FALSE(size_of(FileKind::kWebp, std::string(12, 'x') + "ABCD"));
  EXPECT_FALSE(picture_size(FileKind::kPng, {}));
}

TEST(Rotate, TurnsClockwise) {
  // 2 x 3 pixels, red holds the number of the pixel:   0 1 / 2 3 / 4 5.
  std::array<std::uint8_t, 18> pixels{};
  for (std::size_t i = 0; i < 6; ++i) {
    pixels[i * 3] = static_cast<std::uint8_t>(i);
  }
  const base::ImageView from{pixels.data(), 2, 3, 6};
  const auto turned = [&](int degrees, int width, int height) {
    base::Image to(width, height);
    rotate_clockwise(from, degrees, to.mutable_view());
    std::string out;
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        out.push_back(static_cast<char>('0' + to.view().row(y)[x * 3]));
      }
    }
    return out;
  };
  EXPECT_EQ(turned(90, 3, 2), "420531");
  EXPECT_EQ(turned(180, 2, 3), "543210");
  EXPECT_EQ(turned(270, 3, 2), "135024");
}

}  // namespace
}  // namespace storysign::app
