#pragma once

#include "base/result.hpp"
#include "practice/observation.hpp"
#include "practice/sign.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// Recordings of signs from ../shared/data, and variations of them.
namespace storysign::test {

/// The glosses of the sign clips, in the order of the alphabet.
[[nodiscard]] const std::vector<std::string>& sign_clip_glosses();

/// The reference landmarks of one sign clip, `gloss` in lower case, complexity 0 or 1; 30 frames a
/// second.
[[nodiscard]] base::Result<practice::Recording> read_sign_clip(const std::filesystem::path& data,
                                                               const std::string& gloss,
                                                               int complexity);

struct Word {
  std::string label;
  int signer = 0;
  practice::Recording recording;
};

/// All sequences of words/traduttore_sequences.npz: 20 frames, taken to be 50 ms apart (the source
/// does not say), of pictures 4 to 3.
[[nodiscard]] base::Result<std::vector<Word>> read_words(const std::filesystem::path& data);

/// What came of attempts that were judged against every sign of a library.
struct SignCounts {
  std::size_t right = 0, accepted = 0;  ///< Attempts at the sign that they were judged for.
  std::size_t chosen = 0;               ///< Of these: no other sign of the library was nearer.
  std::size_t wrong = 0, wrong_accepted = 0;  ///< Attempts at other signs.

  void add(const practice::Judgement& judged, bool is_right);
  void add(const SignCounts& other);
  /// 0 where there is nothing.
  [[nodiscard]] static double share(std::size_t part, std::size_t all);
};

/// What is done to a recording to make an attempt of it. Each does nothing by default.
struct Variation {
  double tempo = 1.0;        ///< Times as long.
  double local_tempo = 0.0;  ///< The tempo swings by this much around it, once forth and back.
  bool mirrored = false;
  double scale = 1.0;
  double shift_x = 0.0;  ///< Pictures.
  double shift_y = 0.0;
  double rotation = 0.0;  ///< Degrees, about the picture's middle.
  double jitter = 0.0;    ///< Standard deviation of each landmark, in picture heights.
  double fps = 30.0;      ///< Frames a second of the attempt.
  double drop = 0.0;      ///< Share of the frames that is left out.
};

[[nodiscard]] practice::Recording varied(const practice::Recording& recording, const Variation& how,
                                         std::uint64_t seed);

/// A variation of everything at once, drawn from `seed`: tempo 0.6..1.6, local tempo up to 0.3,
/// scale 0.8..1.25, shift up to 0.08, rotation up to 10 degrees, jitter up to 0.004, 10 to 30
/// frames a second of which up to 20 % are lost, every other one mirrored.
[[nodiscard]] Variation any_variation(std::uint64_t seed);

}  // namespace storysign::test
