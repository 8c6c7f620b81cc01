#include "flow/window.hpp"

#include <smmintrin.h>

#include <cmath>

namespace storysign::flow {
namespace {

constexpr int kWeightBits = 14;
constexpr int kGrayBits = 5;  // Gray values are kept in 1/32,
constexpr float kUnit =
    1.0F / 1024.0F;        // and Scharr's weights make 32: products are 1024 times it.
constexpr int kLanes = 8;  // 16-bit numbers in a register.

/// Scratch: one more row and column than a window, for what interpolation reads beside it.
constexpr int kSide = kWindow + 1;
constexpr int kScratchColumns = 3 * kLanes;
using Scratch = std::array<std::array<std::int16_t, kScratchColumns>, kSide>;

__m128i load_gray(const std::uint8_t* from) noexcept {
  return _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}

__m128i load(const std::int16_t* from) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

void store(std::int16_t* to, __m128i value) noexcept {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value);
}

/// 3 a + 10 b + 3 c.
__m128i weighted(__m128i a, __m128i b, __m128i c) noexcept {
  return _mm_add_epi16(_mm_mullo_epi16(_mm_add_epi16(a, c), _mm_set1_epi16(3)),
                       _mm_mullo_epi16(b, _mm_set1_epi16(10)));
}

/// Ones in the lanes whose column, the first being `x`, is inside a picture of `width`.
__m128i inside(int x, int width) noexcept {
  const __m128i column = _mm_add_epi16(_mm_set1_epi16(static_cast<std::int16_t>(x)),
                                       _mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7));
  return _mm_and_si128(_mm_cmpgt_epi16(column, _mm_set1_epi16(-1)),
                       _mm_cmplt_epi16(column, _mm_set1_epi16(static_cast<std::int16_t>(width))));
}

/// Scharr's gradients of kSide rows and two registers of columns from (x, y).
void differentiate(const Level& level, int x, int y, Scratch& dx, Scratch& dy) noexcept {
  for (int row = 0; row < kSide; ++row) {
    std::int16_t* to_x = dx[static_cast<std::size_t>(row)].data();
    std::int16_t* to_y = dy[static_cast<std::size_t>(row)].data();
    if (y + row < 0 || y + row >= level.height()) {
      for (int i = 0; i < 2 * kLanes; i += kLanes) {
        store(to_x + i, _mm_setzero_si128());
        store(to_y + i, _mm_setzero_si128());
      }
      continue;
    }
    const std::uint8_t* middle = level.row(y + row) + x;
    const std::uint8_t* above = middle - level.stride();
    const std::uint8_t* below = middle + level.stride();
    for (int i = 0; i < 2 * kLanes; i += kLanes) {
      const auto across = [i](const std::uint8_t* line) {
        return _mm_sub_epi16(load_gray(line + i + 1), load_gray(line + i - 1));
      };
      const auto down = [&](int column) {
        return _mm_sub_epi16(load_gray(below + column), load_gray(above + column));
      };
      const __m128i keep = inside(x + i, level.width());
      store(to_x + i, _mm_and_si128(keep, weighted(across(above), across(middle), across(below))));
      store(to_y + i, _mm_and_si128(keep, weighted(down(i - 1), down(i), down(i + 1))));
    }
  }
}

/// Interpolates between two rows of 16-bit numbers, eight at a time.
class Interpolation {
 public:
  Interpolation(const WindowPlace& at, int bits) noexcept
      : top_(pair(at.top_left, at.top_right)),
        bottom_(pair(at.bottom_left, at.bottom_right)),
        half_(_mm_set1_epi32(1 << (bits - 1))),
        bits_(_mm_cvtsi32_si128(bits)) {}

  [[nodiscard]] __m128i operator()(__m128i top, __m128i top_next, __m128i bottom,
                                   __m128i bottom_next) const noexcept {
    const auto sum = [&](__m128i upper, __m128i lower) {
      const __m128i s = _mm_add_epi32(_mm_madd_epi16(upper, top_), _mm_madd_epi16(lower, bottom_));
      return _mm_sra_epi32(_mm_add_epi32(s, half_), bits_);
    };
    return _mm_packs_epi32(
        sum(_mm_unpacklo_epi16(top, top_next), _mm_unpacklo_epi16(bottom, bottom_next)),
        sum(_mm_unpackhi_epi16(top, top_next), _mm_unpackhi_epi16(bottom, bottom_next)));
  }

  [[nodiscard]] __m128i of_gray(const std::uint8_t* top,
                                const std::uint8_t* bottom) const noexcept {
    return (*this)(load_gray(top), load_gray(top + 1), load_gray(bottom), load_gray(bottom + 1));
  }

  [[nodiscard]] __m128i of_scratch(const Scratch& from, std::size_t row,
                                   int column) const noexcept {
    const std::int16_t* top = from[row].data() + column;
    const std::int16_t* bottom = from[row + 1].data() + column;
    return (*this)(load(top), load(top + 1), load(bottom), load(bottom + 1));
  }

 private:
  static __m128i pair(int left, int right) noexcept { return _mm_set1_epi32((right << 16) | left); }
  __m128i top_;
  __m128i bottom_;
  __m128i half_;
  __m128i bits_;
};

constexpr int kGrayShift = kWeightBits - kGrayBits;

/// A row's sums stay below 2^27 a lane, a window's below 2^31.
float total(__m128i lanes) noexcept {
  alignas(16) std::array<std::int32_t, 4> sums;
  _mm_store_si128(reinterpret_cast<__m128i*>(sums.data()), lanes);
  std::int64_t sum = 0;
  for (const std::int32_t lane : sums) sum += lane;
  return static_cast<float>(sum) * kUnit;
}

void add_products(__m128i& sum, __m128i a, __m128i b) noexcept {
  sum = _mm_add_epi32(sum, _mm_madd_epi16(a, b));
}

}  // namespace

WindowPlace WindowPlace::at(float x, float y) noexcept {
  WindowPlace place;
  const float left = std::floor(x);
  const float top = std::floor(y);
  place.x = static_cast<int>(left);
  place.y = static_cast<int>(top);
  const float a = x - left;
  const float b = y - top;
  const auto fixed = [](float weight) {
    return static_cast<int>(std::lrint(weight * static_cast<float>(1 << kWeightBits)));
  };
  place.top_left = fixed((1.0F - a) * (1.0F - b));
  place.top_right = fixed(a * (1.0F - b));
  place.bottom_left = fixed((1.0F - a) * b);
  place.bottom_right = (1 << kWeightBits) - place.top_left - place.top_right - place.bottom_left;
  return place;
}

Gradients Window::read(const Level& level, const WindowPlace& at) noexcept {
  Scratch raw_x;
  Scratch raw_y;
  differentiate(level, at.x, at.y, raw_x, raw_y);
  const Interpolation gray(at, kGrayShift);
  const Interpolation gradient(at, kWeightBits);
  __m128i xx = _mm_setzero_si128();
  __m128i xy = _mm_setzero_si128();
  __m128i yy = _mm_setzero_si128();
  for (std::size_t row = 0; row < kWindow; ++row) {
    const std::uint8_t* line = level.row(at.y + static_cast<int>(row)) + at.x;
    for (int i = 0; i < 2 * kLanes; i += kLanes) {
      const __m128i keep = inside(i, kWindow);
      const __m128i dx = _mm_and_si128(keep, gradient.of_scratch(raw_x, row, i));
      const __m128i dy = _mm_and_si128(keep, gradient.of_scratch(raw_y, row, i));
      store(gray_[row].data() + i, gray.of_gray(line + i, line + i + level.stride()));
      store(dx_[row].data() + i, dx);
      store(dy_[row].data() + i, dy);
      add_products(xx, dx, dx);
      add_products(xy, dx, dy);
      add_products(yy, dy, dy);
    }
  }
  return {total(xx), total(xy), total(yy)};
}

Mismatch Window::mismatch(const Level& level, const WindowPlace& at) const noexcept {
  const Interpolation gray(at, kGrayShift);
  __m128i x = _mm_setzero_si128();
  __m128i y = _mm_setzero_si128();
  for (std::size_t row = 0; row < kWindow; ++row) {
    const std::uint8_t* line = level.row(at.y + static_cast<int>(row)) + at.x;
    for (int i = 0; i < 2 * kLanes; i += kLanes) {
      const __m128i difference = _mm_sub_epi16(gray.of_gray(line + i, line + i + level.stride()),
                                               load(gray_[row].data() + i));
      add_products(x, difference, load(dx_[row].data() + i));
      add_products(y, difference, load(dy_[row].data() + i));
    }
  }
  return {total(x), total(y)};
}

}  // namespace storysign::flow
