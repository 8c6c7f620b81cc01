#pragma once

#include "base/result.hpp"
#include "practice/story.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::practice {

/// A word that a story is to be about: 1 to kLongestStoryWord letters A-Z, an apostrophe or hyphen
/// inside allowed. Comes back in lower case without white space around it; fails with a sentence.
inline constexpr std::size_t kLongestStoryWord = 20;
[[nodiscard]] base::Result<std::string> story_word(std::string_view text);

/// The same for a topic: one to kMostTopicWords such words, joined by single spaces.
inline constexpr std::size_t kMostTopicWords = 3;
[[nodiscard]] base::Result<std::string> story_topic(std::string_view text);

/// "a" or "an", by how a word begins when it is spoken, as far as that can be told from its
/// letters.
[[nodiscard]] std::string_view article_of(std::string_view word) noexcept;
/// By the rules for nouns that are regular.
[[nodiscard]] std::string plural_of(std::string_view noun);
/// "eats", by the rules for verbs that are regular.
[[nodiscard]] std::string third_person_of(std::string_view verb);
/// "eating": doubles a last consonant only in words of one syllable.
[[nodiscard]] std::string participle_of(std::string_view verb);

/// Makes stories of a word from the templates that come with the program. Immutable; any thread.
class StoryMaker {
 public:
  /// A word as the templates need it.
  struct Word {
    std::string kind;    ///< "noun", "food", "verb", "feeling", "name" or "unknown".
    std::string text;    ///< As it stands in a sentence.
    std::string plural;  ///< Of a noun.
  };

  /// Reads the text of data/story_templates.json; fails with a sentence that says where it is
  /// wrong.
  [[nodiscard]] static base::Result<StoryMaker> parse(std::string_view text);
  /// What is embedded in the program.
  [[nodiscard]] static base::Result<StoryMaker> built_in();

  /// A story of `level` around a word as story_word() gives it. What is known of the word chooses
  /// the templates; one that is not known is talked about as a word to learn, which reads well
  /// whatever it means. The same word, level and seed give the same story, which check_story()
  /// accepts.
  [[nodiscard]] Story make(std::string_view word, Level level, std::uint64_t seed) const;
  /// A story around a word of a topic as story_topic() gives it, chosen by `seed`. A topic that is
  /// not known is itself the word: the longest of its words.
  [[nodiscard]] Story make_of_topic(std::string_view topic, Level level, std::uint64_t seed) const;

  /// What is known of a word; also in the plural of a noun, or with a verb's -s or -ing.
  [[nodiscard]] Word find(std::string_view word) const;
  /// In the order of the alphabet.
  [[nodiscard]] std::vector<std::string> topics() const;
  /// Every word that is known.
  [[nodiscard]] std::vector<std::string> words() const;
  /// How many templates there are for a kind of word at a level.
  [[nodiscard]] std::size_t templates_of(std::string_view kind, Level level) const;

 private:
  struct Person {
    std::string who;
    std::string he;
    std::string him;
  };
  struct Template {
    std::string title;
    std::vector<Sentence> sentences;
  };
  using Templates = std::map<std::string, std::map<Level, std::vector<Template>>, std::less<>>;
  struct Reader;

  [[nodiscard]] Story fill(const Template& from, const Word& word, const Person& person,
                           Level level) const;

  // Given.
  std::vector<Person> people_;
  std::map<std::string, Word, std::less<>> words_;  ///< By every form that is understood.
  std::map<std::string, std::vector<std::string>, std::less<>> topics_;
  Templates templates_;
};

}  // namespace storysign::practice
