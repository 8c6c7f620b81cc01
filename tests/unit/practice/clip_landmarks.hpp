#pragma once

#include "practice/observation.hpp"
#include "support/npz.hpp"

#include <cmath>
#include <cstddef>

namespace storysign::practice::test {

/// Frame `index` of reference landmarks (../shared/data/gold) as frame `number` of 30 a second.
inline Observation observation_of(const storysign::test::Npz& clip, std::size_t index,
                                  std::size_t number) {
  vision::FrameLandmarks found;
  const double* pose = clip.at("pose").row(index);
  if (!std::isnan(pose[0])) {
    found.pose.emplace();
    for (std::size_t i = 0; i < vision::kPoseLandmarks; ++i) {
      (*found.pose)[i] = {static_cast<float>(pose[4 * i]), static_cast<float>(pose[4 * i + 1]),
                          static_cast<float>(pose[4 * i + 2]), static_cast<float>(pose[4 * i + 3])};
    }
  }
  const auto points = [&](const char* name, auto& landmarks, std::size_t count) {
    const double* row = clip.at(name).row(index);
    for (std::size_t i = 0; i < count; ++i) {
      landmarks[i] = {static_cast<float>(row[3 * i]), static_cast<float>(row[3 * i + 1]),
                      static_cast<float>(row[3 * i + 2])};
    }
  };
  if (!std::isnan(clip.at("left").row(index)[0])) {
    points("left", found.left_hand.emplace().landmarks, vision::kHandLandmarks);
  }
  if (!std::isnan(clip.at("right").row(index)[0])) {
    points("right", found.right_hand.emplace().landmarks, vision::kHandLandmarks);
  }
  if (!std::isnan(clip.at("face").row(index)[0])) {
    points("face", found.face.emplace(), vision::kFaceLandmarks);
  }
  found.inferred.pose = true;
  return observe(found, std::chrono::microseconds(1 + number * 33333), 640, 480);
}

}  // namespace storysign::practice::test
