#include "practice/letter_features.hpp"

#include "practice/palm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace storysign::practice {
namespace {

using vision::kHandLandmarks;

struct Point {
  float x = 0.0F;
  float y = 0.0F;
};
using Points = std::array<Point, kHandLandmarks>;

constexpr std::size_t kFingers = 5;
constexpr std::size_t kBonesOfFinger = 4;
constexpr std::array<std::size_t, 4> kKnuckles = {5, 9, 13, 17};
/// Whose depths are compared: the thumb with the joints that it may lie on or under, index with
/// middle finger.
constexpr std::array<std::pair<std::size_t, std::size_t>, 11> kDepths = {{{4, 5},
                                                                          {4, 6},
                                                                          {4, 9},
                                                                          {4, 10},
                                                                          {4, 13},
                                                                          {4, 14},
                                                                          {4, 17},
                                                                          {4, 18},
                                                                          {8, 12},
                                                                          {3, 6},
                                                                          {3, 10}}};
/// Depths beyond this many palm sizes are taken for this many.
constexpr float kDeepest = 2.0F;
/// Below this many units a length is none.
constexpr float kTiny = 1e-6F;

Point operator-(const Point& a, const Point& b) noexcept {
  return {a.x - b.x, a.y - b.y};
}
float dot(const Point& a, const Point& b) noexcept {
  return a.x * b.x + a.y * b.y;
}
float cross(const Point& a, const Point& b) noexcept {
  return a.x * b.y - a.y * b.x;
}
float length(const Point& a) noexcept {
  return std::sqrt(dot(a, a));
}
Point unit(const Point& a) noexcept {
  const float size = length(a);
  return size > kTiny ? Point{a.x / size, a.y / size} : Point{};
}

/// Where the bone `k` of a finger (0 thumb) begins; it ends at the finger's point k.
std::size_t bone_begin(std::size_t finger, std::size_t k) noexcept {
  return k == 0 ? 0 : finger * kBonesOfFinger + k;
}

/// Fills the features one after the other.
class Sink {
 public:
  explicit Sink(std::span<float, kLetterFeatures> out) : out_(out) {}
  void put(float value) noexcept { out_[next_++] = value; }
  void put(const Point& point) noexcept {
    put(point.x);
    put(point.y);
  }

 private:
  std::span<float, kLetterFeatures> out_;
  std::size_t next_ = 0;
};

void put_points(Sink& sink, const Points& points) noexcept {
  for (std::size_t i = 1; i < points.size(); ++i) sink.put(points[i]);
}

void put_bones_and_bends(Sink& sink, const Points& points) noexcept {
  std::array<Point, kFingers * kBonesOfFinger> bones{};
  for (std::size_t finger = 0; finger < kFingers; ++finger) {
    for (std::size_t k = 0; k < kBonesOfFinger; ++k) {
      const std::size_t bone = finger * kBonesOfFinger + k;
      bones[bone] = unit(points[bone + 1] - points[bone_begin(finger, k)]);
      sink.put(bones[bone]);
    }
  }
  for (std::size_t bone = 0; bone + 1 < bones.size(); ++bone) {
    const bool is_last_of_finger = bone % kBonesOfFinger == kBonesOfFinger - 1;
    if (is_last_of_finger) continue;
    sink.put({dot(bones[bone], bones[bone + 1]), cross(bones[bone], bones[bone + 1])});
  }
}

void put_distances(Sink& sink, const Points& points) noexcept {
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) sink.put(length(points[i] - points[j]));
  }
}

/// `size` is the palm's, `aspect` the picture's: z is in the unit of x.
void put_depths(Sink& sink, const vision::Hand& hand, float aspect, float size) noexcept {
  const auto& points = hand.landmarks;
  const bool is_known = std::ranges::any_of(points, [](const auto& p) { return p.z != 0.0F; });
  std::array<float, kHandLandmarks> depths{};
  for (std::size_t i = 0; i < depths.size(); ++i) {
    depths[i] = std::clamp((points[i].z - points[0].z) * aspect / size, -kDeepest, kDeepest);
  }
  for (std::size_t i = 1; i < depths.size(); ++i) sink.put(depths[i]);
  for (const auto& [i, j] : kDepths) sink.put(depths[i] - depths[j]);
  sink.put(is_known ? 1.0F : 0.0F);
}

}  // namespace

bool letter_features(const vision::Hand& hand, float aspect, bool is_left,
                     std::span<float, kLetterFeatures> out) noexcept {
  const float to_right = is_left ? -aspect : aspect;
  Points scaled;
  std::ranges::transform(hand.landmarks, scaled.begin(), [&](const vision::Landmark& landmark) {
    return Point{landmark.x * to_right, landmark.y};
  });
  const Point wrist = scaled[0];
  const float size = palm_size(hand, aspect);
  if (!(size > kTiny)) return false;
  Point knuckles;
  for (Point& point : scaled) point = {(point.x - wrist.x) / size, (point.y - wrist.y) / size};
  for (const std::size_t i : kKnuckles) {
    knuckles = {knuckles.x + scaled[i].x / kKnuckles.size(),
                knuckles.y + scaled[i].y / kKnuckles.size()};
  }
  // The palm's own frame: its y axis runs from the wrist to the knuckles.
  const Point up = unit(knuckles);
  Points upright;
  std::ranges::transform(scaled, upright.begin(),
                         [&](const Point& p) { return Point{cross(up, p), dot(up, p)}; });
  Sink sink(out);
  put_points(sink, upright);
  put_bones_and_bends(sink, upright);
  put_distances(sink, scaled);
  put_points(sink, scaled);
  sink.put(up);
  put_depths(sink, hand, aspect, size);
  return std::ranges::all_of(out, [](float value) { return std::isfinite(value); });
}

}  // namespace storysign::practice
