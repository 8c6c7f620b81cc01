#include "practice/glossing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace storysign::practice {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Item sign(std::string target) {
  return {.kind = ItemKind::kSign, .target = std::move(target)};
}

Item letters(std::string target) {
  return {.kind = ItemKind::kLetters, .target = std::move(target)};
}

std::vector<Item> items(std::string_view sentence, const std::vector<std::string>& glosses = {}) {
  static const std::set<std::string, std::less<>> kSigns = {
      "BROTHER", "HUNGRY", "EAT", "MILK", "NO", "STUDENT", "THANK-YOU", "THANKS", "YES"};
  return items_of(sentence, glosses, [](std::string_view gloss) { return kSigns.contains(gloss); });
}

TEST(Items, AreTheGlossesOfAStory) {
  EXPECT_THAT(items("My brother is hungry.", {"BROTHER", "HUNGRY"}),
              ElementsAre(sign("BROTHER"), sign("HUNGRY")));
  EXPECT_THAT(items("Next week.", {"NEXT-WEEK", "milk"}),
              ElementsAre(letters("NEXT"), letters("WEEK"), sign("MILK")));
  EXPECT_THAT(items("Whatever.", {"3", "...", ""}), IsEmpty());
}

TEST(Items, AreMadeOfTheWordsOfASentenceWithoutGlosses) {
  EXPECT_THAT(items("The student eats, and a brother thanks you!"),
              ElementsAre(sign("STUDENT"), sign("EAT"), letters("AND"), sign("BROTHER"),
                          sign("THANKS"), letters("YOU")));
  EXPECT_THAT(items("thank you, Anna"), ElementsAre(sign("THANK-YOU"), letters("ANNA")));
  EXPECT_THAT(items("Eating milk"), ElementsAre(sign("EAT"), sign("MILK")));
}

TEST(Items, SpellAWordOfAnyLetters) {
  EXPECT_THAT(items("Jos\xC3\xA9 doesn't know"),
              ElementsAre(letters("JOSE"), letters("DOESNT"), letters("KNOW")));
  EXPECT_THAT(items("It\xE2\x80\x99s 7 o'clock"), ElementsAre(letters("ITS"), letters("OCLOCK")));
  EXPECT_THAT(items("\xD0\x94\xD0\xB0 \xF0\x9F\x98\x80 123"), IsEmpty());
  EXPECT_THAT(items(std::string(100, 'x')), ElementsAre(letters(std::string(30, 'X'))));
}

TEST(Items, KeepAnArticleIfThereIsNothingElse) {
  EXPECT_THAT(items("A."), ElementsAre(letters("A")));
  EXPECT_THAT(items("The a"), ElementsAre(letters("THE"), letters("A")));
}

TEST(Items, DoNotTakeAShortStemForASign) {
  EXPECT_THAT(items("nos"), ElementsAre(letters("NOS")));
}

TEST(Items, AreFinitelyMany) {
  std::string sentence;
  for (int i = 0; i < 200; ++i) sentence += "milk ";
  EXPECT_THAT(items(sentence), SizeIs(kMostItems));
  EXPECT_THAT(items("", std::vector<std::string>(200, "MILK")), SizeIs(kMostItems));
}

TEST(Gloss, HasOneForm) {
  EXPECT_EQ(gloss_of(" thank  you "), "THANK-YOU");
  EXPECT_EQ(gloss_of("don't"), "DONT");
  EXPECT_EQ(gloss_of("--"), "");
  EXPECT_EQ(gloss_of("\xC3\x9C"
                     "ber 2"),
            "UBER-2");
  EXPECT_EQ(gloss_of(gloss_of("same time")), "SAME-TIME");
  EXPECT_EQ(letters_of("a1 b-c"), "ABC");
}

}  // namespace
}  // namespace storysign::practice
