#pragma once

#include "base/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace storysign::practice {

enum class Level : std::uint8_t { kAmateur, kNormal, kMidLevel, kDifficult, kExpert };
inline constexpr std::array<Level, 5> kLevels = {Level::kAmateur, Level::kNormal, Level::kMidLevel,
                                                 Level::kDifficult, Level::kExpert};

/// "amateur", "normal", "mid_level", "difficult", "expert".
[[nodiscard]] std::string_view level_name(Level level) noexcept;
/// Nothing for any other text.
[[nodiscard]] std::optional<Level> parse_level(std::string_view text) noexcept;

/// How long a story of a level may be. Ours: each level asks for a little more at once.
struct LevelRules {
  std::size_t min_sentences = 3;
  std::size_t max_sentences = 5;
  std::size_t max_words = 0;  ///< Of one English sentence.
  std::size_t min_glosses = 0;
  std::size_t max_glosses = 0;  ///< Of one sentence.
};
[[nodiscard]] const LevelRules& rules_of(Level level) noexcept;
/// For a story that a language model wrote: about half as much again, since models count badly.
[[nodiscard]] const LevelRules& model_rules_of(Level level) noexcept;

struct Sentence {
  std::string text;                  ///< Natural English.
  std::vector<std::string> glosses;  ///< Its signs in order, as gloss_of() writes them.

  friend bool operator==(const Sentence&, const Sentence&) = default;
};

enum class StorySource : std::uint8_t { kLibrary, kTemplate, kModel };

/// "library", "template", "model".
[[nodiscard]] std::string_view story_source_name(StorySource source) noexcept;

struct Story {
  std::string id;  ///< Unique; of a-z, 0-9 and hyphens.
  std::string title;
  Level level = Level::kAmateur;
  std::vector<Sentence> sentences;
  StorySource source = StorySource::kLibrary;

  friend bool operator==(const Story&, const Story&) = default;
};

/// Whether a story is fit to be shown, whoever wrote it: a title of 1 to 80 bytes, and sentences
/// within the rules of its level (and its source) that begin with a capital or a quotation mark,
/// end with one of
/// ".!?", are ASCII without markup, double a word nowhere, and have glosses as gloss_of() writes
/// them, each with a letter. Fails with a sentence.
[[nodiscard]] base::Result<void> check_story(const Story& story);

[[nodiscard]] nlohmann::json to_json(const Story& story);

/// Reads {"title","sentences":[{"text","glosses"}]} as a language model writes it, and trusts
/// nothing of it: unknown fields are ignored, glosses brought into form, white space narrowed; then
/// check_story(). `id` is left empty.
[[nodiscard]] base::Result<Story> story_of_model(std::string_view text, Level level);

/// The stories that come with the program, written for this project. Immutable; any thread.
class StoryLibrary {
 public:
  /// Reads the text of data/stories.json; fails with a sentence that names the story.
  [[nodiscard]] static base::Result<StoryLibrary> parse(std::string_view text);
  /// What is embedded in the program.
  [[nodiscard]] static base::Result<StoryLibrary> built_in();

  [[nodiscard]] std::span<const Story> stories() const noexcept { return stories_; }
  /// One of `level` that has `word` among its glosses or in its title if there is one; `seed`
  /// chooses among several. Null if the level has no story.
  [[nodiscard]] const Story* choose(Level level, std::string_view word, std::uint64_t seed) const;

 private:
  std::vector<Story> stories_;
};

}  // namespace storysign::practice
