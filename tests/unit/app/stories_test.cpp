// What is asked of a story model and what is taken from it, lessons as they are sent, attempts as
// progress sees them.

#include "app/practice/practice_routes.hpp"
#include "app/practice/story_model.hpp"
#include "app/practice/story_teller.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace storysign::app {
namespace {

using config::StoryModelKind;
using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

StoryModelOptions options(StoryModelKind kind) {
  return {.kind = kind,
          .url = "http://127.0.0.1:9/v1/",
          .name = "small",
          .key = "s3cret",
          .timeout = std::chrono::milliseconds(1500)};
}

StoryWish wish() {
  return {.about = "horse", .is_topic = false, .level = practice::Level::kDifficult};
}

TEST(StoryRequest, IsWhatTheKindUnderstands) {
  const HttpPost openai = story_request(options(StoryModelKind::kOpenai), wish());
  EXPECT_EQ(openai.url, "http://127.0.0.1:9/v1/chat/completions");
  EXPECT_EQ(openai.bearer, "s3cret");
  EXPECT_EQ(openai.timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(openai.largest_answer, StoryModel::kLargestAnswer);
  const json body = json::parse(openai.body);
  EXPECT_EQ(body["model"], "small");
  EXPECT_EQ(body["stream"], false);
  EXPECT_FALSE(body.contains("format"));
  EXPECT_THAT(body["messages"][0]["content"].get<std::string>(),
              AllOf(HasSubstr("4 to 5 natural English sentences of at most 13 words"),
                    HasSubstr("4 to 6 ASL glosses")));
  EXPECT_EQ(body["messages"][1]["content"], "Write a story with the word \"horse\".");
  EXPECT_THAT(openai.body, Not(HasSubstr("s3cret")));

  const HttpPost ollama = story_request(options(StoryModelKind::kOllama), wish());
  EXPECT_EQ(ollama.url, "http://127.0.0.1:9/v1/api/chat");
  EXPECT_EQ(json::parse(ollama.body)["format"], "json");
}

json good_story() {
  json sentences = json::array();
  for (int i = 0; i < 4; ++i) {
    sentences.push_back({{"text", "The horse is hungry."}, {"glosses", {"HORSE", "HUNGRY"}}});
  }
  return {{"title", "The horse"}, {"sentences", sentences}};
}

TEST(StoryAnswer, IsFoundWhereTheKindPutsIt) {
  const std::string text = good_story().dump();
  const json openai = {{"choices", {{{"message", {{"content", text}}}}}}};
  const json ollama = {{"message", {{"content", text}}}};
  const auto level = practice::Level::kNormal;
  EXPECT_EQ(story_of_answer(StoryModelKind::kOpenai, openai.dump(), level)->title, "The horse");
  EXPECT_EQ(story_of_answer(StoryModelKind::kOllama, ollama.dump(), level)->title, "The horse");
  EXPECT_FALSE(story_of_answer(StoryModelKind::kOpenai, ollama.dump(), level));
  for (const std::string wrong :
       {"", "[]", "null", "{", R"({"choices":[]})", R"({"choices":{"0":1}})", R"({"choices":"x"})",
        R"({"choices":[{"message":{"content":7}}]})", R"({"choices":[{"message":null}]})",
        R"({"choices":[{"message":{"content":"{}"}}]})"}) {
    const auto story = story_of_answer(StoryModelKind::kOpenai, wrong, level);
    ASSERT_FALSE(story) << wrong;
    EXPECT_EQ(story.error().code, base::ErrorCode::kInvalidInput);
  }
}

TEST(StoryModelOptions, AreThoseOfTheSettings) {
  EXPECT_EQ(story_model_options(config::Stories{}), StoryModelOptions{});
}

TEST(StoryLimits, CountEachAccountForItself) {
  StoryLimits limits;
  const base::SteadyTime now{};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(limits.take("ada", now));
  EXPECT_FALSE(limits.take("ada", now));
  EXPECT_TRUE(limits.take("bob", now));
  EXPECT_TRUE(limits.take("ada", now + std::chrono::seconds(11)));
  EXPECT_FALSE(limits.take("ada", now + std::chrono::seconds(11)));
}

TEST(StoryLimits, RememberFinitelyManyAccounts) {
  StoryLimits limits;
  const base::SteadyTime now{};
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(limits.take("ada", now));
  for (std::size_t i = 0; i < StoryLimits::kMostAccounts; ++i) {
    EXPECT_TRUE(limits.take(fmt::format("{}", i), now));
  }
  EXPECT_TRUE(limits.take("ada", now));  // Forgotten.
}

TEST(StoryWish, IsReadOrRefusedWithItsField) {
  const auto refusal = [](const json& body) {
    const auto read = read_story_wish(body);
    return read ? std::string() : read.error().message;
  };
  const auto read = read_story_wish({{"topic", " My  Cat "}, {"level", "mid_level"}});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->about, "my cat");
  EXPECT_TRUE(read->is_topic);
  EXPECT_EQ(read->level, practice::Level::kMidLevel);
  EXPECT_EQ(refusal({{"word", "cat"}, {"level", "normal"}}), "");
  EXPECT_THAT(refusal({{"level", "normal"}}), HasSubstr("word and topic"));
  EXPECT_THAT(refusal({{"word", "a"}, {"topic", "a"}, {"level", "normal"}}),
              HasSubstr("word and topic"));
  EXPECT_THAT(refusal({{"word", 5}, {"level", "normal"}}), HasSubstr("word must be a text"));
  EXPECT_THAT(refusal({{"word", "c4t"}, {"level", "normal"}}), HasSubstr("The field word: "));
  EXPECT_THAT(refusal({{"topic", ""}, {"level", "normal"}}), HasSubstr("The field topic: "));
  EXPECT_THAT(refusal({{"word", "cat"}}), HasSubstr("level must be one of amateur, normal"));
  EXPECT_THAT(refusal({{"word", "cat"}, {"level", "best"}}), HasSubstr("level"));
  EXPECT_THAT(refusal({{"word", "cat"}, {"level", 1}}), HasSubstr("level"));
  EXPECT_THAT(refusal({{"word", "cat"}, {"level", "normal"}, {"seed", 1}}), HasSubstr("seed"));
}

json lesson() {
  return {{"title", "Day one"},
          {"note", "Please\nread."},
          {"items", {{{"kind", "letters"}, {"target", "ANNA"}}}}};
}

std::string refusal_of(const json& body) {
  const auto read = read_lesson(body, practice::SignLibrary());
  return read ? std::string() : read.error().message;
}

TEST(Lesson, IsRead) {
  const auto read = read_lesson(lesson(), practice::SignLibrary());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->title, "Day one");
  EXPECT_EQ(read->note, "Please\nread.");
  EXPECT_EQ(
      read->items,
      (std::vector<practice::Item>{{.kind = practice::ItemKind::kLetters, .target = "ANNA"}}));
  json umlauts = lesson();
  umlauts["title"] = "";
  for (int i = 0; i < 80; ++i) umlauts["title"] = umlauts["title"].get<std::string>() + "\xC3\xA4";
  umlauts.erase("note");
  EXPECT_EQ(refusal_of(umlauts), "");
}

TEST(Lesson, IsRefusedWithItsField) {
  const auto with = [](const std::string& key, const json& value) {
    json body = lesson();
    body[key] = value;
    return refusal_of(body);
  };
  const auto with_item = [&](const json& item) { return with("items", json::array({item})); };
  for (const json& wrong : {json(""), json(" "), json(5), json("a\nb"), json("a\tb"),
                            json(std::string(81, 'a')), json(nullptr), json("a\x7F")}) {
    EXPECT_THAT(with("title", wrong), HasSubstr("The field title")) << wrong;
  }
  for (const json& wrong : {json(5), json(std::string(501, 'a')), json("a\x01"), json::array()}) {
    EXPECT_THAT(with("note", wrong), HasSubstr("The field note")) << wrong;
  }
  const json item = {{"kind", "letters"}, {"target", "ANNA"}};
  for (const json& wrong : {json::array(), json("x"), json(nullptr), json::object(),
                            json(std::vector<json>(51, item))}) {
    EXPECT_THAT(with("items", wrong), HasSubstr("The field items must be")) << wrong;
  }
  EXPECT_EQ(with("items", std::vector<json>(50, item)), "");
  EXPECT_THAT(with_item("ANNA"), HasSubstr("The field items[0] must be"));
  EXPECT_THAT(with_item({{"kind", "letters"}}), HasSubstr("The field items[0] must be"));
  EXPECT_THAT(with_item({{"kind", "letters"}, {"target", "A"}, {"x", 1}}), HasSubstr("items[0]"));
  EXPECT_THAT(with_item({{"kind", "word"}, {"target", "A"}}), HasSubstr("items[0].kind"));
  for (const std::string& wrong :
       std::vector<std::string>{"", "anna", "A B", "A1", std::string(31, 'A')}) {
    EXPECT_THAT(with_item({{"kind", "letters"}, {"target", wrong}}), HasSubstr("items[0].target"));
  }
  EXPECT_THAT(with_item({{"kind", "sign"}, {"target", "UNHEARD-OF"}}),
              HasSubstr("record it first"));
  EXPECT_THAT(with("author", "me"), HasSubstr("author"));
  EXPECT_THAT(refusal_of({{"title", "a"}}), HasSubstr("items"));
}

TEST(Attempt, IsATryAtASignOrAtLetters) {
  store::Attempt attempt;
  attempt.kind = "sign";
  attempt.target = "thank you";
  attempt.accepted = true;
  const auto sign = try_of(attempt);
  ASSERT_TRUE(sign);
  EXPECT_EQ(sign->item, (practice::Item{.kind = practice::ItemKind::kSign, .target = "THANK-YOU"}));
  EXPECT_TRUE(sign->accepted);
  attempt.kind = "letters";
  attempt.target = "anna";
  EXPECT_EQ(try_of(attempt)->item.target, "ANNA");
  attempt.kind = "letter";
  EXPECT_EQ(try_of(attempt)->item.kind, practice::ItemKind::kLetters);
  attempt.kind = "sentence";
  EXPECT_FALSE(try_of(attempt));
  attempt.kind = "sign";
  attempt.target = "?!";
  EXPECT_FALSE(try_of(attempt));
}

}  // namespace
}  // namespace storysign::app
