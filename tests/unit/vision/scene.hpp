#pragma once

#include "base/mutex.hpp"
#include "engine/null_engine.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <span>
#include <stdexcept>

namespace storysign::vision::testing {

using engine::Model;

/// A scene for the networks: each part is there or not. Several workers may ask at once, while
/// nobody changes it.
class Scene final : public engine::NullScript {
 public:
  bool body = true;
  bool face = true;
  bool hand = true;   ///< Whether the hand network accepts what it is shown.
  bool palm = false;  ///< Whether the palm detector sees one.
  bool broken = false;
  bool throws = false;       ///< Every network throws ...
  bool hand_throws = false;  ///< ... or that of the hands.
  std::map<Model, int> calls;

  base::Result<void> answer(Model model, std::span<const float>,
                            std::span<const engine::NullOutput> outputs) override {
    {
      const base::MutexLock lock(mutex_);
      ++calls[model];
    }
    if (throws || (hand_throws && model == Model::kHandLandmarkFull)) {
      throw std::runtime_error("a library threw");
    }
    if (broken) {
      return base::fail(base::ErrorCode::kInternal, "the network broke");
    }
    switch (model) {
      case Model::kPoseDetection:
        detect(outputs, 224, 12, body);
        break;
      case Model::kPalmDetectionFull:
      case Model::kPalmDetectionLite:
        detect(outputs, 192, 18, palm);
        break;
      case Model::kFaceDetectionShortRange:
        detect(outputs, 128, 16, face);
        break;
      case Model::kPoseLandmarkLite:
      case Model::kPoseLandmarkFull:
      case Model::kPoseLandmarkHeavy:
        pose(outputs);
        break;
      case Model::kHandRecrop:
        fill(outputs[0], {128.0F, 128.0F, 128.0F, 200.0F});
        break;
      case Model::kHandLandmarkLite:
      case Model::kHandLandmarkFull:
        spread(outputs[0], 3);
        fill(outputs[1], {hand ? 0.9F : 0.1F});
        fill(outputs[2], {0.8F});
        break;
      case Model::kFaceLandmark:
      case Model::kFaceLandmarkWithAttention:
        spread(outputs[0], 3);
        fill(outputs[1], {face ? 5.0F : -5.0F});
        break;
      case Model::kLetters:  // Not vision's: nothing is recognised.
        break;
    }
    return {};
  }

 private:
  base::Mutex mutex_;  ///< For `calls`.

  static void fill(const engine::NullOutput& output, std::initializer_list<float> values) {
    std::copy(values.begin(), values.end(), output.values.begin());
  }

  /// One detection at the first anchor, upright, or none.
  static void detect(std::span<const engine::NullOutput> outputs, int side, std::size_t row,
                     bool there) {
    std::fill(outputs[1].values.begin(), outputs[1].values.end(), -100.0F);
    outputs[1].values[0] = there ? 10.0F : -100.0F;
    const auto middle = static_cast<float>(side) / 2.0F;
    float* box = outputs[0].values.data();
    box[0] = middle;
    box[1] = middle;
    box[2] = middle;
    box[3] = middle;
    for (std::size_t k = 4; k < row; k += 2) {
      box[k] = middle + static_cast<float>(k);
      box[k + 1] = middle - 5.0F * static_cast<float>(k - 4);
    }
  }

  /// Points on a spiral around the middle of a crop of about 220 pixels.
  static void spread(const engine::NullOutput& output, std::size_t values_per_point) {
    for (std::size_t i = 0; i < output.values.size() / values_per_point; ++i) {
      output.values[i * values_per_point] = 110.0F + static_cast<float>(i % 7) * 4.0F;
      output.values[i * values_per_point + 1] = 110.0F - static_cast<float>(i % 11) * 3.0F;
    }
  }

  void pose(std::span<const engine::NullOutput> outputs) const {
    spread(outputs[0], 5);
    for (std::size_t i = 0; i < 39; ++i) {
      outputs[0].values[i * 5 + 3] = 4.0F;  // Visible.
    }
    fill(outputs[1], {body ? 0.95F : 0.05F});
    // A cold heatmap moves no point.
    std::fill(outputs[2].values.begin(), outputs[2].values.end(), -20.0F);
  }
};

}  // namespace storysign::vision::testing
