#include "flow/lucas_kanade.hpp"

#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace storysign::flow {
namespace {

using vision::FlowPoint;

constexpr int kWindow = 11;
constexpr int kLevels = 2;

static_assert(sizeof(FlowPoint) == sizeof(cv::Point2f));

class LucasKanade final : public vision::OpticalFlow {
 public:
  LucasKanade() {
    // Parallel work is the workers': a picture must not wake threads of OpenCV's own. For the whole
    // process, and two threads at it at a time have crashed in TBB.
    static std::once_flag once;
    std::call_once(once, [] { cv::setNumThreads(1); });
  }

  void advance(const base::GrayView& picture, std::span<const FlowPoint> from,
               std::span<FlowPoint> to, std::span<std::uint8_t> found) override {
    std::swap(before_, now_);
    const bool same_size = width_ == picture.width && height_ == picture.height;
    const bool follows = has_picture_ && same_size && !from.empty();
    width_ = picture.width;
    height_ = picture.height;
    has_picture_ = true;
    // OpenCV has no type for a picture that is only read.
    const cv::Mat view(picture.height, picture.width, CV_8UC1,
                       const_cast<std::uint8_t*>(picture.data),
                       static_cast<std::size_t>(picture.stride));
    cv::buildOpticalFlowPyramid(view, now_, cv::Size(kWindow, kWindow), kLevels, true,
                                cv::BORDER_REFLECT_101, cv::BORDER_CONSTANT, false);
    if (!follows) {
      std::fill(found.begin(), found.end(), std::uint8_t{0});
      return;
    }
    const int count = static_cast<int>(from.size());
    const cv::Mat before_points(count, 1, CV_32FC2, const_cast<FlowPoint*>(from.data()));
    cv::Mat after_points(count, 1, CV_32FC2, to.data());
    cv::Mat status(count, 1, CV_8UC1, found.data());
    cv::calcOpticalFlowPyrLK(before_, now_, before_points, after_points, status, cv::noArray(),
                             cv::Size(kWindow, kWindow), kLevels);
  }

  void reset() noexcept override { has_picture_ = false; }

 private:
  std::vector<cv::Mat> before_;
  std::vector<cv::Mat> now_;
  int width_ = 0;
  int height_ = 0;
  bool has_picture_ = false;
};

}  // namespace

std::unique_ptr<vision::OpticalFlow> make_lucas_kanade() {
  return std::make_unique<LucasKanade>();
}

}  // namespace storysign::flow
