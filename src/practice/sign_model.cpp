#include "practice/sign_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace storysign::practice {
namespace {

// What an attempt may always be away, whatever the examples say: people differ more than a teacher
// from herself. And the most that it may, however much examples differ.
constexpr float kUsualDistance = 0.33F;
constexpr float kMostDistance = 0.40F;
// Of how far examples are apart.
constexpr float kOfSpread = 1.6F;
// Of the distance to the nearest other sign; but never below the second.
constexpr float kOfNearest = 0.95F;
constexpr float kLeastDistance = 0.24F;
// Channels alone refuse only what is clearly another sign.
constexpr ChannelDistances kUsualChannels{.shape = 0.55F, .location = 0.65F, .movement = 0.45F};
constexpr float kOfChannelSpread = 2.0F;

/// How the one example is varied where there is no second.
struct Variation {
  float tempo;
  float scale;
  float turn;  // Radians.
  float right;
  float down;
};
constexpr std::array<Variation, 4> kVariations = {{{1.3F, 1.05F, 0.08F, 0.06F, 0.04F},
                                                   {0.75F, 0.95F, -0.08F, -0.06F, -0.04F},
                                                   {1.15F, 0.92F, 0.1F, -0.05F, 0.06F},
                                                   {0.85F, 1.08F, -0.1F, 0.05F, -0.06F}}};

Clip varied(const Clip& clip, const Variation& how) {
  Clip out = clip;
  const auto frames = static_cast<std::size_t>(
      std::max(std::round(static_cast<float>(clip.frames.size()) * how.tempo), 2.0F));
  out.frames.clear();
  const float cosine = std::cos(how.turn) * how.scale;
  const float sine = std::sin(how.turn) * how.scale;
  const auto move = [&](auto& p) {
    const float x = p.x;
    p.x = x * cosine - p.y * sine + how.right;
    p.y = x * sine + p.y * cosine + how.down;
  };
  for (std::size_t i = 0; i < frames; ++i) {
    const std::size_t from = i * (clip.frames.size() - 1) / (frames - 1);
    ClipFrame frame = clip.frames[from];
    for (auto& hand : frame.hands) {
      if (!hand) continue;
      for (Point3& p : *hand) {
        move(p);
        p.z *= how.scale;
      }
    }
    // Wrists and elbows go with the hands, the head stays.
    for (std::size_t p = kLeftElbow; p < frame.body.size(); ++p) {
      if (frame.body[p]) move(*frame.body[p]);
    }
    out.frames.push_back(std::move(frame));
  }
  return out;
}

/// Alignments whose spread says what may differ: of each example to the one nearest to it, or of
/// warped copies to the only example.
std::vector<Alignment> own_alignments(const std::vector<SignExample>& examples) {
  std::vector<Alignment> out;
  if (examples.size() == 1) {
    for (const Variation& how : kVariations) {
      const SignExample copy = make_example(varied(examples.front().clip, how));
      out.push_back(align(examples.front().features, copy.features));
    }
    return out;
  }
  for (std::size_t i = 0; i < examples.size(); ++i) {
    Alignment nearest;
    for (std::size_t k = 0; k < examples.size(); ++k) {
      if (i == k) continue;
      Alignment found = align(examples[k].features, examples[i].features);
      if (nearest.path.empty() || found.distance < nearest.distance) nearest = std::move(found);
    }
    out.push_back(std::move(nearest));
  }
  return out;
}

float nearest_other(const SignModel& sign, const SignLibrary& others) {
  float nearest = std::numeric_limits<float>::infinity();
  for (const auto& [gloss, other] : others.signs()) {
    if (gloss == sign.gloss) continue;
    for (const SignExample& example : other.model().examples) {
      nearest = std::min(nearest, distance_to(sign, example.features, nearest));
    }
  }
  return nearest;
}

}  // namespace

SignExample make_example(Clip clip) {
  SignExample out;
  out.is_mirrored = clip.used[kLeftHand] && !clip.used[kRightHand];
  out.features = features_of(out.is_mirrored ? mirrored(clip) : clip);
  out.clip = std::move(clip);
  return out;
}

float distance_to(const SignModel& sign, const ClipFeatures& attempt, float limit) {
  float nearest = limit;
  for (const SignExample& example : sign.examples) {
    nearest = std::min(nearest, align_distance(example.features, attempt, nearest));
  }
  return nearest;
}

void arrange(std::vector<SignExample>& examples) {
  std::vector<float> sums(examples.size());
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (std::size_t k = 0; k < examples.size(); ++k) {
      if (i != k) sums[i] += align_distance(examples[k].features, examples[i].features);
    }
  }
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(sums[a], a) < std::pair(sums[b], b);
  });
  std::vector<SignExample> kept;
  std::size_t frames = 0;
  for (const std::size_t i : order) {
    frames += examples[i].clip.frames.size();
    if (!kept.empty() && frames > kMostExampleFrames) break;
    kept.push_back(std::move(examples[i]));
  }
  examples = std::move(kept);
}

Thresholds learn_thresholds(const SignModel& sign, const SignLibrary& others) {
  Thresholds out;
  float distance = 0.0F;
  ChannelDistances spread;
  for (const Alignment& own : own_alignments(sign.examples)) {
    distance = std::max(distance, own.distance);
    spread.shape = std::max(spread.shape, own.channels.shape);
    spread.location = std::max(spread.location, own.channels.location);
    spread.movement = std::max(spread.movement, own.channels.movement);
  }
  out.distance = std::clamp(kOfSpread * distance, kUsualDistance, kMostDistance);
  out.distance =
      std::max(std::min(out.distance, kOfNearest * nearest_other(sign, others)), kLeastDistance);
  const auto limit = [](float usual, float found) {
    return std::clamp(kOfChannelSpread * found, usual, 0.95F);
  };
  out.channels.shape = limit(kUsualChannels.shape, spread.shape);
  out.channels.location = limit(kUsualChannels.location, spread.location);
  out.channels.movement = limit(kUsualChannels.movement, spread.movement);
  return out;
}

SignReference reference_of(std::string gloss, std::string source, const std::vector<Clip>& clips,
                           const NonManual& non_manual, const SignLibrary& others) {
  auto model = std::make_shared<SignModel>();
  model->gloss = std::move(gloss);
  model->source = std::move(source);
  model->non_manual = non_manual;
  for (const Clip& clip : clips) {
    model->examples.push_back(make_example(quantised(clip)));
  }
  arrange(model->examples);
  model->thresholds = learn_thresholds(*model, others);
  return SignReference(std::move(model));
}

std::string sentence_of(NoClip why) {
  switch (why) {
    case NoClip::kNothing:
      return "Nothing was recorded; check that the camera sees you.";
    case NoClip::kNoBody:
      return "Your shoulders and face were out of view; step back until the camera sees them.";
    case NoClip::kNoHands:
      return "No raised hand was in view; keep your hands inside the picture.";
    case NoClip::kTooShort:
      return fmt::format("The movement took less than {} ms; sign it in full.",
                         kShortestClip.count());
  }
  return {};
}

double score_of(double share) noexcept {
  const double d = std::max(share, 0.0);
  return d <= 1.0 ? 1.0 - d * d / 2.0 : std::exp(1.0 - d * d) / 2.0;
}

}  // namespace storysign::practice
