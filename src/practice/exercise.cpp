#include "practice/exercise.hpp"

#include "practice/palm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace storysign::practice {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kWrist = 0;
constexpr std::size_t kMostSuggestions = 3;
// Who spells may take the hand down to think; a sign is over sooner.
constexpr int kPausesToGiveUp = 3;
// A hand that is so many palms lower than the other one rests while that one spells.
constexpr float kRestsBelow = 2.0F;

bool is_higher(const vision::Hand& one, const vision::Hand& other) {
  return one.landmarks[kWrist].y < other.landmarks[kWrist].y;
}

}  // namespace

std::string_view name_of(PracticeMode mode) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"listening", "detecting", "analyzing",
                                                      "feedback", "completed"};
  return kNames[static_cast<std::size_t>(mode)];
}

Exercise::Exercise(ExercisePlan plan, const GestureRules& rules)
    : plan_(std::move(plan)), pause_(rules.pause), gestures_(rules) {
  restart();
}

std::optional<Attempt> Exercise::on_observation(const Observation& seen, std::string (*new_id)()) {
  change_ = GestureChange::kNone;
  note_time(seen.time);
  other_hand_is_up_ = is_other_hand_up(seen);
  const bool is_open = mode_ == PracticeMode::kListening || mode_ == PracticeMode::kDetecting;
  if (!is_open || item().kind != ItemKind::kSign) return std::nullopt;
  change_ = gestures_.on_observation(seen);
  switch (change_) {
    case GestureChange::kNone:
      return std::nullopt;
    case GestureChange::kStarted:
      mode_ = PracticeMode::kDetecting;
      return std::nullopt;
    case GestureChange::kTooShort:
      mode_ = PracticeMode::kListening;
      return std::nullopt;
    case GestureChange::kCompleted:
      break;
  }
  mode_ = PracticeMode::kAnalyzing;
  attempt_id_ = new_id();
  const Recording& recording = gestures_.recording();
  attempt_time_ = duration_cast<milliseconds>(recording.back().time - recording.front().time);
  return Attempt{attempt_id_, sentence_, item_, item(), recording};
}

bool Exercise::wants_letters() const noexcept {
  return speller_ && (mode_ == PracticeMode::kListening || mode_ == PracticeMode::kDetecting);
}

Exercise::SpellingHand Exercise::spelling_hand(const Observation& seen) const noexcept {
  const vision::Hand* left = seen.left_hand ? &*seen.left_hand : nullptr;
  const vision::Hand* right = seen.right_hand ? &*seen.right_hand : nullptr;
  if (plan_.handedness == Handedness::kLeft && left != nullptr) return {left, true};
  if (plan_.handedness == Handedness::kRight && right != nullptr) return {right, false};
  if (right == nullptr || (left != nullptr && is_higher(*left, *right))) {
    return {left, left != nullptr};
  }
  return {right, false};
}

bool Exercise::is_other_hand_up(const Observation& seen) const noexcept {
  if (plan_.handedness == Handedness::kUnknown || !seen.left_hand || !seen.right_hand) return false;
  const bool is_left = plan_.handedness == Handedness::kLeft;
  const vision::Hand& own = is_left ? *seen.left_hand : *seen.right_hand;
  const vision::Hand& other = is_left ? *seen.right_hand : *seen.left_hand;
  return own.landmarks[kWrist].y - other.landmarks[kWrist].y >
         kRestsBelow * palm_size(other, seen.aspect);
}

std::string Exercise::spelling_advice() const {
  if (!speller_) return {};
  std::string advice = speller_->advice();
  if (advice.empty() || !other_hand_is_up_) return advice;
  const bool is_left = plan_.handedness == Handedness::kLeft;
  const std::string_view own = is_left ? "left" : "right";
  return fmt::format(
      "Only your {} hand is up; your setting says that you spell with your {} hand. "
      "Raise your {} hand, or change the setting.",
      is_left ? "right" : "left", own, own);
}

std::optional<Verdict> Exercise::on_letter(const LetterReading* reading, const vision::Hand* hand,
                                           bool is_left, float aspect, microseconds time,
                                           std::string (*new_id)()) {
  if (!wants_letters()) return std::nullopt;
  const std::size_t before = speller_->confirmed().size();
  speller_->on_hand(reading, hand, aspect, time, is_left);
  if (hand != nullptr) {
    hand_seen_ = time;
    spells_left_ = is_left;
  }
  if (speller_->hold() > 0.0 || !speller_->confirmed().empty()) {
    mode_ = PracticeMode::kDetecting;
    if (!word_began_) word_began_ = time;
  }
  if (speller_->confirmed().size() > before && reading != nullptr) {
    letter_confidences_ += static_cast<double>(reading->top[0].confidence);
  }
  const bool is_given_up = !speller_->confirmed().empty() && hand_seen_ &&
                           time - *hand_seen_ >= kPausesToGiveUp * pause_;
  if (!speller_->is_complete() && !is_given_up) return std::nullopt;
  attempt_id_ = new_id();
  const auto began = word_began_.value_or(time);
  return settle(judge_word(speller_->is_complete()), duration_cast<milliseconds>(time - began));
}

Judgement Exercise::judge_word(bool is_complete) const {
  const std::string& word = item().target;
  const std::string& confirmed = speller_->confirmed();
  Judgement judgement;
  judgement.accepted = is_complete;
  const double sure = std::clamp(letter_confidences_ / static_cast<double>(word.size()), 0.0, 1.0);
  // As of signs: from one half on it is accepted.
  judgement.score = is_complete ? 0.5 + sure / 2.0 : sure / 2.0;
  if (!is_complete) {
    judgement.findings.push_back({Aspect::kHandshape,
                                  spells_left_ ? "left_hand" : "right_hand",
                                  fmt::format("You spelled {}; {} of {} is still missing.",
                                              confirmed, word.substr(confirmed.size()), word),
                                  {}});
  }
  return judgement;
}

std::optional<Verdict> Exercise::on_judgement(std::string_view attempt_id, Judgement judgement) {
  if (mode_ != PracticeMode::kAnalyzing || attempt_id != attempt_id_) return std::nullopt;
  return settle(std::move(judgement), attempt_time_);
}

Verdict Exercise::settle(Judgement judgement, milliseconds duration) {
  mode_ = PracticeMode::kFeedback;
  ItemState& state = items_[sentence_][item_];
  state.accepted = judgement.accepted;
  state.score = judgement.score;
  state.best = std::max(state.best, judgement.score);
  confidences_ += judgement.score;
  ++attempts_;
  if (!judgement.accepted) {
    for (const Finding& finding : judgement.findings) {
      const auto same = [&](const auto& one) { return one.first == finding.sentence; };
      const auto known = std::find_if(said_.begin(), said_.end(), same);
      if (known == said_.end()) {
        said_.emplace_back(finding.sentence, 1);
      } else {
        ++known->second;
      }
    }
  }
  Verdict verdict{.attempt_id = attempt_id_,
                  .sentence = sentence_,
                  .item = item_,
                  .target = item(),
                  .judgement = std::move(judgement),
                  .is_sign = item().kind == ItemKind::kSign,
                  .duration = duration};
  if (speller_) verdict.spelled = speller_->confirmed();
  verdict.sentence_done = std::all_of(items().begin(), items().end(), [](const ItemState& one) {
    return one.accepted.value_or(false);
  });
  verdict_ = verdict;
  return verdict;
}

bool Exercise::next_sentence() {
  if (is_last_sentence()) {
    complete();
    return false;
  }
  if (mode_ == PracticeMode::kCompleted) return false;
  ++sentence_;
  listen(0);
  return true;
}

base::Result<void> Exercise::try_again(std::optional<std::size_t> wanted) {
  if (wanted && *wanted >= items().size()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("The sentence has the items 0 to {}; there is no item {}.",
                                  items().size() - 1, *wanted));
  }
  const auto open = std::find_if(items().begin(), items().end(), [](const ItemState& one) {
    return !one.accepted.value_or(false);
  });
  const auto first = open == items().end()
                         ? std::size_t{0}
                         : static_cast<std::size_t>(std::distance(items().begin(), open));
  listen(wanted.value_or(first));
  return {};
}

void Exercise::restart() {
  items_.clear();
  for (const PracticeSentence& sentence : plan_.sentences) {
    items_.emplace_back(sentence.items.size());
  }
  sentence_ = 0;
  first_time_.reset();
  confidences_ = 0.0;
  attempts_ = 0;
  said_.clear();
  listen(0);
}

void Exercise::complete() {
  mode_ = PracticeMode::kCompleted;
  speller_.reset();
}

void Exercise::go_to(std::size_t sentence, const std::vector<ItemState>& items) {
  sentence_ = std::min(sentence, plan_.sentences.size() - 1);
  std::copy_n(items.begin(), std::min(items.size(), items_[sentence_].size()),
              items_[sentence_].begin());
  static_cast<void>(try_again(std::nullopt));
}

void Exercise::listen(std::size_t item) {
  item_ = item;
  mode_ = PracticeMode::kListening;
  change_ = GestureChange::kNone;
  // A late verdict of what was before is nobody's any more.
  attempt_id_.clear();
  verdict_.reset();
  gestures_.reset();
  speller_.reset();
  word_began_.reset();
  hand_seen_.reset();
  spells_left_ = false;
  other_hand_is_up_ = false;
  letter_confidences_ = 0.0;
  if (this->item().kind == ItemKind::kLetters) speller_.emplace(this->item().target);
}

void Exercise::note_time(microseconds time) {
  if (!first_time_) first_time_ = time;
  last_time_ = std::max(last_time_, time);
}

Summary Exercise::summary() const {
  Summary summary;
  double best = 0.0;
  for (const auto& sentence : items_) {
    for (const ItemState& item : sentence) {
      ++summary.items;
      if (!item.accepted) continue;
      ++summary.tried;
      summary.accepted += *item.accepted ? 1U : 0U;
      best += item.best;
    }
  }
  if (summary.tried > 0) summary.score = best / static_cast<double>(summary.tried);
  if (attempts_ > 0) summary.mean_confidence = confidences_ / static_cast<double>(attempts_);
  if (first_time_) summary.time = last_time_ - *first_time_;
  auto said = said_;
  // Among what was said equally often the sentences themselves decide.
  std::sort(said.begin(), said.end(), [](const auto& one, const auto& other) {
    return std::tie(other.second, one.first) < std::tie(one.second, other.first);
  });
  said.resize(std::min(said.size(), kMostSuggestions));
  for (auto& [sentence, times] : said) summary.suggestions.push_back(std::move(sentence));
  return summary;
}

std::string feedback_of(const Verdict& verdict) {
  const Judgement& judgement = verdict.judgement;
  const std::string& target = verdict.target.target;
  if (!verdict.is_sign) {
    return judgement.accepted ? fmt::format("You spelled {}.", target)
                              : judgement.findings.front().sentence;
  }
  if (judgement.accepted) {
    return judgement.findings.empty() ? fmt::format("{} matches the example.", target)
                                      : fmt::format("{} matches the example. {}", target,
                                                    judgement.findings.front().sentence);
  }
  std::string out = fmt::format("Not yet {}.", target);
  if (!judgement.likelier.empty()) {
    out += fmt::format(" It looks more like {}.", judgement.likelier);
  }
  if (!judgement.findings.empty()) out += " " + judgement.findings.front().sentence;
  return out;
}

std::string completion_message(const Summary& summary) {
  if (summary.tried == 0) return "The story is over; nothing was signed.";
  return fmt::format("You tried {} of {} signs and words; {} matched.", summary.tried,
                     summary.items, summary.accepted);
}

}  // namespace storysign::practice
