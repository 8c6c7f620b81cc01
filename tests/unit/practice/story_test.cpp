#include "practice/story.hpp"

#include "practice/glossing.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

const StoryLibrary& library() {
  static const StoryLibrary kLibrary = StoryLibrary::built_in().value();
  return kLibrary;
}

Story good_story() {
  return library().stories().front();
}

std::string complaint(const Story& story) {
  const auto checked = check_story(story);
  return checked ? std::string() : checked.error().message;
}

TEST(Library, HasStoriesOfEveryLevelWithinItsRules) {
  std::map<Level, int> count;
  for (const Story& story : library().stories()) {
    ++count[story.level];
    EXPECT_EQ(complaint(story), "") << story.id;
    EXPECT_EQ(story.source, StorySource::kLibrary);
  }
  for (const Level level : kLevels) EXPECT_GE(count[level], 4) << level_name(level);
}

TEST(Library, GrowsHarderFromLevelToLevel) {
  std::map<Level, std::pair<double, double>> words_of_level;
  for (const Story& story : library().stories()) {
    for (const Sentence& sentence : story.sentences) {
      words_of_level[story.level].first += static_cast<double>(sentence.glosses.size());
      words_of_level[story.level].second += 1.0;
    }
  }
  double before = 0.0;
  for (const auto& [level, sums] : words_of_level) {
    EXPECT_GT(sums.first / sums.second, before + 0.5) << level_name(level);
    before = sums.first / sums.second;
  }
}

TEST(Library, UsesMostlySignsThatSchoolsRecordFirst) {
  const std::set<std::string> first = {"AGAIN",  "BOOK",    "BROTHER", "EAT",    "HUNGRY",
                                       "LEARN",  "MILK",    "NO",      "PLEASE", "SCHOOL",
                                       "SISTER", "STUDENT", "THANKS",  "YES"};
  std::map<Level, std::pair<int, int>> share;
  std::set<std::string> used;
  for (const Story& story : library().stories()) {
    for (const Sentence& sentence : story.sentences) {
      for (const std::string& gloss : sentence.glosses) {
        ++share[story.level].second;
        if (!first.contains(gloss)) continue;
        ++share[story.level].first;
        used.insert(gloss);
      }
    }
  }
  EXPECT_EQ(used, first);
  EXPECT_EQ(share[Level::kAmateur].first, share[Level::kAmateur].second);
  for (const auto& [level, counts] : share) {
    EXPECT_GT(counts.first, counts.second * 35 / 100) << level_name(level);
  }
}

TEST(Library, ChoosesAStoryAboutAWord) {
  for (const Level level : kLevels) {
    const Story* const milk = library().choose(level, "milk", 3);
    ASSERT_NE(milk, nullptr);
    EXPECT_EQ(milk->level, level);
    EXPECT_THAT(to_json(*milk).dump(), HasSubstr("MILK"));
    EXPECT_NE(library().choose(level, "zeppelin", 1), nullptr);
    EXPECT_NE(library().choose(level, "zeppelin", 1), library().choose(level, "zeppelin", 2));
  }
}

TEST(Library, RefusesAFileWithMistakes) {
  const auto refusal = [](const std::string& text) {
    const auto parsed = StoryLibrary::parse(text);
    return parsed ? std::string() : parsed.error().message;
  };
  const auto with = [](const std::string& story) {
    return fmt::format(R"({{"stories":{{"amateur":[{}]}}}})", story);
  };
  const std::string sentences =
      R"("sentences":[["I eat.","EAT"],["I eat.","EAT"],["I eat.","EAT"]])";
  const std::string good = fmt::format(R"({{"id":"a","title":"A",{}}})", sentences);
  EXPECT_EQ(refusal(with(good)), "");
  EXPECT_THAT(refusal(""), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal(R"({"stories":{"best":[]}})"), HasSubstr("best"));
  EXPECT_THAT(refusal(with(R"({"id":"a"})")), HasSubstr("lacks"));
  EXPECT_THAT(refusal(with(R"({"id":"a","title":"A","sentences":[["I eat."]]})")),
              HasSubstr("pair"));
  EXPECT_THAT(refusal(with(R"({"id":"a","title":"A","sentences":[["I eat.","EAT"]]})")),
              AllOf(HasSubstr("a:"), HasSubstr("1 sentences")));
  EXPECT_THAT(refusal(with(good + "," + good)), HasSubstr("another story"));
}

TEST(Check, FindsEveryKindOfMistake) {
  const auto with_text = [](std::string text) {
    Story story = good_story();
    story.sentences[0].text = std::move(text);
    return complaint(story);
  };
  EXPECT_EQ(with_text("I am hungry."), "");
  EXPECT_EQ(with_text("\"I am hungry,\" I say."), "");
  EXPECT_THAT(with_text("i am hungry."), HasSubstr("capital"));
  EXPECT_THAT(with_text("I am hungry"), HasSubstr("end with"));
  EXPECT_THAT(with_text("I am am hungry."), HasSubstr("\"am\" twice"));
  EXPECT_THAT(with_text("I am, am hungry."), HasSubstr("twice"));
  EXPECT_THAT(with_text("I am \"am\"."), HasSubstr("twice"));
  EXPECT_THAT(with_text("I  am hungry."), HasSubstr("spaces"));
  EXPECT_THAT(with_text("I am hungry ."), HasSubstr("spaces"));
  EXPECT_THAT(with_text("I \"am hungry."), HasSubstr("quotation"));
  EXPECT_THAT(with_text("I <b>am</b> hungry."), HasSubstr("plain text"));
  EXPECT_THAT(with_text("I am hungry\n."), HasSubstr("plain text"));
  EXPECT_THAT(with_text("One two three four five six seven."), HasSubstr("1 to 6 words"));
  EXPECT_THAT(with_text("A" + std::string(300, 'a') + "."), HasSubstr("200"));

  Story story = good_story();
  story.title = "";
  EXPECT_THAT(complaint(story), HasSubstr("title"));
  story = good_story();
  story.sentences[1].glosses = {"MILK", "please"};
  EXPECT_THAT(complaint(story), HasSubstr("\"please\" is no gloss"));
  story.sentences[1].glosses = {"MILK", "42"};
  EXPECT_THAT(complaint(story), HasSubstr("\"42\" is no gloss"));
  story.sentences[1].glosses = {};
  EXPECT_THAT(complaint(story), HasSubstr("0 glosses"));
  story.sentences.pop_back();
  EXPECT_THAT(complaint(story), HasSubstr("2 sentences"));
}

json model_story() {
  json sentences = json::array();
  for (int i = 0; i < 3; ++i) {
    sentences.push_back({{"text", "My dog drinks milk."}, {"glosses", {"my", "DOG", "milk"}}});
  }
  return {{"title", "The dog"}, {"sentences", sentences}};
}

TEST(ModelStory, IsReadAndBroughtIntoForm) {
  json given = model_story();
  given["mood"] = "happy";
  given["sentences"][0]["text"] = "  \xE2\x80\x9CMilk\xE2\x80\x9D \n is my dog\xE2\x80\x99s.  ";
  const auto story =
      story_of_model(fmt::format("Here it is:\n```json\n{}\n```", given.dump()), Level::kNormal);
  ASSERT_TRUE(story) << story.error().message;
  EXPECT_EQ(story->title, "The dog");
  EXPECT_EQ(story->source, StorySource::kModel);
  EXPECT_EQ(story->level, Level::kNormal);
  EXPECT_EQ(story->sentences[0].text, "\"Milk\" is my dog's.");
  EXPECT_EQ(story->sentences[0].glosses, (std::vector<std::string>{"MY", "DOG", "MILK"}));
}

TEST(ModelStory, IsNotTrusted) {
  const auto refusal = [](const json& given) {
    const auto story = story_of_model(given.is_string() ? given.get<std::string>() : given.dump(),
                                      Level::kAmateur);
    return story ? std::string() : story.error().message;
  };
  const auto changed = [&](const std::function<void(json&)>& change) {
    json given = model_story();
    change(given);
    return refusal(given);
  };
  EXPECT_EQ(refusal(model_story()), "");
  EXPECT_THAT(refusal("I am sorry, but"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("} {"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("{\"title\":"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("{\"title\":}"), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal(std::string(100000, '[') + "{}"), HasSubstr("no \"title\""));
  EXPECT_THAT(changed([](json& one) { one.erase("title"); }), HasSubstr("title"));
  EXPECT_THAT(changed([](json& one) { one["title"] = 1; }), HasSubstr("title"));
  EXPECT_THAT(changed([](json& one) { one["sentences"] = "none"; }), HasSubstr("sentences"));
  EXPECT_THAT(changed([](json& one) { one["sentences"].erase(0); }), HasSubstr("2 sentences"));
  EXPECT_THAT(changed([](json& one) {
                for (int i = 0; i < 9; ++i) one["sentences"].push_back(one["sentences"][0]);
              }),
              HasSubstr("too many sentences"));
  EXPECT_THAT(changed([](json& one) { one["sentences"][0] = "My dog."; }), HasSubstr("without"));
  EXPECT_THAT(changed([](json& one) { one["sentences"][0]["glosses"] = {1, 2}; }),
              HasSubstr("no text"));
  EXPECT_THAT(changed([](json& one) { one["sentences"][0]["glosses"] = {"..."}; }),
              HasSubstr("no gloss"));
  EXPECT_THAT(
      changed([](json& one) { one["sentences"][0]["text"] = "<script>alert(1)</script>."; }),
      HasSubstr("plain text"));
  EXPECT_THAT(
      changed([](json& one) { one["sentences"][0]["text"] = std::string(5000, 'A') + "."; }),
      HasSubstr("200"));
  EXPECT_THAT(changed([](json& one) { one["title"] = std::string(500, 'A'); }), HasSubstr("title"));
}

TEST(Level, HasANameThatIsReadBack) {
  for (const Level level : kLevels) EXPECT_EQ(parse_level(level_name(level)), level);
  EXPECT_EQ(parse_level("Amateur"), std::nullopt);
  EXPECT_EQ(level_name(Level::kMidLevel), "mid_level");
}

}  // namespace
}  // namespace storysign::practice
