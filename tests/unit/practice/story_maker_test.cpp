#include "practice/story_maker.hpp"

#include "practice/embedded.hpp"
#include "practice/glossing.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const StoryMaker& maker() {
  static const StoryMaker kMaker = StoryMaker::built_in().value();
  return kMaker;
}

std::string text_of(const Story& story) {
  std::string out = story.title;
  for (const Sentence& sentence : story.sentences) out += " | " + sentence.text;
  return out;
}

/// Beyond check_story(): no slot is left, articles fit what follows.
void expect_reads_well(const Story& story) {
  const std::string all = text_of(story);
  const auto checked = check_story(story);
  EXPECT_TRUE(checked) << checked.error().message << "\n" << all;
  EXPECT_EQ(story.source, StorySource::kTemplate);
  for (const Sentence& sentence : story.sentences) {
    for (const std::string& gloss : sentence.glosses) {
      EXPECT_THAT(gloss, Not(HasSubstr("{"))) << all;
    }
  }
  for (const char vowel : std::string("aeio")) {
    const std::size_t at = all.find(fmt::format(" a {}", vowel));
    const bool is_spoken = at != std::string::npos && (all.substr(at + 3).starts_with("uni") ||
                                                       all.substr(at + 3).starts_with("one"));
    EXPECT_TRUE(at == std::string::npos || is_spoken) << all;
  }
  for (const char consonant : std::string("bcdfgjklmnpqrstvwxz")) {
    EXPECT_THAT(all, Not(HasSubstr(fmt::format(" an {}", consonant))));
  }
}

TEST(Maker, ReadsWellWithEveryWordInEveryTemplate) {
  std::set<std::string> kinds;
  for (const std::string& word : maker().words()) {
    const std::string kind = maker().find(word).kind;
    kinds.insert(kind);
    for (const Level level : kLevels) {
      // Two people for each template.
      for (std::uint64_t seed = 0; seed < 2 * maker().templates_of(kind, level); ++seed) {
        expect_reads_well(maker().make(word, level, seed));
      }
    }
  }
  EXPECT_EQ(kinds, (std::set<std::string>{"feeling", "food", "name", "noun", "verb"}));
}

TEST(Maker, TalksAboutTheWordInEveryTemplate) {
  for (const std::string word : {"zebra", "rice", "jump", "proud", "Yuki", "zyzzyva"}) {
    for (const Level level : kLevels) {
      for (std::uint64_t seed = 0; seed < 8; ++seed) {
        const Story story = maker().make(word, level, seed);
        EXPECT_THAT(to_json(story).dump(), HasSubstr(fmt::format("\"{}\"", gloss_of(word))))
            << text_of(story);
      }
    }
  }
}

TEST(Maker, ReadsWellWithAnyOtherWord) {
  // Every word of the templates themselves, which could stand beside itself, and some of no
  // language.
  std::set<std::string> words = {
      "zyzzyva", "xqz", "a", "i", "don't", "t-shirt", "aaaaaaaaaaaaaaaaaaaa"};
  std::string word;
  for (const char c : std::string(embedded_story_templates()) + std::string(embedded_stories())) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (low >= 'a' && low <= 'z') {
      word += low;
    } else if (!word.empty()) {
      words.insert(word);
      word.clear();
    }
  }
  ASSERT_GT(words.size(), 500U);
  for (const std::string& each : words) {
    if (!story_word(each)) continue;
    for (const Level level : kLevels) {
      for (std::uint64_t seed = 0; seed < 4; ++seed) {
        expect_reads_well(maker().make(each, level, seed));
      }
    }
  }
}

TEST(Maker, GivesTheSameForTheSameSeedAndAnotherForAnother) {
  const Story first = maker().make("horse", Level::kNormal, 7);
  EXPECT_EQ(first, maker().make("horse", Level::kNormal, 7));
  std::set<std::string> texts;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    texts.insert(text_of(maker().make("horse", Level::kNormal, seed)));
  }
  EXPECT_EQ(texts.size(), 4U);
}

TEST(Maker, KnowsFormsOfAWord) {
  EXPECT_EQ(maker().find("children").text, "child");
  EXPECT_EQ(maker().find("horses").text, "horse");
  EXPECT_EQ(maker().find("swimming").text, "swim");
  EXPECT_EQ(maker().find("studies").text, "study");
  EXPECT_EQ(maker().find("anna").text, "Anna");
  EXPECT_EQ(maker().find("zyzzyva").kind, "unknown");
}

TEST(Maker, MakesStoriesOfTopics) {
  for (const std::string& topic : maker().topics()) {
    std::set<std::string> texts;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const Story story = maker().make_of_topic(topic, kLevels[seed % 5], seed);
      expect_reads_well(story);
      EXPECT_THAT(text_of(story), Not(HasSubstr("\"" + topic + "\"")));
      texts.insert(text_of(story));
    }
    EXPECT_GT(texts.size(), 10U) << topic;
  }
  EXPECT_THAT(text_of(maker().make_of_topic("my zeppelin", Level::kNormal, 0)),
              HasSubstr("\"zeppelin\""));
}

TEST(Grammar, ChoosesTheArticle) {
  for (const char* const word :
       {"apple", "egg", "hour", "honest", "umbrella", "uncle", "unimportant"}) {
    EXPECT_EQ(article_of(word), "an") << word;
  }
  for (const char* const word : {"horse", "unicorn", "university", "euro", "one", "user", "yard"}) {
    EXPECT_EQ(article_of(word), "a") << word;
  }
}

TEST(Grammar, FormsPluralsAndVerbs) {
  EXPECT_EQ(plural_of("cat"), "cats");
  EXPECT_EQ(plural_of("box"), "boxes");
  EXPECT_EQ(plural_of("church"), "churches");
  EXPECT_EQ(plural_of("city"), "cities");
  EXPECT_EQ(plural_of("boy"), "boys");
  EXPECT_EQ(third_person_of("eat"), "eats");
  EXPECT_EQ(third_person_of("teach"), "teaches");
  EXPECT_EQ(third_person_of("study"), "studies");
  EXPECT_EQ(third_person_of("play"), "plays");
  EXPECT_EQ(third_person_of("go"), "goes");
  EXPECT_EQ(participle_of("eat"), "eating");
  EXPECT_EQ(participle_of("swim"), "swimming");
  EXPECT_EQ(participle_of("write"), "writing");
  EXPECT_EQ(participle_of("draw"), "drawing");
  EXPECT_EQ(participle_of("lie"), "lying");
  EXPECT_EQ(participle_of("see"), "seeing");
  EXPECT_EQ(participle_of("garden"), "gardening");
}

TEST(Word, IsRefusedWithASentence) {
  EXPECT_EQ(story_word(" Horse\n").value(), "horse");
  EXPECT_EQ(story_word("don't").value(), "don't");
  EXPECT_THAT(story_word("").error().message, HasSubstr("empty"));
  EXPECT_THAT(story_word(" \t").error().message, HasSubstr("empty"));
  EXPECT_THAT(story_word("two words").error().message, HasSubstr("one word"));
  EXPECT_THAT(story_word(std::string(21, 'a')).error().message, HasSubstr("20 letters"));
  for (const char* const wrong : {"h3llo", "-a", "a-", "a--b", "<b>", "caf\xC3\xA9", "\""}) {
    EXPECT_THAT(story_word(wrong).error().message, HasSubstr("letters from A to Z")) << wrong;
  }
  EXPECT_EQ(story_topic("  My   Old Cat ").value(), "my old cat");
  EXPECT_THAT(story_topic("a b c d").error().message, HasSubstr("3 words"));
  EXPECT_THAT(story_topic("").error().message, HasSubstr("empty"));
  EXPECT_THAT(story_topic("my c4t").error().message, HasSubstr("letters"));
}

TEST(Templates, AreRefusedWithAMistake) {
  const auto refusal = [](const json& given) {
    const auto parsed = StoryMaker::parse(given.is_string() ? "[" : given.dump());
    return parsed ? std::string() : parsed.error().message;
  };
  const json good = json::parse(embedded_story_templates());
  const auto changed = [&](const std::string& at, const json& value) {
    json given = good;
    given[json::json_pointer(at)] = value;
    return refusal(given);
  };
  EXPECT_EQ(refusal(good), "");
  EXPECT_THAT(refusal("["), HasSubstr("no JSON object"));
  EXPECT_THAT(changed("/people", json::array()), HasSubstr("nobody"));
  EXPECT_THAT(changed("/people/0", json::object()), HasSubstr("lacks"));
  EXPECT_THAT(changed("/words/adverb", {"well"}), HasSubstr("adverb"));
  EXPECT_THAT(changed("/topics/animals/0", "gryphon"),
              AllOf(HasSubstr("animals"), HasSubstr("gryphon")));
  EXPECT_THAT(changed("/templates/noun/normal", json::array()),
              HasSubstr("no template for normal"));
  EXPECT_THAT(changed("/templates/noun/normal/0/title", 1), HasSubstr("/noun/normal"));
}

}  // namespace
}  // namespace storysign::practice
