#include "session/practice_json.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace storysign::session {
namespace {

using nlohmann::json;
using practice::Handedness;
using practice::Item;
using practice::ItemKind;

constexpr std::size_t kLongestName = 200;  // Bytes.

/// For people and charts: more digits say nothing.
double rounded(double value) {
  constexpr double kSteps = 1000.0;
  return std::round(value * kSteps) / kSteps;
}

auto wrong(std::string sentence) {
  return base::fail(base::ErrorCode::kInvalidInput, std::move(sentence));
}

/// A text, shortened to what is kept of a name.
std::string short_text(const json& text) {
  return std::string(base::utf8_prefix(text.get_ref<const std::string&>(), kLongestName));
}

std::string text_of(const json& data, const char* key) {
  const auto found = data.find(key);
  if (found == data.end() || !found->is_string()) return {};
  return short_text(*found);
}

base::Result<Item> read_item(const json& value) {
  const std::string kind = value.is_object() ? text_of(value, "kind") : "";
  const std::string target = value.is_object() ? text_of(value, "target") : "";
  const bool is_sign = kind == practice::item_kind_name(ItemKind::kSign);
  if (!is_sign && kind != practice::item_kind_name(ItemKind::kLetters)) {
    return wrong("Each of items needs a kind: \"sign\" or \"letters\".");
  }
  Item item{is_sign ? ItemKind::kSign : ItemKind::kLetters,
            is_sign ? practice::gloss_of(target) : practice::letters_of(target)};
  if (item.target.empty()) return wrong("Each of items needs a target: a gloss, or a word of A-Z.");
  if (!is_sign && item.target.size() > practice::kLongestWord) {
    return wrong(
        fmt::format("A word to fingerspell has at most {} letters.", practice::kLongestWord));
  }
  return item;
}

/// The list of sentence `index` in `data[key]`; null if there is none.
const json* list_of(const json& data, const char* key, std::size_t index) {
  const auto found = data.find(key);
  if (found == data.end() || !found->is_array() || index >= found->size()) return nullptr;
  return found->at(index).is_array() ? &found->at(index) : nullptr;
}

base::Result<std::vector<Item>> read_items(const json& data, std::size_t index,
                                           std::string_view sentence,
                                           const std::function<bool(std::string_view)>& has_sign) {
  std::vector<Item> items;
  if (const json* list = list_of(data, "items", index)) {
    for (const json& value : *list) {
      auto item = read_item(value);
      if (!item) return tl::unexpected(item.error());
      items.push_back(std::move(*item));
    }
  } else {
    std::vector<std::string> glosses;
    if (const json* names = list_of(data, "glosses", index)) {
      for (const json& name : *names) {
        if (name.is_string()) glosses.push_back(short_text(name));
      }
    }
    items = practice::items_of(sentence, glosses, has_sign);
  }
  if (items.empty()) {
    return wrong(
        fmt::format("Sentence {} has nothing to sign: it needs a word of letters.", index + 1));
  }
  items.resize(std::min(items.size(), practice::kMostItems));
  return items;
}

json item_json(const Item& item) {
  return {{"kind", practice::item_kind_name(item.kind)}, {"target", item.target}};
}

json handedness_json(Handedness handedness) {
  if (handedness == Handedness::kUnknown) return nullptr;
  return handedness == Handedness::kLeft ? "left" : "right";
}

json scores_json(const practice::Judgement& judgement) {
  return {{"handshape", rounded(judgement.handshape)},
          {"location", rounded(judgement.location)},
          {"movement", rounded(judgement.movement)},
          {"timing", rounded(judgement.timing)},
          {"non_manual", judgement.non_manual ? json(rounded(*judgement.non_manual)) : json()}};
}

}  // namespace

base::Result<Handedness> read_handedness(const json& value) {
  if (value.is_null()) return Handedness::kUnknown;
  if (value == "right") return Handedness::kRight;
  if (value == "left") return Handedness::kLeft;
  return wrong("handedness is \"right\", \"left\" or null.");
}

base::Result<practice::ExercisePlan> read_plan(
    const json& data, std::string_view own_id,
    const std::function<bool(std::string_view)>& has_sign) {
  if (data.empty()) return wrong("No session data provided");
  const auto sentences = data.find("story_sentences");
  if (sentences == data.end() || !sentences->is_array() || sentences->empty()) {
    return wrong("No story sentences provided");
  }
  if (sentences->size() > kMostSentences) {
    return wrong(fmt::format("A story has at most {} sentences.", kMostSentences));
  }
  practice::ExercisePlan plan;
  plan.session_id = text_of(data, "session_id");
  if (plan.session_id.empty()) plan.session_id = own_id;
  plan.title = text_of(data, "story_title");
  plan.story_id = text_of(data, "story_id");
  plan.lesson_id = text_of(data, "lesson_id");
  plan.level = text_of(data, "level");
  const auto handedness =
      read_handedness(data.contains("handedness") ? data.at("handedness") : json());
  if (!handedness) return tl::unexpected(handedness.error());
  plan.handedness = *handedness;
  for (std::size_t i = 0; i < sentences->size(); ++i) {
    const json& text = sentences->at(i);
    if (!text.is_string()) return wrong("story_sentences holds texts.");
    auto sentence = text.get<std::string>();
    if (sentence.size() > kLongestSentence) {
      return wrong(fmt::format("Sentence {} has more than {} bytes.", i + 1, kLongestSentence));
    }
    auto items = read_items(data, i, sentence, has_sign);
    if (!items) return tl::unexpected(items.error());
    plan.sentences.push_back({std::move(sentence), std::move(*items)});
  }
  return plan;
}

json exercise_state(const practice::Exercise& exercise) {
  const practice::ExercisePlan& plan = exercise.plan();
  json sentences = json::array();
  json items = json::array();
  for (const auto& sentence : plan.sentences) {
    sentences.push_back(sentence.text);
    json list = json::array();
    for (const Item& item : sentence.items) list.push_back(item_json(item));
    items.push_back(std::move(list));
  }
  json states = json::array();
  for (const auto& item : exercise.items()) {
    states.push_back({{"accepted", item.accepted ? json(*item.accepted) : json()},
                      {"score", rounded(item.score)},
                      {"best", rounded(item.best)}});
  }
  return {{"plan",
           {{"session_id", plan.session_id},
            {"story_title", plan.title},
            {"story_id", plan.story_id},
            {"lesson_id", plan.lesson_id},
            {"level", plan.level},
            {"handedness", handedness_json(plan.handedness)},
            {"story_sentences", std::move(sentences)},
            {"items", std::move(items)}}},
          {"sentence", exercise.sentence_index()},
          {"items", std::move(states)},
          {"completed", exercise.mode() == practice::PracticeMode::kCompleted}};
}

std::optional<SavedExercise> read_exercise_state(const json& state) {
  if (!state.is_object() || !state.contains("plan") || !state.at("plan").is_object()) {
    return std::nullopt;
  }
  auto plan = read_plan(state.at("plan"), "", [](std::string_view /*gloss*/) { return false; });
  if (!plan) return std::nullopt;
  SavedExercise saved;
  saved.plan = std::move(*plan);
  if (const auto index = state.find("sentence");
      index != state.end() && index->is_number_unsigned()) {
    saved.sentence = index->get<std::size_t>();
  }
  const auto items = state.find("items");
  if (items != state.end() && items->is_array()) {
    for (const json& one : *items) {
      practice::Exercise::ItemState item;
      if (one.is_object() && one.contains("accepted") && one.at("accepted").is_boolean()) {
        item.accepted = one.at("accepted").get<bool>();
        item.score = std::clamp(one.value("score", 0.0), 0.0, 1.0);
        item.best = std::clamp(one.value("best", 0.0), 0.0, 1.0);
      }
      saved.items.push_back(item);
    }
  }
  const auto completed = state.find("completed");
  saved.is_completed = completed != state.end() && *completed == true;
  return saved;
}

json describe_gesture(const practice::GestureDetector& gestures, bool enabled) {
  json out = {{"is_detecting", gestures.is_detecting()},
              {"buffer_size", gestures.buffered()},
              {"enabled", enabled},
              {"hand_speed", rounded(gestures.speed())}};
  if (gestures.is_detecting()) {
    out["gesture_duration_ms"] = gestures.gesture_duration().count();
    out["pause_duration_ms"] = gestures.pause_duration().count();
  }
  return out;
}

json describe_exercise(const practice::Exercise& exercise) {
  json items = json::array();
  for (std::size_t i = 0; i < exercise.items().size(); ++i) {
    const auto& state = exercise.items()[i];
    json item = item_json(exercise.sentence().items[i]);
    item["accepted"] = state.accepted ? json(*state.accepted) : json();
    item["score"] = state.accepted ? json(rounded(state.score)) : json();
    items.push_back(std::move(item));
  }
  return {{"session_id", exercise.plan().session_id},
          {"current_sentence", exercise.sentence().text},
          {"current_sentence_index", exercise.sentence_index()},
          {"total_sentences", exercise.plan().sentences.size()},
          {"practice_mode", practice::name_of(exercise.mode())},
          {"attempt_id", exercise.attempt_id().empty() ? json() : json(exercise.attempt_id())},
          {"items", std::move(items)},
          {"current_item", exercise.mode() == practice::PracticeMode::kCompleted
                               ? json()
                               : json(exercise.item_index())},
          {"spelling", describe_spelling(exercise)}};
}

json describe_spelling(const practice::Exercise& exercise) {
  const practice::Speller* speller = exercise.speller();
  if (speller == nullptr) return nullptr;
  json top;
  bool is_sure = false;
  if (const auto& latest = speller->latest()) {
    top = json::array();
    for (const auto& guess : latest->top) {
      top.push_back({std::string(1, guess.letter), rounded(static_cast<double>(guess.confidence))});
    }
    is_sure = latest->is_sure;
  }
  const char next = speller->next();
  return {{"word", exercise.item().target},
          {"confirmed", speller->confirmed()},
          {"next", next == 0 ? json() : json(std::string(1, next))},
          {"hold", rounded(speller->hold())},
          {"top", std::move(top)},
          {"is_sure", is_sure},
          {"advice", exercise.spelling_advice()}};
}

json analysis_summary(const practice::Verdict& verdict) {
  const practice::Judgement& judgement = verdict.judgement;
  json findings = json::array();
  for (const auto& finding : judgement.findings) {
    findings.push_back(
        {{"aspect", practice::name_of(finding.aspect)},
         {"part", finding.part},
         {"sentence", finding.sentence},
         {"at_ms", std::chrono::duration_cast<std::chrono::milliseconds>(finding.at).count()}});
  }
  return {{"kind", practice::item_kind_name(verdict.target.kind)},
          {"target", verdict.target.target},
          {"item", verdict.item},
          {"accepted", judgement.accepted},
          {"score", rounded(judgement.score)},
          {"scores", verdict.is_sign ? scores_json(judgement) : json()},
          {"spelled", verdict.is_sign ? json() : json(verdict.spelled)},
          {"findings", std::move(findings)},
          {"likelier", judgement.likelier.empty() ? json() : json(judgement.likelier)},
          {"duration_ms", verdict.duration.count()},
          {"sentence_done", verdict.sentence_done}};
}

json describe_summary(const practice::Summary& summary) {
  return {{"completion_message", practice::completion_message(summary)},
          {"overall_score", rounded(summary.score)},
          {"final_suggestions", summary.suggestions},
          {"completion_time", rounded(std::chrono::duration<double>(summary.time).count())},
          {"average_confidence", rounded(summary.mean_confidence)},
          {"items", summary.items},
          {"items_tried", summary.tried},
          {"items_accepted", summary.accepted}};
}

}  // namespace storysign::session
