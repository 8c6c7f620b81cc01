#include "practice/story_maker.hpp"

#include "practice/embedded.hpp"
#include "practice/glossing.hpp"
#include "practice/replace.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace storysign::practice {
namespace {

using base::ErrorCode;
using nlohmann::json;

constexpr std::string_view kUnknown = "unknown";
constexpr std::array<std::string_view, 6> kKinds = {"noun",    "food", "verb",
                                                    "feeling", "name", kUnknown};

bool is_vowel(char c) noexcept {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) { return lower(c); });
  return out;
}

std::string capital(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') {
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  }
  return out;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [&](std::string_view ending) { return text.ends_with(ending); });
}

/// A "y" behind a consonant.
bool ends_with_consonant_y(std::string_view word) noexcept {
  return word.size() >= 2 && word.ends_with('y') && !is_vowel(word[word.size() - 2]);
}

std::string with_s(std::string_view word) {
  if (ends_with_consonant_y(word)) {
    return fmt::format("{}ies", word.substr(0, word.size() - 1));
  }
  return fmt::format("{}{}", word, ends_with_any(word, {"s", "x", "z", "ch", "sh"}) ? "es" : "s");
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : std::string(text) + " ") {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      word += c;
    } else if (!word.empty()) {
      out.push_back(std::exchange(word, {}));
    }
  }
  return out;
}

/// Letters, with apostrophes and hyphens between them.
bool is_word(std::string_view text) noexcept {
  bool was_letter = false;
  for (const char c : text) {
    const bool is_letter = lower(c) >= 'a' && lower(c) <= 'z';
    if (!is_letter && !(was_letter && (c == '\'' || c == '-'))) return false;
    was_letter = is_letter;
  }
  return was_letter;
}

tl::unexpected<base::Error> refuse(std::string_view where, std::string_view why) {
  return base::fail(ErrorCode::kInvalidInput,
                    fmt::format("In the story templates, {}: {}", where, why));
}

bool is_texts(const json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const json& one) { return one.is_string(); });
}

}  // namespace

base::Result<std::string> story_word(std::string_view text) {
  const std::vector<std::string> words = split(text);
  if (words.empty()) {
    return base::fail(ErrorCode::kInvalidInput, "The word is empty; write a word of letters.");
  }
  if (words.size() > 1) {
    return base::fail(ErrorCode::kInvalidInput,
                      "A story can be made of one word; write it without spaces, or name a topic.");
  }
  if (words[0].size() > kLongestStoryWord) {
    return base::fail(
        ErrorCode::kInvalidInput,
        fmt::format("The word is too long; it may have {} letters.", kLongestStoryWord));
  }
  if (!is_word(words[0])) {
    return base::fail(ErrorCode::kInvalidInput,
                      "The word must be of letters from A to Z; only an apostrophe or a hyphen may "
                      "stand between them.");
  }
  return lower(words[0]);
}

base::Result<std::string> story_topic(std::string_view text) {
  const std::vector<std::string> words = split(text);
  if (words.empty()) {
    return base::fail(ErrorCode::kInvalidInput, "The topic is empty; write a word or two.");
  }
  if (words.size() > kMostTopicWords) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The topic may have {} words.", kMostTopicWords));
  }
  std::string out;
  for (const std::string& each : words) {
    const auto word = story_word(each);
    if (!word) return tl::unexpected(word.error());
    if (!out.empty()) out += ' ';
    out += *word;
  }
  return out;
}

std::string_view article_of(std::string_view word) noexcept {
  const auto begins = [&](std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return word.starts_with(beginning); });
  };
  // "hour" is spoken without its h, "unicorn" and "one" with a consonant that is not written.
  if (begins({"hour", "honest", "honor", "heir"})) return "an";
  if (begins({"uni", "use", "eu", "one", "once", "ukulele", "ufo", "uran"}) &&
      !begins({"unin", "unim"})) {
    return "a";
  }
  return !word.empty() && is_vowel(word[0]) ? "an" : "a";
}

std::string plural_of(std::string_view noun) {
  return with_s(noun);
}

std::string third_person_of(std::string_view verb) {
  return verb.ends_with('o') ? fmt::format("{}es", verb) : with_s(verb);
}

std::string participle_of(std::string_view verb) {
  if (verb.ends_with("ie")) return fmt::format("{}ying", verb.substr(0, verb.size() - 2));
  if (verb.ends_with('e') && !verb.ends_with("ee")) {
    return fmt::format("{}ing", verb.substr(0, verb.size() - 1));
  }
  const auto vowels = std::count_if(verb.begin(), verb.end(), &is_vowel);
  const bool is_doubled = vowels == 1 && verb.size() >= 3 && is_vowel(verb[verb.size() - 2]) &&
                          !is_vowel(verb.back()) && !ends_with_any(verb, {"w", "x", "y"});
  return is_doubled ? fmt::format("{}{}ing", verb, verb.back()) : fmt::format("{}ing", verb);
}

/// Takes the file apart; each function says what is wrong with its part.
struct StoryMaker::Reader {
  StoryMaker out;

  base::Result<void> people(const json& given) {
    if (!given.is_array() || given.empty()) return refuse("people", "there is nobody.");
    for (const json& one : given) {
      if (!one.is_object() || !one.contains("who") || !one["who"].is_string() ||
          !one.contains("he") || !one["he"].is_string() || !one.contains("him") ||
          !one["him"].is_string()) {
        return refuse("people", "somebody lacks who, he or him.");
      }
      out.people_.push_back({.who = one["who"].get<std::string>(),
                             .he = one["he"].get<std::string>(),
                             .him = one["him"].get<std::string>()});
    }
    return {};
  }

  void word(const std::string& kind, const std::string& given) {
    const std::size_t slash = given.find('/');
    Word word{.kind = kind, .text = given.substr(0, slash), .plural = {}};
    const std::string key = lower(word.text);
    std::vector<std::string> forms;
    if (kind == "noun") {
      word.plural = slash == std::string::npos ? plural_of(word.text) : given.substr(slash + 1);
      forms = {word.plural};
    } else if (kind == "verb") {
      forms = {third_person_of(word.text), participle_of(word.text)};
    }
    for (const std::string& form : forms) out.words_.try_emplace(form, word);
    out.words_.insert_or_assign(key, std::move(word));
  }

  base::Result<void> words(const json& given) {
    if (!given.is_object()) return refuse("words", "it is no object.");
    for (const auto& [kind, texts] : given.items()) {
      if (std::find(kKinds.begin(), kKinds.end(), kind) == kKinds.end() || !is_texts(texts)) {
        return refuse(kind, "it is no kind of word with its words.");
      }
      for (const json& text : texts) word(kind, text.get<std::string>());
    }
    return {};
  }

  base::Result<void> topics(const json& given) {
    if (!given.is_object()) return refuse("topics", "it is no object.");
    for (const auto& [topic, texts] : given.items()) {
      if (!is_texts(texts)) return refuse(topic, "a topic needs words.");
      for (const json& text : texts) {
        auto known = text.get<std::string>();
        if (out.find(known).kind == kUnknown) {
          return refuse(topic, fmt::format("\"{}\" is not among the words.", known));
        }
        out.topics_[topic].push_back(std::move(known));
      }
    }
    return {};
  }

  base::Result<void> templates(const json& given) {
    for (const std::string_view kind : kKinds) {
      for (const Level level : kLevels) {
        const json::json_pointer where(fmt::format("/{}/{}", kind, level_name(level)));
        if (!given.contains(where) || !given[where].is_array() || given[where].empty()) {
          return refuse(kind, fmt::format("there is no template for {}.", level_name(level)));
        }
        for (const json& one : given[where]) {
          auto read = read_template(one);
          if (!read) return refuse(where.to_string(), read.error().message);
          out.templates_[std::string(kind)][level].push_back(std::move(*read));
        }
      }
    }
    return {};
  }

  static base::Result<Template> read_template(const json& given) {
    const auto wrong = base::fail(ErrorCode::kInvalidInput, "a title or sentence is missing.");
    if (!given.is_object() || !given.contains("title") || !given["title"].is_string() ||
        !given.contains("sentences") || !given["sentences"].is_array()) {
      return wrong;
    }
    Template read{.title = given["title"].get<std::string>(), .sentences = {}};
    for (const json& pair : given["sentences"]) {
      if (!is_texts(pair) || pair.size() != 2) return wrong;
      read.sentences.push_back(
          {.text = pair[0].get<std::string>(), .glosses = split(pair[1].get<std::string>())});
    }
    return read;
  }
};

base::Result<StoryMaker> StoryMaker::parse(std::string_view text) {
  const json given = json::parse(text, nullptr, false);
  if (!given.is_object()) return refuse("the file", "it is no JSON object.");
  const auto part = [&](std::string_view name) {
    const auto found = given.find(name);
    return found == given.end() ? json() : *found;
  };
  Reader reader;
  const auto read = reader.people(part("people"))
                        .and_then([&] { return reader.words(part("words")); })
                        .and_then([&] { return reader.topics(part("topics")); })
                        .and_then([&] { return reader.templates(part("templates")); });
  if (!read) return tl::unexpected(read.error());
  return std::move(reader.out);
}

base::Result<StoryMaker> StoryMaker::built_in() {
  return parse(embedded_story_templates());
}

StoryMaker::Word StoryMaker::find(std::string_view word) const {
  const auto found = words_.find(lower(word));
  if (found != words_.end()) return found->second;
  return {.kind = std::string(kUnknown), .text = std::string(word), .plural = {}};
}

std::vector<std::string> StoryMaker::topics() const {
  std::vector<std::string> out;
  out.reserve(topics_.size());
  for (const auto& [topic, words] : topics_) out.push_back(topic);
  return out;
}

std::vector<std::string> StoryMaker::words() const {
  std::set<std::string> out;
  for (const auto& [form, word] : words_) out.insert(word.text);
  return {out.begin(), out.end()};
}

std::size_t StoryMaker::templates_of(std::string_view kind, Level level) const {
  const auto found = templates_.find(kind);
  return found == templates_.end() ? 0 : found->second.at(level).size();
}

Story StoryMaker::fill(const Template& from, const Word& word, const Person& person,
                       Level level) const {
  const std::array<std::pair<std::string_view, std::string>, 10> slots = {{
      {"{w}", word.text},
      {"{Cap}", capital(word.text)},
      {"{a}", fmt::format("{} {}", article_of(word.text), word.text)},
      {"{s}", word.plural},
      {"{3}", third_person_of(word.text)},
      {"{ing}", participle_of(word.text)},
      {"{who}", person.who},
      {"{he}", person.he},
      {"{He}", capital(person.he)},
      {"{him}", person.him},
  }};
  const auto filled = [&](std::string text) {
    for (const auto& [slot, with] : slots) text = replaced(text, slot, with);
    return text;
  };
  Story out;
  out.title = capital(filled(from.title));
  out.level = level;
  out.source = StorySource::kTemplate;
  for (const Sentence& sentence : from.sentences) {
    Sentence& made = out.sentences.emplace_back();
    made.text = capital(filled(sentence.text));
    for (const std::string& gloss : sentence.glosses) {
      made.glosses.push_back(gloss == "{W}"     ? gloss_of(word.text)
                             : gloss == "{WHO}" ? gloss_of(person.who)
                                                : gloss);
    }
  }
  return out;
}

Story StoryMaker::make(std::string_view given, Level level, std::uint64_t seed) const {
  const Word word = find(given);
  Story out;
  // A template whose neighbours are the word itself would double it; then the next one is taken,
  // at last one that talks about the word.
  for (const Word& as :
       {word, Word{.kind = std::string(kUnknown), .text = std::string(given), .plural = {}}}) {
    const std::vector<Template>& from = templates_.find(as.kind)->second.at(level);
    const std::size_t choices = from.size() * people_.size();
    for (std::size_t i = 0; i < choices; ++i) {
      const std::size_t choice = (seed + i) % choices;
      const Person& person = people_[choice % people_.size()];
      if (person.who == as.text) continue;
      out = fill(from[choice / people_.size()], as, person, level);
      out.id = fmt::format("{}-{}-{}", lower(gloss_of(as.text)),
                           replaced(level_name(level), "_", "-"), choice);
      if (check_story(out)) return out;
    }
  }
  return out;
}

Story StoryMaker::make_of_topic(std::string_view topic, Level level, std::uint64_t seed) const {
  const auto found = topics_.find(topic);
  if (found != topics_.end()) {
    const std::size_t words = found->second.size();
    return make(found->second[seed % words], level, seed / words);
  }
  const std::vector<std::string> words = split(topic);
  const auto longest = std::max_element(
      words.begin(), words.end(),
      [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  return make(longest == words.end() ? std::string_view("word") : *longest, level, seed);
}

}  // namespace storysign::practice
