#include "practice/embedded.hpp"
#include "practice/glossing.hpp"
#include "practice/story.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace storysign::practice {
namespace {

using base::ErrorCode;
using nlohmann::json;

tl::unexpected<base::Error> refuse(std::string_view where, std::string_view why) {
  return base::fail(ErrorCode::kInvalidInput,
                    fmt::format("In the stories that come with the program, {}: {}", where, why));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    out.emplace_back(text.substr(0, space));
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  return out;
}

bool is_pair(const json& value) {
  return value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string();
}

base::Result<Story> story_from(const json& given, Level level) {
  if (!given.is_object() || !given.contains("id") || !given["id"].is_string() ||
      !given.contains("title") || !given["title"].is_string() || !given.contains("sentences") ||
      !given["sentences"].is_array()) {
    return refuse(level_name(level), "a story lacks its id, title or sentences.");
  }
  Story out;
  out.id = given["id"].get<std::string>();
  out.title = given["title"].get<std::string>();
  out.level = level;
  for (const json& pair : given["sentences"]) {
    if (!is_pair(pair)) return refuse(out.id, "a sentence is not a pair of text and glosses.");
    out.sentences.push_back(
        {.text = pair[0].get<std::string>(), .glosses = split(pair[1].get<std::string>())});
  }
  if (const auto checked = check_story(out); !checked) {
    return refuse(out.id, checked.error().message);
  }
  return out;
}

bool is_about(const Story& story, const std::string& gloss) {
  const auto has = [&](const Sentence& sentence) {
    return std::find(sentence.glosses.begin(), sentence.glosses.end(), gloss) !=
           sentence.glosses.end();
  };
  return std::any_of(story.sentences.begin(), story.sentences.end(), has) ||
         fmt::format("-{}-", gloss_of(story.title)).find(fmt::format("-{}-", gloss)) !=
             std::string::npos;
}

}  // namespace

base::Result<StoryLibrary> StoryLibrary::parse(std::string_view text) {
  const json given = json::parse(text, nullptr, false);
  if (!given.is_object() || !given.contains("stories") || !given["stories"].is_object()) {
    return refuse("the file", "it is no JSON object with \"stories\".");
  }
  StoryLibrary out;
  for (const auto& [name, stories] : given["stories"].items()) {
    if (!parse_level(name) || !stories.is_array()) {
      return refuse(name, "it is no level with its stories.");
    }
  }
  // Learners begin with the easy ones.
  for (const Level level : kLevels) {
    const auto stories = given["stories"].find(level_name(level));
    if (stories == given["stories"].end()) continue;
    for (const json& each : *stories) {
      auto story = story_from(each, level);
      if (!story) return tl::unexpected(story.error());
      const auto has_id = [&](const Story& other) { return other.id == story->id; };
      if (std::any_of(out.stories_.begin(), out.stories_.end(), has_id)) {
        return refuse(story->id, "there is another story with this id.");
      }
      out.stories_.push_back(std::move(*story));
    }
  }
  return out;
}

base::Result<StoryLibrary> StoryLibrary::built_in() {
  return parse(embedded_stories());
}

const Story* StoryLibrary::choose(Level level, std::string_view word, std::uint64_t seed) const {
  const std::string gloss = gloss_of(word);
  std::vector<const Story*> all;
  std::vector<const Story*> about;
  for (const Story& story : stories_) {
    if (story.level != level) continue;
    all.push_back(&story);
    if (!gloss.empty() && is_about(story, gloss)) about.push_back(&story);
  }
  const auto& from = about.empty() ? all : about;
  return from.empty() ? nullptr : from[seed % from.size()];
}

}  // namespace storysign::practice
