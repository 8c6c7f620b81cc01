#include "practice/sign_model.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstddef>
#include <utility>

namespace storysign::practice {
namespace {

using nlohmann::json;

constexpr int kDrawingRate = 25;

/// Three decimals are finer than a line that a page draws.
json rounded(float value) {
  return std::round(static_cast<double>(value) * 1000.0) / 1000.0;
}

json point(float x, float y) {
  return json::array({rounded(x), rounded(y)});
}

float between(float a, float b, float share) noexcept {
  return a + (b - a) * share;
}

template <class Points>
json points_between(const Points& a, const Points& b, float share) {
  json out = json::array();
  for (std::size_t i = 0; i < a.size(); ++i) {
    out.push_back(point(between(a[i].x, b[i].x, share), between(a[i].y, b[i].y, share)));
  }
  return out;
}

/// Of a part that may be missing: between both frames where it is in both, else as in the nearer.
template <class Points>
json part_between(const std::optional<Points>& a, const std::optional<Points>& b, float share) {
  if (a && b) return points_between(*a, *b, share);
  const auto& nearer = share < 0.5F ? a : b;
  return nearer ? points_between(*nearer, *nearer, 0.0F) : json(nullptr);
}

json frame_between(const ClipFrame& a, const ClipFrame& b, float share) {
  json pose = json::array();
  for (std::size_t i = 0; i < a.body.size(); ++i) {
    if (a.body[i] && b.body[i]) {
      pose.push_back(point(between(a.body[i]->x, b.body[i]->x, share),
                           between(a.body[i]->y, b.body[i]->y, share)));
    } else {
      const auto& nearer = share < 0.5F ? a.body[i] : b.body[i];
      pose.push_back(nearer ? point(nearer->x, nearer->y) : json(nullptr));
    }
  }
  return {{"pose", std::move(pose)},
          {"left", part_between(a.hands[kLeftHand], b.hands[kLeftHand], share)},
          {"right", part_between(a.hands[kRightHand], b.hands[kRightHand], share)},
          {"face", part_between(a.face, b.face, share)}};
}

json drawing_of(const std::vector<ClipFrame>& frames) {
  json out = json::array();
  if (!frames.empty()) {
    const std::size_t count = (frames.size() - 1) * kDrawingRate / kClipRate + 1;
    for (std::size_t k = 0; k < count; ++k) {
      const float at = static_cast<float>(k) * kClipRate / static_cast<float>(kDrawingRate);
      const auto first = std::min(static_cast<std::size_t>(at), frames.size() - 1);
      const std::size_t second = std::min(first + 1, frames.size() - 1);
      out.push_back(frame_between(frames[first], frames[second], at - static_cast<float>(first)));
    }
  }
  return {{"fps", kDrawingRate}, {"frames", std::move(out)}};
}

}  // namespace

json drawing(const SignReference& sign) {
  return drawing_of(sign.model().examples.front().clip.frames);
}

json drawing(const Recording& recording) {
  const ClipResult made = make_clip(recording);
  return drawing_of(made.clip ? made.clip->frames : std::vector<ClipFrame>());
}

}  // namespace storysign::practice
