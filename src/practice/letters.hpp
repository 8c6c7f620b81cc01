#pragma once

#include "base/result.hpp"
#include "engine/network.hpp"
#include "vision/landmarks.hpp"

#include <array>
#include <memory>
#include <span>

namespace storysign::practice {

/// From this much confidence on a reading is sure. Of the sources held out in training 76 of 100
/// readings were sure, and 92 of 100 of those right (docs/letters.md).
inline constexpr float kSureLetter = 0.7F;

/// A letter of the manual alphabet and how probable it is.
struct LetterGuess {
  char letter = 0;          ///< 'A'..'Z'.
  float confidence = 0.0F;  ///< Calibrated probability, 0..1; all 26 sum to 1.
};

/// What one still hand looks like. J and Z are movements: a still hand can only look like their
/// first or last moment. practice/spelling.hpp reads the movement.
struct LetterReading {
  std::array<LetterGuess, 3> top{};  ///< The three most probable, most probable first.
  bool is_sure = false;              ///< Not: the page says "not sure" and confirms nothing.
};

/// Reads the letter that a hand shows, with the network that training/ makes (Model::kLetters).
/// Left hands are mirrored first, so both hands read alike. One thread at a time; the engine
/// outlives it. read() allocates nothing and takes well under 0.3 ms.
class LetterReader {
 public:
  /// Fails with the engine's sentence if the network's file is missing or not the expected one.
  [[nodiscard]] static base::Result<std::unique_ptr<LetterReader>> create(engine::Engine& engine);

  /// `hand` with coordinates as fractions of a picture that is not mirrored; `aspect` is the
  /// picture's width / height, above 0; `is_left` tells that it is the signer's own left. Fails
  /// with kInternal if the runtime does. A hand whose points all coincide, or that holds a number
  /// that is not finite, gives a reading that is not sure.
  [[nodiscard]] base::Result<LetterReading> read(const vision::Hand& hand, float aspect,
                                                 bool is_left);

 private:
  explicit LetterReader(std::unique_ptr<engine::Network> network);

  std::unique_ptr<engine::Network> network_;  // owned
};

}  // namespace storysign::practice
