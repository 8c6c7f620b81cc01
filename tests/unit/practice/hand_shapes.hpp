#pragma once

#include "vision/landmarks.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace storysign::test {

/// The hands of web/src/practice/letter_shapes.json, for tests of what reads them.
class HandShapes {
 public:
  HandShapes() {
    std::ifstream file(std::filesystem::path(STORYSIGN_SOURCE_DIR) /
                       "web/src/practice/letter_shapes.json");
    shapes_ = nlohmann::json::parse(file);
  }

  [[nodiscard]] std::size_t frames(char letter) const {
    return shapes_[std::string(1, letter)].size();
  }

  /// A hand of `letter` in a picture of this aspect, its wrist at (x, y), its palm 0.12 high.
  [[nodiscard]] vision::Hand hand(char letter, float aspect, bool is_left = false, float x = 0.5F,
                                  float y = 0.6F, std::size_t frame = 0) const {
    constexpr float kPalm = 0.12F;
    vision::Hand out;
    out.score = 1.0F;
    const nlohmann::json& points = shapes_[std::string(1, letter)][frame];
    for (std::size_t i = 0; i < vision::kHandLandmarks; ++i) {
      const auto across = points[i][0].get<float>();
      out.landmarks[i].x = x + (is_left ? -1.0F : 1.0F) * across * kPalm / aspect;
      out.landmarks[i].y = y + points[i][1].get<float>() * kPalm;
    }
    return out;
  }

 private:
  nlohmann::json shapes_;
};

}  // namespace storysign::test
