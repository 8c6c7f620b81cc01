#include "practice/observation.hpp"

namespace storysign::practice {

Observation observe(const vision::FrameLandmarks& found, std::chrono::microseconds time, int width,
                    int height) noexcept {
  Observation out;
  out.time = time;
  out.aspect = static_cast<float>(width) / static_cast<float>(height);
  out.inferred = found.inferred.any();
  out.pose = found.pose;
  out.left_hand = found.left_hand;
  out.right_hand = found.right_hand;
  if (found.face) {
    out.face.emplace();
    for (std::size_t i = 0; i < kFacePoints; ++i) {
      (*out.face)[i] = (*found.face)[kFacePointIndices[i]];
    }
  }
  return out;
}

}  // namespace storysign::practice
