#include "flow/lucas_kanade.hpp"

#include "flow/window.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace storysign::flow {
namespace {

using vision::FlowPoint;

constexpr int kMostSteps = 30;
constexpr float kSmallStep = 0.01F;  // Pixels: a step below this is the last.
// A window has nothing to hold on to in some direction where its gradients' smaller eigenvalue,
// over its pixels, is below this: squared gray values (OpenCV's 1e-4, whose unit is 1/1024).
constexpr float kLeastTexture = 0.1024F;

constexpr float kHalf = (kWindow - 1) / 2.0F;

/// Where a window of `level` begins that is centred at `centre`; false if all of it is outside.
bool place(const Level& level, FlowPoint centre, WindowPlace& to) noexcept {
  const float x = centre.x - kHalf;
  const float y = centre.y - kHalf;
  // Written so that a NaN is outside.
  if (!(x >= -kWindow && x < static_cast<float>(level.width()) && y >= -kWindow &&
        y < static_cast<float>(level.height()))) {
    return false;
  }
  to = WindowPlace::at(x, y);
  return true;
}

enum class Search : std::uint8_t { kFound, kOutside, kTextureless };

/// Moves `to`, a guess in `after`, to where the window around `from` in `before` is.
Search search(const Level& before, const Level& after, FlowPoint from, FlowPoint& to) noexcept {
  WindowPlace at;
  if (!place(before, from, at)) return Search::kOutside;
  Window window;
  const Gradients g = window.read(before, at);
  const float det = g.xx * g.yy - g.xy * g.xy;
  const float smaller =
      (g.xx + g.yy - std::sqrt((g.xx - g.yy) * (g.xx - g.yy) + 4.0F * g.xy * g.xy)) /
      (2 * kWindow * kWindow);
  if (smaller < kLeastTexture) return Search::kTextureless;
  FlowPoint last{};
  for (int i = 0; i < kMostSteps; ++i) {
    if (!place(after, to, at)) return Search::kOutside;
    const Mismatch b = window.mismatch(after, at);
    const FlowPoint step{(g.xy * b.y - g.yy * b.x) / det, (g.xy * b.x - g.xx * b.y) / det};
    to.x += step.x;
    to.y += step.y;
    if (step.x * step.x + step.y * step.y <= kSmallStep * kSmallStep) break;
    // It goes to and fro between two places: the middle is as good as either.
    if (i > 0 && std::abs(step.x + last.x) < kSmallStep && std::abs(step.y + last.y) < kSmallStep) {
      to.x -= step.x / 2.0F;
      to.y -= step.y / 2.0F;
      break;
    }
    last = step;
  }
  return Search::kFound;
}

class LucasKanade final : public vision::OpticalFlow {
 public:
  void advance(const base::GrayView& picture, std::span<const FlowPoint> from,
               std::span<FlowPoint> to, std::span<std::uint8_t> found) override {
    std::swap(before_, now_);
    now_.build(picture, kWindow);
    const bool follows = has_picture_ && before_.levels()[0].width() == picture.width &&
                         before_.levels()[0].height() == picture.height;
    has_picture_ = true;
    for (std::size_t i = 0; i < from.size(); ++i) {
      found[i] = static_cast<std::uint8_t>(follows && follow(from[i], to[i]) ? 1 : 0);
    }
  }

  void reset() noexcept override { has_picture_ = false; }

 private:
  /// From the smallest level down; each begins where the one above ended.
  [[nodiscard]] bool follow(FlowPoint from, FlowPoint& to) const noexcept {
    const auto count = static_cast<int>(now_.levels().size());
    Search ended = Search::kOutside;
    for (int i = count - 1; i >= 0; --i) {
      const auto level = static_cast<std::size_t>(i);
      const float scale = 1.0F / static_cast<float>(1 << i);
      const FlowPoint here{from.x * scale, from.y * scale};
      to = i == count - 1 ? here : FlowPoint{to.x * 2.0F, to.y * 2.0F};
      ended = search(before_.levels()[level], now_.levels()[level], here, to);
    }
    // Above, it does not matter why nothing was found: the level below begins at the guess.
    return ended == Search::kFound;
  }

  Pyramid before_;
  Pyramid now_;
  bool has_picture_ = false;
};

}  // namespace

std::unique_ptr<vision::OpticalFlow> make_lucas_kanade() {
  return std::make_unique<LucasKanade>();
}

}  // namespace storysign::flow
