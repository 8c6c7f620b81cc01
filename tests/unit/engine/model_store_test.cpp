#include "engine/model_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace storysign::engine {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using testing::HasSubstr;

constexpr Model kSmallest = Model::kHandRecrop;

/// A folder of its own for each test, removed afterwards.
class ModelStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* const test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() /
              ("storysign_model_store_" + std::to_string(getpid()) + "_" + test->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  [[nodiscard]] fs::path file() const { return folder_ / model_info(kSmallest).file; }

  void write(const std::string& bytes) const { std::ofstream(file(), std::ios::binary) << bytes; }

  /// A file that has the right size and begins as a model does, but is not the expected one.
  static std::string impostor(std::size_t bytes) {
    std::string text(bytes, 'x');
    text.replace(4, 4, "TFL3");
    return text;
  }

  /// The failure of verify(), with what every such sentence must have checked.
  [[nodiscard]] base::Error failure() const {
    const auto verified = ModelStore(folder_).verify(kSmallest);
    if (verified) {
      ADD_FAILURE() << "was accepted: " << *verified;
      return {};
    }
    const std::string& message = verified.error().message;
    EXPECT_THAT(message, HasSubstr(file().string()));
    EXPECT_THAT(message, HasSubstr("make setup"));
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    EXPECT_EQ(message.back(), '.') << message;
    return verified.error();
  }

  fs::path folder_;
};

TEST_F(ModelStoreTest, NamesAMissingFile) {
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_THAT(error.message, HasSubstr("does not exist"));
}

TEST_F(ModelStoreTest, NamesAnEmptyFile) {
  write("");
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
  EXPECT_THAT(error.message, HasSubstr("is empty, expected 123792 bytes"));
}

TEST_F(ModelStoreTest, NamesATruncatedFile) {
  write(impostor(1000));
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
  EXPECT_THAT(error.message, HasSubstr("is truncated: it has 1000 bytes, expected 123792"));
}

TEST_F(ModelStoreTest, NamesAFileOfAFewBytes) {
  write("ab");
  EXPECT_THAT(failure().message, HasSubstr("it has 2 bytes, expected 123792"));
}

TEST_F(ModelStoreTest, NamesAFileThatIsNoModel) {
  write("version https://git-lfs.example/spec/v1\n");
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
  EXPECT_THAT(error.message, HasSubstr("is not a TensorFlow Lite model (40 bytes"));
}

TEST_F(ModelStoreTest, NamesAFileThatIsTooLong) {
  write(impostor(model_info(kSmallest).bytes + 1));
  EXPECT_THAT(failure().message, HasSubstr("it has 123793 bytes, expected 123792"));
}

TEST_F(ModelStoreTest, NamesAFileWithTheRightSizeAndTheWrongContent) {
  write(impostor(model_info(kSmallest).bytes));
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kInvalidInput);
  EXPECT_THAT(error.message, HasSubstr("its SHA-256 is "));
  EXPECT_THAT(error.message, HasSubstr(std::string(model_info(kSmallest).sha256)));
}

TEST_F(ModelStoreTest, NamesAFolderInPlaceOfTheFile) {
  fs::create_directory(file());
  EXPECT_THAT(failure().message, HasSubstr("is not a regular file"));
}

TEST_F(ModelStoreTest, NamesAFileThatCannotBeReached) {
  fs::create_symlink(file(), file());
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, HasSubstr("Too many levels of symbolic links"));
}

TEST_F(ModelStoreTest, NamesAFileThatMayNotBeRead) {
  write(impostor(model_info(kSmallest).bytes));
  fs::permissions(file(), fs::perms::none);
  if (access(file().c_str(), R_OK) == 0) {
    GTEST_SKIP() << "this user (root) may read every file";
  }
  const base::Error error = failure();
  EXPECT_EQ(error.code, ErrorCode::kIo);
  EXPECT_THAT(error.message, HasSubstr("Permission denied"));
}

TEST(ModelStore, PathIsAbsoluteSoThatAMessageCanBeFollowed) {
  EXPECT_TRUE(ModelStore("some/folder").path(kSmallest).is_absolute());
}

TEST(ModelStore, WhatIsBuiltInNeedsNoFile) {
  const auto verified = ModelStore("/nowhere").verify(Model::kLetters);
  ASSERT_TRUE(verified) << verified.error().message;
  EXPECT_TRUE(verified->empty());
}

TEST(ModelStore, AcceptsEveryFileThatTheSetUpUnpacked) {
  const ModelStore store(STORYSIGN_MODELS_DIR);
  if (!fs::exists(STORYSIGN_MODELS_DIR)) {
    GTEST_SKIP() << "no models in " << STORYSIGN_MODELS_DIR << "; run `make setup`";
  }
  for (const ModelInfo& info : all_models()) {
    const auto verified = store.verify(info.model);
    EXPECT_TRUE(verified) << verified.error().message;
  }
}

}  // namespace
}  // namespace storysign::engine
