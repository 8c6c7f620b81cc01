#include "app/media/picture_reader.hpp"
#include "app/media/picture_writer.hpp"
#include "app/media/video_reader.hpp"
#include "app/media/video_writer.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

namespace storysign::app {
namespace {

using ::testing::HasSubstr;
using testing::read_all;
using testing::TempFolder;

const std::atomic<int> kGoOn{0};

/// A soft gradient, brighter from frame to frame: survives the compression almost unchanged.
base::Image gradient(int width, int height, int frame) {
  base::Image image(width, height);
  for (int y = 0; y < height; ++y) {
    std::uint8_t* pixel = image.mutable_view().row(y);
    for (int x = 0; x < width; ++x, pixel += 3) {
      pixel[0] = static_cast<std::uint8_t>(40 + 100 * x / width + 5 * frame);
      pixel[1] = static_cast<std::uint8_t>(60 + 100 * y / height);
      pixel[2] = 90;
    }
  }
  return image;
}

int largest_difference(const base::ImageView& a, const base::ImageView& b) {
  int largest = 0;
  for (int y = 0; y < a.height; ++y) {
    for (int x = 0; x < a.width * 3; ++x) {
      largest = std::max(largest, std::abs(a.row(y)[x] - b.row(y)[x]));
    }
  }
  return largest;
}

VideoInfo info_of(int width, int height) {
  VideoInfo info;
  info.width = width;
  info.height = height;
  info.frame_rate = {25, 1};
  info.time_base = {1, 1000};
  return info;
}

/// Writes frames at these times (milliseconds) and returns whether all went well.
base::Result<void> write_video(const std::filesystem::path& path, const VideoInfo& info,
                               const std::vector<std::int64_t>& times) {
  auto writer = VideoWriter::create(path, path, info);
  if (!writer) {
    return tl::unexpected(writer.error());
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const base::Image image = gradient(info.width, info.height, static_cast<int>(i));
    if (auto written = (*writer)->write(image.view(), times[i]); !written) {
      return written;
    }
  }
  return (*writer)->finish();
}

class Formats : public ::testing::TestWithParam<const char*> {};

TEST_P(Formats, FramesAndTimesSurvive) {
  silence_libav();
  const TempFolder folder;
  const auto path = folder / (std::string("out") + GetParam());
  const std::vector<std::int64_t> times = {1000, 1040, 1200, 1213, 1300};
  ASSERT_TRUE(write_video(path, info_of(64, 48), times));
  const auto info = probe_video(path, kGoOn);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->frames, 5);
  EXPECT_EQ(info->width, 64);
  EXPECT_EQ(info->height, 48);
  EXPECT_FALSE(info->constant_rate);
  auto reader = VideoReader::open(path, *info);
  ASSERT_TRUE(reader);
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto frame = (*reader)->read();
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->index, static_cast<std::int64_t>(i));
    EXPECT_NEAR(static_cast<double>((*frame)->time.count()),
                1000.0 * static_cast<double>(times[i] - times[0]), 1000.0);
    const base::Image source = gradient(64, 48, static_cast<int>(i));
    EXPECT_LE(largest_difference((*frame)->image.view(), source.view()), 12);
  }
  const auto end = (*reader)->read();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

INSTANTIATE_TEST_SUITE_P(All, Formats, ::testing::Values(".mp4", ".mov", ".MKV"));

TEST(VideoWriter, OddSidesGrowByRepeatingTheEdge) {
  silence_libav();
  const TempFolder folder;
  ASSERT_TRUE(write_video(folder / "out.mp4", info_of(63, 47), {0, 40}));
  const auto info = probe_video(folder / "out.mp4", kGoOn);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->width, 64);
  EXPECT_EQ(info->height, 48);
  auto reader = VideoReader::open(folder / "out.mp4", *info);
  const auto frame = (*reader)->read();
  const base::Image source = gradient(63, 47, 0);
  const base::ImageView inner{(*frame)->image.data, 63, 47, (*frame)->image.stride};
  EXPECT_LE(largest_difference(inner, source.view()), 12);
  EXPECT_NEAR((*frame)->image.row(47)[63 * 3], source.view().row(46)[62 * 3], 12);
}

TEST(VideoWriter, AConstantRateStaysOne) {
  silence_libav();
  const TempFolder folder;
  VideoInfo info = info_of(64, 48);
  info.constant_rate = true;
  info.frame_rate = {30, 1};
  ASSERT_TRUE(write_video(folder / "out.mp4", info, {0, 33, 67, 100}));
  const auto found = probe_video(folder / "out.mp4", kGoOn);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->constant_rate);
  EXPECT_EQ(found->frame_rate.num, 30);
  EXPECT_EQ(found->frame_rate.den, 1);
  EXPECT_EQ(found->duration.count(), 133333);
}

TEST(VideoWriter, NoticesAFullDisk) {
  silence_libav();
  const VideoInfo info = info_of(64, 48);
  // /dev/full takes the name of a file and no byte. The MP4 writer puts its first bytes into a
  // buffer, so the failure comes at the end at the latest.
  auto writer = VideoWriter::create("out.mkv", "/dev/full", info);
  base::Result<void> done;
  if (writer) {
    const base::Image image = gradient(64, 48, 0);
    done = (*writer)->write(image.view(), 0).and_then([&] { return (*writer)->finish(); });
  } else {
    done = tl::unexpected(writer.error());
  }
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kIo);
  EXPECT_THAT(done.error().message, HasSubstr("'out.mkv': No space left"));
}

TEST(VideoWriter, KnowsItsFormatsByName) {
  EXPECT_TRUE(check_video_name("a.MP4"));
  EXPECT_FALSE(check_video_name("a.webm"));
  EXPECT_FALSE(check_video_name("mp4"));
}

TEST(VideoProbe, ACutOffFileIsRefused) {
  silence_libav();
  const TempFolder folder;
  ASSERT_TRUE(write_video(folder / "whole.mkv", info_of(64, 48), {0, 40, 80, 120}));
  const std::string bytes = read_all(folder / "whole.mkv");
  for (std::size_t i = 1; i < 20; ++i) {
    const auto cut =
        folder.write("cut.mkv", std::string_view(bytes).substr(0, bytes.size() * i / 20));
    EXPECT_FALSE(probe_video(cut, kGoOn)) << i;
  }
}

TEST(VideoProbe, StopsWhenTold) {
  silence_libav();
  const TempFolder folder;
  ASSERT_TRUE(write_video(folder / "a.mkv", info_of(64, 48), {0, 40}));
  const std::atomic<int> stop{1};
  const auto info = probe_video(folder / "a.mkv", stop);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, base::ErrorCode::kCancelled);
}

TEST(Pictures, PngKeepsEveryPixelAndJpegAlmost) {
  silence_libav();
  const TempFolder folder;
  const base::Image image = gradient(37, 29, 1);
  PictureWriter writer;
  PictureReader reader;
  base::Image back;
  ASSERT_TRUE(writer.write(image.view(), PictureFormat::kPng, folder / "a", "a.png"));
  ASSERT_TRUE(reader.check(folder / "a"));
  ASSERT_TRUE(reader.read(folder / "a", back));
  ASSERT_EQ(back.width(), 37);
  EXPECT_EQ(largest_difference(back.view(), image.view()), 0);
  ASSERT_TRUE(writer.write(image.view(), PictureFormat::kJpeg, folder / "b", "b.jpg"));
  ASSERT_TRUE(reader.read(folder / "b", back));
  EXPECT_LE(largest_difference(back.view(), image.view()), 12);
}

TEST(Pictures, NoticeAFullDisk) {
  PictureWriter writer;
  const base::Image image = gradient(64, 64, 0);
  for (const auto format : {PictureFormat::kPng, PictureFormat::kJpeg}) {
    const auto done = writer.write(image.view(), format, "/dev/full", "a.png");
    ASSERT_FALSE(done);
    EXPECT_THAT(done.error().message, HasSubstr("'a.png': No space left"));
  }
}

TEST(Pictures, EveryCutIsRefused) {
  silence_libav();
  const TempFolder folder;
  const base::Image image = gradient(64, 64, 0);
  PictureWriter writer;
  PictureReader reader;
  base::Image back;
  for (const auto format : {PictureFormat::kPng, PictureFormat::kJpeg}) {
    ASSERT_TRUE(writer.write(image.view(), format, folder / "whole", "whole"));
    const std::string bytes = read_all(folder / "whole");
    for (std::size_t i = 1; i < 10; ++i) {
      const auto cut =
          folder.write("cut", std::string_view(bytes).substr(0, bytes.size() * i / 10));
      EXPECT_FALSE(reader.read(cut, back)) << i;
    }
  }
}

}  // namespace
}  // namespace storysign::app
