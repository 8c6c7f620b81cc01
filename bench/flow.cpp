// Optical flow of one frame, 320 x 240 with the points of two hands, body and face: ours and
// OpenCV's in turns.

#include "flow/lucas_kanade.hpp"
#include "support/moving_picture.hpp"

#include <benchmark/benchmark.h>
#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using storysign::vision::FlowPoint;

constexpr std::size_t kPoints = 96;
constexpr int kWindow = 11;
constexpr int kLevelsAbove = 2;

struct Case {
  storysign::tests::MovingPicture moving{320, 240};
  std::array<cv::Mat, 2> pictures{moving.at(0), moving.at(1)};
  std::vector<FlowPoint> from = storysign::tests::random_points(320, 240);
  std::vector<FlowPoint> to = std::vector<FlowPoint>(kPoints);
  std::vector<std::uint8_t> found = std::vector<std::uint8_t>(kPoints);

  Case() { from.resize(kPoints); }
};

void ours(benchmark::State& state) {
  Case c;
  const auto flow = storysign::flow::make_lucas_kanade();
  std::size_t i = 0;
  for (auto _ : state) {
    flow->advance(storysign::tests::view(c.pictures[i++ % 2]), c.from, c.to, c.found);
    benchmark::DoNotOptimize(c.to.data());
  }
}

void opencv(benchmark::State& state) {
  Case c;
  cv::setNumThreads(1);
  std::array<std::vector<cv::Mat>, 2> pyramids;
  const cv::Mat from(static_cast<int>(kPoints), 1, CV_32FC2, c.from.data());
  cv::Mat to(static_cast<int>(kPoints), 1, CV_32FC2, c.to.data());
  cv::Mat status(static_cast<int>(kPoints), 1, CV_8UC1, c.found.data());
  const cv::Size window(kWindow, kWindow);
  cv::buildOpticalFlowPyramid(c.pictures[1], pyramids[1], window, kLevelsAbove);
  std::size_t i = 0;
  for (auto _ : state) {
    auto& now = pyramids[i % 2];
    cv::buildOpticalFlowPyramid(c.pictures[i % 2], now, window, kLevelsAbove, true,
                                cv::BORDER_REFLECT_101, cv::BORDER_CONSTANT, false);
    cv::calcOpticalFlowPyrLK(pyramids[1 - i % 2], now, from, to, status, cv::noArray(), window,
                             kLevelsAbove);
    ++i;
    benchmark::DoNotOptimize(c.to.data());
  }
}

BENCHMARK(ours)->Unit(benchmark::kMicrosecond)->Repetitions(9)->ReportAggregatesOnly();
BENCHMARK(opencv)->Unit(benchmark::kMicrosecond)->Repetitions(9)->ReportAggregatesOnly();

}  // namespace

BENCHMARK_MAIN();
