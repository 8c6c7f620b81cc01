#include "practice/air_letters.hpp"

#include "practice/palm.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace storysign::practice {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// A letter drawn more slowly than this is not looked for.
constexpr milliseconds kMemory{2500};
constexpr std::size_t kLittleKnuckle = 17;
constexpr std::size_t kLittleTip = 20;
constexpr std::size_t kIndexTip = 8;

// The least strokes, in palm sizes, as training/air_letters.py learns them from the sequences with
// one signer left out in turn (docs/letters.md): between the weakest quarter of J and Z and the
// strongest strokes by chance of letters that stand still.
constexpr float kHookDown = 0.8F;
constexpr float kHookAcross = 0.8F;
constexpr float kZigzag = 0.5F;
/// How far below its beginning a Z ends at least.
constexpr float kZigzagDown = 0.25F;

/// At the end of a J the little finger is still stretched, so a hand that only closes is none: of
/// the sequences nearly all end with 0.9 palm sizes, a closed finger measures 0.2 to 0.5.
constexpr float kStretched = 0.6F;

double share(float done, float needed) {
  return std::clamp(static_cast<double>(done / needed), 0.0, 1.0);
}

float little_finger(const vision::Hand& hand, float aspect) {
  const vision::Landmark& tip = hand.landmarks[kLittleTip];
  const vision::Landmark& knuckle = hand.landmarks[kLittleKnuckle];
  return std::hypot((tip.x - knuckle.x) * aspect, tip.y - knuckle.y);
}

}  // namespace

void AirLetter::on_hand(const vision::Hand& hand, float aspect, bool is_left, bool fits,
                        microseconds time) {
  const vision::Landmark& tip = hand.landmarks[letter_ == 'J' ? kLittleTip : kIndexTip];
  const float to_thumb = is_left ? -aspect : aspect;
  const Sample fresh{.time = time,
                     .x = tip.x * to_thumb,
                     .y = tip.y,
                     .palm = palm_size(hand, aspect),
                     .little = little_finger(hand, aspect),
                     .fits = fits};
  // What is no number has no order, and a median needs one.
  if (!std::isfinite(fresh.x + fresh.y + fresh.palm + fresh.little)) return;
  trail_.push_back(fresh);
  const auto is_new = [&](const Sample& sample) { return time - sample.time <= kMemory; };
  trail_.erase(trail_.begin(), std::ranges::find_if(trail_, is_new));
}

float AirLetter::typical_palm() const {
  std::vector<float> palms;
  palms.reserve(trail_.size());
  std::ranges::transform(trail_, std::back_inserter(palms), &Sample::palm);
  const auto middle = palms.begin() + static_cast<std::ptrdiff_t>(palms.size() / 2);
  std::ranges::nth_element(palms, middle);
  return *middle;
}

double AirLetter::progress() const {
  const auto shaped = std::ranges::find_if(trail_, &Sample::fits);
  if (shaped == trail_.end()) return 0.0;
  const float palm = typical_palm();
  if (!(palm > 0.0F)) return 0.0;
  // A moving finger is read badly: of a Z one good reading is enough, wherever it is. A J is known
  // by how it begins.
  const auto first = static_cast<std::size_t>(shaped - trail_.begin());
  return letter_ == 'J' ? hook(first, palm) : zigzag(palm);
}

/// The best of all ways to split the trail into a steep stroke down and one to the thumb's side.
double AirLetter::hook(std::size_t first, float palm) const {
  std::size_t highest = first;
  double best = 0.0;
  for (std::size_t turn = first; turn < trail_.size(); ++turn) {
    if (trail_[turn].y <= trail_[highest].y) highest = turn;
    const float fall = trail_[turn].y - trail_[highest].y;
    if (std::abs(trail_[turn].x - trail_[highest].x) > fall) continue;
    const double down = share(fall / palm, kHookDown);
    float farthest = trail_[turn].x;
    for (std::size_t end = turn; end < trail_.size(); ++end) {
      if (trail_[end].little < kStretched * palm) continue;
      farthest = std::max(farthest, trail_[end].x);
    }
    const double across = share((farthest - trail_[turn].x) / palm, kHookAcross);
    best = std::max(best, down < 1.0 ? down / 2.0 : (1.0 + across) / 2.0);
  }
  return best;
}

/// The longest beginning of the three strokes that is there: away from the thumb, back, away.
double AirLetter::zigzag(float palm) const {
  // The extreme of each stroke so far: it turns when the tip has come back far enough.
  std::size_t strokes = 0;
  float turn = trail_.front().x;
  double part = 0.0;
  float top = trail_.front().y;
  float bottom = top;
  for (std::size_t i = 0; i < trail_.size() && strokes < 3; ++i) {
    const float way = strokes == 1 ? 1.0F : -1.0F;
    // What lies against the stroke's way only moves the place where it begins.
    turn = way > 0 ? std::min(turn, trail_[i].x) : std::max(turn, trail_[i].x);
    const float done = way * (trail_[i].x - turn) / palm;
    part = std::max(part, share(done, kZigzag));
    bottom = std::max(bottom, trail_[i].y);
    if (strokes == 0) top = std::min(top, trail_[i].y);
    if (done >= kZigzag) {
      ++strokes;
      turn = trail_[i].x;
      part = 0.0;
    }
  }
  const bool is_down = (bottom - top) / palm >= kZigzagDown;
  const double done = (static_cast<double>(strokes) + part) / 3.0;
  return strokes == 3 && !is_down ? 0.9 : std::min(done, 1.0);
}

}  // namespace storysign::practice
