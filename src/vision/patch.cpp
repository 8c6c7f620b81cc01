#include "vision/patch.hpp"

#include <algorithm>
#include <cmath>

namespace storysign::vision {
namespace {

constexpr double kFlatDeviation = 8.0;  // Gray levels: keeps noise on a flat ground from counting.

float bilinear(const base::GrayView& gray, double x, double y) noexcept {
  x = std::clamp(x, 0.0, static_cast<double>(gray.width - 1));
  y = std::clamp(y, 0.0, static_cast<double>(gray.height - 1));
  const int x0 = std::min(static_cast<int>(x), std::max(0, gray.width - 2));
  const int y0 = std::min(static_cast<int>(y), std::max(0, gray.height - 2));
  const int x1 = std::min(x0 + 1, gray.width - 1);
  const int y1 = std::min(y0 + 1, gray.height - 1);
  const auto fx = static_cast<float>(x - x0);
  const auto fy = static_cast<float>(y - y0);
  const auto at = [&](int px, int py) { return static_cast<float>(gray.row(py)[px]); };
  const float top = at(x0, y0) + fx * (at(x1, y0) - at(x0, y0));
  const float bottom = at(x0, y1) + fx * (at(x1, y1) - at(x0, y1));
  return top + fy * (bottom - top);
}

}  // namespace

void Patch::sample(const base::GrayView& gray, int reduction, const Roi& roi) noexcept {
  // A small pixel is the mean of a block of large ones: its centre lies between theirs.
  const double offset = (reduction - 1) / 2.0;
  const double c = std::cos(roi.rotation);
  const double s = std::sin(roi.rotation);
  double sum = 0.0;
  double squares = 0.0;
  auto value = values_.begin();
  for (int v = 0; v < kSide; ++v) {
    const double dy = ((v + 0.5) / kSide - 0.5) * roi.h;
    for (int u = 0; u < kSide; ++u) {
      const double dx = ((u + 0.5) / kSide - 0.5) * roi.w;
      const float sampled = bilinear(gray, (roi.cx + dx * c - dy * s - offset) / reduction,
                                     (roi.cy + dx * s + dy * c - offset) / reduction);
      *value++ = sampled;
      sum += sampled;
      squares += static_cast<double>(sampled) * sampled;
    }
  }
  const double mean = sum / static_cast<double>(values_.size());
  deviation_ =
      std::sqrt(std::max(0.0, squares / static_cast<double>(values_.size()) - mean * mean));
}

double Patch::change(const Patch& now) const noexcept {
  double sum = 0.0;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    sum += std::abs(now.values_[i] - values_[i]);
  }
  return sum / static_cast<double>(values_.size()) / (deviation_ + kFlatDeviation);
}

}  // namespace storysign::vision
