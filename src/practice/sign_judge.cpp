#include "practice/feedback.hpp"
#include "practice/feedback_words.hpp"
#include "practice/non_manual.hpp"
#include "practice/sign.hpp"
#include "practice/sign_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

// An attempt must be this much nearer to the sign than to any other one.
constexpr float kMargin = 1.0F;
// A deviation of the tempo that scores a half: 1.9 times or 1/1.9 of the example's.
constexpr double kTempo = 0.64;
// And of its evenness: the frame that is met is a sixth of the sign early or late on the mean.
constexpr double kUneven = 0.16;

// How much nearer mirrored must be, where it is not known which hand somebody signs with.
constexpr float kMirroredFits = 0.9F;
// The most that a sign is worth that was made with the other hand: a little less than accepted.
constexpr double kMostOfOtherHand = 0.49;

/// The attempt the one way and, where it may be meant so, mirrored.
struct View {
  Clip clip;
  ClipFeatures features;
  bool is_mirrored = false;
};

std::vector<View> views_of(const Clip& clip, Handedness handedness) {
  const bool only_left = clip.used[kLeftHand] && !clip.used[kRightHand];
  const bool only_right = clip.used[kRightHand] && !clip.used[kLeftHand];
  // A sign of one hand is compared as if the right one made it; whose it was is then known.
  const bool as_is =
      handedness != Handedness::kLeft && !(handedness == Handedness::kUnknown && only_left);
  const bool turned =
      handedness != Handedness::kRight && !(handedness == Handedness::kUnknown && only_right);
  std::vector<View> out;
  if (as_is) out.push_back({.clip = clip, .features = features_of(clip), .is_mirrored = false});
  if (turned) {
    View& view = out.emplace_back();
    view.clip = mirrored(clip);
    view.features = features_of(view.clip);
    view.is_mirrored = true;
  }
  return out;
}

Side own_hand(Handedness handedness) noexcept {
  return handedness == Handedness::kLeft ? kLeftHand : kRightHand;
}
Side other_hand(Handedness handedness) noexcept {
  return handedness == Handedness::kLeft ? kRightHand : kLeftHand;
}

/// Whether a sign of one hand was made with the one that the learner does not sign with.
bool is_of_other_hand(const Clip& attempt, const SignModel& sign, Handedness handedness) {
  if (handedness == Handedness::kUnknown) return false;
  // An example of one hand is kept as the right one's.
  const bool is_one_handed =
      std::none_of(sign.examples.begin(), sign.examples.end(),
                   [](const SignExample& example) { return example.features.used[kLeftHand]; });
  return is_one_handed && attempt.used[other_hand(handedness)] &&
         !attempt.used[own_hand(handedness)];
}

Finding other_hand_finding(Handedness handedness) {
  const std::string own = hand_words(own_hand(handedness));
  return {.aspect = Aspect::kLocation,
          .part = hand_part(other_hand(handedness)),
          .sentence = fmt::format("You used your {}; your setting says that you sign with your {}. "
                                  "Sign it with your {}, or change the setting.",
                                  hand_words(other_hand(handedness)), own, own),
          .at = {}};
}

/// The nearest other sign, as far as it can matter.
struct Rival {
  float distance = 1.0F;
  std::string gloss;
};

Rival nearest_rival(const std::vector<View>& views, std::string_view target,
                    const SignLibrary& library, float limit) {
  // Those that may be near are looked at first, so that the others are given up early.
  struct Candidate {
    float bound;
    std::size_t number;  // Of equals the first one stays first.
    const SignModel* sign;
    const View* view;
  };
  std::vector<Candidate> candidates;
  for (const auto& [gloss, sign] : library.signs()) {
    if (gloss == target) continue;
    for (const View& view : views) {
      float bound = 1.0F;
      for (const SignExample& example : sign.model().examples) {
        bound = std::min(bound, lower_bound(example.features, view.features));
      }
      candidates.push_back(
          {.bound = bound, .number = candidates.size(), .sign = &sign.model(), .view = &view});
    }
  }
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::pair(a.bound, a.number) < std::pair(b.bound, b.number);
  });
  Rival out{.distance = limit, .gloss = {}};
  for (const Candidate& candidate : candidates) {
    if (candidate.bound >= out.distance) break;
    const float distance = distance_to(*candidate.sign, candidate.view->features, out.distance);
    if (distance >= out.distance) continue;
    out = {.distance = distance, .gloss = candidate.sign->gloss};
  }
  return out;
}

/// The target's example and the view that are nearest to each other.
struct Match {
  const View* view = nullptr;
  const SignExample* example = nullptr;
  Alignment alignment;
};

Match best_match(const std::vector<View>& views, const SignModel& sign) {
  Match out;
  float least = std::numeric_limits<float>::infinity();
  for (const View& view : views) {
    for (const SignExample& example : sign.examples) {
      // Who signs with both hands is more often right-handed: mirrored must fit clearly better.
      const bool is_turned = out.view != nullptr && view.is_mirrored != out.view->is_mirrored;
      const float limit = is_turned ? least * kMirroredFits : least;
      const float distance = align_distance(example.features, view.features, limit);
      if (distance >= limit && out.view != nullptr) continue;
      least = distance;
      out.view = &view;
      out.example = &example;
    }
  }
  out.alignment = align(out.example->features, out.view->features);
  return out;
}

double timing_score(const Alignment& alignment) {
  const double tempo = std::abs(std::log(static_cast<double>(tempo_ratio(alignment)))) / kTempo;
  const double uneven = tempo_unevenness(alignment) / kUneven;
  return score_of(std::hypot(tempo, uneven));
}

Judgement refused(std::string sentence) {
  Judgement out;
  out.findings.push_back(
      {.aspect = Aspect::kLocation, .part = "body", .sentence = std::move(sentence), .at = {}});
  return out;
}

/// What to say where nothing in particular stands out: the channel that was furthest off.
Finding vague_finding(const Judgement& judged, const Match& match) {
  const auto& used = match.example->features.used;
  const bool is_left = match.view->is_mirrored ? used[kRightHand] : used[kLeftHand];
  Finding out{.aspect = Aspect::kHandshape,
              .part = used[kRightHand] && used[kLeftHand]
                          ? "both_hands"
                          : hand_part(is_left ? kLeftHand : kRightHand),
              .sentence = {},
              .at = {}};
  double least = judged.handshape;
  std::string_view what = "shape and direction of the hands";
  if (judged.location < least) {
    least = judged.location;
    out.aspect = Aspect::kLocation;
    what = "place of the hands";
  }
  if (judged.movement < least) {
    out.aspect = Aspect::kMovement;
    what = "movement";
  }
  out.sentence = fmt::format("The {} differed most from the example; look at it again.", what);
  return out;
}

void add_non_manual(const Recording& attempt, const SignModel& sign, Judgement& out) {
  NonManualResult face = judge_non_manual(attempt, sign.non_manual);
  out.non_manual = face.score;
  // After what is most important about the hands, before what else is.
  const std::size_t at = std::min<std::size_t>(out.findings.size(), out.accepted ? 0 : 2);
  out.findings.insert(out.findings.begin() + static_cast<std::ptrdiff_t>(at),
                      std::make_move_iterator(face.findings.begin()),
                      std::make_move_iterator(face.findings.end()));
  // Hands decide whether it was the sign; the face says how well it was signed.
  if (out.accepted && face.score) out.score = 0.5 + (out.score - 0.5) * (0.5 + 0.5 * *face.score);
}

}  // namespace

Judgement judge(const Recording& attempt, std::string_view target, const SignLibrary& library,
                Handedness handedness) {
  const SignReference* found = library.find(target);
  if (found == nullptr) {
    return refused(fmt::format("There is no example of {} to compare with.", target));
  }
  const ClipResult made = make_clip(attempt);
  if (!made.clip) return refused(sentence_of(made.why));
  const SignModel& sign = found->model();
  // Compared all the same: the learner is told what else differs, and not that a hand is missing.
  const bool is_other_hand = is_of_other_hand(*made.clip, sign, handedness);
  const std::vector<View> views =
      views_of(*made.clip, is_other_hand ? Handedness::kUnknown : handedness);
  const Match match = best_match(views, sign);
  const float distance = match.alignment.distance;
  // A sign that is more than half as far again cannot change anything.
  const Rival rival = nearest_rival(views, target, library, std::min(distance * 1.5F, 1.0F));

  const ChannelDistances& channels = match.alignment.channels;
  const Thresholds& limits = sign.thresholds;
  Judgement out;
  out.handshape = score_of(channels.shape / limits.channels.shape);
  out.location = score_of(channels.location / limits.channels.location);
  out.movement = score_of(channels.movement / limits.channels.movement);
  out.timing = timing_score(match.alignment);
  const float share = std::max(
      {distance / limits.distance, channels.shape / limits.channels.shape,
       channels.location / limits.channels.location, channels.movement / limits.channels.movement,
       rival.gloss.empty() ? 0.0F : kMargin * distance / std::max(rival.distance, 1e-4F)});
  const bool fits = share <= 1.0F;
  out.accepted = fits && !is_other_hand;
  out.score = is_other_hand ? std::min(score_of(share), kMostOfOtherHand) : score_of(share);
  if (!rival.gloss.empty() && rival.distance < distance) out.likelier = rival.gloss;
  out.findings = findings_of({.sign = sign,
                              .example = *match.example,
                              .attempt = match.view->clip,
                              .features = match.view->features,
                              .alignment = match.alignment,
                              .is_mirrored = match.view->is_mirrored,
                              .accepted = fits});
  if (out.findings.empty() && !fits) out.findings.push_back(vague_finding(out, match));
  if (is_other_hand) out.findings.insert(out.findings.begin(), other_hand_finding(handedness));
  if (sign.non_manual.asks()) add_non_manual(attempt, sign, out);
  if (out.findings.size() > kMostFindings) out.findings.resize(kMostFindings);
  return out;
}

}  // namespace storysign::practice
