#include "session/landmark_gate.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::session {
namespace {

// A person half out of the picture is tracked beyond its edge, but not by a whole picture.
constexpr double kLowest = -1.0;
constexpr double kHighest = 2.0;
// Sides of the picture a second. A hand crosses the picture in a tenth of a second, and its label
// may change to the other hand's place from one frame to the next, at 25 frames a second.
constexpr double kFastest = 30.0;
// Cameras deliver two frames at once after a pause.
constexpr double kLeastSeconds = 0.01;

template <class Points>
std::array<double, 2> middle_of(const Points& points) {
  std::array<double, 2> sum{};
  for (const auto& point : points) {
    sum[0] += static_cast<double>(point.x);
    sum[1] += static_cast<double>(point.y);
  }
  const auto count = static_cast<double>(points.size());
  return {sum[0] / count, sum[1] / count};
}

bool is_outside(const std::array<double, 2>& middle) {
  return std::ranges::any_of(middle,
                             [](double value) { return value < kLowest || value > kHighest; });
}

}  // namespace

std::string_view name_of(Implausible what) noexcept {
  switch (what) {
    case Implausible::kTime:
      return "landmarks_time";
    case Implausible::kOutside:
      return "landmarks_outside";
    case Implausible::kSpeed:
      break;
  }
  return "landmarks_speed";
}

std::string_view sentence_of(Implausible what) noexcept {
  switch (what) {
    case Implausible::kTime:
      return "The frame of landmarks was taken no later than the one before; capture times must "
             "grow.";
    case Implausible::kOutside:
      return "A part of the body is more than a picture's side outside the picture; send "
             "coordinates as fractions of its width and height.";
    case Implausible::kSpeed:
      break;
  }
  return "A part of the body has moved by more than 30 sides of the picture in a second; send the "
         "landmarks of one person, and when each frame was taken.";
}

LandmarkGate::Middles LandmarkGate::middles_of(const vision::FrameLandmarks& found) {
  Middles middles;
  if (found.pose) middles[0] = middle_of(*found.pose);
  if (found.left_hand) middles[1] = middle_of(found.left_hand->landmarks);
  if (found.right_hand) middles[2] = middle_of(found.right_hand->landmarks);
  if (found.face) middles[3] = middle_of(*found.face);
  return middles;
}

std::optional<Implausible> LandmarkGate::refuse(const vision::FrameLandmarks& found,
                                                std::chrono::microseconds time) {
  if (last_ && time <= *last_) return Implausible::kTime;
  const Middles middles = middles_of(found);
  for (std::size_t part = 0; part < kParts; ++part) {
    const auto& middle = middles[part];
    if (!middle) continue;
    if (is_outside(*middle)) return Implausible::kOutside;
    const auto& before = seen_[part];
    if (!before) continue;
    const double seconds =
        std::max(std::chrono::duration<double>(time - before->time).count(), kLeastSeconds);
    const double way =
        std::hypot((*middle)[0] - before->middle[0], (*middle)[1] - before->middle[1]);
    if (way > kFastest * seconds) return Implausible::kSpeed;
  }
  last_ = time;
  for (std::size_t part = 0; part < kParts; ++part) {
    seen_[part].reset();
    if (middles[part]) seen_[part] = Sighting{*middles[part], time};
  }
  return std::nullopt;
}

}  // namespace storysign::session
