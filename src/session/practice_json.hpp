#pragma once

#include "base/result.hpp"
#include "practice/exercise.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>

/// Practice as JSON (docs/practice-protocol.md): what clients send and see, and what is kept. Any
/// thread.
namespace storysign::session {

/// What may be practised at once; above it start_session is refused.
inline constexpr std::size_t kMostSentences = 50;
inline constexpr std::size_t kLongestSentence = 500;  ///< Bytes.

/// Reads the data of start_session. `own_id` is the session's where it names none; `has_sign` says
/// for which glosses there is a sign. Fails with a sentence.
[[nodiscard]] base::Result<practice::ExercisePlan> read_plan(
    const nlohmann::json& data, std::string_view own_id,
    const std::function<bool(std::string_view)>& has_sign);

/// "right", "left", null; fails for anything else.
[[nodiscard]] base::Result<practice::Handedness> read_handedness(const nlohmann::json& value);

/// What an exercise is, to go on elsewhere; and back. Null and std::nullopt if it is none.
[[nodiscard]] nlohmann::json exercise_state(const practice::Exercise& exercise);
struct SavedExercise {
  practice::ExercisePlan plan;
  std::size_t sentence = 0;
  std::vector<practice::Exercise::ItemState> items;
  bool is_completed = false;
};
[[nodiscard]] std::optional<SavedExercise> read_exercise_state(const nlohmann::json& state);

[[nodiscard]] nlohmann::json describe_gesture(const practice::GestureDetector& gestures,
                                              bool enabled);
/// The sentence, its items and how they stand; without what only the desk knows.
[[nodiscard]] nlohmann::json describe_exercise(const practice::Exercise& exercise);
[[nodiscard]] nlohmann::json describe_spelling(const practice::Exercise& exercise);
/// data.analysis_summary of asl_feedback.
[[nodiscard]] nlohmann::json analysis_summary(const practice::Verdict& verdict);
[[nodiscard]] nlohmann::json describe_summary(const practice::Summary& summary);

}  // namespace storysign::session
