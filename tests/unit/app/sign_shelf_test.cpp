// The signs of a server on stores of both kinds: kept, found by another server, taken away.

#include "app/practice/sign_shelf.hpp"

#include "auth/roles.hpp"
#include "base/clock.hpp"
#include "store/write_behind.hpp"
#include "support/sign_data.hpp"
#include "telemetry/metrics.hpp"
#include "unit/store/backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <array>
#include <filesystem>
#include <future>
#include <memory>
#include <string>

namespace storysign::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using store::testing::got;
using store::testing::must;

/// Keeps what is logged.
class Lines : public telemetry::LogSink {
 public:
  void write(std::string_view line) override { text += line; }
  std::string text;
};

class ShelfTest : public store::testing::StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (!std::filesystem::exists(data_)) {
      GTEST_SKIP() << "there is no " << data_ << "; the shelf is not tested";
    }
    must(store().add_account(store::testing::account("1", "grace")));
    queue_ = make_queue();
    shelf_ = std::make_unique<SignShelf>(*queue_, log_, practice::SignLibrary(), now_);
  }

  std::unique_ptr<store::WriteBehind> make_queue() {
    return std::make_unique<store::WriteBehind>(open_again(), store::WriteBehindOptions{}, metrics_,
                                                log_);
  }

  practice::SignReference sign(const std::string& gloss, const std::string& clip = "eat") {
    const auto recording = storysign::test::read_sign_clip(data_, clip, 0);
    EXPECT_TRUE(recording) << recording.error().message;
    return got_sign(practice::make_reference(gloss, std::array{*recording}, {}, {}));
  }

  static practice::SignReference got_sign(base::Result<practice::SignReference> made) {
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }

  static base::Result<void> save(SignShelf& shelf, const practice::SignReference& sign,
                                 const std::string& account) {
    std::promise<base::Result<void>> done;
    shelf.save(sign, account,
               [&](base::Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  }

  static base::Result<void> remove(SignShelf& shelf, const std::string& gloss) {
    std::promise<base::Result<void>> done;
    shelf.remove(gloss, [&](base::Result<void> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  }

  /// Lets the shelf look, and waits until it has.
  void look(SignShelf& shelf, store::WriteBehind& queue) {
    now_ += SignShelf::kRefreshInterval;
    shelf.tick(now_);
    EXPECT_TRUE(queue.ask_and_wait([](store::Store& /*store*/) {}));
  }

  std::filesystem::path data_ = STORYSIGN_SHARED_DATA_DIR;
  base::SteadyTime now_{};
  Lines lines_;
  telemetry::Log log_{
      {.level = telemetry::LogLevel::kInfo, .form = telemetry::LogForm::kText, .sink = &lines_}};
  telemetry::Metrics metrics_;
  std::unique_ptr<store::WriteBehind> queue_;
  std::unique_ptr<SignShelf> shelf_;
};

TEST_P(ShelfTest, HasASignAsSoonAsItIsKept) {
  EXPECT_THAT(shelf_->snapshot()->glosses(), IsEmpty());
  must(save(*shelf_, sign("EAT"), "1"));
  EXPECT_THAT(shelf_->snapshot()->glosses(), ElementsAre("EAT"));
  EXPECT_EQ(shelf_->rows()->at("EAT").account_id, "1");
  const auto kept = got(store().find_document("sign", "EAT"));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->account_id, "1");
  EXPECT_EQ(kept->json, to_json(*shelf_->snapshot()->find("EAT")).dump());
  EXPECT_EQ(kept->updated, shelf_->rows()->at("EAT").updated);
}

TEST_P(ShelfTest, ShowsASnapshotThatStaysAsItWas) {
  must(save(*shelf_, sign("EAT"), "1"));
  const auto before = shelf_->snapshot();
  must(save(*shelf_, sign("BOOK", "book"), "1"));
  must(remove(*shelf_, "EAT"));
  EXPECT_THAT(before->glosses(), ElementsAre("EAT"));
  EXPECT_THAT(shelf_->snapshot()->glosses(), ElementsAre("BOOK"));
}

TEST_P(ShelfTest, WhatTheGuestRecordsBelongsToTheServer) {
  must(save(*shelf_, sign("EAT"), std::string(auth::kGuestId)));
  EXPECT_EQ(got(store().find_document("sign", "EAT"))->account_id, std::nullopt);
}

TEST_P(ShelfTest, GoesWithTheDataOfWhoRecordedIt) {
  must(save(*shelf_, sign("EAT"), "1"));
  must(store().delete_account_data("1"));
  look(*shelf_, *queue_);
  EXPECT_THAT(shelf_->snapshot()->glosses(), IsEmpty());
}

TEST_P(ShelfTest, RefusesAGlossThatIsNone) {
  const auto wrong = save(*shelf_, sign("eat"), "1");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, base::ErrorCode::kInvalidInput);
  EXPECT_EQ(got(store().counts()).documents, 0);
}

TEST_P(ShelfTest, SeesWhatAnotherServerHasDone) {
  const auto other_queue = make_queue();
  SignShelf other(*other_queue, log_, {}, now_);
  must(save(*shelf_, sign("EAT"), "1"));
  must(save(*shelf_, sign("BOOK", "book"), "1"));
  other.tick(now_ + SignShelf::kRefreshInterval - std::chrono::milliseconds(1));
  EXPECT_TRUE(other_queue->ask_and_wait([](store::Store& /*store*/) {}));
  EXPECT_THAT(other.snapshot()->glosses(), IsEmpty()) << "it is not time";
  look(other, *other_queue);
  EXPECT_THAT(other.snapshot()->glosses(), ElementsAre("BOOK", "EAT"));
  must(remove(other, "BOOK"));
  must(save(other, sign("EAT", "milk"), "1"));
  look(*shelf_, *queue_);
  EXPECT_THAT(shelf_->snapshot()->glosses(), ElementsAre("EAT"));
  EXPECT_EQ(to_json(*shelf_->snapshot()->find("EAT")), to_json(*other.snapshot()->find("EAT")));
}

TEST_P(ShelfTest, HasTheBuiltInSignsBelowTheRecordedOnes) {
  practice::SignLibrary built_in;
  built_in.add(sign("EAT", "milk"));
  built_in.add(sign("NO", "no"));
  SignShelf shelf(*queue_, log_, built_in, now_);
  EXPECT_THAT(shelf.snapshot()->glosses(), ElementsAre("EAT", "NO"));
  const practice::SignReference recorded = sign("EAT");
  must(save(shelf, recorded, "1"));
  EXPECT_EQ(to_json(*shelf.snapshot()->find("EAT")), to_json(recorded));
  must(remove(shelf, "EAT"));
  EXPECT_EQ(to_json(*shelf.snapshot()->find("EAT")), to_json(*built_in.find("EAT")));
  const auto wrong = remove(shelf, "NO");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, base::ErrorCode::kNotFound);
}

TEST_P(ShelfTest, PassesOverWhatItCannotRead) {
  must(save(*shelf_, sign("EAT"), "1"));
  must(store().put_document({"sign", "BROKEN", std::nullopt, "{}", store::testing::at(1)}));
  must(store().put_document({"sign", "OTHER", std::nullopt,
                             to_json(*shelf_->snapshot()->find("EAT")).dump(),
                             store::testing::at(1)}));
  look(*shelf_, *queue_);
  look(*shelf_, *queue_);
  EXPECT_THAT(shelf_->snapshot()->glosses(), ElementsAre("EAT"));
  EXPECT_THAT(lines_.text, HasSubstr("BROKEN"));
  EXPECT_EQ(lines_.text.find("BROKEN"), lines_.text.rfind("BROKEN")) << "it is told once";
}

TEST_P(ShelfTest, MayEndBeforeItsQueue) {
  shelf_->tick(now_ += SignShelf::kRefreshInterval);
  std::promise<base::Result<void>> done;
  shelf_->save(sign("EAT"), "1", [&](base::Result<void> kept) { done.set_value(std::move(kept)); });
  shelf_.reset();
  must(done.get_future().get());
}

// The stores' own tests are in another program.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreTest);

INSTANTIATE_TEST_SUITE_P(Both, ShelfTest,
                         ::testing::Values(store::testing::Backend::kSqlite,
                                           store::testing::Backend::kPostgres),
                         [](const auto& backend) {
                           return backend.param == store::testing::Backend::kSqlite ? "Sqlite"
                                                                                    : "Postgres";
                         });

}  // namespace
}  // namespace storysign::app
