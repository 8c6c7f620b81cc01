#pragma once

#include "store/open.hpp"
#include "support/postgres_server.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::store::testing {

/// A fresh folder that goes with all that is in it.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "storysign-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  ~TempFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The server of all tests in this program, started with the first.
storysign::testing::PostgresServer& postgres();

/// Noon of some day, and seconds after it.
inline Time at(std::int64_t seconds) {
  constexpr std::int64_t kNoon = 1763985600;
  return Time(std::chrono::seconds(kNoon + seconds));
}

enum class Backend { kSqlite, kPostgres };

/// A test that is run with a fresh store of each kind.
class StoreTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override;
  /// One more connection to the same rows.
  std::unique_ptr<Store> open_again();
  [[nodiscard]] Store& store() { return *store_; }

  TempFolder folder_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

/// What is expected to work, with the sentence if it does not.
template <class T>
T got(base::Result<T> result) {
  if (!result) {
    ADD_FAILURE() << result.error().message;
    return {};
  }
  return std::move(*result);
}
inline void must(const base::Result<void>& result) {
  EXPECT_TRUE(result) << result.error().message;
}
inline base::Error failure_of(const base::Result<void>& result) {
  EXPECT_FALSE(result);
  return result ? base::Error{} : result.error();
}

// Rows as they stand in the tests.
Account account(std::string id, std::string name);
LearningSession session(std::string id, std::string account_id);
Attempt attempt(std::string id, std::string account_id);

}  // namespace storysign::store::testing
