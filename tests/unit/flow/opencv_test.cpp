#include "flow/lucas_kanade.hpp"
#include "flow/pyramid.hpp"
#include "support/moving_picture.hpp"

#include <gtest/gtest.h>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace storysign::flow {
namespace {

using tests::MovingPicture;
using tests::random_points;
using tests::view;
using vision::FlowPoint;

constexpr int kWindowSide = 11;
constexpr int kLevelsAbove = 2;

struct Difference {
  std::size_t found_by_one = 0;
  std::vector<double> distances;  ///< Pixels, ascending, where both found it.
};

Difference compare(int width, int height) {
  const MovingPicture moving(width, height);
  const std::vector<FlowPoint> from = random_points(width, height);
  std::vector<FlowPoint> to(from.size());
  std::vector<std::uint8_t> found(from.size());
  const auto flow = make_lucas_kanade();
  flow->advance(view(moving.at(0)), from, to, found);
  Difference difference;
  for (int step = 1; step <= 4; ++step) {
    flow->advance(view(moving.at(step)), from, to, found);
    std::vector<cv::Point2f> before;
    for (const FlowPoint& point : from) before.emplace_back(point.x, point.y);
    std::vector<cv::Point2f> after;
    std::vector<std::uint8_t> status;
    cv::calcOpticalFlowPyrLK(moving.at(step - 1), moving.at(step), before, after, status,
                             cv::noArray(), cv::Size(kWindowSide, kWindowSide), kLevelsAbove);
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (status[i] != found[i]) {
        ++difference.found_by_one;
      } else if (found[i] == 1) {
        difference.distances.push_back(std::hypot(to[i].x - after[i].x, to[i].y - after[i].y));
      }
    }
  }
  std::sort(difference.distances.begin(), difference.distances.end());
  return difference;
}

class BesideOpenCv : public ::testing::TestWithParam<cv::Size> {};

TEST_P(BesideOpenCv, FindsTheSamePoints) {
  const Difference difference = compare(GetParam().width, GetParam().height);
  const std::size_t count = difference.distances.size();
  ASSERT_GT(count, 800U);
  EXPECT_LE(difference.found_by_one, 8U);
  EXPECT_LT(difference.distances[count / 2], 0.0005);
  EXPECT_LT(difference.distances[count * 95 / 100], 0.02);
}

INSTANTIATE_TEST_SUITE_P(Sizes, BesideOpenCv,
                         ::testing::Values(cv::Size(320, 240), cv::Size(240, 320),
                                           cv::Size(427, 239)),
                         [](const auto& size) {
                           return std::to_string(size.param.width) + "x" +
                                  std::to_string(size.param.height);
                         });

TEST(PyramidBesideOpenCv, HasTheSameLevels) {
  const cv::Mat picture = MovingPicture(161, 75).at(1);
  Pyramid pyramid;
  pyramid.build(view(picture), kWindowSide);
  ASSERT_EQ(pyramid.levels().size(), 3U);
  cv::Mat expected = picture;
  for (const Level& level : pyramid.levels()) {
    ASSERT_EQ(level.width(), expected.cols);
    ASSERT_EQ(level.height(), expected.rows);
    cv::Mat bordered;
    cv::copyMakeBorder(expected, bordered, kBorder, kBorder, kBorder, kBorder,
                       cv::BORDER_REFLECT_101);
    for (int y = -kBorder; y < level.height() + kBorder; ++y) {
      ASSERT_TRUE(std::equal(level.row(y) - kBorder, level.row(y) + level.width() + kBorder,
                             bordered.ptr(y + kBorder)))
          << "row " << y;
    }
    cv::Mat smaller;
    cv::pyrDown(expected, smaller);
    expected = smaller;
  }
}

}  // namespace
}  // namespace storysign::flow
