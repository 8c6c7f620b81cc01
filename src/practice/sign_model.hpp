#pragma once

#include "practice/alignment.hpp"
#include "practice/features.hpp"
#include "practice/sign.hpp"
#include "practice/sign_clip.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <string>
#include <vector>

// What a SignReference holds, for the files of this room that compare.
namespace storysign::practice {

struct SignExample {
  Clip clip;              ///< As recorded.
  ClipFeatures features;  ///< Of the clip, mirrored where only its left hand signs.
  bool is_mirrored = false;
};

/// How far an attempt may be away: the whole, and each channel for itself. docs/signs.md says how
/// the constants were found.
struct Thresholds {
  float distance = 0.0F;
  ChannelDistances channels;
};

struct SignModel {
  std::string gloss;
  std::string source;
  NonManual non_manual;
  std::vector<SignExample> examples;  ///< The most typical one first; 1 or more.
  Thresholds thresholds;

  /// Whether it says how long the sign takes: landmarks of unknown frame rates do not.
  [[nodiscard]] bool has_timing() const noexcept { return source != "built_in"; }
};

/// Frames of all examples of a sign; 170 of them are 60 KiB of JSON with the face.
inline constexpr std::size_t kMostExampleFrames = 170;

/// An example of `clip`. A sign of one hand is always compared as if the right one made it.
[[nodiscard]] SignExample make_example(Clip clip);

/// The least distance between an example and the attempt; at least `limit` where it is not below.
[[nodiscard]] float distance_to(const SignModel& sign, const ClipFeatures& attempt,
                                float limit = std::numeric_limits<float>::infinity());

/// Puts the most typical of `examples` first and drops what is over kMostExampleFrames.
void arrange(std::vector<SignExample>& examples);

/// Thresholds from how far the examples are apart (with one example: from warped copies of it) and
/// how near other signs are.
[[nodiscard]] Thresholds learn_thresholds(const SignModel& sign, const SignLibrary& others);

/// A sign from clips. Not empty.
[[nodiscard]] SignReference reference_of(std::string gloss, std::string source,
                                         const std::vector<Clip>& clips,
                                         const NonManual& non_manual, const SignLibrary& others);

/// What a recording without clip lacks, as a sentence for whom it shows.
[[nodiscard]] std::string sentence_of(NoClip why);

/// 1 where `share` (a distance, of the greatest allowed) is 0, 0.5 where it is 1, then towards 0.
[[nodiscard]] double score_of(double share) noexcept;

/// The clip as it is after quantise-and-read: a sign judges the same before and after it was
/// stored.
[[nodiscard]] Clip quantised(const Clip& clip);

}  // namespace storysign::practice
