#include "config/watcher.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A folder of its own with config.yaml in it, watched under a virtual clock: inotify queues its
/// events before the call that caused them returns.
class Watcher : public ::testing::Test {
 public:
  Watcher() {
    std::string name = (fs::temp_directory_path() / "watcherXXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    write("config.yaml", "video:\n  fps: 30\n");
  }
  ~Watcher() override { fs::remove_all(folder_); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  Watcher(Watcher&&) = delete;
  Watcher& operator=(Watcher&&) = delete;

 protected:
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder_ / name, std::ios::trunc) << text;
  }
  void watch(const fs::path& file) {
    auto made = FileWatcher::create(file);
    ASSERT_TRUE(made) << made.error().message;
    watcher_ = *std::move(made);
  }
  bool after(milliseconds time) {
    now_ += time;
    return watcher_->changed(now_);
  }
  /// Whether a change shows now and only once.
  bool shows() {
    if (after(milliseconds(100))) ADD_FAILURE() << "shown before it was quiet";
    const bool shown = after(FileWatcher::kQuiet);
    if (after(seconds(10))) ADD_FAILURE() << "shown twice";
    return shown;
  }

  fs::path folder_;
  std::unique_ptr<FileWatcher> watcher_;
  base::SteadyTime now_{seconds(100)};
};

TEST_F(Watcher, SeesAFileWrittenInPlace) {
  watch(folder_ / "config.yaml");
  EXPECT_FALSE(shows());
  write("config.yaml", "video:\n  fps: 25\n");
  EXPECT_TRUE(shows());
}

TEST_F(Watcher, SeesAFileReplacedByARename) {
  watch(folder_ / "config.yaml");
  write("config.yaml.new", "video:\n  fps: 30\n");
  fs::rename(folder_ / "config.yaml.new", folder_ / "config.yaml");
  EXPECT_TRUE(shows());
  // The new file is watched as the old one was.
  write("config.yaml", "video:\n  fps: 20\n\n");
  EXPECT_TRUE(shows());
}

TEST_F(Watcher, SeesALinkThatPointsElsewhere) {
  fs::create_directory(folder_ / "one");
  fs::create_directory(folder_ / "two");
  write("one/config.yaml", "a");
  write("two/config.yaml", "b");
  fs::create_directory_symlink("one", folder_ / "data");
  fs::create_symlink("data/config.yaml", folder_ / "link.yaml");
  watch(folder_ / "link.yaml");
  fs::create_directory_symlink("two", folder_ / "data.new");
  fs::rename(folder_ / "data.new", folder_ / "data");
  EXPECT_TRUE(shows());
}

TEST_F(Watcher, WaitsUntilItIsQuiet) {
  watch(folder_ / "config.yaml");
  for (int i = 0; i < 20; ++i) {
    write("config.yaml", std::string(static_cast<std::size_t>(i) + 1, '#'));
    EXPECT_FALSE(after(milliseconds(200)));
  }
  EXPECT_TRUE(after(FileWatcher::kQuiet));
}

TEST_F(Watcher, PassesOverOtherFilesAndAFileThatIsGone) {
  watch(folder_ / "config.yaml");
  write("other.yaml", "x");
  EXPECT_FALSE(shows());
  fs::remove(folder_ / "config.yaml");
  EXPECT_FALSE(shows());
  write("config.yaml", "video: {}\n");
  EXPECT_TRUE(shows());
}

TEST_F(Watcher, AFileThatComesIsAChange) {
  watch(folder_ / "later.yaml");
  EXPECT_FALSE(shows());
  write("later.yaml", "");
  EXPECT_TRUE(shows());
}

TEST_F(Watcher, WithoutAFolderThereIsASentence) {
  const auto made = FileWatcher::create(folder_ / "nowhere" / "config.yaml");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::kNotFound);
  EXPECT_NE(made.error().message.find("SIGHUP"), std::string::npos);
}

}  // namespace
}  // namespace storysign::config
