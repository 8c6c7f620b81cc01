#pragma once

#include "base/result.hpp"
#include "practice/observation.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Signs by example: what a teacher recorded is compared with what a learner did. docs/signs.md says
// what is measured and what a score means. Pure functions, any thread.
namespace storysign::practice {

/// The hand with which somebody signs one-handed signs.
enum class Handedness : std::uint8_t { kUnknown, kRight, kLeft };

/// What a finding is about.
enum class Aspect : std::uint8_t { kHandshape, kLocation, kMovement, kTiming, kNonManual };

/// "handshape", "location", "movement", "timing", "non_manual".
[[nodiscard]] std::string_view name_of(Aspect aspect) noexcept;

/// One thing that was measured and should be different.
struct Finding {
  Aspect aspect = Aspect::kHandshape;
  /// "right_hand", "left_hand", "right_thumb" ... "left_pinky", "both_hands", "eyebrows", "mouth",
  /// "head" or "body"; right and left are the learner's own. Names of static storage.
  std::string_view part;
  std::string sentence;            ///< What to do, for the learner.
  std::chrono::microseconds at{};  ///< Where in the attempt, from its first observation.
};

/// What an attempt was worth.
struct Judgement {
  bool accepted = false;
  double score = 0;  ///< 0..1: at least 0.5 where accepted, below where not.
  double handshape = 0;
  double location = 0;
  double movement = 0;
  double timing = 0;
  std::optional<double> non_manual;  ///< Only where the sign asks for something of face or head.
  std::vector<Finding> findings;     ///< Most important first, at most kMostFindings.
  std::string likelier;  ///< Gloss of a sign of the library that it looks more like, or empty.
};

inline constexpr std::size_t kMostFindings = 4;

/// What a sign asks of face and head. An empty word: nothing.
struct NonManual {
  std::string eyebrows = {};  ///< "", "raised" or "lowered".
  std::string mouth = {};     ///< "", "open" or "closed".
  std::string head = {};      ///< "", "shake" or "nod".

  [[nodiscard]] bool asks() const noexcept {
    return !eyebrows.empty() || !mouth.empty() || !head.empty();
  }
  bool operator==(const NonManual&) const = default;
};

/// A sentence that says which word of `asked` is none of those above, or nothing.
[[nodiscard]] std::optional<std::string> wrong_word(const NonManual& asked);

struct SignModel;  ///< Normalised examples and what was learned from them: sign_model.hpp.

/// A sign as it should be: its examples and the thresholds learned from them. Immutable; copies
/// share what they hold.
class SignReference {
 public:
  explicit SignReference(std::shared_ptr<const SignModel> model) noexcept;

  [[nodiscard]] const std::string& gloss() const noexcept;
  [[nodiscard]] const std::string& source() const noexcept;  ///< "teacher" or "built_in".
  [[nodiscard]] std::size_t examples() const noexcept;       ///< 1 or more.
  [[nodiscard]] const NonManual& non_manual() const noexcept;
  [[nodiscard]] std::chrono::milliseconds duration() const noexcept;  ///< Median of the examples.
  [[nodiscard]] const SignModel& model() const noexcept { return *model_; }

 private:
  std::shared_ptr<const SignModel> model_;  // Never null; shared because libraries are copied.
};

/// The signs that an attempt is compared with. Built once, then only read: share it as a pointer to
/// const. Copies are cheap.
class SignLibrary {
 public:
  /// Adds a sign; one of the same gloss is replaced.
  void add(SignReference sign);
  /// Null if it has none of this gloss. Valid until the library ends or the gloss is added again.
  [[nodiscard]] const SignReference* find(std::string_view gloss) const;
  [[nodiscard]] std::vector<std::string> glosses() const;  ///< In the order of the alphabet.
  [[nodiscard]] std::size_t size() const noexcept { return signs_.size(); }
  [[nodiscard]] const std::map<std::string, SignReference, std::less<>>& signs() const noexcept {
    return signs_;
  }

 private:
  std::map<std::string, SignReference, std::less<>> signs_;
};

/// Makes a sign of one or more recordings of it (three are better: what may differ is learned from
/// how they differ). `gloss`: 1 to 64 characters; glosses are compared as they are written.
/// `others`: signs that it must not be mistaken for; those of the same gloss are left out. At most
/// as many examples are kept as fit 64 KiB of JSON. Fails, with a sentence, where problems() says
/// one about an example, or where a word of `non_manual` is unknown. Tens of milliseconds.
[[nodiscard]] base::Result<SignReference> make_reference(std::string gloss,
                                                         std::span<const Recording> examples,
                                                         const NonManual& non_manual,
                                                         const SignLibrary& others);

/// The sign for the store: an object with "version", "gloss", "source", "non_manual", thresholds,
/// and examples as quantised landmarks in base64.
[[nodiscard]] nlohmann::json to_json(const SignReference& sign);

/// Reads what to_json wrote. Every field is checked; a failure says which one was wrong.
[[nodiscard]] base::Result<SignReference> sign_from_json(const nlohmann::json& document);

/// The most typical example, to draw: {"fps":25,"frames":[{"pose":[[x,y]|null,...],"left":
/// [[x,y]*21]|null,"right":[...]|null,"face":[[x,y]*32]|null}]}. `pose` has the 13 points nose,
/// left and right eye, ear, mouth corner, shoulder, elbow, wrist; `face` those of
/// kFacePointIndices. In shoulder widths from the middle of the shoulders, x as in the picture (not
/// mirrored), y down, rounded to 3 decimals.
[[nodiscard]] nlohmann::json drawing(const SignReference& sign);

/// The same of any recording, for one's own attempt beside the reference; no frames where nothing
/// can be said about it.
[[nodiscard]] nlohmann::json drawing(const Recording& recording);

/// Sentences that say why a recording is no usable example; none: it is usable.
[[nodiscard]] std::vector<std::string> problems(const Recording& recording);

/// How alike two recordings of one sign are, 0..1; 0 where one of them cannot be compared.
[[nodiscard]] double likeness(const Recording& one, const Recording& other);

/// The signs that come with the program (docs/signs.md says which and how well they are told
/// apart). Fails only where the program was built with damaged data. Some milliseconds; keep it.
[[nodiscard]] base::Result<SignLibrary> built_in_signs();

/// Judges an attempt at `target`. An attempt that cannot be compared (no hands, too short) and a
/// target that the library does not have are not accepted, with a finding that says so; nor is a
/// sign of one hand that was made with the other one than `handedness` says, whose first finding is
/// that. The same arguments give the same judgement. Some milliseconds with 30 signs.
[[nodiscard]] Judgement judge(const Recording& attempt, std::string_view target,
                              const SignLibrary& library, Handedness handedness);

}  // namespace storysign::practice
