#pragma once

#include "base/result.hpp"
#include "practice/gesture.hpp"
#include "practice/glossing.hpp"
#include "practice/sign.hpp"
#include "practice/spelling.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace storysign::practice {

/// Where practice stands (reference/protocol.md).
enum class PracticeMode : std::uint8_t {
  kListening,  ///< For a gesture, or for the next letter.
  kDetecting,  ///< A gesture, or a word, is under way.
  kAnalyzing,  ///< An attempt is being judged.
  kFeedback,   ///< It has been judged.
  kCompleted,  ///< The story is over.
};

/// "listening" and so on.
[[nodiscard]] std::string_view name_of(PracticeMode mode) noexcept;

struct PracticeSentence {
  std::string text;
  std::vector<Item> items;  ///< At least one.
};

/// What is practised.
struct ExercisePlan {
  std::string session_id;
  std::string title;
  std::vector<PracticeSentence> sentences;  ///< At least one.
  Handedness handedness = Handedness::kUnknown;
  // Where it comes from, kept with each attempt; may be empty.
  std::string story_id;
  std::string lesson_id;
  std::string level;
};

/// A try at one item that is to be judged.
struct Attempt {
  std::string id;
  std::size_t sentence = 0;
  std::size_t item = 0;
  Item target;
  Recording recording;
};

/// What came of an attempt.
struct Verdict {
  std::string attempt_id;
  std::size_t sentence = 0;
  std::size_t item = 0;
  Item target;
  Judgement judgement;
  bool is_sign = true;    ///< The judgement's parts say something; a word has its score only.
  std::string spelled{};  ///< Of a word: the letters that were confirmed.
  std::chrono::milliseconds duration{};
  bool sentence_done = false;  ///< Every item of the sentence has been accepted.
};

/// How a story went.
struct Summary {
  std::size_t items = 0;             ///< Of the whole story.
  std::size_t tried = 0;             ///< Of these.
  std::size_t accepted = 0;          ///< Of these.
  double score = 0.0;                ///< Mean of the best of each item that was tried; 0 without.
  double mean_confidence = 0.0;      ///< Mean of all attempts; 0 without.
  std::chrono::microseconds time{};  ///< From the first frame to the last.
  std::vector<std::string>
      suggestions;  ///< What was said most often of what went wrong, at most 3.
};

/// One learner's way through a story, sentence by sentence and item by item: when an attempt begins
/// and ends, which one a verdict belongs to, and what comes next. Pure; one thread at a time.
class Exercise {
 public:
  struct ItemState {
    std::optional<bool> accepted;  ///< Of the last attempt; nothing: none yet.
    double score = 0.0;            ///< Of the last attempt, 0..1.
    double best = 0.0;
  };

  Exercise(ExercisePlan plan, const GestureRules& rules);

  /// Takes a frame. A gesture that has ended is an attempt, with `new_id` as its id; it is judged
  /// elsewhere and comes back through on_judgement().
  [[nodiscard]] std::optional<Attempt> on_observation(const Observation& seen,
                                                      std::string (*new_id)());
  /// What the frame given last has changed.
  [[nodiscard]] GestureChange last_change() const noexcept { return change_; }

  /// Whether the current item is a word whose letters are read now.
  [[nodiscard]] bool wants_letters() const noexcept;
  /// Which of the hands spells: the signer's own if it is known and seen, else the higher one.
  /// Null without hands. Points into `seen`.
  struct SpellingHand {
    const vision::Hand* hand = nullptr;
    bool is_left = false;
  };
  [[nodiscard]] SpellingHand spelling_hand(const Observation& seen) const noexcept;
  /// Speller::advice(); or, where that hand rests and the other one is raised, just this. Empty
  /// unless the current item is a word.
  [[nodiscard]] std::string spelling_advice() const;
  /// Takes the reading of a frame's spelling hand (both null: there was none), in the order of
  /// `time`; the verdict if the word is complete, or given up by taking the hands down.
  [[nodiscard]] std::optional<Verdict> on_letter(const LetterReading* reading,
                                                 const vision::Hand* hand, bool is_left,
                                                 float aspect, std::chrono::microseconds time,
                                                 std::string (*new_id)());

  /// Takes what an attempt was judged. Nothing if it is not the one that is waited for.
  [[nodiscard]] std::optional<Verdict> on_judgement(std::string_view attempt_id,
                                                    Judgement judgement);

  /// The next sentence; false past the last one, and then the story is over.
  bool next_sentence();
  /// Listens for an item of this sentence: `item`, or the first that has not been accepted, or the
  /// first if all have been. Fails if there is no such item.
  base::Result<void> try_again(std::optional<std::size_t> item);
  /// From the first sentence on, as if nothing had been tried.
  void restart();
  void complete();
  void set_handedness(Handedness handedness) noexcept { plan_.handedness = handedness; }
  /// Goes on where somebody was before: at a sentence, with what is known of its items.
  void go_to(std::size_t sentence, const std::vector<ItemState>& items);

  [[nodiscard]] const ExercisePlan& plan() const noexcept { return plan_; }
  [[nodiscard]] PracticeMode mode() const noexcept { return mode_; }
  [[nodiscard]] std::size_t sentence_index() const noexcept { return sentence_; }
  [[nodiscard]] const PracticeSentence& sentence() const { return plan_.sentences[sentence_]; }
  [[nodiscard]] bool is_last_sentence() const noexcept {
    return sentence_ + 1 == plan_.sentences.size();
  }
  /// Of the current sentence.
  [[nodiscard]] const std::vector<ItemState>& items() const { return items_[sentence_]; }
  /// The item that is practised, or was judged last.
  [[nodiscard]] std::size_t item_index() const noexcept { return item_; }
  [[nodiscard]] const Item& item() const { return sentence().items[item_]; }
  /// Of the attempt that is judged or was judged last; empty before the first.
  [[nodiscard]] const std::string& attempt_id() const noexcept { return attempt_id_; }
  [[nodiscard]] const GestureDetector& gestures() const noexcept { return gestures_; }
  /// Null unless the current item is a word.
  [[nodiscard]] const Speller* speller() const noexcept { return speller_ ? &*speller_ : nullptr; }
  [[nodiscard]] const std::optional<Verdict>& last_verdict() const noexcept { return verdict_; }
  [[nodiscard]] Summary summary() const;

 private:
  void listen(std::size_t item);
  [[nodiscard]] bool is_other_hand_up(const Observation& seen) const noexcept;
  void note_time(std::chrono::microseconds time);
  [[nodiscard]] Verdict settle(Judgement judgement, std::chrono::milliseconds duration);
  [[nodiscard]] Judgement judge_word(bool is_complete) const;

  // Given.
  ExercisePlan plan_;
  std::chrono::milliseconds pause_;
  // State.
  GestureDetector gestures_;
  std::optional<Speller> speller_;
  PracticeMode mode_ = PracticeMode::kListening;
  std::size_t sentence_ = 0;
  std::size_t item_ = 0;
  std::vector<std::vector<ItemState>> items_;  ///< Of each sentence.
  GestureChange change_ = GestureChange::kNone;
  std::string attempt_id_;
  std::chrono::milliseconds attempt_time_{};
  std::optional<Verdict> verdict_;
  // Of the word that is being spelled.
  std::optional<std::chrono::microseconds> word_began_;
  std::optional<std::chrono::microseconds> hand_seen_;
  bool spells_left_ = false;       ///< The hand that was seen last.
  bool other_hand_is_up_ = false;  ///< The hand of `handedness` rests, and the other one is raised.
  double letter_confidences_ = 0.0;
  // For the summary.
  std::optional<std::chrono::microseconds> first_time_;
  std::chrono::microseconds last_time_{};
  double confidences_ = 0.0;
  std::size_t attempts_ = 0;
  std::vector<std::pair<std::string, int>> said_;  ///< Sentences of findings and how often.
};

/// What is said of a verdict, in one sentence.
[[nodiscard]] std::string feedback_of(const Verdict& verdict);

/// What is said at the end of a story.
[[nodiscard]] std::string completion_message(const Summary& summary);

}  // namespace storysign::practice
