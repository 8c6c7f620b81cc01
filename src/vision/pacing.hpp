#pragma once

#include "base/image.hpp"
#include "vision/fast_rules.hpp"
#include "vision/geometry.hpp"
#include "vision/patch.hpp"
#include "vision/similarity.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

/// When each part's networks run in the fast mode. A pacer collects what it sees since they last
/// did, and says each frame whether it is their turn. Part of a HolisticTracker; thread-compatible.
namespace storysign::vision {

/// What a part does in this frame.
enum class Turn : std::uint8_t {
  kCarry,  ///< Nothing new to say: its landmarks are moved.
  kHeld,   ///< There is, but it ran too short a time ago.
  kRun,
};

/// One frame as the pacers see it.
struct FastFrame {
  const FastRules* rules = nullptr;
  int least_age = 0;    ///< No network of a part runs before this many frames have passed; 0 is 1.
  base::GrayView gray;  ///< The picture, `reduction` times smaller.
  base::GrayView blurred;  ///< The same, another two times smaller.
  int reduction = 1;
  bool quick_hands = false;  ///< Hands are found with the network in fewer digits.

  [[nodiscard]] int min_age(int rule) const noexcept { return rule > least_age ? rule : least_age; }
};

/// The age of what never ran.
inline constexpr int kNever = 1 << 20;

class HandPacer {
 public:
  /// Another frame of a hand that is tracked. `motion` is since the frame before, `palm` its
  /// palm_length() there, `roi` its own region in this frame.
  Turn follow(const FastFrame& frame, const RigidMotion& motion, double palm,
              const Roi& roi) noexcept;

  /// Another frame of a hand that is not; `roi` is where it would be looked for.
  Turn seek(const FastFrame& frame, const Roi& roi) noexcept;

  /// A frame in which there is no place to look for the hand.
  void pass() noexcept { age_ = age_ < kNever ? age_ + 1 : kNever; }

  /// The networks found the hand; `roi` is its own region.
  void found(const FastFrame& frame, const Roi& roi) noexcept;

  /// They looked in `roi`, and there was none.
  void missed(const FastFrame& frame, const Roi& roi) noexcept;

  /// As if they had never run.
  void reset() noexcept;

  /// Frames since they ran, with this one.
  [[nodiscard]] int age() const noexcept { return age_; }

 private:
  int age_ = kNever;
  double path_ = 0.0;  ///< Palm lengths, like the next two.
  double residual_ = 0.0;
  Point shift_;                ///< From where the hand was found.
  int misses_ = 0;             ///< In a row.
  std::optional<Roi> sought_;  ///< Where the last look that found none was.
  Patch patch_;                ///< The hand as found, or the place where none was.
};

/// The landmarks of the body that flow follows: the rest is hidden behind a table, or does not
/// matter.
inline constexpr std::size_t kFollowedPoseLandmarks = 23;

class PosePacer {
 public:
  /// `motions` are of the first kFollowedPoseLandmarks landmarks.
  Turn follow(const FastFrame& frame, std::span<const PointMotion> motions,
              double shoulder_width) noexcept;
  void ran() noexcept;
  void reset() noexcept;
  /// Frames since the network ran, with this one.
  [[nodiscard]] int age() const noexcept { return age_; }

 private:
  static constexpr std::size_t kSignals = 7;
  int age_ = kNever;
  std::array<double, kSignals> paths_{};  ///< Shoulder widths.
  std::array<Point, kSignals> shifts_{};
};

class FacePacer {
 public:
  Turn follow(const FastFrame& frame, const RigidMotion& motion, double eye_distance) noexcept;
  /// A frame without a face.
  Turn seek(const FastFrame& frame) noexcept;
  void found() noexcept;
  void missed() noexcept;
  void reset() noexcept;

 private:
  int age_ = kNever;
  int misses_ = 0;
  double path_ = 0.0;  ///< Eye distances.
  Point shift_;
};

}  // namespace storysign::vision
