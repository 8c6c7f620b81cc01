#include "practice/feedback.hpp"

#include "practice/feedback_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace storysign::practice {
namespace {

// From where on a difference is worth a sentence. A quarter of a shoulder width is a hand's width;
// examples of one sign by one signer stay below half of these.
constexpr float kPlaceOff = 0.28F;
constexpr float kFingerOff = 0.42F;   // Of closed (0) to open (1).
constexpr float kPalmOff = 0.8F;      // Of away (-1) to towards the camera (1).
constexpr float kPointingOff = 0.9F;  // Length of the difference of two directions.
constexpr float kTooFast = 0.6F;
constexpr float kTooSlow = 1.8F;
constexpr float kUnseen = 0.4F;
// A difference of this many times what is worth a sentence is told of an accepted attempt too; the
// tempo always is.
constexpr float kWorthIfAccepted = 1.3F;
constexpr float kTempoWorth = 1.3F;

struct Ranked {
  float excess;        // Of what is worth a sentence.
  std::size_t number;  // Of equals the one that was found first comes first.
  Finding finding;
};

/// Means of what differs, over a part of the path.
struct Offset {
  float x = 0.0F;
  float y = 0.0F;
  std::size_t steps = 0;
  std::size_t reference = 0;  // Frame of the example that is stillest: there it has a place.
  std::size_t attempt = 0;    // The frame that is matched with it.

  [[nodiscard]] float length() const noexcept { return std::hypot(x, y); }
};

class Writer {
 public:
  explicit Writer(const Comparing& what) : what_(what) {}

  std::vector<Finding> write() {
    for (const Side side : {kRightHand, kLeftHand}) {
      if (what_.example.features.used[side]) {
        say_hand(side);
      } else if (what_.features.used[side]) {
        add(1.5F, Aspect::kLocation, hand_part(own(side)), 0,
            fmt::format("Keep your {} down; this sign is made with one hand.",
                        hand_words(own(side))));
      }
    }
    say_timing();
    std::sort(found_.begin(), found_.end(), [](const Ranked& a, const Ranked& b) {
      return std::pair(-a.excess, a.number) < std::pair(-b.excess, b.number);
    });
    std::vector<Finding> out;
    for (Ranked& ranked : found_) {
      if (ranked.excess < (what_.accepted ? kWorthIfAccepted : 1.0F)) continue;
      out.push_back(std::move(ranked.finding));
    }
    return out;
  }

 private:
  /// The learner's own side for a side of the example.
  [[nodiscard]] Side own(Side side) const noexcept {
    if (!what_.is_mirrored) return side;
    return side == kRightHand ? kLeftHand : kRightHand;
  }
  /// A direction of the comparison as the learner sees it: x grows to the learner's left.
  [[nodiscard]] Point2 own(Point2 direction) const noexcept {
    return {.x = what_.is_mirrored ? -direction.x : direction.x, .y = direction.y};
  }

  void add(float excess, Aspect aspect, std::string_view part, std::size_t frame,
           std::string sentence) {
    found_.push_back(
        {.excess = excess,
         .number = found_.size(),
         .finding = {.aspect = aspect,
                     .part = part,
                     .sentence = std::move(sentence),
                     .at = what_.attempt.start + kClipStep * static_cast<std::int64_t>(frame)}});
  }

  void say_hand(Side side) {
    if (!what_.features.used[side]) {
      add(3.0F, Aspect::kLocation, hand_part(own(side)), 0,
          fmt::format("Use your {} too; it stayed down.", hand_words(own(side))));
      return;
    }
    if (what_.attempt.out_of_view[side] > kUnseen) {
      add(2.5F, Aspect::kLocation, hand_part(own(side)), 0,
          fmt::format(
              "Your {} was out of view for {:.0f} % of the sign; keep it inside the picture.",
              hand_words(own(side)), what_.attempt.out_of_view[side] * 100));
    } else {
      say_fingers(side);
      say_palm(side);
    }
    say_place(side);
    say_movement(side);
  }

  /// Mean offset of the palm over the steps from `first` to before `last`.
  [[nodiscard]] Offset offset(Side side, std::size_t first, std::size_t last) const {
    Offset out;
    float stillest = std::numeric_limits<float>::infinity();
    for (std::size_t k = first; k < last; ++k) {
      const auto& [i, j] = what_.alignment.path[k];
      const HandFeatures& a = what_.example.features.frames[i].hands[side];
      const HandFeatures& b = what_.features.frames[j].hands[side];
      if (!a.has_location || !b.has_location) continue;
      out.x += b.location[0] - a.location[0];
      out.y += b.location[1] - a.location[1];
      ++out.steps;
      if (a.speed < stillest) {
        stillest = a.speed;
        out.reference = i;
        out.attempt = j;
      }
    }
    if (out.steps > 0) {
      out.x /= static_cast<float>(out.steps);
      out.y /= static_cast<float>(out.steps);
    }
    return out;
  }

  void say_place(Side side) {
    const auto [first, last] = core(side);
    const std::size_t third = (last - first) / 3;
    const Offset whole = offset(side, first, last);
    const Offset start = offset(side, first, first + third);
    const Offset end = offset(side, last - third, last);
    const std::string hand = hand_words(own(side));
    if (whole.steps >= 3 && whole.length() > kPlaceOff) {
      say_place_of(side, whole, fmt::format("Hold your {}", hand));
    } else if (start.steps >= 2 && start.length() > kPlaceOff && start.length() >= end.length()) {
      say_place_of(side, start, "Start the movement");
    } else if (end.steps >= 2 && end.length() > kPlaceOff) {
      say_place_of(side, end, "End the movement");
    }
  }

  void say_place_of(Side side, const Offset& off, const std::string& what) {
    // Where it should go is the way back.
    const Point2 way = own(Point2{.x = -off.x, .y = -off.y});
    add(off.length() / kPlaceOff, Aspect::kLocation, hand_part(own(side)), off.attempt,
        fmt::format("{} {}, {}.", what, further_words(way),
                    place_words(what_.example.is_mirrored, what_.example.clip.frames[off.reference],
                                side)));
  }

  void say_fingers(Side side) {
    std::array<float, kFingers> opened{};
    std::size_t steps = 0;
    std::size_t worst = 0;
    float most = -1.0F;
    const bool depth = what_.example.features.has_depth && what_.features.has_depth;
    for (const auto& [i, j] : what_.alignment.path) {
      const FrameFeatures& a = what_.example.features.frames[i];
      const FrameFeatures& b = what_.features.frames[j];
      if (!a.hands[side].has_shape || !b.hands[side].has_shape || a.weight < 1.0F) continue;
      ++steps;
      float sum = 0.0F;
      for (std::size_t f = 0; f < kFingers; ++f) {
        const float d = openness(b.hands[side], f, depth) - openness(a.hands[side], f, depth);
        opened[f] += d;
        sum += std::abs(d);
      }
      if (sum > most) {
        most = sum;
        worst = j;
      }
    }
    if (steps < 3) return;
    for (float& f : opened) {
      f /= static_cast<float>(steps);
    }
    say_opened(side, opened, worst);
  }

  void say_opened(Side side, const std::array<float, kFingers>& opened, std::size_t worst) {
    const auto too = [&](float sign) {
      return std::count_if(opened.begin() + 1, opened.end(),
                           [sign](float f) { return f * sign > kFingerOff; });
    };
    for (const float sign : {1.0F, -1.0F}) {
      if (too(sign) < 3) continue;
      const float mean = std::abs(opened[1] + opened[2] + opened[3] + opened[4]) / 4;
      add(1.2F * mean / kFingerOff, Aspect::kHandshape, hand_part(own(side)), worst,
          fmt::format("{} your {}.", sign > 0.0F ? "Close the fingers of" : "Open the fingers of",
                      hand_words(own(side))));
      return;
    }
    for (std::size_t f = 0; f < kFingers; ++f) {
      if (std::abs(opened[f]) <= kFingerOff) continue;
      add(std::abs(opened[f]) / kFingerOff, Aspect::kHandshape, finger_part(own(side), f), worst,
          fmt::format("{} the {} of your {}.", opened[f] > 0.0F ? "Close" : "Open", finger_words(f),
                      hand_words(own(side))));
    }
  }

  void say_palm(Side side) {
    std::array<float, 3> wanted{};
    std::array<float, 3> found{};
    std::size_t steps = 0;
    std::size_t middle = 0;
    for (const auto& [i, j] : what_.alignment.path) {
      const FrameFeatures& a = what_.example.features.frames[i];
      const FrameFeatures& b = what_.features.frames[j];
      if (!a.hands[side].has_shape || !b.hands[side].has_shape || a.weight < 1.0F) continue;
      for (std::size_t k = 0; k < 3; ++k) {
        wanted[k] += a.hands[side].orientation[k];
        found[k] += b.hands[side].orientation[k];
      }
      ++steps;
      middle = j;
    }
    if (steps < 3) return;
    const auto n = static_cast<float>(steps);
    const float turned = (wanted[2] - found[2]) / n;
    const Point2 pointing{.x = wanted[0] / n, .y = wanted[1] / n};
    const float apart = std::hypot(pointing.x - found[0] / n, pointing.y - found[1] / n);
    const std::string hand = hand_words(own(side));
    if (std::abs(turned) > kPalmOff) {
      // Index to little finger turn clockwise in the picture where a right palm faces the camera.
      add(std::abs(turned) / kPalmOff, Aspect::kHandshape, hand_part(own(side)), middle,
          fmt::format("Turn the palm of your {} {}.", hand,
                      turned < 0.0F ? "to the front" : "to yourself"));
    }
    if (apart > kPointingOff) {
      // Orientation is kept as of a right hand.
      const float x = own(side) == kRightHand ? pointing.x : -pointing.x;
      add(apart / kPointingOff, Aspect::kHandshape, hand_part(own(side)), middle,
          fmt::format("Point your {} {}.", hand, direction_words({.x = x, .y = pointing.y})));
    }
  }

  void say_movement(Side side) {
    std::vector<Point2> wanted;
    std::vector<Point2> found;
    const auto [first, last] = core(side);
    std::size_t at = 0;
    for (std::size_t k = first; k < last; ++k) {
      const auto& [i, j] = what_.alignment.path[k];
      const HandFeatures& a = what_.example.features.frames[i].hands[side];
      const HandFeatures& b = what_.features.frames[j].hands[side];
      if (!a.has_location || !b.has_location) continue;
      const bool is_new_i = k == first || i != what_.alignment.path[k - 1].reference;
      const bool is_new_j = k == first || j != what_.alignment.path[k - 1].attempt;
      if (is_new_i) wanted.push_back({.x = a.location[0], .y = a.location[1]});
      if (is_new_j) found.push_back({.x = b.location[0], .y = b.location[1]});
      if (k == (first + last) / 2) at = j;
    }
    if (wanted.size() < 3 || found.size() < 3) return;
    PathShape example = describe_path(wanted);
    PathShape yours = describe_path(found);
    example.direction = own(example.direction);
    yours.direction = own(yours.direction);
    say_path(side, example, yours, at);
  }

  void say_path(Side side, const PathShape& example, const PathShape& yours, std::size_t at) {
    const float apart = what_.alignment.channels.movement / what_.sign.thresholds.channels.movement;
    const std::string hand = hand_words(own(side));
    const std::string wanted = path_words(example);
    const std::string found = path_words(yours);
    if (example.kind == PathKind::kStill) {
      if (yours.kind == PathKind::kStill || yours.length < 0.7F) return;
      add(0.9F + apart, Aspect::kMovement, hand_part(own(side)), at,
          fmt::format("Hold your {} still; yours moved {}.", hand, found));
    } else if (wanted != found && std::max(example.length, yours.length) > 0.5F && apart > 0.35F) {
      add(0.8F + apart, Aspect::kMovement, hand_part(own(side)), at,
          fmt::format("Move your {} {}; yours {}.", hand, wanted, went_words(yours)));
    } else if (yours.length < 0.5F * example.length) {
      add(1.1F, Aspect::kMovement, hand_part(own(side)), at,
          fmt::format("Make the movement of your {} larger.", hand));
    } else if (yours.length > 2.0F * example.length) {
      add(1.1F, Aspect::kMovement, hand_part(own(side)), at,
          fmt::format("Make the movement of your {} smaller.", hand));
    }
  }

  /// Whether the hand is on its way up from the lap (`sign` -1) or down to it (1).
  static bool is_way(const FrameFeatures& frame, Side side, float sign) noexcept {
    const HandFeatures& hand = frame.hands[side];
    return frame.weight < 1.0F || !hand.has_location || hand.location[1] > 1.0F ||
           (hand.direction[1] * sign > 0.6F && hand.speed > 1.5F);
  }

  /// The steps of the path between raising and lowering the hand. The example says where that is;
  /// of the attempt no more than a third at either end is taken for it, it may be another movement.
  [[nodiscard]] std::pair<std::size_t, std::size_t> core(Side side) const {
    const auto& path = what_.alignment.path;
    const auto is_left_out = [&](std::size_t k, float sign, bool is_near_end) {
      return is_way(what_.example.features.frames[path[k].reference], side, sign) ||
             (is_near_end && is_way(what_.features.frames[path[k].attempt], side, sign));
    };
    std::size_t first = 0;
    std::size_t last = path.size();
    while (first < last && is_left_out(first, -1.0F, first < path.size() / 3)) {
      ++first;
    }
    while (last > first && is_left_out(last - 1, 1.0F, path.size() - last < path.size() / 3)) {
      --last;
    }
    return {first, last};
  }

  void say_timing() {
    if (!what_.sign.has_timing() || what_.alignment.path.empty()) return;
    const float ratio = tempo_ratio(what_.alignment);
    const auto& path = what_.alignment.path;
    const double step = 1.0 / kClipRate;
    const double yours = step * static_cast<double>(path.back().attempt - path.front().attempt + 1);
    const double wanted =
        step * static_cast<double>(path.back().reference - path.front().reference + 1);
    if (ratio < kTooFast) {
      add(kTempoWorth * kTooFast / ratio, Aspect::kTiming, "body", 0,
          fmt::format("Slower: yours took {:.1f} s, the example {:.1f} s.", yours, wanted));
    } else if (ratio > kTooSlow) {
      add(kTempoWorth * ratio / kTooSlow, Aspect::kTiming, "body", 0,
          fmt::format("Faster: yours took {:.1f} s, the example {:.1f} s.", yours, wanted));
    }
  }

  const Comparing& what_;
  std::vector<Ranked> found_;
};

}  // namespace

std::vector<Finding> findings_of(const Comparing& what) {
  return Writer(what).write();
}

float tempo_ratio(const Alignment& alignment) noexcept {
  if (alignment.path.empty()) return 1.0F;
  const AlignmentStep& a = alignment.path.front();
  const AlignmentStep& b = alignment.path.back();
  return static_cast<float>(b.attempt - a.attempt + 1) /
         static_cast<float>(b.reference - a.reference + 1);
}

float tempo_unevenness(const Alignment& alignment) noexcept {
  if (alignment.path.size() < 3) return 0.0F;
  const AlignmentStep& a = alignment.path.front();
  const AlignmentStep& b = alignment.path.back();
  const auto rows = static_cast<float>(std::max<std::size_t>(b.reference - a.reference, 1));
  const auto columns = static_cast<float>(std::max<std::size_t>(b.attempt - a.attempt, 1));
  float sum = 0.0F;
  for (const auto& [i, j] : alignment.path) {
    sum += std::abs(static_cast<float>(i - a.reference) / rows -
                    static_cast<float>(j - a.attempt) / columns);
  }
  return sum / static_cast<float>(alignment.path.size());
}

}  // namespace storysign::practice
