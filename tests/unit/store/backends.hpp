#pragma once

#include "store/open.hpp"
#include "support/postgres_server.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace storysign::store::testing {

using storysign::testing::read_all;
using storysign::testing::TempFolder;

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
