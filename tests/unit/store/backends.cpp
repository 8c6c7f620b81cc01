#include "backends.hpp"

#include <fmt/format.h>

#include <utility>

namespace storysign::store::testing {

storysign::testing::PostgresServer& postgres() {
  static storysign::testing::PostgresServer server;
  return server;
}

void StoreTest::SetUp() {
  options_.directory = folder_.path();
  if (GetParam() == Backend::kPostgres) {
    ASSERT_TRUE(postgres().is_running()) << postgres().problem();
    options_.url = postgres().make_database();
    options_.password = postgres().password();
  }
  store_ = open_again();
  ASSERT_NE(store_, nullptr);
}

std::unique_ptr<Store> StoreTest::open_again() {
  return got(open_store(options_, at(0)));
}

Account account(std::string id, std::string name) {
  std::string display_name = fmt::format("Dear {}", name);
  return {.id = std::move(id),
          .name = std::move(name),
          .display_name = std::move(display_name),
          .role = Role::kLearner,
          .password_hash = std::nullopt,
          .created = at(1),
          .disabled = false};
}

LearningSession session(std::string id, std::string account_id) {
  std::optional<std::string> owner;
  if (!account_id.empty()) owner = std::move(account_id);
  return {.id = std::move(id),
          .account_id = std::move(owner),
          .node = std::string("node-a"),
          .started = at(10),
          .last_seen = at(11),
          .ended = std::nullopt,
          .close_code = std::nullopt,
          .state = std::string(R"({"answers":3})"),
          .epoch = 0};
}

Attempt attempt(std::string id, std::string account_id) {
  return {.id = std::move(id),
          .session_id = std::nullopt,
          .account_id = std::move(account_id),
          .time = at(20),
          .kind = std::string("letter"),
          .target = std::string("A"),
          .accepted = true,
          .score = 0.8125,
          .detail = std::string("{}")};
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, ::testing::Values(Backend::kSqlite, Backend::kPostgres),
                         [](const auto& made) {
                           return std::string(made.param == Backend::kSqlite ? "Sqlite"
                                                                             : "Postgres");
                         });

}  // namespace storysign::store::testing
