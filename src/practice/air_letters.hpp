#pragma once

#include "vision/landmarks.hpp"

#include <chrono>
#include <cstddef>
#include <vector>

namespace storysign::practice {

/// Watches for the two letters that are drawn in the air: J with the little finger (down, then
/// round to the thumb's side), Z with the index finger (across, back down, across again). Only the
/// last seconds count. Lengths are in palm sizes, so the distance to the camera does not matter;
/// the thresholds are learned from sequences of three signers (docs/letters.md). Pure; one thread.
class AirLetter {
 public:
  /// `letter` is 'J' or 'Z'.
  explicit AirLetter(char letter) : letter_(letter) {}

  /// A frame in which the hand was seen. `fits` tells that the still hand looks as the letter does
  /// at its beginning (I for J, the pointing index finger for Z). Times grow. A hand that holds a
  /// number that is not finite is left out.
  void on_hand(const vision::Hand& hand, float aspect, bool is_left, bool fits,
               std::chrono::microseconds time);

  /// Forgets what it saw.
  void reset() { trail_.clear(); }

  /// How much of the movement is done, 0..1. 1 means that the letter was drawn, by a hand that had
  /// its shape before.
  [[nodiscard]] double progress() const;

 private:
  /// Where the finger's tip was: x to the thumb's side of a right palm that faces the camera.
  struct Sample {
    std::chrono::microseconds time{};
    float x = 0.0F;
    float y = 0.0F;
    float palm = 0.0F;
    float little = 0.0F;  ///< From the little finger's knuckle to its tip.
    bool fits = false;
  };

  [[nodiscard]] float typical_palm() const;
  [[nodiscard]] double hook(std::size_t first, float palm) const;
  [[nodiscard]] double zigzag(float palm) const;

  char letter_;
  std::vector<Sample> trail_;
};

}  // namespace storysign::practice
