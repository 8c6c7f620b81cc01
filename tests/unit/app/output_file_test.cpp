#include "app/media/output_file.hpp"

#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace storysign::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::read_all;
using testing::TempFolder;
using Names = std::set<std::string>;

void fill(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

TEST(OutputFile, AppearsOnlyWhenCommitted) {
  const TempFolder folder;
  auto file = OutputFile::create(folder / "out", false);
  ASSERT_TRUE(file);
  fill(file->writing_path(), "whole");
  EXPECT_FALSE(fs::exists(folder / "out"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(folder.names(), Names{"out"});
  EXPECT_EQ(read_all(folder / "out"), "whole");
}

TEST(OutputFile, LeavesNothingWithoutCommit) {
  const TempFolder folder;
  {
    auto file = OutputFile::create(folder / "out", false);
    ASSERT_TRUE(file);
    OutputFile moved = std::move(*file);
    EXPECT_EQ(folder.names().size(), 1U);
  }
  EXPECT_EQ(folder.names(), Names{});
}

TEST(OutputFile, KeepsWhatExistsUnlessToldOtherwise) {
  const TempFolder folder;
  folder.write("out", "precious");
  const auto refused = OutputFile::create(folder / "out", false);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("--no-overwrite"));
  {
    auto abandoned = OutputFile::create(folder / "out", true);
    ASSERT_TRUE(abandoned);
  }
  EXPECT_EQ(read_all(folder / "out"), "precious");
  auto replaced = OutputFile::create(folder / "out", true);
  ASSERT_TRUE(replaced);
  ASSERT_TRUE(replaced->commit());
  EXPECT_EQ(read_all(folder / "out"), "");
}

TEST(OutputFile, AnEmptyFileIsNotPrecious) {
  const TempFolder folder;
  folder.write("out", "");
  EXPECT_TRUE(OutputFile::create(folder / "out", false));
}

TEST(OutputFile, KeepsAFileThatAppearedMeanwhile) {
  const TempFolder folder;
  auto file = OutputFile::create(folder / "out", false);
  ASSERT_TRUE(file);
  folder.write("out", "precious");
  EXPECT_FALSE(file->commit());
  EXPECT_EQ(read_all(folder / "out"), "precious");
}

TEST(OutputFile, SaysWhyItCannotBeWritten) {
  const TempFolder folder;
  folder.write("file", "x");
  EXPECT_THAT(OutputFile::create(folder / "gone/out", false).error().message,
              HasSubstr("there is no folder"));
  EXPECT_THAT(OutputFile::create(folder / "file/out", false).error().message,
              HasSubstr("is not a folder"));
  EXPECT_THAT(OutputFile::create(folder / ".", false).error().message, HasSubstr("is a folder"));
  EXPECT_THAT(cannot_write("out", ENOSPC).message,
              HasSubstr("No space left on device; free some space"));
}

TEST(OutputFile, WritesADeviceInPlace) {
  auto device = OutputFile::create("/dev/null", false);
  ASSERT_TRUE(device);
  EXPECT_EQ(device->writing_path(), "/dev/null");
  EXPECT_TRUE(device->sync());
  EXPECT_TRUE(device->commit());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFolder, AppearsOnlyWhenCommitted) {
  const TempFolder folder;
  {
    auto out = OutputFolder::create(folder / "out", false);
    ASSERT_TRUE(out);
    fill(out->writing_path() / "a", "1");
    EXPECT_FALSE(fs::exists(folder / "out"));
  }
  EXPECT_EQ(folder.names(), Names{});
  auto out = OutputFolder::create(folder / "out", false);
  ASSERT_TRUE(out);
  fill(out->writing_path() / "a", "1");
  ASSERT_TRUE(out->commit());
  EXPECT_EQ(folder.names(), Names{"out"});
  EXPECT_EQ(read_all(folder / "out/a"), "1");
}

TEST(OutputFolder, JoinsAFolderWithSomethingInItOnlyWhenTold) {
  const TempFolder folder;
  fs::create_directory(folder / "out");
  fill(folder / "out/mine", "precious");
  fill(folder / "out/a", "old");
  EXPECT_FALSE(OutputFolder::create(folder / "out", false));
  auto out = OutputFolder::create(folder / "out", true);
  ASSERT_TRUE(out);
  fill(out->writing_path() / "a", "new");
  ASSERT_TRUE(out->commit());
  EXPECT_EQ(folder.names(), Names{"out"});
  EXPECT_EQ(read_all(folder / "out/a"), "new");
  EXPECT_EQ(read_all(folder / "out/mine"), "precious");
}

}  // namespace
}  // namespace storysign::app
