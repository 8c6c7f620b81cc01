#include "render/blur.hpp"

#include "unit/render/people.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace storysign::render {
namespace {

using testing::color_at;

/// Stripes of one pixel, which any blur turns to gray, with a person of one colour in the middle
/// third.
constexpr Color kPerson{250, 20, 20};

struct Scene {
  Scene(int width, int height) : image(width, height), probability(), mask() {
    probability.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const bool person = is_person(x);
        const auto stripe = static_cast<std::uint8_t>(x % 2 == 0 ? 40 : 80);
        const Color color = person ? kPerson : Color{stripe, stripe, stripe};
        std::uint8_t* pixel = image.mutable_view().row(y) + static_cast<std::ptrdiff_t>(x) * 3;
        pixel[0] = color.red;
        pixel[1] = color.green;
        pixel[2] = color.blue;
        probability.at(index(x, y)) = person ? 1.0F : 0.0F;
      }
    }
    mask = {probability.data(), width, height};
  }
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width()) +
           static_cast<std::size_t>(x);
  }
  [[nodiscard]] bool is_person(int x) const {
    return x >= image.width() / 3 && x < image.width() * 2 / 3;
  }
  base::Image image;
  std::vector<float> probability;
  vision::MaskView mask;
};

class BlurSizes : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(BlurSizes, PersonStaysAndBackgroundIsBlurred) {
  const auto [width, height] = GetParam();
  Scene scene(width, height);
  const base::Image before = scene.image;
  BackgroundBlur blur;
  const auto done = blur.apply(scene.image.mutable_view(), scene.mask);
  ASSERT_TRUE(done) << done.error().message;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Color now = color_at(scene.image, x, y);
      if (scene.is_person(x)) {
        ASSERT_EQ(now, color_at(before, x, y)) << x << ' ' << y;
        continue;
      }
      // Gray between the stripes, and nothing of the person's red, right up to the person.
      ASSERT_NEAR(now.red, 60, 8) << x << ' ' << y;
      ASSERT_NEAR(now.green, 60, 8) << x << ' ' << y;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, BlurSizes,
                         ::testing::Values(std::pair{640, 480}, std::pair{641, 479},
                                           std::pair{480, 640}, std::pair{320, 240},
                                           std::pair{1280, 720}));

TEST(BackgroundBlur, TheEdgeIsSoft) {
  Scene scene(640, 480);
  for (int x = 0; x < 640; ++x) {
    for (int y = 0; y < 480; ++y) {
      scene.probability.at(scene.index(x, y)) = static_cast<float>(x) / 639.0F;
    }
  }
  base::Image image = testing::plain(640, 480, {0, 0, 0});
  for (int y = 0; y < 480; y += 2) {
    for (int x = 0; x < 640 * 3; ++x) image.mutable_view().row(y)[x] = 200;
  }
  BackgroundBlur blur;
  ASSERT_TRUE(blur.apply(image.mutable_view(), scene.mask));
  // The white rows fall from white to gray as the mask falls from 0.6 to 0.2.
  int last = color_at(image, 630, 240).red;
  EXPECT_EQ(last, 200);
  for (int x = 629; x >= 0; --x) {
    const int now = color_at(image, x, 240).red;
    EXPECT_LE(now, last + 2) << x;
    EXPECT_GE(now, last - 4) << x << ": no step";
    last = now;
  }
  EXPECT_NEAR(last, 100, 6);
  EXPECT_EQ(color_at(image, 390, 240).red, 200);
  EXPECT_LT(color_at(image, 370, 240).red, 200);
}

TEST(BackgroundBlur, StrengthDecidesHowFarColoursRun) {
  // A white wall beside a black one, nobody in the picture; where is it still black ten columns
  // from the border?
  const auto red_near_border = [](float strength) {
    base::Image image = testing::plain(640, 480, {0, 0, 0});
    for (int y = 0; y < 480; ++y) {
      for (int x = 320 * 3; x < 640 * 3; ++x) image.mutable_view().row(y)[x] = 255;
    }
    const std::vector<float> nobody(640UL * 480UL, 0.0F);
    BackgroundBlur blur(strength);
    EXPECT_TRUE(blur.apply(image.mutable_view(), {nobody.data(), 640, 480}));
    return static_cast<int>(color_at(image, 305, 240).red);
  };
  EXPECT_LT(red_near_border(0.01F), 10);
  // Standard deviation 14.4 pixels: the normal distribution leaves 15 % beyond 15 pixels.
  EXPECT_NEAR(red_near_border(0.03F), 38, 12);
  EXPECT_GT(red_near_border(0.06F), red_near_border(0.03F));
}

TEST(BackgroundBlur, AnEmptyMaskLeavesThePictureAlone) {
  Scene scene(160, 120);
  const base::Image before = scene.image;
  BackgroundBlur blur;
  ASSERT_TRUE(blur.apply(scene.image.mutable_view(), {}));
  for (int x = 0; x < 160; ++x) EXPECT_EQ(color_at(scene.image, x, 60), color_at(before, x, 60));
}

TEST(BackgroundBlur, RefusesAMaskOfAnotherSize) {
  Scene scene(160, 120);
  BackgroundBlur blur;
  const auto done = blur.apply(scene.image.mutable_view(), {scene.mask.data, 120, 160});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, base::ErrorCode::kInvalidInput);
}

TEST(BackgroundBlur, TakesMasksWithNumbersThatAreNoneAndTinyPictures) {
  BackgroundBlur blur;
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 3}, {16, 1}, {40, 30}, {17, 300}}) {
    Scene scene(width, height);
    for (float& value : scene.probability) value = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(blur.apply(scene.image.mutable_view(), scene.mask)) << width << 'x' << height;
  }
}

TEST(BackgroundBlur, CanBeUsedForAnotherSize) {
  Scene large(640, 480);
  Scene small(320, 240);
  Scene again(320, 240);
  BackgroundBlur used;
  ASSERT_TRUE(used.apply(large.image.mutable_view(), large.mask));
  ASSERT_TRUE(used.apply(small.image.mutable_view(), small.mask));
  BackgroundBlur fresh;
  ASSERT_TRUE(fresh.apply(again.image.mutable_view(), again.mask));
  for (int x = 0; x < 320; ++x) {
    EXPECT_EQ(color_at(small.image, x, 99), color_at(again.image, x, 99));
  }
}

}  // namespace
}  // namespace storysign::render
