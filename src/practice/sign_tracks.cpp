#include "practice/sign_tracks.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <span>

namespace storysign::practice {
namespace {

constexpr double kHandGap = 0.4;  // Seconds that are bridged.
constexpr double kBodyGap = 1.0;
constexpr double kHold = 0.1;
constexpr float kFarthest = 5.0F;  // Pictures.
constexpr float kLeastVisibility = 0.3F;

bool is_plausible(const vision::Landmark& p) noexcept {
  return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z) &&
         std::abs(p.x) < kFarthest && std::abs(p.y) < kFarthest && std::abs(p.z) < kFarthest;
}

bool is_plausible(std::span<const vision::Landmark> points) noexcept {
  return std::all_of(points.begin(), points.end(),
                     [](const vision::Landmark& p) { return is_plausible(p); });
}

std::optional<ClipHand> hand_of(const std::optional<vision::Hand>& hand, float aspect) noexcept {
  if (!hand || !is_plausible(hand->landmarks)) return std::nullopt;
  ClipHand out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const vision::Landmark& p = hand->landmarks[i];
    out[i] = {.x = p.x * aspect, .y = p.y, .z = p.z * aspect};
  }
  return out;
}

std::optional<ClipFace> face_of(const std::optional<FacePoints>& face, float aspect) noexcept {
  if (!face || !is_plausible(*face)) return std::nullopt;
  ClipFace out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = {.x = (*face)[i].x * aspect, .y = (*face)[i].y};
  }
  return out;
}

std::optional<Point2> body_point(const vision::Pose& pose, std::size_t which,
                                 float aspect) noexcept {
  const vision::PoseLandmark& p = pose[kBodyPoints[which]];
  const bool is_shoulder = which == kLeftShoulder || which == kLeftShoulder + 1;
  if (!is_plausible({.x = p.x, .y = p.y, .z = 0.0F})) return std::nullopt;
  // Written so that a visibility that is no number counts as none.
  if (!is_shoulder && !(p.visibility >= kLeastVisibility)) return std::nullopt;
  return Point2{.x = p.x * aspect, .y = p.y};
}

Point2 between(Point2 a, Point2 b, float share) noexcept {
  return {.x = a.x + (b.x - a.x) * share, .y = a.y + (b.y - a.y) * share};
}

Point3 between(Point3 a, Point3 b, float share) noexcept {
  return {.x = a.x + (b.x - a.x) * share,
          .y = a.y + (b.y - a.y) * share,
          .z = a.z + (b.z - a.z) * share};
}

template <class T, std::size_t N>
std::array<T, N> between(const std::array<T, N>& a, const std::array<T, N>& b,
                         float share) noexcept {
  std::array<T, N> out;
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = between(a[i], b[i], share);
  }
  return out;
}

template <class T>
struct Sample {
  double time;  // Seconds from the first observation.
  T value;
};

/// The value at `time`; `next` is the first sample that is not before the time of the call before.
template <class T>
std::optional<T> value_at(const std::vector<Sample<T>>& samples, std::size_t& next, double time,
                          double gap) {
  while (next < samples.size() && samples[next].time < time) {
    ++next;
  }
  if (next < samples.size() && samples[next].time - time < 1e-9) return samples[next].value;
  const bool has_before = next > 0;
  const bool has_after = next < samples.size();
  if (has_before && has_after && samples[next].time - samples[next - 1].time <= gap) {
    const Sample<T>& a = samples[next - 1];
    const Sample<T>& b = samples[next];
    return between(a.value, b.value, static_cast<float>((time - a.time) / (b.time - a.time)));
  }
  if (has_before && time - samples[next - 1].time <= kHold) return samples[next - 1].value;
  if (has_after && samples[next].time - time <= kHold) return samples[next].value;
  return std::nullopt;
}

/// Samples of one part, found by `get(observation)`, written to each frame by `set(frame, value)`.
template <class T, class Get, class Set>
void resample(const Recording& recording, std::span<const double> times, int rate, double gap,
              std::vector<ClipFrame>& frames, const Get& get, const Set& set) {
  std::vector<Sample<T>> samples;
  samples.reserve(recording.size());
  double latest = -1.0;
  for (std::size_t i = 0; i < recording.size(); ++i) {
    if (times[i] <= latest) continue;
    latest = times[i];
    if (std::optional<T> value = get(recording[i])) samples.push_back({times[i], *value});
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    set(frames[i], value_at(samples, next, static_cast<double>(i) / rate, gap));
  }
}

float aspect_of(const Observation& seen) noexcept {
  const bool is_usable = std::isfinite(seen.aspect) && seen.aspect > 0.1F && seen.aspect < 10.0F;
  return is_usable ? seen.aspect : 4.0F / 3.0F;
}

template <class T>
void add_scaled(T& sum, const T& value, float weight) noexcept {
  sum.x += value.x * weight;
  sum.y += value.y * weight;
  if constexpr (requires { sum.z; }) sum.z += value.z * weight;
}

template <class T, std::size_t N>
void add_scaled(std::array<T, N>& sum, const std::array<T, N>& value, float weight) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    add_scaled(sum[i], value[i], weight);
  }
}

/// The smoothed value of a part that is there in frame `at`.
template <class T, class Get>
T smoothed(const std::vector<ClipFrame>& frames, std::size_t at, const Get& get) {
  constexpr std::array<float, 3> kWeights = {3.0F, 2.0F, 1.0F};
  T sum{};
  float weights = 0.0F;
  for (std::size_t i = at - std::min<std::size_t>(at, 2); i < std::min(at + 3, frames.size());
       ++i) {
    const std::optional<T>& value = get(frames[i]);
    if (!value) continue;
    const float weight = kWeights[i > at ? i - at : at - i];
    add_scaled(sum, *value, weight);
    weights += weight;
  }
  T mean{};
  add_scaled(mean, sum, 1.0F / weights);
  return mean;
}

}  // namespace

Tracks sample(const Recording& recording, int rate, std::size_t frames) {
  Tracks out;
  out.frames.resize(frames);
  std::vector<double> times;
  times.reserve(recording.size());
  for (const Observation& seen : recording) {
    times.push_back((static_cast<double>(seen.time.count()) -
                     static_cast<double>(recording.front().time.count())) /
                    1e6);
  }
  for (std::size_t p = 0; p < kBodyPoints.size(); ++p) {
    resample<Point2>(
        recording, times, rate, kBodyGap, out.frames,
        [p](const Observation& seen) -> std::optional<Point2> {
          if (!seen.pose) return std::nullopt;
          return body_point(*seen.pose, p, aspect_of(seen));
        },
        [p](ClipFrame& frame, const std::optional<Point2>& value) { frame.body[p] = value; });
  }
  for (const Side side : {kRightHand, kLeftHand}) {
    resample<ClipHand>(
        recording, times, rate, kHandGap, out.frames,
        [side](const Observation& seen) {
          return hand_of(side == kRightHand ? seen.right_hand : seen.left_hand, aspect_of(seen));
        },
        [side](ClipFrame& frame, const std::optional<ClipHand>& value) {
          frame.hands[side] = value;
        });
  }
  resample<ClipFace>(
      recording, times, rate, kBodyGap, out.frames,
      [](const Observation& seen) { return face_of(seen.face, aspect_of(seen)); },
      [](ClipFrame& frame, const std::optional<ClipFace>& value) { frame.face = value; });
  for (const ClipFrame& frame : out.frames) {
    for (const auto& hand : frame.hands) {
      if (!hand) continue;
      out.has_depth = out.has_depth || std::any_of(hand->begin(), hand->end(),
                                                   [](const Point3& p) { return p.z != 0.0F; });
    }
  }
  return out;
}

void smooth(Tracks& tracks) {
  const std::vector<ClipFrame> before = tracks.frames;
  for (std::size_t i = 0; i < before.size(); ++i) {
    ClipFrame& frame = tracks.frames[i];
    for (std::size_t p = 0; p < frame.body.size(); ++p) {
      if (!frame.body[p]) continue;
      frame.body[p] = smoothed<Point2>(
          before, i, [p](const ClipFrame& f) -> const std::optional<Point2>& { return f.body[p]; });
    }
    for (std::size_t h = 0; h < frame.hands.size(); ++h) {
      if (!frame.hands[h]) continue;
      frame.hands[h] = smoothed<ClipHand>(
          before, i,
          [h](const ClipFrame& f) -> const std::optional<ClipHand>& { return f.hands[h]; });
    }
    if (frame.face) {
      frame.face = smoothed<ClipFace>(
          before, i, [](const ClipFrame& f) -> const std::optional<ClipFace>& { return f.face; });
    }
  }
}

}  // namespace storysign::practice
