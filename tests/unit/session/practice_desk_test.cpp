// What control messages and frames make of a practice session, without a connection.

#include "session/practice_desk.hpp"

#include "base/mutex.hpp"
#include "unit/practice/scene.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace storysign::session {
namespace {

using nlohmann::json;
using practice::Recording;
using ::testing::HasSubstr;

std::string next_id() {
  static int number = 0;
  return fmt::format("00000000-0000-4000-8000-{:012}", ++number);
}

class Bell : public Waker {
 public:
  void wake() noexcept override {
    const base::MutexLock lock(mutex_);
    is_rung_ = true;
    rung_.notify_all();
  }
  void wait() {
    const base::MutexLock lock(mutex_);
    while (!is_rung_) rung_.wait(mutex_);
    is_rung_ = false;
  }

 private:
  base::Mutex mutex_;
  base::Condition rung_;
  bool is_rung_ STORYSIGN_GUARDED_BY(mutex_) = false;
};

/// Signs in memory.
class Shelf : public Signs {
 public:
  [[nodiscard]] std::shared_ptr<const practice::SignLibrary> snapshot() const override {
    const base::MutexLock lock(mutex_);
    return library_;
  }
  void save(const practice::SignReference& sign, const std::string& /*account_id*/,
            std::function<void(base::Result<void>)> done) override {
    if (is_broken) {
      done(base::fail(base::ErrorCode::kUnavailable, "The store is full."));
      return;
    }
    {
      const base::MutexLock lock(mutex_);
      auto larger = std::make_shared<practice::SignLibrary>(*library_);
      larger->add(sign);
      library_ = std::move(larger);
    }
    done({});
  }
  bool is_broken = false;

 private:
  mutable base::Mutex mutex_;
  std::shared_ptr<const practice::SignLibrary> library_ STORYSIGN_GUARDED_BY(mutex_) =
      std::make_shared<const practice::SignLibrary>();
};

/// How a made-up sign moves from its beginning (0) to its end (1), in shoulder widths.
struct Path {
  float x = 0.0F;
  float y = 0.0F;
};
using Motion = Path (*)(float);

Path circle(float part) {
  constexpr float kTurn = 6.2832F;
  return {-0.3F + 0.25F * std::cos(kTurn * part), 0.4F + 0.25F * std::sin(kTurn * part)};
}
Path across(float part) {
  return {-0.8F + 1.2F * part, -0.3F};
}

class Practice : public ::testing::Test {
 protected:
  Practice() { make_desk(Client{.number = 7, .account_id = "account", .may_teach = true}); }
  void make_desk(const Client& client) {
    desk_.reset();
    record_ = std::make_unique<SessionRecord>(keeping_, client, bell_, wire::WallTime{});
    desk_ = std::make_unique<PracticeDesk>(parts_, metrics_, client, *record_, bell_);
  }

  json control(std::string_view action, const json& data = json::object()) {
    auto reply = desk_->control(action, data);
    if (!reply) {
      // The answer comes from the analyst's thread.
      std::vector<PracticeDesk::Reply> replies;
      while (replies.empty()) {
        bell_->wait();
        replies = desk_->collect({});
      }
      return replies.front().result;
    }
    return reply->result;
  }
  json begin(const json& items) {
    json started = control("start_session",
                           {{"story_sentences", {"A sentence."}}, {"items", json::array({items})}});
    EXPECT_TRUE(started.at("success")) << started;
    return started;
  }
  static json sign(std::string_view gloss) { return {{"kind", "sign"}, {"target", gloss}}; }

  void show(const practice::Observation& seen) {
    pipeline::FrameResult frame;
    frame.outcome = pipeline::Outcome::kInferred;
    frame.width = 640;
    frame.height = 480;
    frame.landmarks.pose = seen.pose;
    frame.landmarks.right_hand = seen.right_hand;
    desk_->on_frame(frame, seen.time, {});
  }
  /// From the lap, through the motion, and back; then at rest until it counts as over.
  void perform(Motion motion, int frames = 40) {
    const auto between = [&](Path from, Path to) {
      for (int i = 0; i < 10; ++i) {
        const float part = static_cast<float>(i) / 10.0F;
        show(
            scene_.right_hand_at(from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)));
      }
    };
    constexpr Path kLap{-0.2F, 1.7F};
    for (int i = 0; i < 10; ++i) show(scene_.right_hand_at(kLap.x, kLap.y));
    between(kLap, motion(0.0F));
    for (int i = 0; i < frames; ++i) {
      const Path at = motion(static_cast<float>(i) / static_cast<float>(frames));
      show(scene_.right_hand_at(at.x, at.y));
    }
    between(motion(1.0F), kLap);
    for (int i = 0; i < 45; ++i) show(scene_.right_hand_at(kLap.x, kLap.y));
  }
  PracticeMessage message() {
    while (true) {
      const auto replies = desk_->collect({});
      EXPECT_TRUE(replies.empty());
      auto messages = desk_->take_messages();
      if (!messages.empty()) return std::move(messages.front());
      bell_->wait();
    }
  }
  void teach(std::string_view gloss, Motion motion) {
    ASSERT_TRUE(control("record_sign", {{"gloss", gloss}}).at("success"));
    for (int i = 0; i < 3; ++i) {
      perform(motion, 38 + 2 * i);
      const json example = message().data;
      ASSERT_TRUE(example.at("usable")) << example;
    }
    const json saved = control("save_sign");
    ASSERT_EQ(saved, (json{{"success", true}, {"gloss", gloss}, {"examples", 3}}));
  }

  telemetry::Metrics metrics_;
  Shelf shelf_;
  Analyst analyst_{nullptr, metrics_};
  Practising parts_{.analyst = &analyst_, .signs = &shelf_, .new_id = &next_id};
  Keeping keeping_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  practice::test::Scene scene_;
  std::unique_ptr<SessionRecord> record_;
  std::unique_ptr<PracticeDesk> desk_;
};

TEST_F(Practice, ATeachersSignIsWhatLearnersAreComparedWith) {
  teach("CIRCLE", &circle);
  teach("ACROSS", &across);
  ASSERT_TRUE(begin(json::array({sign("CIRCLE"), sign("ACROSS")})).at("success"));
  perform(&circle);
  const PracticeMessage right = message();
  EXPECT_EQ(right.data.at("analysis_summary").at("accepted"), true) << right.data;
  EXPECT_EQ(right.metadata.at("analysis_success"), true);
  ASSERT_EQ(control("try_again").at("practice_session").at("current_item"), 1);
  perform(&circle);
  const PracticeMessage wrong = message();
  EXPECT_EQ(wrong.data.at("analysis_summary").at("accepted"), false) << wrong.data;
  EXPECT_NE(wrong.metadata.at("attempt_id"), right.metadata.at("attempt_id"));
  const auto counted = metrics_.snapshot();
  EXPECT_EQ(counted.value(telemetry::AttemptJudged::kAccepted), 1U);
  EXPECT_EQ(counted.value(telemetry::AttemptJudged::kNotYet), 1U);
}

TEST_F(Practice, TheSameAttemptIsToldTheSame) {
  teach("CIRCLE", &circle);
  teach("ACROSS", &across);
  std::vector<json> said;
  for (int i = 0; i < 2; ++i) {
    // Time begins anew with it, and so does the desk.
    scene_ = practice::test::Scene();
    make_desk(Client{.number = 8, .account_id = "account"});
    begin(json::array({sign("ACROSS")}));
    perform(&circle);
    said.push_back(message().data);
  }
  EXPECT_EQ(said[0], said[1]);
  EXPECT_FALSE(said[0].at("suggestions").empty());
}

TEST_F(Practice, AVerdictThatComesAfterTheLearnerWentOnIsNobodys) {
  teach("CIRCLE", &circle);
  begin(json::array({sign("CIRCLE")}));
  perform(&circle);
  control("try_again");
  bell_->wait();
  static_cast<void>(desk_->collect({}));
  EXPECT_TRUE(desk_->take_messages().empty());
  EXPECT_EQ(desk_->describe().at("practice_mode"), "listening");
}

TEST_F(Practice, WithoutALetterNetworkNothingIsSpelled) {
  begin(json::array({json{{"kind", "letters"}, {"target", "AB"}}}));
  perform(&circle);
  static_cast<void>(desk_->collect({}));
  const json spelling = desk_->describe().at("spelling");
  EXPECT_EQ(spelling.at("confirmed"), "");
  EXPECT_EQ(spelling.at("next"), "A");
}

TEST_F(Practice, OnlyATeacherRecords) {
  make_desk(Client{.number = 8, .account_id = "other"});
  EXPECT_THAT(control("record_sign", {{"gloss", "X"}}).at("error").get<std::string>(),
              HasSubstr("Only a teacher"));
}

TEST_F(Practice, AStoreThatCannotKeepTheSignSaysSoAndTheExamplesStay) {
  shelf_.is_broken = true;
  control("record_sign", {{"gloss", "CIRCLE"}});
  for (int i = 0; i < 3; ++i) {
    perform(&circle, 38 + i);
    message();
  }
  EXPECT_EQ(control("save_sign"), (json{{"success", false}, {"error", "The store is full."}}));
  EXPECT_EQ(desk_->describe().at("recording").at("examples").size(), 3U);
  shelf_.is_broken = false;
  EXPECT_TRUE(control("save_sign").at("success"));
  EXPECT_FALSE(desk_->is_active());
}

TEST_F(Practice, GoesOnFromWhatItWas) {
  teach("CIRCLE", &circle);
  control("start_session",
          {{"story_sentences", {"One.", "Two."}},
           {"handedness", "right"},
           {"items", json::array({json::array({sign("CIRCLE")}),
                                  json::array({sign("CIRCLE"), sign("ACROSS")})})}});
  control("next_sentence");
  perform(&circle);
  const double score = message().data.at("confidence_score");
  const json state = desk_->state();
  make_desk(Client{.number = 9, .account_id = "account"});
  desk_->restore(state);
  const json session = desk_->describe();
  EXPECT_EQ(session.at("current_sentence"), "Two.");
  EXPECT_EQ(session.at("items").at(0).at("score"), score);
  EXPECT_EQ(session.at("current_item"), 1);
  EXPECT_EQ(desk_->state(), state);
}

TEST_F(Practice, AStateThatIsNoneIsLeftOut) {
  for (const json& state : {json(), json(7), json{{"plan", 3}}, json{{"plan", json::object()}},
                            json{{"plan", {{"story_sentences", {1}}}}}}) {
    desk_->restore(state);
    EXPECT_FALSE(desk_->is_active());
  }
}

TEST_F(Practice, WithoutAnAnalystThereIsNone) {
  const Practising none;
  const Client client{.number = 1, .may_teach = true};
  PracticeDesk desk(none, metrics_, client, *record_, bell_);
  for (const char* action : {"start_session", "record_sign"}) {
    const auto reply = desk.control(action, {{"gloss", "A"}});
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->result.at("error"), "This server has no practice.");
  }
}

TEST_F(Practice, FramesWithoutLandmarksAreLeftOut) {
  begin(json::array({sign("CIRCLE")}));
  pipeline::FrameResult broken;
  broken.outcome = pipeline::Outcome::kUndecoded;
  desk_->on_frame(broken, std::chrono::microseconds(5), {});
  EXPECT_EQ(desk_->describe().at("gesture_state").at("buffer_size"), 0);
}

TEST_F(Practice, NewsAreToldTenTimesASecondAtMost) {
  const base::SteadyTime now = base::steady_now();
  EXPECT_EQ(desk_->tell_news(now), nullptr);
  begin(json::array({sign("CIRCLE")}));
  control("try_again");
  control("set_handedness", {{"handedness", nullptr}});
  EXPECT_EQ(desk_->tell_news(now).at("practice_active"), true);
  control("set_handedness", {{"handedness", "left"}});
  EXPECT_EQ(desk_->tell_news(now + std::chrono::milliseconds(50)), nullptr);
  EXPECT_NE(desk_->tell_news(now + std::chrono::milliseconds(100)), nullptr);
  EXPECT_EQ(desk_->tell_news(now + std::chrono::milliseconds(200)), nullptr);
}

TEST_F(Practice, AnAnswerToAControlMessageDoesNotTakeTheNewsFromTheFrameAfterIt) {
  const auto happened = [](const json& session) {
    std::string out;
    for (const char* flag : {"gesture_started", "gesture_completed", "analysis_triggered"}) {
      if (session.contains(flag)) out += std::string(flag) + " ";
    }
    return out;
  };
  teach("CIRCLE", &circle);
  begin(json::array({sign("CIRCLE")}));
  perform(&circle);
  EXPECT_EQ(happened(control("try_again").at("practice_session")), "");
  EXPECT_EQ(happened(desk_->tell()), "gesture_started gesture_completed analysis_triggered ");
  EXPECT_EQ(happened(desk_->tell()), "");
  // What another session has begun with is not its news.
  perform(&circle);
  begin(json::array({sign("CIRCLE")}));
  EXPECT_EQ(happened(desk_->tell()), "");
}

TEST_F(Practice, ALongTitleIsCutBetweenCharacters) {
  const std::string title = std::string(199, 'a') + "\u00e9";
  control("start_session", {{"story_sentences", {"One."}},
                            {"story_title", title},
                            {"items", json::array({json::array({sign("CIRCLE")})})}});
  EXPECT_EQ(json::parse(desk_->state().dump()).at("plan").at("story_title"), std::string(199, 'a'));
}

}  // namespace
}  // namespace storysign::session
