#pragma once

#include "practice/air_letters.hpp"
#include "practice/letters.hpp"
#include "vision/landmarks.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace storysign::practice {

/// A word spelled letter by letter. A letter is confirmed when it is the surest reading for half a
/// second with the hand at rest (hold() is the ring that fills); J and Z when the hand has drawn
/// them: a still hand that looks like a J is an I, one that looks like a Z a D. A letter that comes
/// twice needs the hand opened, taken away or moved between the two. Pure: time is an argument, the
/// same calls give the same answers. One thread at a time.
class Speller {
 public:
  /// `word` is read as letters_of() does; what is no letter is left out.
  explicit Speller(std::string_view word);

  /// One frame of the hand that spells, at any rate from 5 frames a second. Times, 0 or more, must
  /// grow; a frame that is not newer than the one before is left out. `reading` and `hand` are null
  /// where no hand is seen. `aspect` is the picture's width / height; `is_left` tells that the hand
  /// is the signer's own left.
  void on_hand(const LetterReading* reading, const vision::Hand* hand, float aspect,
               std::chrono::microseconds time, bool is_left = false);

  /// The letters confirmed so far: the beginning of the word.
  [[nodiscard]] const std::string& confirmed() const noexcept;

  /// The letter to show now; 0 when the word is complete.
  [[nodiscard]] char next() const noexcept;

  /// How much of the hold, or of the movement of J and Z, is done: 0..1.
  [[nodiscard]] double hold() const noexcept;

  [[nodiscard]] bool is_complete() const noexcept;

  /// The reading of the newest frame; none where no hand was seen.
  [[nodiscard]] const std::optional<LetterReading>& latest() const noexcept;

  /// One sentence on what to change, or empty: "That looks like an M; for N put only two fingers
  /// over the thumb." Comes only after another letter has been shown steadily for a while.
  [[nodiscard]] std::string advice() const;

 private:
  /// Where a hand was.
  struct Place {
    float x = 0.0F;
    float y = 0.0F;
    float palm = 0.0F;
  };

  void on_no_hand(std::chrono::microseconds step);
  void watch_release(char shown, const Place& place);
  void watch_hold(char shown, bool is_at_rest, std::chrono::microseconds step);
  void watch_air(const LetterReading& reading, const vision::Hand& hand, float aspect, bool is_left,
                 std::chrono::microseconds time);
  void watch_others(char shown, std::chrono::microseconds step);
  void confirm(const Place& place);

  // Given.
  std::string word_;
  // State.
  std::string confirmed_;
  std::optional<LetterReading> latest_;
  std::optional<std::chrono::microseconds> last_time_;
  std::optional<Place> last_place_;
  std::chrono::microseconds held_{};  ///< Of the letter to show.
  bool needs_release_ = false;        ///< The letter comes again and has not been let go yet.
  Place confirmed_at_;
  AirLetter air_;  ///< Looked at where the letter is drawn in the air.
  double drawn_ = 0.0;
  char other_ = 0;  ///< Shown instead; 0: nothing that is sure.
  std::chrono::microseconds other_for_{};
};

}  // namespace storysign::practice
