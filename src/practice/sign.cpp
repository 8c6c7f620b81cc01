#include "practice/sign.hpp"

#include "practice/feedback_words.hpp"
#include "practice/sign_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace storysign::practice {
namespace {

constexpr std::chrono::seconds kLongestSign{8};
// Observations a second below which fingers cannot be followed.
constexpr double kLeastRate = 6.0;
// Of the time in which it takes part; examples are held to more than attempts.
constexpr float kUnseenInExample = 0.5F;
// Two good examples of one sign by one signer are 0.05 to 0.15 apart.
constexpr double kLikenessUnit = 0.22;

double seconds(std::chrono::microseconds time) {
  return std::chrono::duration<double>(time).count();
}

void add_view_problems(const Clip& clip, std::vector<std::string>& out) {
  for (const Side side : {kRightHand, kLeftHand}) {
    if (clip.out_of_view[side] <= kUnseenInExample) continue;
    out.push_back(fmt::format("The {} was out of view in {:.0f} % of it; keep it in the picture.",
                              hand_words(side), clip.out_of_view[side] * 100));
  }
}

}  // namespace

std::string_view name_of(Aspect aspect) noexcept {
  switch (aspect) {
    case Aspect::kHandshape:
      return "handshape";
    case Aspect::kLocation:
      return "location";
    case Aspect::kMovement:
      return "movement";
    case Aspect::kTiming:
      return "timing";
    case Aspect::kNonManual:
      return "non_manual";
  }
  return "";
}

SignReference::SignReference(std::shared_ptr<const SignModel> model) noexcept
    : model_(std::move(model)) {}

const std::string& SignReference::gloss() const noexcept {
  return model_->gloss;
}
const std::string& SignReference::source() const noexcept {
  return model_->source;
}
std::size_t SignReference::examples() const noexcept {
  return model_->examples.size();
}
const NonManual& SignReference::non_manual() const noexcept {
  return model_->non_manual;
}

std::chrono::milliseconds SignReference::duration() const noexcept {
  std::size_t least = 0;
  // The median without copying: the number that half of the others do not exceed.
  for (const SignExample& candidate : model_->examples) {
    const std::size_t frames = candidate.clip.frames.size();
    const auto below = static_cast<std::size_t>(std::count_if(
        model_->examples.begin(), model_->examples.end(),
        [frames](const SignExample& other) { return other.clip.frames.size() <= frames; }));
    if (below * 2 >= model_->examples.size() && (least == 0 || frames < least)) least = frames;
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(kClipStep *
                                                               static_cast<std::int64_t>(least));
}

void SignLibrary::add(SignReference sign) {
  std::string gloss = sign.gloss();
  signs_.insert_or_assign(std::move(gloss), std::move(sign));
}

const SignReference* SignLibrary::find(std::string_view gloss) const {
  const auto found = signs_.find(gloss);
  return found == signs_.end() ? nullptr : &found->second;
}

std::vector<std::string> SignLibrary::glosses() const {
  std::vector<std::string> out;
  out.reserve(signs_.size());
  for (const auto& [gloss, sign] : signs_) {
    out.push_back(gloss);
  }
  return out;
}

std::vector<std::string> problems(const Recording& recording) {
  const ClipResult made = make_clip(recording);
  if (!made.clip) return {sentence_of(made.why)};
  std::vector<std::string> out;
  const Clip& clip = *made.clip;
  if (clip.duration() > kLongestSign) {
    out.push_back(fmt::format("It takes {:.1f} s; a sign takes less than {} s.",
                              seconds(clip.duration()), kLongestSign.count()));
  }
  // Each by itself: times are what a client says, and their difference may be none.
  const double length = seconds(recording.back().time) - seconds(recording.front().time);
  const double rate = static_cast<double>(recording.size() - 1) / std::max(length, 1e-3);
  if (rate < kLeastRate) {
    out.push_back(fmt::format("Only {:.0f} pictures a second were looked at; {:.0f} are needed.",
                              rate, kLeastRate));
  }
  add_view_problems(clip, out);
  return out;
}

double likeness(const Recording& one, const Recording& other) {
  ClipResult first = make_clip(one);
  ClipResult second = make_clip(other);
  if (!first.clip || !second.clip) return 0.0;
  const SignExample a = make_example(std::move(*first.clip));
  const SignExample b = make_example(std::move(*second.clip));
  // Either may use a hand that the other does not.
  const float distance =
      std::max(align_distance(a.features, b.features), align_distance(b.features, a.features));
  return score_of(distance / kLikenessUnit);
}

base::Result<SignReference> make_reference(std::string gloss, std::span<const Recording> examples,
                                           const NonManual& non_manual, const SignLibrary& others) {
  if (gloss.empty() || gloss.size() > 64) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      "the name of a sign is not 1 to 64 characters; give it another");
  }
  if (examples.empty()) {
    return base::fail(base::ErrorCode::kInvalidInput,
                      fmt::format("{} has no example; record it at least once", gloss));
  }
  if (const auto sentence = wrong_word(non_manual)) {
    return base::fail(base::ErrorCode::kInvalidInput, *sentence);
  }
  std::vector<Clip> clips;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto found = problems(examples[i]);
    if (!found.empty()) {
      return base::fail(
          base::ErrorCode::kInvalidInput,
          fmt::format("example {} of {} cannot be used: {}", i + 1, gloss, found.front()));
    }
    clips.push_back(*make_clip(examples[i]).clip);
  }
  return reference_of(std::move(gloss), "teacher", clips, non_manual, others);
}

}  // namespace storysign::practice
