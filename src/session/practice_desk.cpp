#include "session/practice_desk.hpp"

#include "session/practice_json.hpp"
#include "wire/server_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace storysign::session {
namespace {

using nlohmann::json;
using practice::GestureChange;

constexpr std::array<std::string_view, 11> kActions = {
    "start_session",  "next_sentence", "try_again",      "restart_story",
    "complete_story", "stop_session",  "set_handedness", "record_sign",
    "drop_example",   "save_sign",     "stop_recording"};
constexpr std::size_t kLongestGloss = 40;
constexpr std::string_view kRecording = "recording";  // As practice_mode.
// Ten times a second is as often as anybody can see.
constexpr std::chrono::milliseconds kNewsInterval{100};

bool is_teaching(std::string_view action) {
  return action == "record_sign" || action == "drop_example" || action == "save_sign" ||
         action == "stop_recording";
}

base::Result<practice::NonManual> read_non_manual(const json& data) {
  practice::NonManual asked;
  const auto given = data.find("non_manual");
  if (given == data.end() || given->is_null()) return asked;
  const auto wrong = [](std::string sentence) {
    return base::fail(base::ErrorCode::kInvalidInput, std::move(sentence));
  };
  if (!given->is_object()) return wrong("non_manual is an object with eyebrows, mouth and head.");
  for (const auto& [key, value] : given->items()) {
    std::string* const word = key == "eyebrows" ? &asked.eyebrows
                              : key == "mouth"  ? &asked.mouth
                              : key == "head"   ? &asked.head
                                                : nullptr;
    if (word == nullptr || !(value.is_null() || value.is_string())) {
      return wrong("non_manual has the texts eyebrows, mouth and head, or null in their place.");
    }
    if (value.is_string()) *word = value.get<std::string>();
  }
  if (const auto sentence = practice::wrong_word(asked)) return wrong(*sentence);
  return asked;
}

}  // namespace

PracticeDesk::PracticeDesk(const Practising& parts, telemetry::Metrics& metrics,
                           const Client& client, SessionRecord& record,
                           std::shared_ptr<Waker> waker)
    : parts_(parts),
      metrics_(metrics),
      record_(record),
      client_id_(fmt::format("client_{}", client.number)),
      account_id_(client.account_id),
      may_teach_(client.may_teach),
      door_(std::make_shared<FindingsDoor>(std::move(waker))) {}

bool PracticeDesk::knows(std::string_view action) {
  return std::find(kActions.begin(), kActions.end(), action) != kActions.end();
}

std::optional<PracticeDesk::Reply> PracticeDesk::control(std::string_view action,
                                                         const json& data) {
  news_.any = true;
  const auto reply = [&](json result) {
    return Reply{.action = std::string(action), .result = std::move(result)};
  };
  if (action == "start_session") {
    json result =
        parts_.analyst == nullptr ? wire::refusal("This server has no practice.") : start(data);
    const bool done = result.at("success").get<bool>();
    return Reply{true, done ? "session_started" : std::string(action), std::move(result)};
  }
  if (is_teaching(action) && !may_teach_) {
    return reply(wire::refusal("Only a teacher may record signs; sign in as one."));
  }
  if (action == "record_sign") return reply(record_sign(data));
  if (is_teaching(action)) {
    if (!recorder_) {
      return reply(wire::refusal("No sign is being recorded; send record_sign first."));
    }
    if (action == "drop_example") return reply(drop_example(data));
    if (action == "stop_recording") return reply(stop(action));
    auto answer = save_sign(data);
    if (!answer) return std::nullopt;
    return reply(std::move(*answer));
  }
  if (!exercise_) {
    return reply(wire::refusal("No practice session is active; send start_session first."));
  }
  if (action == "next_sentence") return reply(next_sentence());
  if (action == "try_again") return reply(try_again(data));
  if (action == "restart_story") return reply(restart());
  if (action == "complete_story") return reply(complete());
  if (action == "set_handedness") return reply(set_handedness(data));
  return reply(stop(action));
}

json PracticeDesk::start(const json& data) {
  if (recorder_) return wire::refusal("A sign is being recorded; send stop_recording first.");
  const auto library = parts_.signs->snapshot();
  auto plan = read_plan(data, record_.id(),
                        [&](std::string_view gloss) { return library->find(gloss) != nullptr; });
  if (!plan) return wire::refusal(plan.error().message);
  begin_anew();
  exercise_.emplace(std::move(*plan), parts_.gestures);
  return with_session({{"success", true},
                       {"session_id", exercise_->plan().session_id},
                       {"total_sentences", exercise_->plan().sentences.size()},
                       {"current_sentence_index", 0},
                       {"current_sentence", exercise_->sentence().text},
                       {"practice_mode", practice::name_of(exercise_->mode())}});
}

json PracticeDesk::next_sentence() {
  feedback_.clear();
  if (!exercise_->next_sentence()) {
    return with_session({{"success", true},
                         {"action", "story_completed"},
                         {"total_sentences", exercise_->plan().sentences.size()}});
  }
  return with_session({{"success", true},
                       {"action", "next_sentence"},
                       {"current_sentence_index", exercise_->sentence_index()},
                       {"current_sentence", exercise_->sentence().text},
                       {"practice_mode", practice::name_of(exercise_->mode())},
                       {"is_last_sentence", exercise_->is_last_sentence()}});
}

json PracticeDesk::try_again(const json& data) {
  std::optional<std::size_t> item;
  if (const auto wanted = data.find("item"); wanted != data.end() && !wanted->is_null()) {
    if (!wanted->is_number_integer() || *wanted < 0) {
      return wire::refusal("item is the number of an item of the sentence, from 0.");
    }
    item = wanted->get<std::size_t>();
  }
  if (const auto done = exercise_->try_again(item); !done) {
    return wire::refusal(done.error().message);
  }
  feedback_.clear();
  return with_session({{"success", true},
                       {"action", "try_again"},
                       {"current_sentence_index", exercise_->sentence_index()},
                       {"current_sentence", exercise_->sentence().text},
                       {"practice_mode", practice::name_of(exercise_->mode())}});
}

json PracticeDesk::restart() {
  exercise_->restart();
  feedback_.clear();
  return with_session({{"success", true},
                       {"action", "restart_story"},
                       {"current_sentence_index", 0},
                       {"current_sentence", exercise_->sentence().text},
                       {"practice_mode", practice::name_of(exercise_->mode())}});
}

json PracticeDesk::complete() {
  exercise_->complete();
  messages_.push_back({.kind = PracticeMessage::Kind::kSessionComplete,
                       .data = describe_summary(exercise_->summary())});
  return {{"success", true},
          {"action", "story_completed"},
          {"session_id", exercise_->plan().session_id},
          {"total_sentences", exercise_->plan().sentences.size()},
          {"practice_mode", practice::name_of(exercise_->mode())}};
}

json PracticeDesk::stop(std::string_view action) {
  begin_anew();
  if (action == "stop_recording") {
    recorder_.reset();
    return {{"success", true}, {"action", "recording_stopped"}};
  }
  json result = {{"success", true},
                 {"action", "session_stopped"},
                 {"session_id", exercise_->plan().session_id}};
  exercise_.reset();
  return result;
}

json PracticeDesk::set_handedness(const json& data) {
  const auto handedness =
      read_handedness(data.contains("handedness") ? data.at("handedness") : json());
  if (!handedness) return wire::refusal(handedness.error().message);
  exercise_->set_handedness(*handedness);
  return {{"success", true}, {"action", "set_handedness"}};
}

json PracticeDesk::record_sign(const json& data) {
  if (parts_.analyst == nullptr) return wire::refusal("This server has no practice.");
  if (exercise_) return wire::refusal("A practice session is active; send stop_session first.");
  if (recorder_ && recorder_->is_saving()) {
    return wire::refusal("The sign before is still being saved; wait for the answer.");
  }
  const auto name = data.find("gloss");
  const std::string gloss = name != data.end() && name->is_string()
                                ? practice::gloss_of(name->get<std::string>())
                                : std::string();
  if (gloss.empty() || gloss.size() > kLongestGloss) {
    return wire::refusal(
        fmt::format("record_sign needs a gloss: 1 to {} letters, digits and hyphens, as THANK-YOU.",
                    kLongestGloss));
  }
  begin_anew();
  recorder_.emplace(gloss, parts_.gestures);
  return with_session({{"success", true},
                       {"gloss", gloss},
                       {"practice_mode", kRecording},
                       {"examples", 0},
                       {"examples_needed", SignRecorder::kFewestExamples},
                       {"replaces", parts_.signs->snapshot()->find(gloss) != nullptr}});
}

json PracticeDesk::drop_example(const json& data) {
  const auto id = data.find("example_id");
  if (id == data.end() || !id->is_string() || !recorder_->drop(id->get<std::string>())) {
    return wire::refusal("There is no such example; practice_session names those there are.");
  }
  return with_session({{"success", true}, {"examples", recorder_->examples().size()}});
}

std::optional<json> PracticeDesk::save_sign(const json& data) {
  const auto asked = read_non_manual(data);
  if (!asked) return wire::refusal(asked.error().message);
  if (recorder_->is_saving()) {
    return wire::refusal("It is being saved already; wait for the answer.");
  }
  auto usable = recorder_->usable();
  if (usable.size() < SignRecorder::kFewestExamples) {
    return wire::refusal(fmt::format("A sign needs at least {} usable examples; {} has {}.",
                                     SignRecorder::kFewestExamples, recorder_->gloss(),
                                     usable.size()));
  }
  const bool taken = parts_.analyst->save(door_, {.gloss = recorder_->gloss(),
                                                  .examples = std::move(usable),
                                                  .non_manual = *asked,
                                                  .account_id = account_id_,
                                                  .signs = parts_.signs});
  if (!taken) return wire::refusal("The server has too much to do; try again in a second.");
  recorder_->set_saving(true);
  return std::nullopt;
}

json PracticeDesk::with_session(json result) const {
  result["practice_session"] = describe();
  return result;
}

void PracticeDesk::on_frame(const pipeline::FrameResult& frame, std::chrono::microseconds time,
                            wire::WallTime now) {
  if (!is_active() || !frame.is_tracked() || frame.width <= 0 || frame.height <= 0) return;
  const practice::Observation seen =
      practice::observe(frame.landmarks, time, frame.width, frame.height);
  if (recorder_) {
    const SignRecorder::Example* example = recorder_->on_observation(seen, parts_.new_id);
    note(recorder_->last_change());
    if (example == nullptr) return;
    if (!parts_.analyst->look_at(door_, {example->id, example->recording, recorder_->usable()})) {
      on_example({.kind = Finding::Kind::kExample,
                  .id = example->id,
                  .problems = {"The server had too much to do to look at it; sign it again."}});
    }
    return;
  }
  auto attempt = exercise_->on_observation(seen, parts_.new_id);
  note(exercise_->last_change());
  if (attempt) {
    judge(std::move(*attempt));
  } else if (exercise_->wants_letters()) {
    read_letter(seen, now);
  }
}

void PracticeDesk::judge(practice::Attempt attempt) {
  news_.triggered = true;
  news_.any = true;
  const bool taken = parts_.analyst->judge(door_, {.attempt_id = attempt.id,
                                                   .recording = std::move(attempt.recording),
                                                   .target = attempt.target.target,
                                                   .handedness = exercise_->plan().handedness,
                                                   .library = parts_.signs->snapshot()});
  if (taken) return;
  // Said, and listened to again: the attempt is lost, and nobody is told that it was wrong.
  metrics_.add(telemetry::AttemptJudged::kNotJudged);
  const std::string sentence = "The server has too much to do to judge this; sign it again.";
  messages_.push_back({.kind = PracticeMessage::Kind::kFeedback,
                       .data = {{"target_sentence", exercise_->sentence().text},
                                {"feedback", sentence},
                                {"confidence_score", 0.0},
                                {"suggestions", json::array()},
                                {"analysis_summary", nullptr},
                                {"error", sentence}},
                       .metadata = {{"client_id", client_id_},
                                    {"session_id", exercise_->plan().session_id},
                                    {"sentence_index", exercise_->sentence_index()},
                                    {"attempt_id", attempt.id},
                                    {"analysis_success", false}}});
  static_cast<void>(exercise_->try_again(attempt.item));
}

void PracticeDesk::read_letter(const practice::Observation& seen, wire::WallTime now) {
  news_.any = true;
  if (letter_asked_) return;
  const auto spelling = exercise_->spelling_hand(seen);
  if (spelling.hand == nullptr) {
    const auto verdict =
        exercise_->on_letter(nullptr, nullptr, false, seen.aspect, seen.time, parts_.new_id);
    if (verdict) settle(*verdict, now);
    return;
  }
  letter_asked_ =
      parts_.analyst->read(door_, {*spelling.hand, spelling.is_left, seen.aspect, seen.time});
}

std::vector<PracticeDesk::Reply> PracticeDesk::collect(wire::WallTime now) {
  std::vector<Reply> replies;
  std::vector<Finding> findings;
  door_->take(findings);
  for (Finding& finding : findings) {
    news_.any = true;
    std::optional<practice::Verdict> verdict;
    switch (finding.kind) {
      case Finding::Kind::kJudgement:
        if (exercise_) verdict = exercise_->on_judgement(finding.id, std::move(finding.judgement));
        break;
      case Finding::Kind::kLetter:
        letter_asked_ = false;
        if (exercise_) {
          verdict = exercise_->on_letter(finding.letter ? &*finding.letter : nullptr,
                                         finding.letter ? &finding.hand : nullptr, finding.is_left,
                                         finding.aspect, finding.time, parts_.new_id);
        }
        break;
      case Finding::Kind::kExample:
        on_example(finding);
        break;
      case Finding::Kind::kSaved:
        replies.push_back(on_saved(finding));
        break;
    }
    if (verdict) settle(*verdict, now);
  }
  return replies;
}

void PracticeDesk::settle(const practice::Verdict& verdict, wire::WallTime now) {
  news_.any = true;
  metrics_.add(verdict.judgement.accepted ? telemetry::AttemptJudged::kAccepted
                                          : telemetry::AttemptJudged::kNotYet);
  const practice::ExercisePlan& plan = exercise_->plan();
  const json summary = analysis_summary(verdict);
  json suggestions = json::array();
  for (const auto& finding : verdict.judgement.findings) suggestions.push_back(finding.sentence);
  feedback_ = practice::feedback_of(verdict);
  json data = {{"target_sentence", exercise_->sentence().text},
               {"feedback", feedback_},
               {"confidence_score", summary.at("score")},
               {"suggestions", std::move(suggestions)},
               {"analysis_summary", summary}};
  store::Attempt row;
  row.id = verdict.attempt_id;
  row.account_id = account_id_;
  row.time = now;
  row.kind = practice::item_kind_name(verdict.target.kind);
  row.target = verdict.target.target;
  row.accepted = verdict.judgement.accepted;
  row.score = verdict.judgement.score;
  row.detail = json{{"story_id", plan.story_id},
                    {"lesson_id", plan.lesson_id},
                    {"level", plan.level},
                    {"sentence", exercise_->sentence().text},
                    {"scores", summary.at("scores")},
                    {"findings", summary.at("findings")}}
                   .dump();
  if (!record_.note_attempt(std::move(row))) {
    data["notice"] = "The server has too much to write: this attempt does not count as progress.";
  }
  messages_.push_back({.kind = PracticeMessage::Kind::kFeedback,
                       .data = std::move(data),
                       .metadata = {{"client_id", client_id_},
                                    {"session_id", plan.session_id},
                                    {"sentence_index", verdict.sentence},
                                    {"attempt_id", verdict.attempt_id},
                                    {"analysis_success", true}}});
}

void PracticeDesk::on_example(const Finding& finding) {
  if (!recorder_) return;
  const auto* example = recorder_->on_looked_at(finding.id, finding.problems, finding.likeness);
  if (example == nullptr) return;
  json data = SignRecorder::describe(*example);
  data["gloss"] = recorder_->gloss();
  messages_.push_back({.kind = PracticeMessage::Kind::kSignExample, .data = std::move(data)});
}

PracticeDesk::Reply PracticeDesk::on_saved(const Finding& finding) {
  Reply reply{false, "save_sign", {}};
  const bool is_here = recorder_ && recorder_->gloss() == finding.id;
  if (!finding.saved) {
    if (is_here) recorder_->set_saving(false);
    reply.result = wire::refusal(finding.saved.error().message);
    return reply;
  }
  reply.result = {{"success", true}, {"gloss", finding.id}};
  if (is_here) {
    reply.result["examples"] = recorder_->usable().size();
    recorder_.reset();
  }
  return reply;
}

/// What was to be said of the exercise or the recording before is nobody's now.
void PracticeDesk::begin_anew() {
  news_ = {};
  news_.any = true;
  feedback_.clear();
}

void PracticeDesk::note(GestureChange change) {
  news_.started = news_.started || change == GestureChange::kStarted;
  news_.completed = news_.completed || change == GestureChange::kCompleted;
  news_.any = news_.any || gestures().is_detecting() || change != GestureChange::kNone;
}

const practice::GestureDetector& PracticeDesk::gestures() const {
  return recorder_ ? recorder_->gestures() : exercise_->gestures();
}

bool PracticeDesk::is_analyzing() const {
  return exercise_ && exercise_->mode() == practice::PracticeMode::kAnalyzing;
}

std::vector<PracticeMessage> PracticeDesk::take_messages() {
  return std::exchange(messages_, {});
}

json PracticeDesk::describe() const {
  json out = exercise_ ? describe_exercise(*exercise_) : json::object();
  if (recorder_) out["practice_mode"] = kRecording;
  out["practice_active"] = is_active();
  out["recording"] = recorder_ ? recorder_->describe() : json();
  if (is_active()) {
    out["gesture_state"] = describe_gesture(gestures(), parts_.gestures.enabled);
  }
  out["analysis_in_progress"] = is_analyzing();
  if (!feedback_.empty()) out["feedback"] = feedback_;
  return out;
}

json PracticeDesk::tell() {
  json out = describe();
  if (news_.started) out["gesture_started"] = true;
  if (news_.completed) out["gesture_completed"] = true;
  if (news_.triggered) out["analysis_triggered"] = true;
  news_ = {};
  return out;
}

json PracticeDesk::tell_news(base::SteadyTime now) {
  if (!news_.any || (told_ && now - *told_ < kNewsInterval)) return nullptr;
  told_ = now;
  return tell();
}

json PracticeDesk::describe_gestures() const {
  return {{"is_detecting", gestures().is_detecting()},
          {"practice_mode", recorder_ ? kRecording : practice::name_of(exercise_->mode())},
          {"analysis_in_progress", is_analyzing()},
          {"buffer_size", gestures().buffered()}};
}

json PracticeDesk::state() const {
  return exercise_ ? exercise_state(*exercise_) : json();
}

void PracticeDesk::restore(const json& state) {
  if (parts_.analyst == nullptr || recorder_) return;
  auto saved = read_exercise_state(state);
  if (!saved) return;
  begin_anew();
  exercise_.emplace(std::move(saved->plan), parts_.gestures);
  exercise_->go_to(saved->sentence, saved->items);
  if (saved->is_completed) exercise_->complete();
}

}  // namespace storysign::session
