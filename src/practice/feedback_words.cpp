#include "practice/feedback_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace storysign::practice {
namespace {

/// Two words where both components count, else one.
std::string two_words(Point2 way, std::string_view up, std::string_view down,
                      std::string_view right, std::string_view left) {
  const float x = std::abs(way.x);
  const float y = std::abs(way.y);
  const std::string_view vertical = way.y < 0.0F ? up : down;
  const std::string_view horizontal = way.x < 0.0F ? right : left;
  // Within 27 degrees of an axis the other one is not worth a word.
  if (y > 2.0F * x) return std::string(vertical);
  if (x > 2.0F * y) return std::string(horizontal);
  return fmt::format("{} and {}", vertical, horizontal);
}

}  // namespace

std::string_view hand_part(Side side) noexcept {
  return side == kRightHand ? "right_hand" : "left_hand";
}

std::string_view finger_part(Side side, std::size_t finger) noexcept {
  static constexpr std::array<std::array<std::string_view, kFingers>, 2> kParts = {
      {{"right_thumb", "right_index", "right_middle", "right_ring", "right_pinky"},
       {"left_thumb", "left_index", "left_middle", "left_ring", "left_pinky"}}};
  return kParts[side][finger];
}

std::string hand_words(Side side) {
  return side == kRightHand ? "right hand" : "left hand";
}

std::string finger_words(std::size_t finger) {
  static constexpr std::array<std::string_view, kFingers> kWords = {
      "thumb", "index finger", "middle finger", "ring finger", "little finger"};
  return std::string(kWords[finger]);
}

std::string direction_words(Point2 way) {
  return two_words(way, "up", "down", "to your right", "to your left");
}

std::string further_words(Point2 way) {
  return two_words(way, "higher", "lower", "further to your right", "further to your left");
}

std::string place_words(bool is_mirrored, const ClipFrame& frame, Side side) {
  const Side real = is_mirrored ? (side == kRightHand ? kLeftHand : kRightHand) : side;
  const auto palm = palm_of(frame, real);
  if (!palm) return "as the example does";
  Point2 near = *palm;
  if (const auto& hand = frame.hands[real]) near = {.x = (*hand)[8].x, .y = (*hand)[8].y};
  static constexpr std::array<std::string_view, kFacePlaces> kNames = {
      "at the forehead", "at the nose", "at the mouth", "at the chin"};
  if (const auto places = face_places(frame)) {
    std::size_t best = 0;
    float least = 1e9F;
    for (std::size_t i = 0; i < kFacePlaces; ++i) {
      for (const Point2 p : {*palm, near}) {
        const float d = std::hypot(p.x - (*places)[i].x, p.y - (*places)[i].y);
        if (d >= least) continue;
        least = d;
        best = i;
      }
    }
    if (least < 0.25F) return std::string(kNames[best]);
  }
  if (palm->y < -0.15F) return "beside the head";
  if (palm->y < 0.2F) return "at the height of the shoulders";
  return palm->y < 0.8F ? "in front of the chest" : "in front of the belly";
}

std::string path_words(const PathShape& path) {
  switch (path.kind) {
    case PathKind::kStill:
      return "hardly at all";
    case PathKind::kStraight:
      return "straight " + direction_words(path.direction);
    case PathKind::kBackAndForth:
      return std::abs(path.direction.y) > std::abs(path.direction.x) ? "up and down"
                                                                     : "from side to side";
    case PathKind::kCircle:
      return "in a circle";
    case PathKind::kCurve:
      return "in a curve " + direction_words(path.direction);
  }
  return {};
}

std::string went_words(const PathShape& path) {
  return path.kind == PathKind::kStill ? "stayed still" : "went " + path_words(path);
}

float openness(const HandFeatures& hand, std::size_t finger, bool use_depth) noexcept {
  if (use_depth) {
    const float* part = hand.shape.data() + finger * 6;
    if (finger == 0) {
      // A thumb opens to its side of the palm: in a fist it lies across the fingers.
      return std::clamp((1.0F + part[3]) / 2, 0.0F, 1.0F);
    }
    // How far the tip's part still points along the palm.
    return std::clamp((1.0F + part[4]) / 2, 0.0F, 1.0F);
  }
  const float x = hand.flat_shape[finger * 4 + 2];
  const float y = hand.flat_shape[finger * 4 + 3];
  // Tips of open fingers lie 1.7 to 2 palm lengths from the wrist, of closed ones 0.7 to 0.9; a
  // thumb's from 0.7 to 1.3.
  const float far = finger == 0 ? 1.3F : 1.75F;
  return std::clamp((std::hypot(x, y) - 0.75F) / (far - 0.75F), 0.0F, 1.0F);
}

}  // namespace storysign::practice
