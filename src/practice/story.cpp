#include "practice/story.hpp"

#include "practice/glossing.hpp"
#include "practice/replace.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace storysign::practice {
namespace {

using base::ErrorCode;
using nlohmann::json;

constexpr std::array<std::string_view, 5> kLevelNames = {"amateur", "normal", "mid_level",
                                                         "difficult", "expert"};
constexpr std::array<LevelRules, 5> kRules = {{
    {.min_sentences = 3, .max_sentences = 3, .max_words = 6, .min_glosses = 1, .max_glosses = 3},
    {.min_sentences = 3, .max_sentences = 4, .max_words = 8, .min_glosses = 2, .max_glosses = 4},
    {.min_sentences = 3, .max_sentences = 5, .max_words = 10, .min_glosses = 3, .max_glosses = 5},
    {.min_sentences = 4, .max_sentences = 5, .max_words = 13, .min_glosses = 4, .max_glosses = 6},
    {.min_sentences = 4, .max_sentences = 5, .max_words = 17, .min_glosses = 5, .max_glosses = 8},
}};
// A model counts badly, and what is a little longer can still be practised.
constexpr std::array<LevelRules, 5> kRulesOfModel = {{
    {.min_sentences = 3, .max_sentences = 5, .max_words = 9, .min_glosses = 1, .max_glosses = 6},
    {.min_sentences = 3, .max_sentences = 5, .max_words = 12, .min_glosses = 1, .max_glosses = 8},
    {.min_sentences = 3, .max_sentences = 5, .max_words = 15, .min_glosses = 1, .max_glosses = 10},
    {.min_sentences = 3, .max_sentences = 5, .max_words = 20, .min_glosses = 1, .max_glosses = 12},
    {.min_sentences = 3, .max_sentences = 5, .max_words = 26, .min_glosses = 1, .max_glosses = 16},
}};
constexpr std::size_t kLongestTitle = 80;
constexpr std::size_t kLongestSentence = 200;
constexpr std::size_t kLongestGloss = 30;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Letters, digits, spaces and what stands between words: nothing that a page could take for more
/// than text.
bool is_plain(std::string_view text) {
  constexpr std::string_view kMarks = " .,!?'\":;()-";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

/// The words in lower case, without what stands around them.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : std::string(text) + " ") {
    if (c == ' ') {
      while (!word.empty() && (word.back() == '\'' || word.back() == '-')) word.pop_back();
      if (!word.empty()) out.push_back(std::exchange(word, {}));
    } else if (c >= 'A' && c <= 'Z') {
      word += static_cast<char>(c - 'A' + 'a');
    } else if (is_letter(c) || (c >= '0' && c <= '9') ||
               ((c == '\'' || c == '-') && !word.empty())) {
      word += c;
    }
  }
  return out;
}

std::string doubled_word(const std::vector<std::string>& words) {
  const auto found = std::adjacent_find(words.begin(), words.end());
  return found == words.end() ? std::string() : *found;
}

bool begins_well(std::string_view text) {
  if (text.starts_with('"')) text.remove_prefix(1);
  return !text.empty() && text.front() >= 'A' && text.front() <= 'Z';
}

bool ends_well(std::string_view text) {
  if (text.ends_with('"')) text.remove_suffix(1);
  return !text.empty() && std::string_view(".!?").find(text.back()) != std::string_view::npos;
}

bool is_spaced_well(std::string_view text) {
  for (const std::string_view wrong : {"  ", " .", " ,", " !", " ?", " :", " ;", ",,", ".."}) {
    if (text.find(wrong) != std::string_view::npos) return false;
  }
  return !text.starts_with(' ') && !text.ends_with(' ') &&
         std::count(text.begin(), text.end(), '"') % 2 == 0;
}

base::Result<void> check_text(std::string_view text, const LevelRules& rules) {
  const auto wrong = [&](std::string_view what) {
    return base::fail(
        ErrorCode::kInvalidInput,
        fmt::format("The sentence \"{}\" {}.", text.substr(0, kLongestSentence), what));
  };
  if (text.size() > kLongestSentence) return wrong("is longer than 200 characters");
  if (!is_plain(text)) return wrong("has characters that are not plain text");
  if (!begins_well(text)) return wrong("does not begin with a capital letter");
  if (!ends_well(text)) return wrong("does not end with a period, a question or exclamation mark");
  if (!is_spaced_well(text)) return wrong("has spaces or quotation marks in the wrong places");
  const std::vector<std::string> words = words_of(text);
  if (words.empty() || words.size() > rules.max_words) {
    return wrong(fmt::format("must have 1 to {} words", rules.max_words));
  }
  if (const std::string twice = doubled_word(words); !twice.empty()) {
    return wrong(fmt::format("has the word \"{}\" twice in a row", twice));
  }
  return {};
}

base::Result<void> check_glosses(const Sentence& sentence, const LevelRules& rules) {
  const std::size_t count = sentence.glosses.size();
  if (count < rules.min_glosses || count > rules.max_glosses) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The sentence \"{}\" has {} glosses, but must have {} to {}.",
                                  sentence.text, count, rules.min_glosses, rules.max_glosses));
  }
  for (const std::string& gloss : sentence.glosses) {
    if (gloss.size() > kLongestGloss || gloss != gloss_of(gloss) || letters_of(gloss).empty()) {
      return base::fail(ErrorCode::kInvalidInput,
                        fmt::format("\"{}\" is no gloss; write capitals A-Z and hyphens.",
                                    gloss.substr(0, kLongestGloss)));
    }
  }
  return {};
}

/// Quotation marks and dashes as on a typewriter, white space narrowed.
std::string narrowed(std::string text) {
  for (const std::string_view quote : {"\xE2\x80\x98", "\xE2\x80\x99"}) {
    text = replaced(text, quote, "'");
  }
  for (const std::string_view quote : {"\xE2\x80\x9C", "\xE2\x80\x9D"}) {
    text = replaced(text, quote, "\"");
  }
  for (const std::string_view dash : {"\xE2\x80\x93", "\xE2\x80\x94"}) {
    text = replaced(text, dash, "-");
  }
  std::string out;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!is_space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

tl::unexpected<base::Error> refuse_model(std::string_view why) {
  return base::fail(ErrorCode::kInvalidInput, fmt::format("The model's story {}.", why));
}

base::Result<Sentence> sentence_of_model(const json& given) {
  const auto text = given.is_object() ? given.find("text") : given.end();
  const auto glosses = given.is_object() ? given.find("glosses") : given.end();
  if (text == given.end() || !text->is_string() || glosses == given.end() || !glosses->is_array()) {
    return refuse_model("has a sentence without \"text\" or \"glosses\"");
  }
  Sentence out{.text = narrowed(text->get<std::string>()), .glosses = {}};
  for (const json& gloss : *glosses) {
    if (!gloss.is_string()) return refuse_model("has a gloss that is no text");
    out.glosses.push_back(gloss_of(gloss.get<std::string>()));
  }
  return out;
}

}  // namespace

std::string_view level_name(Level level) noexcept {
  return kLevelNames[static_cast<std::size_t>(level)];
}

std::optional<Level> parse_level(std::string_view text) noexcept {
  for (const Level level : kLevels) {
    if (level_name(level) == text) return level;
  }
  return std::nullopt;
}

const LevelRules& rules_of(Level level) noexcept {
  return kRules[static_cast<std::size_t>(level)];
}

const LevelRules& model_rules_of(Level level) noexcept {
  return kRulesOfModel[static_cast<std::size_t>(level)];
}

std::string_view story_source_name(StorySource source) noexcept {
  switch (source) {
    case StorySource::kLibrary:
      return "library";
    case StorySource::kTemplate:
      return "template";
    case StorySource::kModel:
      break;
  }
  return "model";
}

base::Result<void> check_story(const Story& story) {
  const bool is_model = story.source == StorySource::kModel;
  const LevelRules& rules = is_model ? model_rules_of(story.level) : rules_of(story.level);
  if (story.title.empty() || story.title.size() > kLongestTitle || !is_plain(story.title) ||
      !begins_well(story.title) || !is_spaced_well(story.title)) {
    return base::fail(ErrorCode::kInvalidInput,
                      "The title of a story must be plain text of 1 to 80 characters that begins "
                      "with a capital letter.");
  }
  const std::size_t count = story.sentences.size();
  if (count < rules.min_sentences || count > rules.max_sentences) {
    return base::fail(ErrorCode::kInvalidInput,
                      fmt::format("The story \"{}\" has {} sentences, but must have {} to {}.",
                                  story.title, count, rules.min_sentences, rules.max_sentences));
  }
  for (const Sentence& sentence : story.sentences) {
    if (auto checked = check_text(sentence.text, rules); !checked) return checked;
    if (auto checked = check_glosses(sentence, rules); !checked) return checked;
  }
  return {};
}

json to_json(const Story& story) {
  json sentences = json::array();
  for (const Sentence& sentence : story.sentences) {
    sentences.push_back({{"text", sentence.text}, {"glosses", sentence.glosses}});
  }
  return {{"id", story.id},
          {"title", story.title},
          {"level", level_name(story.level)},
          {"sentences", std::move(sentences)},
          {"source", story_source_name(story.source)}};
}

base::Result<Story> story_of_model(std::string_view text, Level level) {
  // Models like to put a fence around it, or a word before it.
  const std::size_t begin = text.find('{');
  const std::size_t end = text.rfind('}');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return refuse_model("is no JSON object");
  }
  const json given = json::parse(text.substr(begin, end - begin + 1), nullptr, false);
  if (!given.is_object()) return refuse_model("is no JSON object");
  const auto title = given.find("title");
  const auto sentences = given.find("sentences");
  if (title == given.end() || !title->is_string()) return refuse_model("has no \"title\"");
  if (sentences == given.end() || !sentences->is_array()) {
    return refuse_model("has no \"sentences\"");
  }
  Story out;
  out.title = narrowed(title->get<std::string>());
  out.level = level;
  out.source = StorySource::kModel;
  if (sentences->size() > model_rules_of(level).max_sentences) {
    return refuse_model("has too many sentences");
  }
  for (const json& each : *sentences) {
    auto sentence = sentence_of_model(each);
    if (!sentence) return tl::unexpected(sentence.error());
    out.sentences.push_back(std::move(*sentence));
  }
  if (auto checked = check_story(out); !checked) return tl::unexpected(checked.error());
  return out;
}

}  // namespace storysign::practice
