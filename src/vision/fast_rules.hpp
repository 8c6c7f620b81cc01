#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace storysign::vision {

/// When a network has something new to say: the rules of the fast mode (fast-tracking.md 1). Ages
/// count frames since the part's network ran; 1 is the frame after. Everything a profile chooses is
/// here, as data.
///
/// A part that is tracked runs when one of its signals reaches its threshold, but never before
/// `min_age`, and always at `max_age`, or at `rest_age` while it is at rest: no farther from where
/// its network last saw it than `rest_motion`.

struct HandRules {
  double motion;  ///< Summed median shift, in palm lengths (wrist to base of the middle finger).
  /// The same where the hand is found with FastRules::quick_hands: what a run costs less is spent,
  /// where the profile is near its limits, on running more often.
  double quick_motion;
  double residual;    ///< Largest median distance from a rigid motion, in palm lengths.
  double appearance;  ///< Patch::change() of the hand's own region.
  int min_age;
  int max_age;
  double rest_motion;  ///< Palm lengths.
  int rest_age;
  /// Of an absent hand: what its place must have changed by (Patch::change(), or the place's move
  /// in sides of it) to be looked at before its turn. 0: every frame is its turn.
  double probe_change;
  /// And how visible the body must show its wrist, 0 to 1, for it to be looked for at all: below
  /// next to nothing is found (fast-tracking.md 1, gate).
  float sought_visibility;
};

struct PoseRules {
  double motion;  ///< Summed shift of the nose, a shoulder, elbow or wrist, in shoulder widths.
  int min_age;
  int max_age;
  double rest_motion;  ///< Shoulder widths.
  int rest_age;
};

struct FaceRules {
  double motion;  ///< Summed median shift, in eye distances (outer corners).
  int min_age;
  int max_age;
  double rest_motion;  ///< Eye distances.
  int rest_age;
  bool detect_each_run;  ///< Look with the detector before each run; else only for a lost face.
};

struct FastRules {
  /// Hands whose networks would run in the same frame, time after time, take turns where frames are
  /// skipped: one waits for the next frame, once. Levels the load at no further cost.
  bool hands_take_turns;
  /// Hands are found with the network in fewer digits, where the machine has one, and again with
  /// the exact one where it is not sure whether there is a hand.
  bool quick_hands = false;
  HandRules hand;
  PoseRules pose;
  FaceRules face;
};

/// Frames until an absent hand's next turn, by looks in a row that found none; the last one stays.
inline constexpr std::array<int, 5> kProbeBackOff = {1, 2, 4, 8, 12};

/// Age at which a part's network runs although a newer frame waits (Pace::behind): so its landmarks
/// are at most a quarter of a second old at 25 frames/s, however late the frames are.
inline constexpr int kBehindAge = 6;

/// The profiles of requirements.md, from cheap to good.
enum class FastProfile : std::uint8_t {
  kUltraPerformance,
  kHighPerformance,
  kBalanced,
  kHighQuality,
};
inline constexpr std::size_t kFastProfiles = 4;

/// How often networks run in the fast mode.
struct Pace {
  FastProfile profile = FastProfile::kBalanced;
  int frame_skip = 0;  ///< A part's network runs on at most every so-many-th frame; 0 is 1.
  /// A newer frame waits already: networks leave it to that one, unless kBehindAge has passed.
  bool behind = false;
};

/// The rules of a profile.
[[nodiscard]] const FastRules& fast_rules(FastProfile profile) noexcept;

}  // namespace storysign::vision
