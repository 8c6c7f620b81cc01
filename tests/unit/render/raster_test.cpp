#include "render/raster.hpp"

#include "unit/render/people.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace storysign::render {
namespace {

using testing::color_at;
using testing::plain;
using testing::touched;

constexpr Color kInk{200, 100, 50};
constexpr Color kBlack{};

/// Ink on the picture in pixels, counting partly covered ones in part.
double ink(const base::Image& image) {
  double sum = 0.0;
  for (int y = 0; y < image.height(); ++y) {
    for (int x = 0; x < image.width(); ++x) sum += color_at(image, x, y).red / 200.0;
  }
  return sum;
}

TEST(Raster, FillReachesEveryPixel) {
  base::Image image = plain(17, 9, kInk);
  EXPECT_EQ(touched(image, kInk), 0);
  fill({}, kInk);
}

TEST(Raster, ALineCoversItsPixelsExactly) {
  base::Image image = plain(20, 10, kBlack);
  draw_line(image.mutable_view(), {5.0F, 5.0F}, {15.0F, 5.0F}, 2.0F, kInk);
  for (int x = 5; x < 15; ++x) {
    EXPECT_EQ(color_at(image, x, 4), kInk) << x;
    EXPECT_EQ(color_at(image, x, 5), kInk) << x;
    EXPECT_EQ(color_at(image, x, 3), kBlack) << x;
    EXPECT_EQ(color_at(image, x, 6), kBlack) << x;
  }
}

TEST(Raster, ALineBetweenPixelsIsShared) {
  base::Image image = plain(20, 10, kBlack);
  draw_line(image.mutable_view(), {5.0F, 5.5F}, {15.0F, 5.5F}, 2.0F, kInk);
  EXPECT_EQ(color_at(image, 10, 5), kInk);
  EXPECT_EQ(color_at(image, 10, 4), (Color{100, 50, 25}));
  EXPECT_EQ(color_at(image, 10, 6), (Color{100, 50, 25}));
}

TEST(Raster, InkIsLengthTimesWidthInEveryDirection) {
  for (int step = 0; step < 24; ++step) {
    const float turn = static_cast<float>(step) * std::numbers::pi_v<float> / 12.0F;
    base::Image image = plain(100, 100, kBlack);
    const Point to{50.3F + 30.0F * std::cos(turn), 49.8F + 30.0F * std::sin(turn)};
    draw_line(image.mutable_view(), {50.3F, 49.8F}, to, 4.0F, kInk);
    // A stretch of 30 by 4 and two half circles of radius 2.
    EXPECT_NEAR(ink(image), 30.0 * 4.0 + std::numbers::pi * 4.0, 4.0) << step;
  }
}

TEST(Raster, ADotIsRound) {
  base::Image image = plain(40, 40, kBlack);
  draw_dot(image.mutable_view(), {20.0F, 20.0F}, 8.0F, kInk);
  EXPECT_NEAR(ink(image), std::numbers::pi * 64.0, 3.0);
  EXPECT_EQ(color_at(image, 20, 13), kInk);
  EXPECT_EQ(color_at(image, 20, 11), kBlack);
  EXPECT_EQ(color_at(image, 13, 13), kBlack) << "a corner of the square around it";
}

TEST(Raster, ClipsAtEveryBorderAndTouchesNothingOutside) {
  base::Image frame = plain(60, 60, kBlack);
  const base::MutableImageView whole = frame.mutable_view();
  const base::MutableImageView inner{whole.row(20) + 20 * 3, 20, 20, whole.stride};
  for (int step = 0; step < 36; ++step) {
    const float turn = static_cast<float>(step) * std::numbers::pi_v<float> / 18.0F;
    const Point to{10.0F + 25.0F * std::cos(turn), 10.0F + 25.0F * std::sin(turn)};
    draw_line(inner, {10.0F, 10.0F}, to, 5.0F, kInk);
    draw_dot(inner, to, 9.0F, kInk);
  }
  draw_line(inner, {-1e6F, -1e6F}, {1e6F, 1e6F}, 3.0F, kInk);
  draw_line(inner, {-50.0F, 10.0F}, {90.0F, 10.0F}, 3.0F, kInk);
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 60; ++x) {
      const bool inside = x >= 20 && x < 40 && y >= 20 && y < 40;
      EXPECT_EQ(color_at(frame, x, y) == kBlack, !inside) << x << ' ' << y;
    }
  }
}

TEST(Raster, ALineFromFarOutsideLooksAsItsPartInside) {
  base::Image whole = plain(40, 40, kBlack);
  base::Image part = plain(40, 40, kBlack);
  draw_line(whole.mutable_view(), {-400.0F, 20.0F}, {400.0F, 20.0F}, 3.0F, kInk);
  draw_line(part.mutable_view(), {-10.0F, 20.0F}, {50.0F, 20.0F}, 3.0F, kInk);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) EXPECT_EQ(color_at(whole, x, y), color_at(part, x, y));
  }
}

TEST(Raster, DrawsNothingForNumbersThatAreNone) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  base::Image image = plain(20, 20, kBlack);
  const base::MutableImageView view = image.mutable_view();
  for (const float bad : {kNan, kInfinite, -kInfinite, 1e30F}) {
    draw_line(view, {bad, 5.0F}, {5.0F, 5.0F}, 2.0F, kInk);
    draw_line(view, {5.0F, 5.0F}, {5.0F, bad}, 2.0F, kInk);
    draw_dot(view, {5.0F, bad}, 2.0F, kInk);
  }
  draw_line(view, {1.0F, 1.0F}, {5.0F, 5.0F}, kNan, kInk);
  draw_line(view, {1.0F, 1.0F}, {5.0F, 5.0F}, 0.0F, kInk);
  EXPECT_EQ(touched(image, kBlack), 0);
}

}  // namespace
}  // namespace storysign::render
