#include "practice/non_manual.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace storysign::practice {
namespace {

// Least changes that count, in parts of the face's height (forehead to chin) but for the head's,
// which are parts of its width or height. Brows of a still face move by 0.006 at most in the sign
// clips, noses by 0.01.
constexpr float kBrows = 0.02F;
constexpr float kMouthOpen = 0.05F;  // Gap between the inner lips.
constexpr float kMouthClosed = 0.02F;
constexpr float kShake = 0.06F;  // Turns to one side and back.
constexpr float kNod = 0.035F;
constexpr std::size_t kShakeTurns = 2;
constexpr std::size_t kNodTurns = 1;
constexpr std::chrono::microseconds kNeutral{400'000};
constexpr double kLongest = 60e6;  // Microseconds; what comes later is a clock that jumped.

struct FaceMeasures {
  std::chrono::microseconds at{};  // From the attempt's start.
  float brows = 0.0F;              // Height of the brows above the eyes.
  float mouth = 0.0F;              // Gap between the lips.
  float yaw = 0.0F;                // Nose between the temples, -0.5..0.5.
  float pitch = 0.0F;              // Nose between forehead and chin.
};

struct Place {
  float x = 0.0F;
  float y = 0.0F;
};

Place place(const FacePoints& face, std::uint16_t index, float aspect) noexcept {
  const vision::Landmark& p = face[face_point(index)];
  return {.x = p.x * aspect, .y = p.y};
}

/// How far `p` lies along the way from `from` to `to`, 0..1 between them.
float along(Place p, Place from, Place to) noexcept {
  const float x = to.x - from.x;
  const float y = to.y - from.y;
  return ((p.x - from.x) * x + (p.y - from.y) * y) / std::max(x * x + y * y, 1e-9F);
}

std::optional<FaceMeasures> measure(const Observation& seen, std::chrono::microseconds start) {
  if (!seen.face || !std::isfinite(seen.aspect)) return std::nullopt;
  const FacePoints& face = *seen.face;
  const auto at = [&](std::uint16_t index) { return place(face, index, seen.aspect); };
  const Place top = at(10);
  const Place chin = at(152);
  FaceMeasures out;
  const double after = static_cast<double>(seen.time.count()) - static_cast<double>(start.count());
  if (after < 0.0 || after > kLongest) return std::nullopt;
  out.at = std::chrono::microseconds(static_cast<std::int64_t>(after));
  // Along the line from forehead to chin, so that a tilted head measures the same.
  const auto height = [&](std::uint16_t index) { return along(at(index), top, chin); };
  const float right_brow = (height(63) + height(105) + height(66)) / 3;
  const float left_brow = (height(293) + height(334) + height(296)) / 3;
  const float eyes = (height(33) + height(133) + height(263) + height(362)) / 4;
  out.brows = eyes - (right_brow + left_brow) / 2;
  out.mouth = height(14) - height(13);
  out.yaw = along(at(1), at(234), at(454)) - 0.5F;
  out.pitch = height(1) - 0.5F;
  const bool is_finite = std::isfinite(out.brows) && std::isfinite(out.mouth) &&
                         std::isfinite(out.yaw) && std::isfinite(out.pitch);
  return is_finite ? std::optional(out) : std::nullopt;
}

using Value = float FaceMeasures::*;

float median(const std::vector<FaceMeasures>& measures, Value value) {
  std::vector<float> values;
  values.reserve(measures.size());
  for (const FaceMeasures& m : measures) {
    values.push_back(m.*value);
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The value that `share` of the measures stay below: what is shown for a while, not for a frame.
float quantile(const std::vector<FaceMeasures>& measures, Value value, double share) {
  std::vector<float> values;
  values.reserve(measures.size());
  for (const FaceMeasures& m : measures) {
    values.push_back(m.*value);
  }
  const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + at, values.end());
  return values[static_cast<std::size_t>(at)];
}

std::vector<FaceMeasures> neutral_of(const std::vector<FaceMeasures>& measures) {
  std::vector<FaceMeasures> out;
  for (const FaceMeasures& m : measures) {
    if (m.at <= measures.front().at + kNeutral) out.push_back(m);
  }
  return out;
}

/// How often the value turned back after it had gone `least` or more one way.
std::size_t turns(const std::vector<FaceMeasures>& measures, Value value, float least) {
  float low = measures.front().*value;
  float high = low;
  int direction = 0;
  std::size_t legs = 0;
  for (const FaceMeasures& m : measures) {
    const float v = m.*value;
    low = std::min(low, v);
    high = std::max(high, v);
    if (direction <= 0 && v - low >= least) {
      direction = 1;
      ++legs;
      high = v;
    } else if (direction >= 0 && high - v >= least) {
      direction = -1;
      ++legs;
      low = v;
    }
  }
  return legs > 0 ? legs - 1 : 0;
}

/// Collects what was asked and how far it was done.
class Result {
 public:
  void add(double done, std::string_view part, std::string sentence, std::chrono::microseconds at) {
    scores_.push_back(std::clamp(done, 0.0, 1.0));
    if (scores_.back() >= 0.5) return;
    findings_.push_back(
        {.aspect = Aspect::kNonManual, .part = part, .sentence = std::move(sentence), .at = at});
  }
  [[nodiscard]] NonManualResult take() {
    NonManualResult out;
    const double sum = std::accumulate(scores_.begin(), scores_.end(), 0.0);
    if (!scores_.empty()) out.score = sum / static_cast<double>(scores_.size());
    out.findings = std::move(findings_);
    return out;
  }

 private:
  std::vector<double> scores_;
  std::vector<Finding> findings_;
};

void judge_eyebrows(const std::vector<FaceMeasures>& all, const std::string& asked, Result& out) {
  const float neutral = median(neutral_of(all), &FaceMeasures::brows);
  const std::chrono::microseconds at = all[all.size() / 2].at;
  // Half of what counts gives half a score; shown in a quarter of the attempt or more.
  if (asked == "raised") {
    const float up = quantile(all, &FaceMeasures::brows, 0.75) - neutral;
    out.add(up / kBrows / 2, "eyebrows", "Raise your eyebrows while you sign.", at);
  } else {
    const float down = neutral - quantile(all, &FaceMeasures::brows, 0.25);
    out.add(down / kBrows / 2, "eyebrows", "Lower your eyebrows while you sign.", at);
  }
}

void judge_mouth(const std::vector<FaceMeasures>& all, const std::string& asked, Result& out) {
  const std::chrono::microseconds at = all[all.size() / 2].at;
  if (asked == "open") {
    const float gap = quantile(all, &FaceMeasures::mouth, 0.75);
    out.add(gap / kMouthOpen / 2, "mouth", "Open your mouth while you sign.", at);
  } else {
    const float gap = quantile(all, &FaceMeasures::mouth, 0.75);
    out.add(1.0 - gap / kMouthClosed / 2, "mouth", "Keep your mouth closed while you sign.", at);
  }
}

void judge_head(const std::vector<FaceMeasures>& all, const std::string& asked, Result& out) {
  const std::chrono::microseconds at = all[all.size() / 2].at;
  const bool is_shake = asked == "shake";
  const std::size_t needed = is_shake ? kShakeTurns : kNodTurns;
  const std::size_t found =
      is_shake ? turns(all, &FaceMeasures::yaw, kShake) : turns(all, &FaceMeasures::pitch, kNod);
  const double done = found >= needed ? 1.0 : 0.4 * static_cast<double>(found);
  out.add(done, "head",
          is_shake ? "Shake your head while you sign." : "Nod your head while you sign.", at);
}

}  // namespace

NonManualResult judge_non_manual(const Recording& attempt, const NonManual& asked) {
  std::vector<FaceMeasures> all;
  for (const Observation& seen : attempt) {
    if (const auto found = measure(seen, attempt.front().time)) all.push_back(*found);
  }
  // Half of the attempt says enough, and five frames are the least that show a movement.
  if (all.size() < 5 || all.size() * 2 < attempt.size()) {
    NonManualResult out;
    out.findings.push_back({.aspect = Aspect::kNonManual,
                            .part = "head",
                            .sentence = "Your face was out of view, so it was not judged; keep it "
                                        "inside the picture.",
                            .at = {}});
    return out;
  }
  Result out;
  if (!asked.eyebrows.empty()) judge_eyebrows(all, asked.eyebrows, out);
  if (!asked.mouth.empty()) judge_mouth(all, asked.mouth, out);
  if (!asked.head.empty()) judge_head(all, asked.head, out);
  return out.take();
}

}  // namespace storysign::practice
