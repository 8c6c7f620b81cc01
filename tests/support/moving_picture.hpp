#pragma once

#include "base/image.hpp"
#include "vision/optical_flow.hpp"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <cstddef>
#include <random>
#include <vector>

namespace storysign::tests {

/// Noise smoothed to blobs of some pixels, then turned, made larger, and moved.
class MovingPicture {
 public:
  MovingPicture(int width, int height) : texture_(2 * height, 2 * width, CV_8UC1) {
    cv::RNG random(7);
    random.fill(texture_, cv::RNG::UNIFORM, 0, 256);
    cv::GaussianBlur(texture_, texture_, cv::Size(0, 0), 2.0);
    cv::normalize(texture_, texture_, 0, 255, cv::NORM_MINMAX);
  }

  /// After `step` of some pixels each.
  [[nodiscard]] cv::Mat at(int step) const {
    const cv::Point2f middle(static_cast<float>(texture_.cols) / 2.0F,
                             static_cast<float>(texture_.rows) / 2.0F);
    cv::Mat turn = cv::getRotationMatrix2D(middle, 1.1 * step, 1.0 + 0.01 * step);
    turn.at<double>(0, 2) += 2.7 * step - middle.x / 2.0;
    turn.at<double>(1, 2) += -1.9 * step - middle.y / 2.0;
    cv::Mat picture;
    cv::warpAffine(texture_, picture, turn, cv::Size(texture_.cols / 2, texture_.rows / 2));
    return picture;
  }

 private:
  cv::Mat texture_;
};

inline base::GrayView view(const cv::Mat& picture) {
  return {picture.data, picture.cols, picture.rows, static_cast<std::ptrdiff_t>(picture.step)};
}

/// 400 of them: some outside, some so near the border that the window around them is.
inline std::vector<vision::FlowPoint> random_points(int width, int height) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> x(-8.0F, static_cast<float>(width) + 8.0F);
  std::uniform_real_distribution<float> y(-8.0F, static_cast<float>(height) + 8.0F);
  std::vector<vision::FlowPoint> points(400);
  for (vision::FlowPoint& point : points) point = {x(random), y(random)};
  return points;
}

}  // namespace storysign::tests
