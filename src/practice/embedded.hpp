#pragma once

#include <string_view>

/// Files of data/ that are part of the program; the sources behind this are written when the build
/// is configured (src/practice/CMakeLists.txt).
namespace storysign::practice {

/// data/signs.json: the built-in vocabulary, made by training/built_in_signs.py.
[[nodiscard]] std::string_view embedded_signs() noexcept;
/// data/stories.json.
[[nodiscard]] std::string_view embedded_stories() noexcept;
/// data/story_templates.json.
[[nodiscard]] std::string_view embedded_story_templates() noexcept;

}  // namespace storysign::practice
