#include "practice/spelling.hpp"

#include "practice/glossing.hpp"
#include "practice/letter_advice.hpp"
#include "practice/palm.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kHold{500};
/// Frames that are farther apart than this count as this far apart.
constexpr milliseconds kLongestStep{250};
/// What was held is lost this much faster than it was gained, so that one wrong frame of ten does
/// not matter and a change of hand does.
constexpr int kLoss = 3;
/// How long another letter, or none, is shown before a word is said about it.
constexpr milliseconds kPatience{900};
/// A hand that moves faster than this is on its way to a letter, in palm sizes a second.
constexpr float kRestSpeed = 2.5F;
/// A letter that comes again is let go by moving the hand this far, in palm sizes.
constexpr float kRepeatWay = 0.5F;
/// The least probability that a hand begins a J or a Z.
constexpr float kBeginning = 0.4F;

bool is_drawn(char letter) {
  return letter == 'J' || letter == 'Z';
}

/// What a hand that looks like `letter` shows as long as it does not move.
char still(char letter) {
  if (letter == 'J') return 'I';
  return letter == 'Z' ? 'D' : letter;
}

/// The letter that a still hand shows; 0 if that is not sure.
char shown_by(const LetterReading& reading) {
  const char letter = still(reading.top[0].letter);
  float sum = 0.0F;
  for (const LetterGuess& guess : reading.top) {
    if (still(guess.letter) == letter) sum += guess.confidence;
  }
  return reading.is_sure || sum >= kSureLetter ? letter : '\0';
}

/// Whether a J or a Z can begin with this hand. Z begins with a pointing index finger, however the
/// hand is turned.
bool begins(char letter, const LetterReading& reading) {
  const std::string_view looks = letter == 'J' ? "IJ" : "ZDGXL";
  float sum = 0.0F;
  for (const LetterGuess& guess : reading.top) {
    if (looks.find(guess.letter) != std::string_view::npos) sum += guess.confidence;
  }
  return sum >= kBeginning;
}

}  // namespace

Speller::Speller(std::string_view word)
    : word_(letters_of(word)), air_(word_.empty() ? 'J' : word_[0]) {}

const std::string& Speller::confirmed() const noexcept {
  return confirmed_;
}

char Speller::next() const noexcept {
  return is_complete() ? '\0' : word_[confirmed_.size()];
}

bool Speller::is_complete() const noexcept {
  return confirmed_.size() == word_.size();
}

const std::optional<LetterReading>& Speller::latest() const noexcept {
  return latest_;
}

double Speller::hold() const noexcept {
  if (is_complete()) return 0.0;
  return is_drawn(next())
             ? drawn_
             : std::chrono::duration<double>(held_) / std::chrono::duration<double>(kHold);
}

void Speller::on_hand(const LetterReading* reading, const vision::Hand* hand, float aspect,
                      microseconds time, bool is_left) {
  if (last_time_ && time <= *last_time_) return;
  const microseconds since = last_time_ ? time - *last_time_ : microseconds(0);
  const microseconds step = std::min(since, microseconds(kLongestStep));
  last_time_ = time;
  latest_ = reading != nullptr && hand != nullptr ? std::optional(*reading) : std::nullopt;
  if (is_complete()) return;
  if (!latest_) {
    on_no_hand(step);
    return;
  }
  const vision::Landmark& wrist = hand->landmarks[0];
  const Place place{.x = wrist.x * aspect, .y = wrist.y, .palm = palm_size(*hand, aspect)};
  const std::optional<Place> before = std::exchange(last_place_, place);
  const float way = before ? std::hypot(place.x - before->x, place.y - before->y) : 0.0F;
  const bool is_at_rest =
      way <= kRestSpeed * place.palm * std::chrono::duration<float>(since).count() || !before;
  const char shown = shown_by(*reading);
  watch_release(shown, place);
  watch_others(shown, step);
  if (is_drawn(next())) {
    watch_air(*reading, *hand, aspect, is_left, time);
  } else {
    watch_hold(shown, is_at_rest, step);
  }
  const bool is_done = is_drawn(next()) ? drawn_ >= 1.0 : held_ >= kHold;
  if (is_done && !needs_release_) confirm(place);
}

void Speller::on_no_hand(microseconds step) {
  needs_release_ = false;
  last_place_.reset();
  held_ = std::max(microseconds(0), held_ - kLoss * step);
  other_ = 0;
  other_for_ = microseconds(0);
}

/// A letter that comes twice is let go by opening the hand or by moving it.
void Speller::watch_release(char shown, const Place& place) {
  if (!needs_release_) return;
  const float way = std::hypot(place.x - confirmed_at_.x, place.y - confirmed_at_.y);
  const bool is_other = shown != 0 && shown != still(next());
  if (is_other || way >= kRepeatWay * place.palm) needs_release_ = false;
}

void Speller::watch_hold(char shown, bool is_at_rest, microseconds step) {
  if (needs_release_) return;
  if (shown == next()) {
    if (is_at_rest) held_ = std::min(held_ + step, microseconds(kHold));
  } else {
    held_ = std::max(microseconds(0), held_ - kLoss * step);
  }
}

void Speller::watch_air(const LetterReading& reading, const vision::Hand& hand, float aspect,
                        bool is_left, microseconds time) {
  if (needs_release_) return;
  air_.on_hand(hand, aspect, is_left, begins(next(), reading), time);
  drawn_ = air_.progress();
}

void Speller::watch_others(char shown, microseconds step) {
  if (shown != other_) {
    other_ = shown;
    other_for_ = microseconds(0);
  } else {
    other_for_ += step;
  }
}

void Speller::confirm(const Place& place) {
  const char letter = next();
  confirmed_ += letter;
  held_ = microseconds(0);
  drawn_ = 0.0;
  other_for_ = microseconds(0);
  confirmed_at_ = place;
  needs_release_ = next() == letter;
  if (is_drawn(next())) air_ = AirLetter(next());
}

std::string Speller::advice() const {
  if (is_complete() || !latest_ || other_for_ < kPatience) return "";
  const char wanted = next();
  if (needs_release_) {
    return "The same letter comes again: open the hand, or move it a little to the side, then show "
           "it once more.";
  }
  if (other_ == still(wanted)) return is_drawn(wanted) ? drawing_advice(wanted) : "";
  return letter_advice(wanted, other_);
}

}  // namespace storysign::practice
